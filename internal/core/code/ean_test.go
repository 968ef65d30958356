package code

import "testing"

func TestCheckDigits(t *testing.T) {
	// Examples of GS1's check digit calculator.
	for digits, want := range map[string]byte{"629104150021": '3', "9638507": '4', "590123412345": '7'} {
		if got := CheckDigit(digits); got != want {
			t.Errorf("%s has %c, not %c", digits, got, want)
		}
	}
}
