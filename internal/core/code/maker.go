package code

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
)

// rounds of the permutation, as many as the standard has.
const rounds = 10

// Maker makes the codes of a pattern: of each number another one. It is used by one
// goroutine at a time.
//
// It permutes the numbers below [Pattern.Numbers] under the secret, by an
// alternating Feistel network over the characters of the two halves of a code, in
// the manner of FF1 (NIST SP 800-38G), with AES as the function of a round. As every
// round can be undone, two numbers never get the same code.
type Maker struct {
	pattern     Pattern
	block       cipher.Block
	left, right uint64 // how many values a half has
	digits      int    // of the left half
	in, out     [aes.BlockSize]byte
	values      []int64
}

// NewMaker makes a maker for a pattern and the workspace's secret. Patterns that
// differ only in what is not read have the same codes.
func NewMaker(p Pattern, secret []byte) (*Maker, error) {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("codes\x00" + p.Normal()))
	block, err := aes.NewCipher(mac.Sum(nil))
	if err != nil {
		return nil, fmt.Errorf("make codes: %w", err)
	}
	free := p.places - 1
	m := &Maker{pattern: p, block: block, digits: free / 2, values: make([]int64, free, maxPlaces)}
	m.left, m.right = uint64(power(m.digits)), uint64(power(free-m.digits))
	return m, nil
}

// Make gives the code of a number, which must be from 0 to below the pattern's
// Numbers.
func (m *Maker) Make(number int64) string {
	left, right := uint64(number)%m.left, uint64(number)/m.left
	for round := range byte(rounds) {
		if round%2 == 0 {
			left = (left + m.round(round, right)%m.left) % m.left
		} else {
			right = (right + m.round(round, left)%m.right) % m.right
		}
	}
	for i := range m.values {
		half := &left
		if i >= m.digits {
			half = &right
		}
		m.values[i] = int64(*half % uint64(size))
		*half /= uint64(size)
	}
	return m.pattern.write(m.values)
}

// round mixes a half into a number so long that its remainder by either half's size
// is even to one part in four hundred thousand.
func (m *Maker) round(round byte, half uint64) uint64 {
	m.in[0] = round
	binary.BigEndian.PutUint64(m.in[8:], half)
	m.block.Encrypt(m.out[:], m.in[:])
	high, low := binary.BigEndian.Uint64(m.out[:]), binary.BigEndian.Uint64(m.out[8:])
	return high ^ bits.RotateLeft64(low, 32)
}

// Number gives the number of a code in its normal form; ok is false if the code is
// none of the pattern's.
func (m *Maker) Number(normal string) (number int64, ok bool) {
	if m.pattern.Fit(normal) != Fits {
		return 0, false
	}
	left, right := m.halves(normal)
	for round := byte(rounds); round > 0; round-- {
		if (round-1)%2 == 0 {
			left = (left + m.left - m.round(round-1, right)%m.left) % m.left
		} else {
			right = (right + m.right - m.round(round-1, left)%m.right) % m.right
		}
	}
	high, low := bits.Mul64(right, m.left)
	low, carry := bits.Add64(low, left, 0)
	return int64(low), high+carry == 0 && low <= math.MaxInt64
}

// halves reads the two halves of a code.
func (m *Maker) halves(normal string) (left, right uint64) {
	var values []uint64
	for i, r := range []rune(normal) {
		if m.pattern.normal[i] == '#' {
			values = append(values, uint64(valueOf(r)))
		}
	}
	for i := len(m.values) - 1; i >= 0; i-- {
		if i < m.digits {
			left = left*uint64(size) + values[i]
		} else {
			right = right*uint64(size) + values[i]
		}
	}
	return left, right
}
