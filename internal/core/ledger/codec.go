package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"

	"premia/internal/core/calendar"
)

// stateVersion is the first byte of an encoded state. A new layout gets a new
// number and Decode keeps reading the old ones.
const (
	firstVersion = 1
	stateVersion = 2
)

// The optional sections at the end of an encoded state, in ascending order.
const (
	sectionRedemptions = iota + 1
	sectionTiers
	sectionProgress
	sectionFamily
	sectionReferrals
	sectionUndone
	sectionOccasions
	sectionOffers
	sectionAmbassador
	sectionClicked
	sectionWithheld
	sectionConversions
	sectionRenewed
	sectionScores
)

// ErrMalformed tells that stored bytes are not what the ledger wrote.
var ErrMalformed = errors.New("the stored bytes are damaged or of a newer version of Premia")

// Append writes the state in its one canonical form: equal states have equal
// bytes.
func (s *State) Append(dst []byte) []byte {
	w := Writer{Bytes: append(dst, stateVersion)}
	w.Uint(uint64(s.Status))
	w.Instant(s.EnrolledAt)
	w.Uint(uint64(s.MergedInto))
	w.Int(s.Purchases)
	w.Int(s.Spend)
	w.Instant(s.FirstPurchaseAt)
	w.Instant(s.LastPurchaseAt)
	w.Uint(uint64(s.LastLot))
	w.Uint(uint64(len(s.Wallets)))
	for i := range s.Wallets {
		s.Wallets[i].append(&w)
	}
	w.Uint(uint64(len(s.Counters)))
	for i := range s.Counters {
		c := &s.Counters[i]
		w.Uint(uint64(c.Name))
		w.Uint(uint64(c.Slot))
		w.Instant(c.Since)
		w.Int(c.Value)
	}
	w.Uint(uint64(len(s.Facts)))
	for i := range s.Facts {
		w.Text(s.Facts[i].Name)
		w.Text(s.Facts[i].Text)
	}
	AppendSection(&w, sectionRedemptions, s.Redemptions, func(r *Redemption) { r.append(&w) })
	AppendSection(&w, sectionTiers, s.Tiers, func(t *Tier) { t.append(&w) })
	AppendSection(&w, sectionProgress, s.Progress, func(p *Progress) { p.append(&w) })
	if s.Family.known() {
		AppendSection(&w, sectionFamily, []Family{s.Family}, func(f *Family) { f.append(&w) })
	}
	AppendSection(&w, sectionReferrals, s.Referrals, func(r *Referral) { r.append(&w) })
	AppendSection(&w, sectionUndone, s.Undone, func(m *ReferralMark) { m.Append(&w) })
	AppendSection(&w, sectionOccasions, s.Occasions, func(o *Occasion) { o.append(&w) })
	AppendSection(&w, sectionOffers, s.Offers, func(o *Offer) { o.append(&w) })
	if a := s.Ambassador; a.Since != calendar.None {
		AppendSection(&w, sectionAmbassador, []calendar.Instant{a.Since, a.Until}, func(at *calendar.Instant) { w.Instant(*at) })
	}
	AppendSection(&w, sectionClicked, s.Clicked, func(c *Click) { c.Append(&w) })
	AppendSection(&w, sectionWithheld, s.Withheld, func(x *Withheld) { x.append(&w) })
	AppendSection(&w, sectionConversions, s.Conversions, func(c *Conversion) { c.append(&w) })
	if s.Renewed != 0 {
		w.Uint(sectionRenewed)
		w.Uint(1)
		w.Uint(uint64(s.Renewed))
	}
	AppendSection(&w, sectionScores, s.Scores, func(x *Score) { x.append(&w) })
	return w.Bytes
}

func (wallet *Wallet) append(w *Writer) {
	w.Uint(uint64(wallet.Name))
	w.Int(wallet.Debt)
	w.Int(wallet.Issued)
	w.Uint(uint64(len(wallet.Lots)))
	for i := range wallet.Lots {
		wallet.Lots[i].append(w)
	}
}

func (l *Lot) append(w *Writer) {
	flags := uint64(0)
	if l.Pending {
		flags |= 1
	}
	if l.Sliding {
		flags |= 2
	}
	if l.Await != 0 {
		flags |= 4
	}
	if l.Capped {
		flags |= 8
	}
	if l.Family != 0 {
		flags |= 16
	}
	w.Uint(flags)
	w.Uint(uint64(l.No))
	w.Uint(uint64(l.Rule))
	w.Int(l.Remaining)
	w.Instant(l.EarnedAt)
	w.Instant(l.ActivatesAt)
	w.Instant(l.ExpiresAt)
	if l.Await != 0 {
		w.Uint(uint64(l.Await))
		w.Text(l.Order)
	}
	if l.Family != 0 {
		w.Uint(uint64(l.Family))
		w.Uint(uint64(l.FamilyLot))
	}
}

// DecodeState reads what Append wrote into s, whose memory it reuses.
func DecodeState(src []byte, s *State) error {
	if len(src) == 0 || src[0] < firstVersion || src[0] > stateVersion {
		return fmt.Errorf("member state: %w", ErrMalformed)
	}
	r := Reader{Bytes: src[1:]}
	*s = State{Wallets: s.Wallets[:0], Counters: s.Counters[:0], Facts: s.Facts[:0]}
	s.Status = Status(r.Uint())
	s.EnrolledAt = r.Instant()
	s.MergedInto = MemberID(r.Uint())
	s.Purchases = r.Int()
	s.Spend = r.Int()
	s.FirstPurchaseAt = r.Instant()
	s.LastPurchaseAt = r.Instant()
	s.LastLot = uint32(r.Uint())
	for n := r.Count(); n > 0; n-- {
		s.Wallets = append(s.Wallets, readWallet(&r))
	}
	for n := r.Count(); n > 0; n-- {
		s.Counters = append(s.Counters, Counter{Name: Name(r.Uint()), Slot: uint8(r.Uint()), Since: r.Instant(), Value: r.Int()})
	}
	for n := r.Count(); n > 0; n-- {
		s.Facts = append(s.Facts, Fact{Name: r.Text(), Text: r.Text()})
	}
	s.Redemptions, s.Progress, s.Referrals, s.Undone, s.Occasions = nil, nil, nil, nil, nil
	s.Clicked, s.Withheld = nil, nil
	if src[0] == firstVersion && len(r.Bytes) > 0 {
		s.readRedemptions(&r, r.Count())
	} else {
		r.Sections(func(number uint64, n int) bool { return s.readSection(&r, number, n) })
	}
	if err := r.Done(); err != nil {
		return fmt.Errorf("member state: %w", err)
	}
	return nil
}

// readSection reads a section of n parts; false if its number is not known.
func (s *State) readSection(r *Reader, number uint64, n int) bool {
	switch number {
	case sectionRedemptions:
		s.readRedemptions(r, n)
	case sectionTiers:
		for ; n > 0; n-- {
			s.Tiers = append(s.Tiers, readTier(r))
		}
	case sectionProgress:
		s.readProgress(r, n)
	case sectionFamily:
		if s.Family = readFamily(r); n != 1 || !s.Family.known() {
			r.fail()
		}
	case sectionReferrals:
		for ; n > 0; n-- {
			s.Referrals = append(s.Referrals, readReferral(r))
		}
	case sectionUndone:
		for ; n > 0; n-- {
			s.Undone = append(s.Undone, ReadReferralMark(r))
		}
	case sectionOccasions:
		for ; n > 0; n-- {
			s.Occasions = append(s.Occasions, readOccasion(r))
		}
	case sectionOffers:
		for ; n > 0; n-- {
			s.Offers = append(s.Offers, readOffer(r))
		}
	case sectionAmbassador:
		if s.Ambassador = (Ambassadorship{Since: r.Instant(), Until: r.Instant()}); n != 2 {
			r.fail()
		}
	case sectionClicked:
		if s.Clicked = []Click{ReadClick(r)}; n != 1 {
			r.fail()
		}
	case sectionWithheld:
		for ; n > 0; n-- {
			s.Withheld = append(s.Withheld, readWithheld(r))
		}
	case sectionConversions:
		for ; n > 0; n-- {
			s.Conversions = append(s.Conversions, readConversion(r))
		}
	case sectionRenewed:
		if s.Renewed = uint32(r.Uint()); n != 1 || s.Renewed == 0 {
			r.fail()
		}
	case sectionScores:
		for ; n > 0; n-- {
			s.Scores = append(s.Scores, readScore(r))
		}
	default:
		return false
	}
	return true
}

func (s *State) readRedemptions(r *Reader, n int) {
	for ; n > 0; n-- {
		s.Redemptions = append(s.Redemptions, readRedemption(r))
	}
}

func readWallet(r *Reader) Wallet {
	w := Wallet{Name: Name(r.Uint()), Debt: r.Int(), Issued: r.Int()}
	n := r.Count()
	w.Lots = make([]Lot, 0, n)
	for ; n > 0; n-- {
		w.Lots = append(w.Lots, readLot(r))
	}
	return w
}

func readLot(r *Reader) Lot {
	flags := r.Uint()
	l := Lot{
		Pending: flags&1 != 0, Sliding: flags&2 != 0, Capped: flags&8 != 0,
		No: uint32(r.Uint()), Rule: Name(r.Uint()), Remaining: r.Int(),
		EarnedAt: r.Instant(), ActivatesAt: r.Instant(), ExpiresAt: r.Instant(),
	}
	if flags&4 != 0 {
		l.Await, l.Order = Name(r.Uint()), r.Text()
	}
	if flags&16 != 0 {
		l.Family, l.FamilyLot = MemberID(r.Uint()), uint32(r.Uint())
	}
	return l
}

// postingCapped is the bit beside a posting's accounts.
const postingCapped = 1 << 8

// AppendPostings writes postings in their compact form.
func AppendPostings(w *Writer, postings []Posting) {
	w.Uint(uint64(len(postings)))
	for i := range postings {
		p := &postings[i]
		w.Uint(uint64(p.Kind))
		w.Uint(uint64(p.Wallet))
		sides := uint64(p.From)<<4 | uint64(p.To)
		if p.Capped {
			sides |= postingCapped
		}
		w.Uint(sides)
		w.Int(p.Amount)
		w.Uint(uint64(p.Lot))
		w.Uint(uint64(p.Rule))
		w.Instant(p.At)
	}
}

// ReadPostings reads what AppendPostings wrote, onto dst.
func ReadPostings(r *Reader, dst []Posting) []Posting {
	for n := r.Count(); n > 0; n-- {
		p := Posting{Kind: Kind(r.Uint()), Wallet: Name(r.Uint())}
		sides := r.Uint()
		p.From, p.To, p.Capped = Account(sides>>4&15), Account(sides&15), sides&postingCapped != 0
		p.Amount = r.Int()
		p.Lot, p.Rule = uint32(r.Uint()), Name(r.Uint())
		p.At = r.Instant()
		dst = append(dst, p)
	}
	return dst
}

// Writer builds the compact encodings of states and decisions: variable-length
// integers and texts with their length in front.
type Writer struct{ Bytes []byte }

// Uint writes an unsigned integer.
func (w *Writer) Uint(v uint64) { w.Bytes = binary.AppendUvarint(w.Bytes, v) }

// Int writes a signed integer.
func (w *Writer) Int(v int64) { w.Bytes = binary.AppendVarint(w.Bytes, v) }

// Instant writes a moment: a byte for none and the ends of time, and otherwise
// its seconds and, where they are not zero, microseconds.
func (w *Writer) Instant(at calendar.Instant) {
	switch at {
	case calendar.None:
		w.Uint(0)
	case calendar.Never:
		w.Uint(1)
	case calendar.Beginning:
		w.Uint(2)
	default:
		seconds, micros := int64(at/calendar.Second), int64(at%calendar.Second)
		if micros < 0 {
			seconds, micros = seconds-1, micros+int64(calendar.Second)
		}
		zigzag := uint64(seconds<<1) ^ uint64(seconds>>63)
		if micros == 0 {
			w.Uint(zigzag<<1 + 4)
			return
		}
		w.Uint(zigzag<<1 + 5)
		w.Uint(uint64(micros))
	}
}

// Text writes a string.
func (w *Writer) Text(s string) {
	w.Uint(uint64(len(s)))
	w.Bytes = append(w.Bytes, s...)
}

// AppendSection writes an optional section: its number, how many parts it has,
// and each; nothing where it has none, so that it costs nothing then. Sections
// are written in ascending order of their numbers.
func AppendSection[T any](w *Writer, number uint64, parts []T, write func(*T)) {
	if len(parts) == 0 {
		return
	}
	w.Uint(number)
	w.Uint(uint64(len(parts)))
	for i := range parts {
		write(&parts[i])
	}
}

// Sections reads the optional sections up to the end: read is given each one's
// number and how many parts it has, and answers whether it knows it. Sections
// that do not ascend, or are empty, are malformed, so that nothing can be written
// in two ways.
func (r *Reader) Sections(read func(number uint64, n int) bool) {
	for last := uint64(0); len(r.Bytes) > 0; {
		number := r.Uint()
		n := r.Count()
		if number <= last || n == 0 || !read(number, n) {
			r.fail()
			return
		}
		last = number
	}
}

// Reader reads what a Writer wrote. After the first mistake it gives zeros, and
// Done tells.
type Reader struct {
	Bytes []byte
	err   error
}

// Uint reads an unsigned integer.
func (r *Reader) Uint() uint64 {
	v, n := binary.Uvarint(r.Bytes)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.Bytes = r.Bytes[n:]
	return v
}

// Int reads a signed integer.
func (r *Reader) Int() int64 {
	v, n := binary.Varint(r.Bytes)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.Bytes = r.Bytes[n:]
	return v
}

// Instant reads a moment.
func (r *Reader) Instant() calendar.Instant {
	v := r.Uint()
	switch v {
	case 0:
		return calendar.None
	case 1:
		return calendar.Never
	case 2:
		return calendar.Beginning
	case 3:
		r.fail()
		return 0
	}
	fine := v&1 == 1
	zigzag := (v - 4) >> 1
	seconds := int64(zigzag>>1) ^ -int64(zigzag&1)
	at := calendar.Instant(seconds) * calendar.Second
	if fine {
		at += calendar.Instant(r.Uint())
	}
	return at
}

// Count reads the number of parts that follow, which can be no more than the
// bytes that are left.
func (r *Reader) Count() int {
	n := r.Uint()
	if n > uint64(len(r.Bytes)) {
		r.fail()
		return 0
	}
	return int(n)
}

// Text reads a string.
func (r *Reader) Text() string {
	n := r.Count()
	s := string(r.Bytes[:n])
	r.Bytes = r.Bytes[n:]
	return s
}

// Done gives ErrMalformed if anything was wrong or is left over.
func (r *Reader) Done() error {
	if r.err != nil {
		return r.err
	}
	if len(r.Bytes) > 0 {
		return ErrMalformed
	}
	return nil
}

func (r *Reader) fail() {
	r.Bytes, r.err = nil, ErrMalformed
}
