package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/money"
	"premia/internal/core/text"
	"premia/internal/journal"
)

// Wallets are a member's wallets.
type Wallets struct {
	Member  string    `json:"member"`
	Wallets []Balance `json:"wallets"`
	Family  *Family   `json:"family,omitempty" doc:"the family that the member belongs to, with the wallets that it shares"`
}

// Lots are the open lots of a wallet, in the order in which they were earned.
type Lots struct {
	Member string `json:"member"`
	Wallet string `json:"wallet"`
	Lots   []Lot  `json:"lots"`
}

// Lot is an earned amount with a life of its own.
type Lot struct {
	Amount      string  `json:"amount" doc:"what is left of it" example:"25"`
	Status      string  `json:"status" enum:"pending,available"`
	Rule        string  `json:"rule" doc:"the rule that gave it" example:"earn.spend"`
	EarnedAt    string  `json:"earned_at" format:"date-time"`
	ActivatesAt *string `json:"activates_at,omitempty" format:"date-time" doc:"when it can be spent; absent while it waits for an event"`
	Awaits      string  `json:"awaits,omitempty" doc:"the type of event that it waits for"`
	ExpiresAt   *string `json:"expires_at,omitempty" format:"date-time" doc:"when it is gone; absent if it stays"`
}

// History is a page of a member's events.
type History struct {
	Member     string        `json:"member"`
	Entries    []EventRecord `json:"entries" doc:"the newest first, with those of the members who were merged into this one, each with the member who decided it; entries of type settle are time that passed, and have no id"`
	NextCursor string        `json:"next_cursor,omitempty" doc:"the cursor of the next page; absent on the last"`
}

func (s *Server) walletRoutes() {
	wallets := operation(http.MethodGet, "/v1/members/{member}/wallets", "read-wallets", "Wallets", "Read a member's wallets, settled to now", auth.MembersRead)
	register(s, wallets, auth.MembersRead, s.readWallets)
	lots := operation(http.MethodGet, "/v1/members/{member}/wallets/{wallet}/lots", "read-lots", "Wallets", "Read what a wallet is made of, and when it expires", auth.MembersRead)
	register(s, lots, auth.MembersRead, s.readLots)
	history := operation(http.MethodGet, "/v1/members/{member}/history", "read-history", "Wallets", "Read what happened to a member, and why", auth.MembersRead)
	register(s, history, auth.MembersRead, s.readHistory)
	adjust := operation(http.MethodPost, "/v1/members/{member}/adjustments", "adjust", "Wallets", "Give or take value by hand, with a reason", auth.AdjustmentsWrite)
	adjust.DefaultStatus = http.StatusCreated
	register(s, withExample(adjust, exampleAdjustment), auth.AdjustmentsWrite, s.adjust)
	claim := operation(http.MethodPost, "/v1/members/{member}/claims", "claim", "Wallets", "Claim a purchase that was made as a guest", auth.EventsWrite)
	claim.DefaultStatus = http.StatusCreated
	register(s, withExample(claim, exampleClaim), auth.EventsWrite, s.claim)
}

func (s *Server) readWallets(ctx context.Context, in *MemberPath) (*struct{ Body Wallets }, error) {
	wallets, id, err := s.app.Wallets(ctx, in.Member)
	if err != nil {
		return nil, err
	}
	out := Wallets{Member: id.String(), Wallets: []Balance{}}
	for i := range wallets {
		out.Wallets = append(out.Wallets, balance(wallets[i].Wallet, wallets[i].Balance))
	}
	f, err := s.app.FamilyOf(ctx, id.String())
	if err != nil {
		return nil, err
	}
	if f != nil {
		out.Family = familyOf(f)
	}
	return &struct{ Body Wallets }{out}, nil
}

func (s *Server) readLots(ctx context.Context, in *struct {
	MemberPath
	Wallet string `path:"wallet" doc:"the wallet's id"`
}) (*struct{ Body Lots }, error) {
	wallets, id, err := s.app.Wallets(ctx, in.Member)
	if err != nil {
		return nil, err
	}
	for i := range wallets {
		if w := &wallets[i]; w.Wallet.ID == in.Wallet {
			out := Lots{Member: id.String(), Wallet: in.Wallet, Lots: []Lot{}}
			for j := range w.Lots {
				out.Lots = append(out.Lots, s.lotOf(&w.Lots[j], w.Wallet.Unit.Scale))
			}
			return &struct{ Body Lots }{out}, nil
		}
	}
	scales, err := s.app.Scales()
	if err != nil {
		return nil, err
	}
	p := problemOf(scales.UnknownWallet(in.Wallet))
	p.Status = http.StatusNotFound
	return nil, p
}

func (s *Server) lotOf(l *ledger.Lot, scale int) Lot {
	names := s.app.Journal.Rules().Names
	out := Lot{
		Amount: money.Format(l.Remaining, scale), Status: "available", Rule: names.Name(l.Rule),
		EarnedAt: rfc3339(l.EarnedAt), ActivatesAt: moment(l.ActivatesAt), ExpiresAt: moment(l.ExpiresAt),
	}
	if l.Pending {
		out.Status = "pending"
		if l.Await != 0 {
			out.Awaits = strings.TrimPrefix(names.Name(l.Await), "event.")
		}
	}
	return out
}

func (s *Server) readHistory(ctx context.Context, in *struct {
	MemberPath
	Cursor         string `query:"cursor" maxLength:"4000" doc:"the next_cursor of the page before"`
	Limit          int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"the most entries of the page"`
	Lang           string `query:"lang" enum:"en,pl,cs,ru" doc:"the language of explanations; that of Accept-Language if not said"`
	AcceptLanguage string `header:"Accept-Language"`
}) (*struct{ Body History }, error) {
	from, err := app.ParseHistoryCursor(in.Cursor)
	if err != nil {
		return nil, newProblem(codeParameter, "cursor", "the cursor is none that this server gave; leave it out to begin with the newest entry")
	}
	page, id, next, err := s.app.History(ctx, in.Member, from, in.Limit)
	if err != nil {
		return nil, err
	}
	out := History{Member: id.String(), Entries: []EventRecord{}, NextCursor: app.HistoryCursor(next)}
	lang := languageOf(in.Lang, in.AcceptLanguage)
	for i := range page {
		out.Entries = append(out.Entries, s.recordOf(&page[i], lang))
	}
	return &struct{ Body History }{out}, nil
}

func (s *Server) adjust(ctx context.Context, in *struct {
	MemberPath
	KeyHeader
	Body Adjustment
}) (*eventAnswerOutput, error) {
	b := &in.Body
	p := s.app.Program()
	if p == nil {
		_, err := s.app.Scales()
		return nil, err
	}
	w := p.WalletByID(b.Wallet)
	if w == nil {
		scales := journal.ScalesOf(p)
		return nil, scales.UnknownWallet(b.Wallet)
	}
	amount, err := money.Parse(b.Amount, w.Unit.Scale)
	if err != nil {
		return nil, amountProblem(err)
	}
	return s.record(ctx, &event.Event{
		ID: firstOf(b.ID, in.Key), Type: event.Adjustment, Member: in.Member, Wallet: b.Wallet, Amount: amount,
		Given: event.GivenAmount, Reason: b.Reason, Reference: b.Reference, At: calendar.None,
	})
}

func amountProblem(err error) *Problem {
	code := event.CodeAmountMalformed
	var wrong *money.Error
	if errors.As(err, &wrong) {
		switch wrong.Code {
		case money.TooPrecise:
			code = event.CodeAmountTooPrecise
		case money.OutOfRange:
			code = event.CodeAmountOutOfRange
		}
	}
	return newProblem(code, "amount", text.Of(err))
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (s *Server) claim(ctx context.Context, in *struct {
	MemberPath
	KeyHeader
	Body Claim
}) (*eventAnswerOutput, error) {
	e := &event.Event{ID: firstOf(in.Body.ID, in.Key), Type: event.Claim, Member: in.Member, Order: in.Body.Order}
	out, err := s.record(ctx, e)
	if p := app.AsProblem(err); err != nil && p.Code == app.CodeUnknownOrder {
		return nil, inBody(err)
	}
	return out, err
}
