package journal

import (
	"context"
	"errors"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/store"
)

// Request is an event that is to be decided. The event must have passed its
// checks and have an id; the journal keeps neither the event's Member text nor
// any other personal data.
type Request struct {
	Event *event.Event
	// Member is the member whose event it is; 0 if only an identity is known.
	Member ledger.MemberID
	// Identity is how the event names the member; its zero value names nobody.
	Identity Identity
	// Unknown is the policy for an identity that nobody has.
	Unknown engine.UnknownPolicy
	// Bind are further identities that become the member's.
	Bind []Identity
	// Derived are data that only we can know, such as that two people are one: they
	// are kept with the event, and no part of what makes it the same request.
	Derived []event.Datum
	// Facts of a member who is enrolled by this event.
	Facts []event.Datum
	// Personal are personal values that the event sets, and Forget those that it
	// removes; the journal gives them salts. Their Member is filled in.
	Personal []store.Personal
	Forget   []store.PersonalKey
	// Unbind are identities that stop being anybody's: all of a member who is erased, or
	// one that a member gives up, with Stay and its personal value in Forget.
	Unbind []Identity
	// Stay refuses the event with ErrMergeInProgress where its member was merged,
	// instead of following them.
	Stay bool
	// Unchanged refuses the event with ErrMemberMoved where the member's last entry is not
	// of this number: something came since whoever sends it looked. 0 asks for nothing.
	Unchanged int64
	// Import decides at the event's own time instead of at its arrival.
	Import bool
	// Audit is kept in the audit trail with the decision; nil keeps nothing. Its target
	// and details become the member's and the event's.
	Audit *store.Audit
	// Unbound tells that [Journal.FindAll] has just found nobody with the identity,
	// which spares looking again before somebody is enrolled. Where another server
	// was faster the event still comes to the member whom that one made.
	Unbound bool
}

// Answer is what became of a request.
type Answer struct {
	store.Position
	// Member decided; 0 for a guest.
	Member   ledger.MemberID
	Recorded calendar.Instant
	Decision *engine.Decision
	// Event is the event that was decided, as the journal keeps it.
	Event *event.Event
	// Repeated tells that the event was decided before, and that this is the
	// stored answer.
	Repeated bool
	// Enrolled tells that the event made the member; not said of a repetition.
	Enrolled bool
	// Balances are the member's wallets after the decision, settled to its clock;
	// nil where the answer was read from the journal.
	Balances []WalletBalance
}

// WalletBalance is what a wallet holds, by the number of its name.
type WalletBalance struct {
	Wallet ledger.Name
	ledger.Balance
}

// Ticket is a request on its way.
type Ticket struct {
	done   chan struct{}
	answer Answer
	err    error
}

// Wait gives the answer when it is there. If ctx ends first the event may still
// be decided; sending it again with the same id tells.
func (t *Ticket) Wait(ctx context.Context) (Answer, error) {
	select {
	case <-t.done:
		return t.answer, t.err
	default:
	}
	select {
	case <-t.done:
		return t.answer, t.err
	case <-ctx.Done():
		return Answer{}, ctx.Err()
	}
}

// Append decides the event and gives the decision once it is durable.
func (j *Journal) Append(ctx context.Context, r Request) (Answer, error) {
	t, err := j.Submit(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	return t.Wait(ctx)
}

// item is a request in a writer's queue.
type item struct {
	Request
	ticket   *Ticket
	answered bool

	member ledger.MemberID
	enrol  bool // the member is made by this event
	guest  bool
	shard  store.Shard
	// held is the key of the identity whose number is set aside.
	held   store.Key
	isHeld bool
	hops   int
	// lookedAgain tells that its identity named somebody erased before.
	lookedAgain bool

	eventKey store.Key
	digest   store.Digest
	at       store.Position // where its entry is to stand
	settle   bool
	// claimed is the guest's purchase that a claim is about.
	claimed      *event.Event
	claimedGuest bool
	// codes is what is known of the event's codes.
	codes []engine.Code
	// waits tells that a return's purchase is not known yet, and failure what went
	// wrong while reading the member's history.
	waits   bool
	failure error
	// ahead is the place, from 1, of a return of a guest's purchase among those
	// that wait for its claim; 0 if it is none.
	ahead int
	// waiting are returns that came before this purchase or claim, and awaited
	// the key under which one waits on if the purchase is a guest's.
	waiting [][]byte
	awaited *store.Binding
	// again tells that the purchase's order number is bound to one that was refused.
	again bool
}

// maxHops bounds how often an event follows a member who was merged, and
// hopsInPlace how often it keeps its place among the others then.
const (
	maxHops     = 16
	hopsInPlace = 4
)

// Submit puts the event into its writer's queue. Requests of one goroutine are
// decided in the order of their Submit calls where one writer owns all shards,
// also those that follow a member who was merged.
func (j *Journal) Submit(ctx context.Context, r Request) (*Ticket, error) {
	if j.closed.Load() {
		return nil, ErrClosed
	}
	rules := j.Rules()
	if rules.Newest == 0 {
		return nil, ErrNoProgram
	}
	it := &item{Request: r, ticket: &Ticket{done: make(chan struct{})}}
	it.eventKey = j.keys.event(r.Event.ID)
	it.digest = j.keys.digest(&r, rules.Scales())
	if err := j.resolve(ctx, it); err != nil {
		return nil, err
	}
	if err := j.enqueue(it); err != nil {
		j.letGo(it)
		return nil, err
	}
	return it.ticket, nil
}

// resolve finds the member whose event it is, or sets a number aside for a new
// one.
func (j *Journal) resolve(ctx context.Context, it *item) error {
	it.member, it.enrol = it.Member, it.Event.Type == event.FamilyOpen
	if it.Event.Type == event.GiftCardIssue {
		it.member, it.enrol = j.keys.account(it.Event.ID), true
	}
	if it.member == 0 && it.Identity != (Identity{}) && !(it.Unbound && it.Unknown == engine.EnrolUnknown) {
		m, err := j.Find(ctx, it.Identity)
		if err != nil && !errors.Is(err, ErrUnknownMember) {
			return err
		}
		it.member = m
	}
	if it.byReceipt() {
		m, err := j.resolveByReceipt(ctx, it.Event.Order)
		if err != nil {
			return err
		}
		it.member = m
		if m == 0 {
			it.Unknown = engine.GuestUnknown
		}
	}
	if it.member == 0 && it.Identity == (Identity{}) && it.about() != "" {
		m, err := j.resolveByEarlier(ctx, it.Event)
		if err != nil {
			return err
		}
		it.member = m
	}
	if it.member == 0 {
		return j.resolveUnknown(it)
	}
	it.shard = j.store.ShardOf(it.member)
	return nil
}

func (j *Journal) resolveUnknown(it *item) error {
	if it.Event.Type == event.Return && it.Unknown == engine.EnrolUnknown {
		// Nobody joins by bringing goods back.
		it.Unknown = engine.GuestUnknown
	}
	switch {
	case it.Unknown == engine.EnrolUnknown && it.Identity == (Identity{}):
		it.member, it.enrol = freshMember(), true
	case it.Unknown == engine.EnrolUnknown:
		it.held = j.keys.identity(it.Identity)
		it.member, it.isHeld = j.known.take(it.held)
		it.enrol = it.isHeld
	case it.Unknown == engine.GuestUnknown:
		it.guest = true
		it.shard = j.store.ShardOfKey(it.eventKey)
		return nil
	default:
		return ErrUnknownMember
	}
	it.shard = j.store.ShardOf(it.member)
	return nil
}

// letGo gives back what resolving held.
func (j *Journal) letGo(it *item) {
	if it.isHeld {
		j.known.release(it.held)
		it.isHeld = false
	}
}

// enqueue hands an item to the writer of its shard.
func (j *Journal) enqueue(it *item) error {
	return j.writerOf(it.shard).add(it)
}

// finish answers an item's ticket.
func (j *Journal) finish(it *item, a Answer, err error) {
	j.letGo(it)
	it.answered = true
	it.ticket.answer, it.ticket.err = a, err
	close(it.ticket.done)
}

// Scales gives the decimals of amounts in stored events: those of the newest
// program, which no later version may change.
func (r *Rules) Scales() event.Scales {
	p := r.Timeline.Version(r.Newest)
	return ScalesOf(p)
}

// ScalesOf gives the decimals of amounts under a program.
func ScalesOf(p *engine.Program) event.Scales { return p.Scales() }
