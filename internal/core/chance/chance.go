// Package chance turns a value that nobody could know before into a sequence of
// numbers, and these into choices, without bias and the same everywhere: whoever
// has the value can draw again and comes to the same.
//
// # The algorithm
//
// A sequence belongs to a seed of 32 bytes and a label. Its block number i, from 0,
// is HMAC-SHA-256 with the seed as the key over the label, a slash and i in decimal
// digits. Each block is four whole numbers of 64 bits, the most significant byte
// first. For a number below n the first of the sequence that is at most 2^64-1 less
// the remainder of 2^64 by n is taken modulo n; those above are passed over, since
// they would make some results likelier than others.
package chance

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"strconv"
)

// Size is the length of a seed in bytes.
const Size = sha256.Size

// Seed derives the seed of what is named from a secret: HMAC-SHA-256 with the secret
// as the key over the kind, a byte 0 and the name.
func Seed(secret []byte, kind, name string) (seed [Size]byte) {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(kind))
	mac.Write([]byte{0})
	mac.Write([]byte(name))
	mac.Sum(seed[:0])
	return seed
}

// Sequence is the numbers of one seed under one label.
type Sequence struct {
	seed  []byte
	label string
	block uint64
	left  []byte
}

// New begins the sequence of a seed under a label.
func New(seed []byte, label string) *Sequence { return &Sequence{seed: seed, label: label} }

// next gives the next number of 64 bits.
func (s *Sequence) next() uint64 {
	if len(s.left) == 0 {
		mac := hmac.New(sha256.New, s.seed)
		mac.Write([]byte(s.label + "/" + strconv.FormatUint(s.block, 10)))
		s.left = mac.Sum(nil)
		s.block++
	}
	n := binary.BigEndian.Uint64(s.left)
	s.left = s.left[8:]
	return n
}

// Below gives a number from 0 to n-1, each as likely as any other; n must be above
// zero.
func (s *Sequence) Below(n uint64) uint64 {
	last := uint64(math.MaxUint64)
	last -= (last%n + 1) % n // the remainder of 2^64 by n
	for {
		if x := s.next(); x <= last {
			return x % n
		}
	}
}
