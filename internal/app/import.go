package app

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/text"
	"premia/internal/journal"
)

// ImportCounts are what became of the events of an import.
type ImportCounts struct {
	// Decided are the events that were decided now, Repeated those that had been
	// decided before, and Refused those of which the journal kept nothing.
	Decided  int64 `json:"new_events"`
	Repeated int64 `json:"repeated_events"`
	Refused  int64 `json:"refused_events"`
	// Purchases and Returns are those of members, and Guests the events recorded
	// without a member; repeated ones are among them.
	Purchases int64 `json:"purchases"`
	Returns   int64 `json:"returns"`
	Guests    int64 `json:"events_without_member"`
	// UnknownBuyers are the people whose events were recorded without a member,
	// because nothing of theirs enrolled them.
	UnknownBuyers int64 `json:"unknown_buyers"`
	// Enrolled are the members that the import made.
	Enrolled int64 `json:"members_enrolled"`
	// Declined are the events that the rules refused for ever, such as claims
	// that came too late; they are in the journal with that answer.
	Declined int64 `json:"declined_events"`
}

// The bounds of what an importer has on its way, events and their items, and how
// many events it sends together.
const (
	importEvents   = 2_000
	importItems    = 100_000
	importTogether = 250
)

// Importer decides the events of files in the order in which they are added, at
// their own times. Many are on their way at once; the answers are taken in
// order, so that the same files always bring the same outcome. An importer is
// used by one goroutine, on a workspace opened with [Config.OneWriter].
type Importer struct {
	app    *App
	counts ImportCounts
	// next are the events to be sent next, together.
	next []importing
	// onTheWay are the events without an answer yet, the oldest first.
	onTheWay []importing
	items    int
	// enrolling tells how many events on the way may enrol a person.
	enrolling map[journal.Identity]int
	// strangers are the people whose events were recorded without a member.
	strangers map[journal.Identity]struct{}
}

// importing is an event on its way.
type importing struct {
	request journal.Request
	enrols  bool // it may enrol its person
	ticket  *journal.Ticket
	refuse  func(reason string) error
}

// ErrOtherProgram says that a workspace is governed by another program than the
// one that an import came with.
var ErrOtherProgram = errors.New("the workspace has another program")

// AdoptProgram makes a document the program of a workspace that has none; it
// then governs all that happened before, too. Where a program is live already it
// must be this very document, or the error is [ErrOtherProgram]. It gives the
// live version.
func (a *App) AdoptProgram(ctx context.Context, src []byte) (version uint32, published bool, err error) {
	rules := a.Journal.Rules()
	if rules.Newest == 0 {
		p, err := a.Publish(ctx, src, calendar.None, "published by an import")
		return p.Version, err == nil && !p.Unchanged, err
	}
	programs, err := a.Store.Programs(ctx)
	if err != nil {
		return 0, false, err
	}
	live, sum := rules.Timeline.At(a.Journal.Now()).Version, sha256.Sum256(src)
	for i := range programs {
		if p := &programs[i]; uint32(p.Version) == live && slices.Equal(p.Digest, sum[:]) {
			return live, false, nil
		}
	}
	return 0, false, fmt.Errorf("%w (version %d is live): leave the program out to import under it, or publish yours first, with premia program publish or POST /v1/programs", ErrOtherProgram, live)
}

// NewImporter begins an import.
func (a *App) NewImporter() *Importer {
	return &Importer{app: a, enrolling: map[journal.Identity]int{}, strangers: map[journal.Identity]struct{}{}}
}

// Add sends an event on its way. refuse hears the reason if nothing is kept of
// it, then or in a later call. An error ends the import: the database does not
// answer, refuse failed, or ctx ended.
func (i *Importer) Add(ctx context.Context, e *event.Event, refuse func(reason string) error) error {
	one := importing{refuse: refuse}
	var err error
	if one.request, err = i.request(e); err != nil {
		i.counts.Refused++
		return refuse(err.Error())
	}
	if err := i.app.clicked(ctx, &one.request); err != nil {
		var p *Problem
		if !errors.As(err, &p) {
			return err
		}
		i.counts.Refused++
		return refuse(p.Error())
	}
	one.enrols = one.request.Unknown == engine.EnrolUnknown && one.request.Identity != (journal.Identity{})
	i.next = append(i.next, one)
	if len(i.next) < importTogether {
		return nil
	}
	return i.send(ctx)
}

// send sends the events that were added, after it has looked up all their people
// at once.
func (i *Importer) send(ctx context.Context) error {
	ids := make([]journal.Identity, 0, len(i.next))
	for n := range i.next {
		if id := i.next[n].request.Identity; id != (journal.Identity{}) {
			ids = append(ids, id)
		}
	}
	unbound, err := i.app.Journal.FindAll(ctx, ids)
	if err != nil {
		return err
	}
	for n := range i.next {
		one := &i.next[n]
		one.request.Unbound = unbound[one.request.Identity]
		if err := i.submit(ctx, one); err != nil {
			return err
		}
	}
	clear(i.next)
	i.next = i.next[:0]
	return nil
}

func (i *Importer) submit(ctx context.Context, one *importing) (err error) {
	if err := i.makeRoom(ctx, one); err != nil {
		return err
	}
	one.ticket, err = i.app.Journal.Submit(ctx, one.request)
	for errors.Is(err, journal.ErrBusy) && len(i.onTheWay) > 0 {
		if err := i.takeOldest(ctx); err != nil {
			return err
		}
		one.ticket, err = i.app.Journal.Submit(ctx, one.request)
	}
	if err != nil {
		return i.refused(one, err)
	}
	i.onTheWay = append(i.onTheWay, *one)
	i.items += len(one.request.Event.Items)
	if one.enrols {
		i.enrolling[one.request.Identity]++
	}
	return nil
}

// Finish waits for the answers that are still due and gives the counts. After an
// error the counts are those so far.
func (i *Importer) Finish(ctx context.Context) (ImportCounts, error) {
	if err := i.send(ctx); err != nil {
		return i.counts, err
	}
	for len(i.onTheWay) > 0 {
		if err := i.takeOldest(ctx); err != nil {
			return i.counts, err
		}
	}
	i.counts.UnknownBuyers = int64(len(i.strangers))
	if i.counts.Decided == 0 {
		return i.counts, nil
	}
	return i.counts, i.app.Store.Analyze(ctx)
}

// makeRoom takes answers until the event may be sent: what is on the way is
// bounded, and an event that can't enrol anybody must not overtake the one that
// enrols its person.
func (i *Importer) makeRoom(ctx context.Context, one *importing) error {
	for len(i.onTheWay) > 0 {
		full := len(i.onTheWay) >= importEvents || i.items+len(one.request.Event.Items) > importItems
		if !full && !i.overtakes(one) {
			return nil
		}
		if err := i.takeOldest(ctx); err != nil {
			return err
		}
	}
	return nil
}

// overtakes tells whether the event can't enrol its person and one on the way
// may do so.
func (i *Importer) overtakes(one *importing) bool {
	return !one.enrols && i.enrolling[one.request.Identity] > 0 && !i.app.Journal.Remembers(one.request.Identity)
}

// takeOldest waits for the oldest answer and counts it.
func (i *Importer) takeOldest(ctx context.Context) error {
	one := i.onTheWay[0]
	answer, err := one.ticket.Wait(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	i.onTheWay = i.onTheWay[1:]
	i.items -= len(one.request.Event.Items)
	if one.enrols {
		if i.enrolling[one.request.Identity]--; i.enrolling[one.request.Identity] == 0 {
			delete(i.enrolling, one.request.Identity)
		}
	}
	if err != nil {
		return i.refused(&one, err)
	}
	i.count(&one, &answer)
	return nil
}

func (i *Importer) count(one *importing, answer *journal.Answer) {
	i.counts.Decided++
	if answer.Repeated {
		i.counts.Decided--
		i.counts.Repeated++
	}
	if answer.Enrolled {
		i.counts.Enrolled++
	}
	if answer.Decision.Outcome.Refused() {
		i.counts.Declined++
	}
	if answer.Member == 0 {
		i.counts.Guests++
		if one.request.Identity != (journal.Identity{}) {
			i.strangers[one.request.Identity] = struct{}{}
		}
		return
	}
	delete(i.strangers, one.request.Identity)
	switch one.request.Event.Type {
	case event.Purchase:
		i.counts.Purchases++
	case event.Return:
		i.counts.Returns++
	}
}

// refused hands on why the journal kept nothing of an event; any other error
// ends the import.
func (i *Importer) refused(one *importing, err error) error {
	var why *Problem
	switch {
	case errors.Is(err, journal.ErrInternal):
		why = AsProblem(err)
		why.Detail = text.Of(journal.ErrInternal)
	case errors.Is(err, journal.ErrNoProgram) || !errors.As(refused(err, one.request.Event), &why):
		return fmt.Errorf("event %s: %w", one.request.Event.ID, err)
	}
	i.counts.Refused++
	return one.refuse(why.Error())
}

// request makes the journal's request of an event.
func (i *Importer) request(e *event.Event) (journal.Request, error) {
	now := i.app.Journal.Now()
	switch {
	case e.At == calendar.None:
		return journal.Request{}, problem(event.CodeMissing, "time", "the event has no time, which an import needs")
	case e.At > now+futureTolerance:
		return journal.Request{}, problem(CodeInFuture, "time", text.Say("the time {At} is in the future: it is {Now} now", e.At, now), "Time", e.At.String())
	}
	r := journal.Request{Event: e, Unknown: unknownInImport(i.app.Journal.Rules().Timeline.At(e.At), e), Import: true}
	if e.Member == "" && r.Unknown == engine.RefuseUnknown {
		return r, unknownMember("member", "")
	}
	var err error
	r.Member, r.Identity, err = i.app.Who(e.Member)
	return r, err
}

// unknownInImport gives the policy for an event whose member nobody knows. Where
// buyers are enrolled, a return enrols nobody, but it is a part of the history:
// it is its order's buyer's or, if that is nobody, recorded without a member.
func unknownInImport(p *engine.Program, e *event.Event) engine.UnknownPolicy {
	receipt := e.Member == "" && e.Order != ""
	if e.Type == event.Return && (receipt || e.Member != "" && p.Enrolment.Unknown == engine.EnrolUnknown) {
		return engine.GuestUnknown
	}
	return unknown(p, e)
}
