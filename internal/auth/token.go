package auth

import (
	"crypto/rand"
	"crypto/sha256"
)

// tokenBytes is how many random bytes a token has; that many can't be guessed.
const tokenBytes = 32

// NewToken makes a random token of 256 bits, and the hash under which it is kept.
func NewToken() (token string, hash []byte) {
	random := make([]byte, tokenBytes)
	rand.Read(random) // never fails: it ends the program rather
	token = letters.EncodeToString(random)
	return token, TokenHash(token)
}

// TokenHash gives the hash of a token. A token is random, so that the hash needs no
// salt and can't be guessed back.
func TokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// NewID makes an id of 80 random bits behind a prefix, such as "usr_".
func NewID(prefix string) string {
	random := make([]byte, 10)
	rand.Read(random)
	return prefix + letters.EncodeToString(random)
}
