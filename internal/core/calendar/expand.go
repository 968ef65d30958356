package calendar

import (
	"bytes"
	"encoding/binary"
	"time"
)

// expandedUntil is the year up to which changes of clocks are written out.
const expandedUntil = 2201

// header is a block's header in TZif (RFC 9636): how many there are of
// everything that follows.
type header struct {
	Magic                                        [4]byte
	Version                                      byte
	Unused                                       [15]byte
	UTCs, Standards, Leaps, Times, Types, Letter uint32
}

// expand rewrites a zone's data with all changes of clocks up to 2200 as
// transitions. The data ends with a rule for the future ("last Sunday in
// March"), which the standard library works out anew for each moment; a
// transition it finds by halving, some fifty times faster. The meaning stays;
// data of an unknown form stays as it is.
func expand(data []byte, zone *time.Location) []byte {
	b, ok := readBlock(data)
	if !ok || len(b.rule) < 3 || len(b.times) == 0 {
		return data
	}
	t := time.Unix(b.times[len(b.times)-1], 0).In(zone)
	for t.Year() < expandedUntil {
		_, next := t.ZoneBounds()
		if next.IsZero() {
			break
		}
		if !next.After(t) {
			// The library ends the last day of a leap year too early.
			next = t.AddDate(0, 0, 1)
		}
		if sameClocks(t, next) {
			t = next
			continue
		}
		kind, ok := b.kindOf(next)
		if !ok {
			return data
		}
		b.times, b.index = append(b.times, next.Unix()), append(b.index, kind)
		t = next
	}
	return b.append()
}

func sameClocks(a, b time.Time) bool {
	aName, aOffset := a.Zone()
	bName, bOffset := b.Zone()
	return aName == bName && aOffset == bOffset && a.IsDST() == b.IsDST()
}

// block is the part of a zone's data that counts in 64 bits.
type block struct {
	times   []int64
	index   []byte // of each time, the kind of clock from then on
	kinds   []clock
	letters []byte
	rule    []byte // with its line feeds
}

// clock is a kind of local time.
type clock struct {
	Offset int32
	Summer bool
	Letter byte // where its name begins
}

const headerSize = 44

// readBlock reads data of version 2 and later without leap seconds.
func readBlock(data []byte) (*block, bool) {
	var first, h header
	r := bytes.NewReader(data)
	if binary.Read(r, binary.BigEndian, &first) != nil || string(first.Magic[:]) != "TZif" || first.Version < '2' {
		return nil, false
	}
	skip := int64(first.Times)*5 + int64(first.Types)*6 + int64(first.Letter) + int64(first.Leaps)*8 + int64(first.Standards) + int64(first.UTCs)
	if _, err := r.Seek(headerSize+skip, 0); err != nil {
		return nil, false
	}
	if binary.Read(r, binary.BigEndian, &h) != nil || h.Leaps != 0 || int(h.Times)*9 > len(data) || int(h.Types)*6 > len(data) || int(h.Letter) > len(data) {
		return nil, false
	}
	b := &block{times: make([]int64, h.Times), index: make([]byte, h.Times), kinds: make([]clock, h.Types), letters: make([]byte, h.Letter)}
	for _, part := range [...]any{b.times, b.index, b.kinds, b.letters, make([]byte, h.Standards+h.UTCs)} {
		if binary.Read(r, binary.BigEndian, part) != nil {
			return nil, false
		}
	}
	b.rule = data[len(data)-r.Len():]
	return b, true
}

// kindOf gives the kind of clock at a moment, a new one if there is none yet.
func (b *block) kindOf(t time.Time) (byte, bool) {
	name, offset := t.Zone()
	letter := bytes.Index(b.letters, append([]byte(name), 0))
	if letter < 0 {
		letter = len(b.letters)
		b.letters = append(append(b.letters, name...), 0)
	}
	if letter > 255 || len(b.kinds) > 255 {
		return 0, false
	}
	for i, k := range b.kinds {
		if int(k.Offset) == offset && k.Summer == t.IsDST() && bytes.HasPrefix(b.letters[k.Letter:], append([]byte(name), 0)) {
			return byte(i), true
		}
	}
	b.kinds = append(b.kinds, clock{int32(offset), t.IsDST(), byte(letter)})
	return byte(len(b.kinds) - 1), len(b.kinds) <= 256
}

// append writes the block, behind an empty one for old readers.
func (b *block) append() []byte {
	h := header{Magic: [4]byte{'T', 'Z', 'i', 'f'}, Version: '2'}
	var w bytes.Buffer
	counted := h
	counted.Times, counted.Types, counted.Letter = uint32(len(b.times)), uint32(len(b.kinds)), uint32(len(b.letters))
	for _, part := range [...]any{h, counted, b.times, b.index, b.kinds, b.letters, b.rule} {
		// A buffer takes everything, and the parts are of fixed size.
		_ = binary.Write(&w, binary.BigEndian, part)
	}
	return w.Bytes()
}
