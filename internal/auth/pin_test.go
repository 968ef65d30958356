package auth

import (
	"errors"
	"testing"
)

func TestPINs(t *testing.T) {
	for pin, want := range map[string]error{
		"2580": nil, "90210": nil, "13579086": nil, "1235": nil,
		"": ErrPINDigits, "258": ErrPINDigits, "258025802": ErrPINDigits, "25a0": ErrPINDigits, "２５８０": ErrPINDigits, "2580 ": ErrPINDigits,
		"0000": ErrPINEasy, "1234": ErrPINEasy, "456789": ErrPINEasy, "4321": ErrPINEasy, "99999999": ErrPINEasy,
	} {
		if err := CheckNewPIN(pin); !errors.Is(err, want) {
			t.Errorf("%q: %v, not %v", pin, err, want)
		}
	}
	h := NewHasher()
	hash, err := h.HashPIN(t.Context(), "2580")
	if err != nil {
		t.Fatal(err)
	}
	for pin, want := range map[string]bool{"2580": true, "2581": false, "": false} {
		if right, _, err := h.Check(t.Context(), hash, pin); err != nil || right != want {
			t.Errorf("%q is right: %v (%v)", pin, right, err)
		}
	}
	if _, err := h.HashPIN(t.Context(), "1234"); !errors.Is(err, ErrPINEasy) {
		t.Errorf("an easy PIN was hashed: %v", err)
	}
}
