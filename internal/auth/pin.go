package auth

import (
	"context"
	"crypto/rand"
	"strings"

	"premia/internal/core/text"
)

// The bounds of PINs, in digits.
const (
	MinPIN = 4
	MaxPIN = 8
)

// Errors of new PINs.
var (
	ErrPINDigits error = text.Sentence("a PIN has 4 to 8 digits")
	ErrPINEasy   error = text.Sentence("this PIN is guessed first: digits that are all the same, or count up or down")
)

// CheckNewPIN tells whether a PIN may be chosen: ErrPINDigits or ErrPINEasy if not.
func CheckNewPIN(pin string) error {
	if len(pin) < MinPIN || len(pin) > MaxPIN || strings.Trim(pin, "0123456789") != "" {
		return ErrPINDigits
	}
	for _, step := range []byte{0, 1, 255} { // 255 is one down
		easy := true
		for i := 1; i < len(pin); i++ {
			easy = easy && pin[i] == pin[i-1]+step
		}
		if easy {
			return ErrPINEasy
		}
	}
	return nil
}

// HashPIN gives what is kept of a PIN, as Hash does of a password; Check takes it. A PIN
// has few digits, so that its hash slows down but does not stop who has the database:
// what stops guessing at the till is the time that wrong ones cost.
func (h *Hasher) HashPIN(ctx context.Context, pin string) (string, error) {
	if err := CheckNewPIN(pin); err != nil {
		return "", err
	}
	salt := make([]byte, saltBytes)
	rand.Read(salt)
	sum, err := h.sum(ctx, pin, h.cost, salt)
	return encodeHash(h.cost, salt, sum), err
}
