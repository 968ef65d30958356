package checkout_test

import (
	"testing"

	"premia/internal/testkit/mechanics"
)

// The stories are told by the scenarios of the program.
func TestStories(t *testing.T) { mechanics.Stories(t, "testdata/shop.yaml", 10) }

// Members are told of every promotion, voucher and way to pay, in every language.
func TestDescribed(t *testing.T) {
	mechanics.Told(t, mechanics.Read(t, "testdata/shop.yaml").Program, "shop")
}
