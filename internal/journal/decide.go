package journal

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/store"
)

// decideSafely decides an item and turns a panic into an error.
func (b *batch) decideSafely(ctx context.Context, it *item) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicked{p, debug.Stack()}
		}
	}()
	return b.decide(ctx, it)
}

// decide decides one item: the enrolment first where the event makes a member,
// then the event itself.
func (b *batch) decide(ctx context.Context, it *item) error {
	m := b.members[it.member]
	if it.guest {
		m = &member{}
	}
	clock := b.now
	if it.Import && it.Event.At != calendar.None {
		clock = it.Event.At
	}
	e := *it.Event
	if len(it.Derived) > 0 {
		e.Data = append(slices.Clone(e.Data), it.Derived...)
		slices.SortFunc(e.Data, func(x, y event.Datum) int { return strings.Compare(x.Name, y.Name) })
	}
	personal := b.personalOf(it, it.Personal, &e, it.removals()...)
	enrolled := it.enrol && m.isNew
	if enrolled && !makesAccount(e.Type) {
		enrolment := event.Event{ID: e.ID + enrolmentSuffix, Type: event.Enrolment, At: e.At, Currency: e.Currency, Channel: e.Channel, Store: e.Store, Data: it.Facts, Filled: e.Filled}
		personal = append(personal, b.personalOf(it, it.knownBy(), &enrolment)...)
		b.entry(it, m, &enrolment, clock, engine.Inputs{})
	}
	m.isNew = false
	if it.enrol && e.Type == event.Enrolment {
		e.Data = append(slices.Clone(it.Facts), e.Data...)
		slices.SortFunc(e.Data, func(x, y event.Datum) int { return strings.Compare(x.Name, y.Name) })
	}
	it.failure = nil
	in := engine.Inputs{Claimed: it.claimed, ClaimedGuest: it.claimedGuest, Waiting: it.waiting, Codes: it.codes}
	if engine.NeedsHistory(&e) {
		in.History = b.j.Past().Before(ctx, m.ID, 0, &it.failure)
	}
	answer := b.entry(it, m, &e, clock, in)
	if it.failure != nil {
		return it.failure
	}
	if it.settle && answer == nil {
		// What was to happen came to nothing, and leaves no entry: the row alone says
		// when to look again.
		if due := b.rules.Timeline.Due(&m.state); !m.dirty && due != m.DueAt {
			m.DueAt, m.putOff = due, true
		}
		b.done = append(b.done, outcome{it, Answer{Member: it.member}})
		return nil
	}
	if !it.settle && it.at != answer.Position {
		return fmt.Errorf("the entry stands at %v, but its keys say %v", answer.Position, it.at)
	}
	b.keepPersonal(it, personal)
	answer.Enrolled, answer.Balances = enrolled, balancesOf(&m.state)
	b.done = append(b.done, outcome{it, *answer})
	return nil
}

// makesAccount tells whether the event itself begins a row: a member's, or that of
// an account that is no person's, which nobody enrols.
func makesAccount(eventType string) bool {
	return eventType == event.Enrolment || eventType == event.GiftCardIssue || eventType == event.FamilyOpen
}

// knownBy gives the side record of the identity that an event which makes a
// member names it by.
func (it *item) knownBy() []store.Personal {
	if it.Identity == (Identity{}) {
		return nil
	}
	return []store.Personal{{Kind: store.Identity, Name: it.Identity.Kind, Value: it.Identity.Value}}
}

func balancesOf(s *ledger.State) []WalletBalance {
	if len(s.Wallets) == 0 {
		return nil
	}
	out := make([]WalletBalance, len(s.Wallets))
	for i := range s.Wallets {
		out[i] = WalletBalance{s.Wallets[i].Name, s.BalanceOf(s.Wallets[i].Name)}
	}
	return out
}

// enrolmentSuffix makes the id of the enrolment that a first purchase brings.
const enrolmentSuffix = "/enrolment"

// digestPrefix begins the names of the data that stand for personal values: a
// salted digest of each, so that the chain covers what the side records say.
const digestPrefix = "digest_"

// removals gives the data that tell which personal values the item removes
// without setting others: empty digests. Without them nobody could tell a value
// that was removed from one that was lost.
func (it *item) removals() []event.Datum {
	var out []event.Datum
	for _, f := range it.Forget {
		set := slices.ContainsFunc(it.Personal, func(p store.Personal) bool { return p.Kind == f.Kind && p.Name == f.Name })
		if f.Name != "" && f.Value == "" && !set {
			out = append(out, event.Datum{Name: digestPrefix + f.Kind + "_" + f.Name, Kind: event.Text})
		}
	}
	return out
}

// personalOf gives the side records of personal values, with fresh salts, and
// adds their digests to what the event says.
func (b *batch) personalOf(it *item, values []store.Personal, e *event.Event, more ...event.Datum) []store.Personal {
	if len(values) == 0 && len(more) == 0 {
		return nil
	}
	out := slices.Clone(values)
	e.Data = append(slices.Clone(e.Data), more...)
	for i := range out {
		p := &out[i]
		p.Member, p.Recorded = it.member, b.now
		p.Salt = make([]byte, 16)
		rand.Read(p.Salt)
		e.Data = append(e.Data, event.Datum{Name: digestPrefix + p.Kind + "_" + p.Name, Kind: event.Text, Text: PersonalDigest(p)})
	}
	slices.SortStableFunc(e.Data, func(x, y event.Datum) int { return strings.Compare(x.Name, y.Name) })
	e.Data = joinDigests(e.Data)
	return out
}

// joinDigests lets several values of one name share a datum.
func joinDigests(data []event.Datum) []event.Datum {
	joined := data[:0]
	for _, d := range data {
		if n := len(joined); n > 0 && joined[n-1].Name == d.Name && strings.HasPrefix(d.Name, digestPrefix) {
			joined[n-1].Text += " " + d.Text
			continue
		}
		joined = append(joined, d)
	}
	return joined
}

// PersonalDigest gives the digest that the journal keeps of a personal value.
func PersonalDigest(p *store.Personal) string {
	h := sha256.New()
	h.Write(p.Salt)
	h.Write([]byte(p.Value))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// entry decides an event and adds its entry to what the batch writes. It gives
// nil where only time was to pass and nothing happened.
func (b *batch) entry(it *item, m *member, e *event.Event, clock calendar.Instant, in engine.Inputs) *Answer {
	d := &engine.Decision{}
	in.Clock, in.Quotas, in.Member = clock, b.quotas, it.member
	if e.ID != "" && b.rules.Timeline.Draws() {
		in.Draw = b.j.keys.draw(e.ID)
	}
	b.writer.decider.Decide(b.rules.Timeline, &m.state, e, in, d)
	if it.settle && len(d.Postings) == 0 && len(d.Grants) == 0 && len(d.Steps) == 0 {
		return nil
	}
	b.quotas.take(d)
	b.noteVouchers(it.member, e, d)
	head := b.heads[it.shard]
	head.Seq++
	entry := store.Entry{
		Position: store.Position{Shard: it.shard, Seq: head.Seq},
		Member:   it.member, Kind: KindOf(e.Type), Mask: maskOf(e, d),
		At: d.At, Recorded: b.now,
	}
	if !it.settle {
		entry.Event = b.keep(func(dst []byte) []byte { return e.Append(dst, b.rules.Scales()) })
	}
	entry.Decision = b.keep(d.Append)
	entry.Hash = Link(head.Hash, &entry)
	head.Hash = entry.Hash
	b.writes.Entries = append(b.writes.Entries, entry)
	for n := range d.Postings {
		b.writes.Postings = append(b.writes.Postings, store.PostedAt{Position: entry.Position, N: n, Posting: d.Postings[n]})
	}
	m.dirty, m.Seq = true, head.Seq
	return &Answer{Position: entry.Position, Member: it.member, Recorded: b.now, Decision: d, Event: e}
}

// keep writes bytes into the batch's memory.
func (b *batch) keep(write func([]byte) []byte) []byte {
	start := len(b.arena)
	b.arena = write(b.arena)
	return b.arena[start:len(b.arena):len(b.arena)]
}

// writeMembers adds the rows of all members that changed.
func (b *batch) writeMembers() {
	for _, m := range b.members {
		if !m.dirty {
			if m.putOff {
				b.writes.Members = append(b.writes.Members, m.Member)
			}
			continue
		}
		s := &m.state
		m.Moved = m.Status != uint8(s.Status) || m.EnrolledAt != s.EnrolledAt
		m.Status, m.EnrolledAt, m.MergedInto, m.DueAt = uint8(s.Status), s.EnrolledAt, s.MergedInto, b.rules.Timeline.Due(s)
		m.State = b.keep(s.Append)
		b.writeScores(m)
		if m.exists {
			b.writes.Members = append(b.writes.Members, m.Member)
		} else {
			b.writes.NewMembers = append(b.writes.NewMembers, m.Member)
		}
	}
}

// The bits of an entry's mask say whom it concerns.
const (
	MaskFollowUps  uint32 = 1 << iota // events for other members leave it
	MaskValue                         // value moved
	MaskRefused                       // it was refused for ever
	MaskWaits                         // an adjustment that waits for a second person
	MaskAnswered                      // a second person's answer to one
	MaskEntries                       // entries of a contest were given or taken back, or a prize's fate decided
	MaskPayout                        // it ordered money to a bank account
	MaskCommission                    // a commission, or what is left of one, reached an ambassador
)

func maskOf(e *event.Event, d *engine.Decision) uint32 {
	mask := uint32(0)
	if len(d.FollowUps) > 0 {
		mask |= MaskFollowUps
	}
	if len(d.Postings) > 0 {
		mask |= MaskValue
	}
	if d.Outcome.Refused() {
		mask |= MaskRefused
	}
	for i := range d.Steps {
		if r := d.Steps[i].Result; r == engine.Entered || r == engine.EntriesBack {
			mask |= MaskEntries
		}
	}
	switch e.Type {
	case event.ContestPrize, event.ContestClaim, event.ContestLapse:
		mask |= MaskEntries
	}
	switch {
	case d.Outcome == engine.WaitsForApproval:
		mask |= MaskWaits
	case d.Outcome == engine.Applied && (e.Type == event.Approval || e.Type == event.Rejection):
		mask |= MaskAnswered
	case d.Outcome == engine.Applied && (e.Type == event.Commission || e.Type == event.CommissionBack):
		mask |= MaskCommission
	}
	for i := range d.Steps {
		if d.Steps[i].Result == engine.PaidOut {
			mask |= MaskPayout
		}
	}
	return mask
}

// The kinds of entries, by the event's type.
const (
	KindOther uint8 = iota
	KindPurchase
	KindReturn
	KindAdjustment
	KindClaim
	KindEnrolment
	KindProfile
	KindMerge
	KindAbsorb
	KindAbsorbed
	KindSettle
	KindPublish
	KindRedemption
	KindConfirmation
	KindCancellation
	KindRefund
	KindFulfilment
	KindCheckout
	KindGiftCardIssue
	KindGiftCardPayment
	KindApproval
	KindRejection
	KindReferral
	KindReferralBack
	KindCommission
	KindCommissionBack
)

var kinds = map[string]uint8{
	event.Purchase: KindPurchase, event.Return: KindReturn, event.Adjustment: KindAdjustment,
	event.Claim: KindClaim, event.Enrolment: KindEnrolment, event.Profile: KindProfile,
	event.Merge: KindMerge, event.Absorb: KindAbsorb, event.Absorbed: KindAbsorbed,
	event.Settle: KindSettle, event.Publish: KindPublish,
	event.Redemption: KindRedemption, event.Confirmation: KindConfirmation, event.Cancellation: KindCancellation,
	event.Refund: KindRefund, event.Fulfilment: KindFulfilment, event.Checkout: KindCheckout,
	event.GiftCardIssue: KindGiftCardIssue, event.GiftCardPayment: KindGiftCardPayment,
	event.Approval: KindApproval, event.Rejection: KindRejection,
	event.Referral: KindReferral, event.ReferralBack: KindReferralBack,
	event.Commission: KindCommission, event.CommissionBack: KindCommissionBack,
}

// KindOf gives the entry's kind of an event type; KindOther for those that
// programs declare.
func KindOf(eventType string) uint8 { return kinds[eventType] }

var settleEvent = &event.Event{Type: event.Settle}

// Link gives the hash of an entry: SHA-256 over the hash of the one before it in
// its shard, its place and times, and its bytes.
func Link(previous [32]byte, e *store.Entry) [32]byte {
	w := ledger.Writer{Bytes: make([]byte, 0, 96+len(e.Event)+len(e.Decision))}
	w.Bytes = append(w.Bytes, previous[:]...)
	w.Uint(uint64(uint32(e.Shard)))
	w.Uint(uint64(e.Seq))
	w.Uint(uint64(e.Member))
	w.Uint(uint64(e.Kind))
	w.Uint(uint64(e.Mask))
	w.Instant(e.At)
	w.Instant(e.Recorded)
	w.Text(string(e.Event))
	w.Text(string(e.Decision))
	return sha256.Sum256(w.Bytes)
}
