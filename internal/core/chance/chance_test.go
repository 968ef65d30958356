package chance_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"math/big"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"premia/internal/core/chance"
)

// numbers draws as the package's documentation says, with big numbers.
func numbers(seed []byte, label string, n uint64, count int) []uint64 {
	all, size := new(big.Int).Lsh(big.NewInt(1), 64), new(big.Int).SetUint64(n)
	usable := new(big.Int).Sub(all, new(big.Int).Mod(all, size))
	var out []uint64
	for i := 0; len(out) < count; i++ {
		mac := hmac.New(sha256.New, seed)
		mac.Write([]byte(label + "/" + strconv.Itoa(i)))
		block := mac.Sum(nil)
		for at := 0; at < len(block) && len(out) < count; at += 8 {
			x := new(big.Int).SetBytes(block[at : at+8])
			if x.Cmp(usable) < 0 {
				out = append(out, x.Mod(x, size).Uint64())
			}
		}
	}
	return out
}

func TestNumbersAreAsDocumented(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(t, "seed")
		label := rapid.String().Draw(t, "label")
		n := rapid.Uint64Min(1).Draw(t, "n")
		s := chance.New(seed, label)
		for i, want := range numbers(seed, label, n, 12) {
			if got := s.Below(n); got != want {
				t.Fatalf("number %d below %d is %d, want %d", i, n, got, want)
			}
		}
	})
}

// The numbers for a seed and a label are promised to whoever re-checks a draw.
func TestNumbersStay(t *testing.T) {
	seed := chance.Seed([]byte("secret"), "draw", "evt_1")
	s := chance.New(seed[:], "surprise.wheel/0")
	for i, want := range []uint64{450, 742, 804, 882, 494, 851} {
		if got := s.Below(1000); got != want {
			t.Errorf("number %d is %d, want %d", i, got, want)
		}
	}
}
