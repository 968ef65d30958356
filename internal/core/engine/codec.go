package engine

import (
	"fmt"
	"time"

	"github.com/govalues/decimal"

	"premia/internal/core/calendar"
	"premia/internal/core/condition"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// decisionLayout is the first byte of an encoded decision. Decisions in the first
// layout, which knew no windows of quotas, can be read and are not written.
const (
	firstLayout    = 1
	decisionLayout = 2
)

// The optional sections at the end of an encoded decision, in ascending order.
const (
	sectionFacts = iota + 1
	sectionReturned
	sectionDiscounts
	sectionCodes
	sectionPaid
	sectionVouchers
	sectionCounted
	sectionDraw
)

// Append writes the decision in its one canonical, compact form.
func (d *Decision) Append(dst []byte) []byte {
	w := ledger.Writer{Bytes: append(dst, decisionLayout)}
	w.Uint(uint64(d.Revision))
	w.Uint(uint64(d.Program))
	w.Instant(d.Clock)
	w.Int(int64(d.Clock - d.At))
	w.Uint(uint64(d.Outcome))
	w.Uint(uint64(len(d.Steps)))
	for i := range d.Steps {
		d.Steps[i].append(&w)
	}
	ledger.AppendPostings(&w, d.Postings)
	w.Uint(uint64(len(d.Grants)))
	for _, g := range d.Grants {
		w.Uint(uint64(g.Quota.Name)<<2 | bit(g.Quota.Window != 0)<<1 | bit(g.Cut))
		if g.Quota.Window != 0 {
			w.Int(g.Quota.Window)
		}
		w.Int(g.Amount)
	}
	w.Uint(uint64(len(d.FollowUps)))
	for _, f := range d.FollowUps {
		w.Text(f.Type)
		w.Uint(uint64(f.Member))
		w.Text(f.Order)
		w.Text(string(f.Carried))
	}
	ledger.AppendSection(&w, sectionFacts, d.Facts, func(f *Fact) {
		w.Uint(uint64(f.Field))
		appendValue(&w, f.Value)
	})
	ledger.AppendSection(&w, sectionReturned, d.Returned, func(b *Returned) {
		w.Text(b.Purchase)
		w.Uint(uint64(b.Item))
		w.Int(b.Quantity)
	})
	d.appendCheckout(&w)
	ledger.AppendSection(&w, sectionVouchers, d.Vouchers, func(v *Voucher) { v.append(&w) })
	ledger.AppendSection(&w, sectionCounted, d.Counted, func(c *Counted) { c.append(&w) })
	ledger.AppendSection(&w, sectionDraw, d.Draw, func(b *byte) { w.Bytes = append(w.Bytes, *b) })
	return w.Bytes
}

// readSection reads a section of n parts; false if its number is not known.
func (d *Decision) readSection(r *ledger.Reader, number uint64, n int) (known bool) {
	switch number {
	case sectionFacts:
		d.readFacts(r, n)
	case sectionReturned:
		d.readReturned(r, n)
	case sectionDiscounts:
		d.readDiscounts(r, n)
	case sectionCodes:
		d.readCodes(r, n)
	case sectionPaid:
		d.readPaid(r, n)
	case sectionVouchers:
		d.readVouchers(r, n)
	case sectionCounted:
		d.readCounted(r, n)
	case sectionDraw:
		d.Draw, r.Bytes = append(d.Draw, r.Bytes[:n]...), r.Bytes[n:]
	default:
		return false
	}
	return true
}

func (d *Decision) readFacts(r *ledger.Reader, n int) {
	for ; n > 0; n-- {
		d.Facts = append(d.Facts, Fact{Field: ledger.Name(r.Uint()), Value: readValue(r)})
	}
}

func (d *Decision) readReturned(r *ledger.Reader, n int) {
	for ; n > 0; n-- {
		d.Returned = append(d.Returned, Returned{Purchase: r.Text(), Item: int(r.Uint()), Quantity: r.Int()})
	}
}

func appendValue(w *ledger.Writer, v condition.Value) {
	w.Uint(uint64(v.Kind()))
	switch v.Kind() {
	case condition.KindString:
		w.Text(v.Text())
	case condition.KindDecimal:
		w.Text(v.Decimal().String())
	case condition.KindBool:
		w.Uint(bit(v.Bool()))
	case condition.KindInt:
		w.Int(v.Int())
	case condition.KindTimestamp:
		w.Int(v.Time().UnixMicro())
	case condition.KindDuration:
		w.Int(v.Duration().Microseconds())
	}
}

func readValue(r *ledger.Reader) condition.Value {
	switch condition.Kind(r.Uint()) {
	case condition.KindString:
		return condition.StringValue(r.Text())
	case condition.KindDecimal:
		d, err := decimal.Parse(r.Text())
		if err != nil {
			return condition.Value{}
		}
		return condition.DecimalValue(d)
	case condition.KindBool:
		return condition.BoolValue(r.Uint() == 1)
	case condition.KindInt:
		return condition.IntValue(r.Int())
	case condition.KindTimestamp:
		return condition.TimestampMicroValue(r.Int())
	case condition.KindDuration:
		return condition.DurationValue(time.Duration(r.Int()) * time.Microsecond)
	}
	return condition.Value{}
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// The optional parts of an encoded step.
const (
	stepGave = 1 << iota
	stepWanted
	stepBase
	stepCondition
	stepLimit
	stepBy
	stepTimes
)

// resultBits is how many bits of a step's head are its result; it was fewer in
// the first layout.
const (
	resultBits      = 8
	firstResultBits = 6
)

func (s *Step) append(w *ledger.Writer) {
	parts := uint64(0)
	for i, there := range [...]bool{
		s.Amount != 0 || s.Wallet != 0, s.Wanted != s.Amount, s.Base != 0,
		s.Part != 0 || s.Read != "", s.Limit != 0, s.By != 0, s.Times != 0,
	} {
		parts |= bit(there) << i
	}
	w.Uint(uint64(s.Rule))
	w.Uint(uint64(s.Result) | parts<<resultBits)
	if parts&stepGave != 0 {
		w.Uint(uint64(s.Wallet))
		w.Int(s.Amount)
	}
	if parts&stepWanted != 0 {
		w.Int(s.Wanted)
	}
	if parts&stepBase != 0 {
		w.Int(s.Base)
	}
	if parts&stepCondition != 0 {
		w.Uint(uint64(s.Part))
		w.Text(s.Read)
	}
	if parts&stepLimit != 0 {
		w.Uint(uint64(s.Limit))
	}
	if parts&stepBy != 0 {
		w.Uint(uint64(s.By))
	}
	if parts&stepTimes != 0 {
		w.Int(s.Times)
	}
}

// Waiting gives the returns that a stored decision let follow, for [Inputs] of
// deciding it again.
func (d *Decision) Waiting() [][]byte {
	var waiting [][]byte
	for i := range d.FollowUps {
		if d.FollowUps[i].Type == event.Return {
			waiting = append(waiting, d.FollowUps[i].Carried)
		}
	}
	return waiting
}

// DecodeDecision reads what Append wrote into d, whose memory it reuses.
func DecodeDecision(src []byte, d *Decision) error {
	d.Reset()
	if len(src) == 0 || src[0] < firstLayout || src[0] > decisionLayout {
		return fmt.Errorf("decision: %w", ledger.ErrMalformed)
	}
	layout, bits := src[0], resultBits
	if layout == firstLayout {
		bits = firstResultBits
	}
	r := ledger.Reader{Bytes: src[1:]}
	d.Revision = uint32(r.Uint())
	d.Program = uint32(r.Uint())
	d.Clock = r.Instant()
	d.At = d.Clock - calendar.Instant(r.Int())
	d.Outcome = Outcome(r.Uint())
	for n := r.Count(); n > 0; n-- {
		d.Steps = append(d.Steps, readStep(&r, bits))
	}
	d.Postings = ledger.ReadPostings(&r, d.Postings)
	for n := r.Count(); n > 0; n-- {
		d.Grants = append(d.Grants, readGrant(&r, layout))
	}
	for n := r.Count(); n > 0; n-- {
		f := FollowUp{Type: r.Text(), Member: ledger.MemberID(r.Uint()), Order: r.Text()}
		if carried := r.Text(); carried != "" {
			f.Carried = []byte(carried)
		}
		d.FollowUps = append(d.FollowUps, f)
	}
	if layout == firstLayout && len(r.Bytes) > 0 {
		d.readFacts(&r, r.Count())
		d.readReturned(&r, r.Count())
	} else {
		r.Sections(func(number uint64, n int) bool { return d.readSection(&r, number, n) })
	}
	if err := r.Done(); err != nil {
		return fmt.Errorf("decision: %w", err)
	}
	return nil
}

func readGrant(r *ledger.Reader, layout byte) Grant {
	head := r.Uint()
	g := Grant{Cut: head&1 == 1}
	head >>= 1
	if layout > firstLayout {
		if head&1 == 1 {
			g.Quota.Window = r.Int()
		}
		head >>= 1
	}
	g.Quota.Name, g.Amount = ledger.Name(head), r.Int()
	return g
}

func readStep(r *ledger.Reader, bits int) Step {
	s := Step{Rule: ledger.Name(r.Uint())}
	head := r.Uint()
	s.Result = Result(head & (1<<bits - 1))
	parts := head >> bits
	if parts&stepGave != 0 {
		s.Wallet, s.Amount = ledger.Name(r.Uint()), r.Int()
	}
	s.Wanted = s.Amount
	if parts&stepWanted != 0 {
		s.Wanted = r.Int()
	}
	if parts&stepBase != 0 {
		s.Base = r.Int()
	}
	if parts&stepCondition != 0 {
		s.Part, s.Read = uint8(r.Uint()), r.Text()
	}
	if parts&stepLimit != 0 {
		s.Limit = Limit(r.Uint())
	}
	if parts&stepBy != 0 {
		s.By = ledger.Name(r.Uint())
	}
	if parts&stepTimes != 0 {
		s.Times = r.Int()
	}
	return s
}
