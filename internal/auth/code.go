package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// codeStep is how long a time-based code is good, in seconds, by RFC 6238.
const codeStep = 30

// recoveryCodes is how many recovery codes are made at once.
const recoveryCodes = 10

// NewCodeSecret makes a secret of time-based codes, of 160 random bits. It is in base
// 32, as people may type it.
func NewCodeSecret() string {
	random := make([]byte, 20)
	rand.Read(random)
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(random)
}

// CodeAddress gives the address that is shown as a QR code to the apps which make the
// codes of a secret.
func CodeAddress(issuer, account, secret string) string {
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + account}
	u.RawQuery = "secret=" + secret + "&issuer=" + url.PathEscape(issuer)
	return u.String()
}

// CodeStep gives the step whose code it is: that of now, or one before or after, since
// clocks differ. It tells false if it is none of these, or not later than the last
// step that was used: each code is good once.
func CodeStep(secret, code string, now time.Time, last int64) (step int64, ok bool) {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	for _, skew := range []int64{0, -1, 1} {
		at := now.Unix()/codeStep + skew
		want, err := totp.GenerateCodeCustom(secret, time.Unix(at*codeStep, 0), totp.ValidateOpts{Period: codeStep, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && at > last {
			return at, true
		}
	}
	return 0, false
}

// NewRecoveryCodes makes codes for whoever has lost the other factor; each is good
// once, and kept as its hash.
func NewRecoveryCodes() (codes []string, hashes [][]byte) {
	for range recoveryCodes {
		random := make([]byte, 10)
		rand.Read(random)
		s := letters.EncodeToString(random)
		code := s[:4] + "-" + s[4:8] + "-" + s[8:12] + "-" + s[12:]
		codes, hashes = append(codes, code), append(hashes, RecoveryHash(code))
	}
	return codes, hashes
}

// RecoveryHash gives the hash of a recovery code as people type it. It has 80 random
// bits, so the hash needs no salt.
func RecoveryHash(code string) []byte {
	code = strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(code))
	return TokenHash("recovery:" + code)
}

// CodeSecretReadable groups a secret for people who type it.
func CodeSecretReadable(secret string) string {
	var groups []string
	for len(secret) > 4 {
		groups, secret = append(groups, secret[:4]), secret[4:]
	}
	return strings.Join(append(groups, secret), " ")
}
