package app

import (
	"context"
	"strconv"

	"premia/internal/auth"
	"premia/internal/core/event"
	"premia/internal/core/text"
	"premia/internal/journal"
)

// CodeUnknownTicket says that a ticket has won nothing.
const CodeUnknownTicket = "unknown_ticket"

// ClaimPrize claims what the holder of a ticket has won, in their name, for somebody who
// came to the desk. The event's id makes it happen once.
func (a *App) ClaimPrize(ctx context.Context, eventID, contest, ticket string) (journal.Answer, error) {
	if err := may(ctx, auth.RedemptionsWrite); err != nil {
		return journal.Answer{}, err
	}
	if _, err := a.contest(contest); err != nil {
		return journal.Answer{}, err
	}
	if err := a.contests.read(ctx, a); err != nil {
		return journal.Answer{}, err
	}
	told := a.contests.told(contest, ticket)
	if told == nil {
		return journal.Answer{}, problem(CodeUnknownTicket, "ticket", text.Say("the ticket {Ticket} has won nothing", strconv.Quote(ticket)), "Key", text.Quoted(ticket))
	}
	return a.Record(ctx, &event.Event{ID: eventID, Type: event.ContestClaim, Member: told.member.String(), Contest: contest})
}
