package app

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/contest"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// The problems of contests.
const (
	CodeUnknownContest = "unknown_contest"
	CodeTooEarly       = "contest_not_over"
)

// Contests lists the contests of all versions of the program, each as its newest version
// has it and as far as it is public.
func (a *App) Contests(ctx context.Context) ([]contest.Published, error) {
	var out []contest.Published
	for _, c := range a.announced() {
		p, err := a.published(ctx, &c)
		if err != nil {
			return nil, err
		}
		out = append(out, *p)
	}
	return out, nil
}

// announced are the contests of all versions, by id, the newest version's first.
func (a *App) announced() []contest.Contested {
	return contestsOf(a.Journal.Rules())
}

func contestsOf(rules *journal.Rules) []contest.Contested {
	lives := rules.Timeline.All()
	var out []contest.Contested
	for i := len(lives) - 1; i >= 0; i-- {
		for _, c := range contest.All(lives[i].Program) {
			if !slices.ContainsFunc(out, func(o contest.Contested) bool { return o.ID == c.ID }) {
				out = append(out, c)
			}
		}
	}
	return out
}

func (a *App) contest(id string) (*contest.Contested, error) {
	for _, c := range a.announced() {
		if c.ID == id {
			return &c, nil
		}
	}
	return nil, problem(CodeUnknownContest, "", text.Say("there is no contest {ID}", strconv.Quote(id)), "Contest", text.Quoted(id))
}

// Contest gives a contest as far as it is public.
func (a *App) Contest(ctx context.Context, id string) (*contest.Published, error) {
	c, err := a.contest(id)
	if err != nil {
		return nil, err
	}
	return a.published(ctx, c)
}

// ContestWithNames gives a contest as far as it is public, its winners with the names by
// which others may see them: what erasing a member takes away.
func (a *App) ContestWithNames(ctx context.Context, id string) (*contest.Published, error) {
	p, err := a.Contest(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := a.contests.read(ctx, a); err != nil {
		return nil, err
	}
	for i := range p.Winners {
		w := &p.Winners[i]
		if told := a.contests.told(id, w.Ticket); told != nil && w.State != contest.GaveWay {
			if w.Name, err = a.winnerName(ctx, told.member); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

// published says of a contest what is public: as it was kept when all prizes were given,
// or as the journal has it so far.
func (a *App) published(ctx context.Context, c *contest.Contested) (*contest.Published, error) {
	p := &contest.Published{}
	kept, err := a.Store.Setting(ctx, journal.ContestDrawn+c.ID)
	if err == nil {
		return p, json.Unmarshal(kept, p)
	}
	if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	if err := a.contests.read(ctx, a); err != nil {
		return nil, err
	}
	p = announce(a.Journal.Keys(), c)
	p.Entries = a.contests.entriesOf(c.Rule)
	kept, err = a.Store.Setting(ctx, journal.ContestEntries+c.ID)
	if errors.Is(err, store.ErrNotFound) {
		return p, nil
	}
	var tickets []string
	if err == nil {
		err = json.Unmarshal(kept, &tickets)
	}
	if err != nil {
		return nil, err
	}
	return asTold(a.Journal.Keys(), c, tickets, func(ticket string) *ticketTold { return a.contests.told(c.ID, ticket) })
}

// asTold says of a contest whose tickets are fixed what is public: what their holders
// were told, in the order that is drawn, as far as that goes.
func asTold(keys journal.Keys, c *contest.Contested, tickets []string, told func(ticket string) *ticketTold) (*contest.Published, error) {
	progress := contest.NewProgress(c.Prizes)
	var winners []contest.Winner
	for place, ticket := range contest.Order(keys.ContestSeed(c.ID), c.ID, tickets) {
		one := told(ticket)
		if one == nil {
			break
		}
		w := winner(keys, c, place, one)
		if err := progress.Record(&w); err != nil {
			return nil, fmt.Errorf("the contest %s: %w", c.ID, err)
		}
		winners = append(winners, w)
	}
	p := announce(keys, c)
	reveal(keys, p, tickets, winners, progress)
	return p, nil
}

// announce is a contest before its draw.
func announce(keys journal.Keys, c *contest.Contested) *contest.Published {
	return &contest.Published{
		Contest: c.ID, State: contest.Announced, Algorithm: contest.Algorithm, Commitment: contest.Commitment(keys.ContestSeed(c.ID)),
		DrawAt: c.DrawAt.In(time.UTC).Format(time.RFC3339), Prizes: c.Prizes, OneEach: c.OneEach,
	}
}

// reveal adds what is public once each prize has been a ticket's.
func reveal(keys journal.Keys, p *contest.Published, tickets []string, winners []contest.Winner, progress *contest.Progress) {
	p.State = progress.State(len(tickets) - len(winners))
	p.Entries = int64(len(tickets))
	if p.State != contest.Announced {
		p.Seed, p.Tickets, p.Winners = hex.EncodeToString(keys.ContestSeed(p.Contest)), tickets, winners
	}
}

// winner says what became of a ticket.
func winner(keys journal.Keys, c *contest.Contested, place int, told *ticketTold) contest.Winner {
	w := contest.Winner{Place: place, Ticket: told.ticket, Prize: told.prize, State: told.state, Holder: keys.ContestHolder(c.ID, told.member)}
	if told.state == contest.Waits {
		w.ClaimBy = told.until.In(time.UTC).Format(time.RFC3339)
	}
	return w
}

// winnerName gives how a winner is shown to others: by the nickname of those who let
// others see it, and otherwise by initials; empty where the name is not known, not any
// more, or not to be seen.
func (a *App) winnerName(ctx context.Context, id ledger.MemberID) (string, error) {
	nickname, hidden, err := a.shownAs(ctx, id)
	if err != nil || hidden || nickname != "" {
		return nickname, err
	}
	_, id, err = a.Journal.StateOf(ctx, id)
	if errors.Is(err, journal.ErrUnknownMember) || errors.Is(err, journal.ErrMergeInProgress) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	values, err := a.Store.PersonalOf(ctx, id)
	initials := map[string]string{}
	for i := range values {
		if v := &values[i]; v.Kind == store.Profile && v.Value != "" {
			first, _ := utf8.DecodeRuneInString(v.Value)
			initials[v.Name] = string(first) + "."
		}
	}
	return strings.TrimSpace(initials["given_name"] + " " + initials["family_name"]), err
}
