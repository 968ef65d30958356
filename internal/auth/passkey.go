package auth

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// Passkeys registers passkeys for one origin, and checks what is signed with them. The
// device verifies its user, by finger, face or PIN, so that a passkey is two factors.
type Passkeys struct{ party *webauthn.WebAuthn }

// PasskeyUser is whose passkeys they are: a user of the business, or a member. ID is what
// their devices know them by, Email and Name how these call them.
type PasskeyUser struct {
	ID, Email, Name string
	// Records are the passkeys that the user has, as Register and SignIn give them.
	Records [][]byte
}

// Passkey is a passkey as it is kept.
type Passkey struct {
	// ID names it everywhere, in base 64 for addresses.
	ID string
	// Record is the public key with what else is known, as JSON.
	Record []byte
	// Counter is that of signatures, 0 where the device doesn't count.
	Counter int64
}

// NewPasskeys makes it for pages at an origin, such as https://loyalty.example.com.
func NewPasskeys(origin, name string) (*Passkeys, error) {
	u, err := url.Parse(origin)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("passkeys need the address of the pages, and %q is none", origin)
	}
	party, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: name, RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("passkeys for %s: %w", origin, err)
	}
	return &Passkeys{party}, nil
}

// partyUser is a user as the library asks for them.
type partyUser struct {
	PasskeyUser
	credentials []webauthn.Credential
}

func (u *partyUser) WebAuthnID() []byte                         { return []byte(u.ID) }
func (u *partyUser) WebAuthnName() string                       { return u.Email }
func (u *partyUser) WebAuthnDisplayName() string                { return u.Name }
func (u *partyUser) WebAuthnCredentials() []webauthn.Credential { return u.credentials }

func asParty(u PasskeyUser) (*partyUser, error) {
	out := &partyUser{PasskeyUser: u, credentials: make([]webauthn.Credential, len(u.Records))}
	for i, record := range u.Records {
		if err := json.Unmarshal(record, &out.credentials[i]); err != nil {
			return nil, fmt.Errorf("a passkey of %s: %w", u.ID, err)
		}
	}
	return out, nil
}

// Begin gives what the browser is asked in order to make a passkey, as JSON, and what
// is to be kept until it answers.
func (p *Passkeys) Begin(u PasskeyUser) (options, state []byte, err error) {
	user, err := asParty(u)
	if err != nil {
		return nil, nil, err
	}
	creation, session, err := p.party.BeginRegistration(user,
		webauthn.WithExclusions(webauthn.Credentials(user.credentials).CredentialDescriptors()))
	if err != nil {
		return nil, nil, err
	}
	return asked(creation, session)
}

// Register checks the browser's answer and gives the new passkey.
func (p *Passkeys) Register(u PasskeyUser, state, response []byte) (Passkey, error) {
	user, err := asParty(u)
	if err != nil {
		return Passkey{}, err
	}
	var session webauthn.SessionData
	if err := json.Unmarshal(state, &session); err != nil {
		return Passkey{}, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return Passkey{}, err
	}
	c, err := p.party.CreateCredential(user, session, parsed)
	if err != nil {
		return Passkey{}, err
	}
	return passkeyOf(c)
}

// Ask gives what the browser is asked in order to sign in with any passkey of this
// origin, as JSON, and what is to be kept until it answers.
func (p *Passkeys) Ask() (options, state []byte, err error) {
	assertion, session, err := p.party.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, nil, err
	}
	return asked(assertion, session)
}

// SignIn checks the browser's answer. It gives the user's id and the passkey as it is
// to be kept from now on; find gives the user by the passkey's id and by what the device
// knows the user by. A passkey whose counter went back may be a copy, and is refused.
func (p *Passkeys) SignIn(state, response []byte, find func(passkey, user string) (PasskeyUser, error)) (user string, used Passkey, err error) {
	var session webauthn.SessionData
	if err := json.Unmarshal(state, &session); err != nil {
		return "", Passkey{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return "", Passkey{}, err
	}
	c, err := p.party.ValidateDiscoverableLogin(func(id, handle []byte) (webauthn.User, error) {
		user = string(handle)
		found, err := find(passkeyID(id), user)
		if err != nil {
			return nil, err
		}
		return asParty(found)
	}, session, parsed)
	if err != nil {
		return "", Passkey{}, err
	}
	if c.Authenticator.CloneWarning {
		return "", Passkey{}, fmt.Errorf("the counter of the passkey went back, so it may be a copy")
	}
	used, err = passkeyOf(c)
	return user, used, err
}

func asked(question any, session *webauthn.SessionData) (options, state []byte, err error) {
	if options, err = json.Marshal(question); err != nil {
		return nil, nil, err
	}
	state, err = json.Marshal(session)
	return options, state, err
}

func passkeyOf(c *webauthn.Credential) (Passkey, error) {
	record, err := json.Marshal(c)
	return Passkey{ID: passkeyID(c.ID), Record: record, Counter: int64(c.Authenticator.SignCount)}, err
}

// passkeyID writes the id of a passkey for addresses.
func passkeyID(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }
