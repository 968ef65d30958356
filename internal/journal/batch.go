package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/store"
)

// errSmaller tells that items left the batch after something was written: it is
// rolled back and done again without them.
var errSmaller = errors.New("the batch became smaller")

// batch is one transaction's worth of items.
type batch struct {
	writer *writer
	j      *Journal
	items  []*item
	// left are items that must wait for the next batch, in their order, for what
	// one before them comes to.
	left []*item

	tx      *store.Batch
	rules   *Rules
	now     calendar.Instant
	members map[ledger.MemberID]*member
	heads   map[store.Shard]*store.Head
	quotas  *quotas
	writes  store.Writes
	done    []outcome
	arena   []byte
	// redirect are items whose member is another one now, and erased those whose
	// member was erased.
	redirect, erased []*item
	// unbound are the keys of identities that stop being anybody's.
	unbound []store.Key
	// moved tells that an item was given to another member after the rows of the
	// members were read.
	moved bool
	// issued are vouchers of the decisions so far, and whose they are.
	issued []issued
	// repeated are items that were decided before, with the places.
	repeated []repetition
}

// member is a member's row while a batch works on it.
type member struct {
	store.Member
	state  ledger.State
	isNew  bool
	exists bool
	dirty  bool
	// putOff tells that only the moment at which something falls due is another.
	putOff bool
	// scores are what counted on leaderboards before the batch.
	scores []ledger.Score
}

type outcome struct {
	item   *item
	answer Answer
}

type repetition struct {
	item *item
	at   store.Binding
}

// orderKey gives the key that the item binds for its order; zero if none.
func (b *batch) orderKey(it *item) store.Key {
	if it.Event.Order == "" {
		return store.Key{}
	}
	switch it.Event.Type {
	case event.Purchase:
		return b.j.keys.order(it.Event.Order)
	case event.Return:
		switch {
		case it.waits:
			return b.j.keys.order(it.Event.Order)
		case it.ahead > 0:
			return b.j.keys.returned(it.Event.Order, it.ahead)
		}
	case event.Claim:
		return b.j.keys.claim(it.Event.Order)
	}
	return store.Key{}
}

// rest gives the items that are still to be done, in their order.
func (b *batch) rest() []*item {
	rest := make([]*item, 0, len(b.items)+len(b.left))
	for _, it := range b.items {
		if !it.answered {
			rest = append(rest, it)
		}
	}
	return append(rest, b.left...)
}

// run does the batch in one transaction.
func (b *batch) run(ctx context.Context) error {
	if len(b.items) == 0 {
		return nil
	}
	shards := make([]store.Shard, 0, len(b.items))
	for _, it := range b.items {
		shards = append(shards, it.shard)
	}
	err := b.j.store.Batch(ctx, shards, func(tx *store.Batch) (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = &panicked{p, debug.Stack()}
			}
		}()
		b.tx = tx
		return b.inside(ctx)
	})
	b.leave(ctx)
	return err
}

// panicked is a panic between lock and commit, of which nothing was kept.
type panicked struct {
	value any
	stack []byte
}

// Error says what and where.
func (p *panicked) Error() string { return fmt.Sprintf("panic: %v\n%s", p.value, p.stack) }

// inside does the batch's work between lock and commit.
func (b *batch) inside(ctx context.Context) error {
	b.heads = make(map[store.Shard]*store.Head, 4)
	for _, h := range b.tx.Heads() {
		b.heads[h.Shard] = &h
	}
	var err error
	if b.rules, err = b.j.rulesFor(ctx, b.tx.ProgramVersion()); err != nil {
		return err
	}
	b.now = b.j.Now()
	if err := b.loadMembers(ctx); err != nil {
		return err
	}
	b.split()
	if err := b.loadClaims(ctx); err != nil {
		return err
	}
	if err := b.loadReturns(ctx); err != nil {
		return err
	}
	if err := b.loadEarlier(ctx); err != nil {
		return err
	}
	if len(b.items) == 0 {
		return nil
	}
	if err := b.loadCodes(ctx); err != nil {
		return err
	}
	if err := b.bind(ctx); err != nil {
		return err
	}
	b.quotas = newQuotas(func(q ledger.Quota) (int64, error) { return b.tx.Used(ctx, q) })
	for i, it := range b.items {
		err := b.decideSafely(ctx, it)
		if b.quotas.failure != nil {
			return b.quotas.failure
		}
		if err != nil {
			if it.failure != nil {
				return it.failure
			}
			b.j.log.Error("an event made the engine fail", "event", it.Event.ID, "error", err)
			b.items = slices.Delete(slices.Clone(b.items), i, i+1)
			b.j.finish(it, Answer{}, fmt.Errorf("%w (%s)", ErrInternal, it.Event.ID))
			return errSmaller
		}
	}
	if err := b.unbind(ctx); err != nil {
		return err
	}
	b.writeMembers()
	if err := b.writeVouchers(ctx); err != nil {
		return err
	}
	b.writes.Quotas = b.quotas.uses()
	if err := b.tx.Write(ctx, &b.writes); err != nil {
		return err
	}
	return b.tx.Audit(ctx, b.audits()...)
}

// audits gives what the audit trail keeps of the batch's decisions.
func (b *batch) audits() []store.Audit {
	var rows []store.Audit
	for i := range b.done {
		it, answer := b.done[i].item, &b.done[i].answer
		if it.Audit == nil {
			continue
		}
		row := *it.Audit
		row.Target = it.Event.ID
		if answer.Member != 0 {
			row.Target = answer.Member.String()
		}
		// Texts always have a JSON form.
		src, _ := json.Marshal(struct {
			Event   string `json:"event"`
			Outcome string `json:"outcome"`
		}{it.Event.ID, answer.Decision.Outcome.String()})
		row.Details = string(src)
		rows = append(rows, row)
	}
	return rows
}

// drop takes an item out of the batch with an error; nothing was written of it.
func (b *batch) drop(it *item, err error) { b.j.finish(it, Answer{}, err) }

// loadMembers reads the rows of all members and sends away the items whose
// member can't decide. An item that follows its member to another one keeps its
// place; where the other's shard is not locked yet, the batch is done again.
func (b *batch) loadMembers(ctx context.Context) error {
	b.members = make(map[ledger.MemberID]*member, len(b.items))
	for again := true; again; {
		again = false
		if err := b.readMembers(ctx); err != nil {
			return err
		}
		kept := make([]*item, 0, len(b.items))
		for _, it := range b.items {
			before := it.member
			if b.admit(it) {
				kept = append(kept, it)
				again = again || it.member != before
			}
		}
		b.items = kept
	}
	for _, it := range b.items {
		if b.heads[it.shard] == nil {
			return errSmaller
		}
	}
	return nil
}

// split leaves for the next batch what stands behind the first return of a
// member with an item before it, also one that has just followed its member
// there: a return reads its member's history, which must be written. So does what
// takes back the reward for a friend.
func (b *batch) split() {
	busy := make(map[ledger.MemberID]bool, len(b.items))
	for i, it := range b.items {
		if it.Event != nil && readsPast(it.Event.Type) && it.member != 0 && busy[it.member] {
			b.items, b.left = b.items[:i:i], append(slices.Clone(b.items[i:]), b.left...)
			return
		}
		busy[it.member] = true
	}
}

// readsPast tells whether events of the type are decided by what was decided
// before, always.
func readsPast(eventType string) bool {
	switch eventType {
	case event.Return, event.FamilyReturn, event.ReferralBack, event.CommissionBack, event.ContestPrize, event.ContestClaim, event.ContestLapse:
		return true
	}
	return false
}

// readMembers reads the rows that were not read yet.
func (b *batch) readMembers(ctx context.Context) error {
	ids := make([]ledger.MemberID, 0, len(b.items))
	for _, it := range b.items {
		if it.member != 0 && b.members[it.member] == nil {
			ids = append(ids, it.member)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	rows, err := b.tx.Members(ctx, ids)
	if err != nil {
		return err
	}
	for i := range rows {
		m := &member{Member: rows[i], exists: true}
		if err := ledger.DecodeState(rows[i].State, &m.state); err != nil {
			return fmt.Errorf("member %d: %w", rows[i].ID, err)
		}
		m.scores = slices.Clone(m.state.Scores)
		b.members[m.ID] = m
	}
	return nil
}

// admit tells whether the item's member can decide it here.
func (b *batch) admit(it *item) bool {
	if it.guest {
		return true
	}
	m := b.members[it.member]
	switch {
	case m == nil && it.enrol:
		b.members[it.member] = &member{Member: store.Member{ID: it.member}, isNew: true}
	case m == nil:
		b.drop(it, ErrUnknownMember)
		return false
	case m.state.Status == ledger.Erased && !it.settle && !answersWhenErased(it):
		b.erased = append(b.erased, it)
		return false
	case it.Unchanged != 0 && m.Seq != it.Unchanged:
		b.drop(it, ErrMemberMoved)
		return false
	case m.state.Status.Account() && it.Event.Type == event.Merge:
		b.drop(it, ErrUnknownMember)
		return false
	case m.state.Status == ledger.Merged && it.Stay:
		b.drop(it, ErrMergeInProgress)
		return false
	case m.state.Status == ledger.Merged && follows(it):
		return b.follow(it, m.state.MergedInto)
	}
	return true
}

// follow gives the item to another member, and tells whether it keeps its place
// in the batch. It does if this writer owns that member's shard, unless it goes
// in a circle, for which the writer must come to the events that end it.
func (b *batch) follow(it *item, to ledger.MemberID) (stays bool) {
	b.j.letGo(it)
	it.member, it.shard, it.enrol = to, b.j.store.ShardOf(to), false
	it.hops++
	if it.hops <= hopsInPlace && b.j.writerOf(it.shard) == b.writer {
		return true
	}
	b.redirect = append(b.redirect, it)
	return false
}

// answersWhenErased tells whether an erased member decides all the same: what
// another member gave is refused in their name, so that it goes back, and what
// they gave themselves comes back as nobody's. What friends reached is refused, and what
// tickets won gives way.
func answersWhenErased(it *item) bool {
	switch it.Event.Type {
	case event.TransferIn, event.TransferBack, event.GiftCardAnswer, event.FamilyWord, event.FamilyReturn, event.Referral, event.ReferralBack, event.Commission, event.CommissionBack,
		event.ContestPrize, event.ContestLapse:
		return true
	}
	return false
}

// follows tells whether the event belongs to the member into whom its member
// was merged; the steps of merges themselves do not.
func follows(it *item) bool {
	switch it.Event.Type {
	case event.Merge, event.Absorb, event.Absorbed, event.Settle:
		return false
	}
	return true
}

// leave sends items away whose member is another one, and answers those that
// were decided before.
func (b *batch) leave(ctx context.Context) {
	for _, it := range b.erased {
		if err := b.lookAgain(ctx, it); err != nil {
			b.drop(it, err)
			continue
		}
		b.redirect = append(b.redirect, it)
	}
	for _, it := range b.redirect {
		err := ErrMergeInProgress
		if it.hops <= maxHops {
			err = b.j.enqueue(it)
		}
		if err != nil {
			b.drop(it, err)
		}
	}
	b.erased, b.redirect = nil, nil
	if len(b.repeated) > 0 {
		b.repeat(ctx)
	}
}

// lookAgain asks whose the identity is by now that named a member who is erased.
func (b *batch) lookAgain(ctx context.Context, it *item) error {
	if it.Member != 0 || it.Identity == (Identity{}) || it.lookedAgain {
		return ErrMemberErased
	}
	it.lookedAgain = true
	b.j.letGo(it)
	b.j.known.forget(b.j.keys.identity(it.Identity))
	it.hops++
	it.enrol, it.Unbound = false, false
	return b.j.resolve(ctx, it)
}

// answer gives the items their decisions; the batch is durable. Who was enrolled
// is remembered first, so that no event meets neither the number that was set
// aside nor the member.
func (b *batch) answer() {
	for _, it := range b.items {
		if it.isHeld {
			b.j.known.bind(it.held, it.member)
		}
	}
	for _, key := range b.unbound {
		b.j.known.forget(key)
	}
	for i := range b.done {
		b.j.finish(b.done[i].item, b.done[i].answer, nil)
	}
	if len(b.done) > 0 {
		b.j.signal.send()
	}
}
