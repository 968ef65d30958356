package app

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"unicode/utf8"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/ambassador"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// CodeUnknownLink says that a link is no ambassador's.
const CodeUnknownLink = "unknown_link"

// maxSub is the most characters of an ambassador's own mark.
const maxSub = 64

// FollowLink records a click on the link with the code, with the ambassador's own
// marks, and gives where it leads: always to the program's target. Nothing is known
// here of who clicked. Where the member is no ambassador, or too many clicks come, it
// leads there all the same, and none is recorded. The error is a *Problem for a code
// that is nobody's, or without ambassadors in the program.
func (a *App) FollowLink(ctx context.Context, code string, subs []string) (to string, err error) {
	p := a.program()
	links, on := ambassador.LinksOf(p)
	by, ok := a.Journal.ReferredBy(code)
	if !on || !ok {
		return "", unknownLink(code)
	}
	state, id, err := a.referrerNow(ctx, by)
	switch {
	case errors.Is(err, journal.ErrUnknownMember):
		return "", unknownLink(code)
	case err != nil && !errors.Is(err, journal.ErrMergeInProgress):
		return "", err
	}
	now := a.Journal.Now()
	c := ledger.Click{By: id, At: now, Subs: marks(subs)}
	if err == nil && state.Status == ledger.Active && (links.Anybody || state.Ambassador.At(now)) {
		c.ID = newClick()
		kept, err := a.Store.AddClick(ctx, &c, links.Oldest(now))
		if err != nil {
			return "", err
		}
		if !kept {
			c.ID = 0
		}
	}
	return links.Target(c.ID, a.Journal.ReferralCode(by)), nil
}

func unknownLink(code string) *Problem {
	return problem(CodeUnknownLink, "code", text.Say("no ambassador has a link with the code {Code}", strconv.Quote(code)), "Link", text.Quoted(code))
}

// newClick makes a click's number, which nobody can guess.
func newClick() ledger.ClickID {
	var b [8]byte
	for {
		if _, err := rand.Read(b[:]); err != nil {
			panic("app: the machine gives no random numbers: " + err.Error())
		}
		if id := binary.BigEndian.Uint64(b[:]) >> 1; id != 0 {
			return ledger.ClickID(id)
		}
	}
}

// marks gives an ambassador's own marks as they are kept: what is too long or no
// text is left out.
func marks(subs []string) []string {
	out := slices.Clone(subs[:min(len(subs), ledger.MaxSubs)])
	for i, sub := range out {
		if utf8.RuneCountInString(sub) > maxSub || event.CheckText("sub", sub, maxSub) != nil {
			out[i] = ""
		}
	}
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}

// clicked adds to a purchase or an enrolment that names a click what is known of it,
// and whether buyer and ambassador are one person. A click that is not known any more
// is no reason to refuse a purchase.
func (a *App) clicked(ctx context.Context, r *journal.Request) error {
	e := r.Event
	if e.Click == "" {
		return nil
	}
	if e.Type != event.Purchase && e.Type != event.Enrolment {
		return problem(event.CodeNotAllowed, "click", "only a purchase or an enrolment comes by a click; leave the key out")
	}
	if _, on := ambassador.LinksOf(a.program()); !on {
		return nil
	}
	c, not, err := a.clickNow(ctx, e.Click)
	if err == nil && c != nil && not == "" {
		not, err = a.sameBuyer(ctx, c.By, r)
	}
	if err != nil {
		return err
	}
	r.Derived = append(r.Derived, ambassador.DataOf(c, not)...)
	return nil
}

// clickNow reads a click, with the member who answers for the link now; or says why it
// does not count.
func (a *App) clickNow(ctx context.Context, written string) (c *ledger.Click, not string, err error) {
	id, err := ledger.ParseClick(written)
	if err == nil {
		c, err = a.Store.Click(ctx, id)
	} else {
		err = store.ErrNotFound
	}
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, ambassador.UnknownClick, nil
	case err != nil:
		return nil, "", err
	}
	state, to, err := a.referrerNow(ctx, c.By)
	switch {
	case errors.Is(err, journal.ErrUnknownMember), errors.Is(err, journal.ErrMergeInProgress):
		return c, "", nil // the follow-up finds whoever answers then
	case err != nil:
		return nil, "", err
	case state.Status == ledger.Erased:
		return nil, ambassador.Gone, nil
	}
	c.By = to
	return c, "", nil
}

// sameBuyer tells by what the buyer of a request and the ambassador are one person;
// empty if by nothing that is known.
func (a *App) sameBuyer(ctx context.Context, by ledger.MemberID, r *journal.Request) (string, error) {
	theirs, err := a.Store.PersonalOf(ctx, by)
	if err != nil {
		return "", err
	}
	said := slices.Clone(r.Personal)
	if r.Identity != (journal.Identity{}) {
		said = append(said, store.Personal{Kind: store.Identity, Name: r.Identity.Kind, Value: r.Identity.Value})
	}
	buyer := r.Member
	if buyer == 0 && r.Identity != (journal.Identity{}) {
		buyer, err = a.Journal.FindCurrent(ctx, r.Identity)
		if err != nil && !errors.Is(err, journal.ErrUnknownMember) && !errors.Is(err, journal.ErrMergeInProgress) {
			return "", err
		}
	}
	if buyer == by {
		return ambassador.SameMember, nil
	}
	var known []store.Personal
	if buyer != 0 {
		if known, err = a.Store.PersonalOf(ctx, buyer); err != nil {
			return "", err
		}
	}
	if same := personOf(known, said).same(personOf(theirs)); same != "" {
		return ambassador.SamePrefix + same, nil
	}
	return "", nil
}

// Ambassador is whether a member is an ambassador, and by which link they advertise.
type Ambassador struct {
	Member ledger.MemberID
	Code   string
	// Active tells that the member is one by an operator's word; Since is when that
	// began, calendar.None for never.
	Active bool
	Since  calendar.Instant
	// Figures are what came of the links, by period and mark.
	Figures []ambassador.Figures
}

// Ambassador reads whether a member is an ambassador, and what came of their links in
// each period by the n-th of the ambassador's own marks, from 1 to ledger.MaxSubs.
func (a *App) Ambassador(ctx context.Context, ref string, by calendar.Unit, mark int) (Ambassador, error) {
	state, id, err := a.stateNow(ctx, ref)
	if err != nil {
		return Ambassador{}, err
	}
	now, p := a.Journal.Now(), a.program()
	out := Ambassador{
		Member: id, Code: a.Journal.ReferralCode(id),
		Active: state.Ambassador.At(now), Since: state.Ambassador.Since,
	}
	if p == nil {
		return out, nil
	}
	counts, err := a.Store.ClicksOf(ctx, id, mark)
	if err != nil {
		return Ambassador{}, err
	}
	clicks := make([]ambassador.Clicks, len(counts))
	for i, c := range counts {
		subs := make([]string, mark)
		subs[mark-1] = c.Sub
		clicks[i] = ambassador.Clicks{Click: ledger.Click{At: c.From, Subs: subs}, Count: c.Count}
	}
	settled, _ := engine.Settled(a.Journal.Rules().Timeline, id, state, now)
	var failure error
	out.Figures = ambassador.FiguresOf(a.Journal.Past().Before(ctx, id, 0, &failure), settled, clicks, mark,
		func(at calendar.Instant) calendar.Instant { return calendar.Start(at, by, p.Zone) })
	return out, failure
}

// clicks copies the clicks that are kept.
func (m *mover) clicks(ctx context.Context) error {
	for after := ledger.ClickID(0); ; {
		page, err := m.from.Clicks(ctx, after, pageOfRows)
		if err != nil || len(page) == 0 {
			return err
		}
		for i := range page {
			if err := m.to.KeepClick(ctx, &page[i]); err != nil {
				return err
			}
		}
		after = page[len(page)-1].ID
	}
}
