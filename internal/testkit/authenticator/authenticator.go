// Package authenticator plays a device that makes passkeys and signs with them, as
// WebAuthn level 2 says, for tests without a browser. It verifies nobody: whoever has it
// is its user. What it sends can be bent, to see that it is refused.
package authenticator

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
)

// Device has one passkey at most.
type Device struct {
	// Origin is that of the page which the device believes to be asked by.
	Origin string
	// ID is the credential's, and Handle what the device knows its user by.
	ID, Handle []byte
	// Counter is that of its signatures; each adds one.
	Counter uint32

	key *ecdsa.PrivateKey
}

// question is what of a browser's options a device needs.
type question struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
		User      struct {
			ID string `json:"id"`
		} `json:"user"`
	} `json:"publicKey"`
}

// The flags of what an authenticator says, WebAuthn level 2, section 6.1.
const (
	present  = 0x01
	verified = 0x04
	attested = 0x40
)

var base = base64.RawURLEncoding

// Create makes a passkey as it is asked to, and gives the browser's answer as JSON.
func (d *Device) Create(options []byte) ([]byte, error) {
	q, err := read(options)
	if err != nil {
		return nil, err
	}
	if d.Handle, err = base.DecodeString(q.PublicKey.User.ID); err != nil {
		return nil, err
	}
	if d.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, err
	}
	d.ID = make([]byte, 16)
	rand.Read(d.ID) // never fails
	point, err := d.key.PublicKey.Bytes()
	if err != nil {
		return nil, err
	}
	// The key as COSE has it, RFC 9053: type EC2, algorithm ES256, curve P-256, x and y.
	cose := slices.Concat([]byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20}, point[1:33], []byte{0x22, 0x58, 0x20}, point[33:])
	said, err := d.says(present | verified | attested)
	if err != nil {
		return nil, err
	}
	said = slices.Concat(said, make([]byte, 16), []byte{0, byte(len(d.ID))}, d.ID, cose)
	object := slices.Concat([]byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58"), []byte{byte(len(said))}, said)
	return d.answer(map[string]string{"clientDataJSON": d.client("webauthn.create", q), "attestationObject": base.EncodeToString(object)})
}

// Sign signs a challenge, and gives the browser's answer as JSON.
func (d *Device) Sign(options []byte) ([]byte, error) {
	q, err := read(options)
	if err != nil {
		return nil, err
	}
	d.Counter++
	said, err := d.says(present | verified)
	if err != nil {
		return nil, err
	}
	client := d.client("webauthn.get", q)
	raw, err := base.DecodeString(client)
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256(raw)
	sum := sha256.Sum256(slices.Concat(said, hash[:]))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, sum[:])
	if err != nil {
		return nil, err
	}
	return d.answer(map[string]string{
		"clientDataJSON": client, "authenticatorData": base.EncodeToString(said),
		"signature": base.EncodeToString(signature), "userHandle": base.EncodeToString(d.Handle),
	})
}

func read(options []byte) (q question, err error) {
	if err = json.Unmarshal(options, &q); err == nil && q.PublicKey.Challenge == "" {
		err = fmt.Errorf("there is no challenge in %s", options)
	}
	return q, err
}

// says begins what the device says of itself: for which name, how, and the counter.
func (d *Device) says(flags byte) ([]byte, error) {
	u, err := url.Parse(d.Origin)
	if err != nil {
		return nil, err
	}
	party := sha256.Sum256([]byte(u.Hostname()))
	return binary.BigEndian.AppendUint32(append(party[:], flags), d.Counter), nil
}

// client is what the browser says of the page.
func (d *Device) client(kind string, q question) string {
	// A map of texts always has a JSON form.
	src, _ := json.Marshal(map[string]any{"type": kind, "challenge": q.PublicKey.Challenge, "origin": d.Origin, "crossOrigin": false})
	return base.EncodeToString(src)
}

func (d *Device) answer(response map[string]string) ([]byte, error) {
	id := base.EncodeToString(d.ID)
	return json.Marshal(map[string]any{"id": id, "rawId": id, "type": "public-key", "response": response})
}
