package app

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/ambassador"
	"premia/internal/core/money"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// CodeUnknownPostback says that an ambassador has no postback.
const CodeUnknownPostback = "unknown_postback"

// Postback is the address that is told what comes of an ambassador's links.
type Postback struct {
	Member ledger.MemberID
	// URL is written with places such as {click_id}.
	URL, Method string
	State       store.EndpointState
	Reason      string
	store.Health
}

// postbackPlaces are the places that an address of a postback may have.
var postbackPlaces = []string{"click_id", "sub1", "sub2", "sub3", "sub4", "sub5", "commission", "wallet", "status", "total", "currency", "id"}

// SetPostback has an address called, by GET or POST, whenever a purchase is credited to
// the ambassador or goods of one go back. In its path and query, places in braces are
// filled in; where it leads is written out. Setting it again lets one go on that was
// disabled. The error is a *Problem.
func (a *App) SetPostback(ctx context.Context, ref, address, method string) (Postback, error) {
	if err := a.checkPostback(address); err != nil {
		return Postback{}, err
	}
	_, id, err := a.stateNow(ctx, ref)
	if err != nil {
		return Postback{}, err
	}
	e, err := a.Store.EndpointOf(ctx, id)
	made := errors.Is(err, store.ErrNotFound)
	if err != nil && !made {
		return Postback{}, err
	}
	if made {
		e = store.Endpoint{ID: newID("pbk_", ""), Kind: store.PostbackEndpoint, Member: id, Created: a.wall(), Generation: 1}
	}
	e.URL, e.Method, e.State, e.Reason = address, method, store.EndpointActive, ""
	e.Health = healthy()
	row := a.audited(ctx, "postback.set", id.String(), "url", address)
	err = a.change(ctx, row, func(tx *store.Tx) error {
		if made {
			return tx.AddEndpoint(ctx, &e, nil)
		}
		return tx.ChangeEndpoint(ctx, &e, nil)
	})
	return postbackOf(&e), err
}

func postbackOf(e *store.Endpoint) Postback {
	return Postback{Member: e.Member, URL: e.URL, Method: e.Method, State: e.State, Reason: e.Reason, Health: e.Health}
}

// checkPostback refuses an address that could lead elsewhere by what is filled in, or
// has places that nothing fills.
func (a *App) checkPostback(address string) error {
	var unknown error
	plain := fillPlaces(address, func(place string) (string, bool) {
		for _, known := range postbackPlaces {
			if place == known {
				return "x", true
			}
		}
		unknown = problem(CodeInvalidAddress, "url", text.Say("there is no place {Place}; known are {Known}", "{"+place+"}", "{"+strings.Join(postbackPlaces, "}, {")+"}"))
		return "", false
	})
	if unknown != nil {
		return unknown
	}
	_, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(strings.ReplaceAll(rest, "?", "/"), "/")
	if strings.ContainsAny(host, "{}") {
		return problem(CodeInvalidAddress, "url", "where a postback leads is written out; places stand in its path and query")
	}
	if err := a.callable(plain); err != nil {
		return problem(CodeInvalidAddress, "url", text.Of(err))
	}
	return nil
}

// fillPlaces fills in what stands in braces, written as its part of the address needs.
func fillPlaces(address string, value func(place string) (string, bool)) string {
	var out strings.Builder
	query := false
	for address != "" {
		before, rest, open := strings.Cut(address, "{")
		place, after, closed := strings.Cut(rest, "}")
		out.WriteString(before)
		query = query || strings.Contains(before, "?")
		if !open || !closed {
			out.WriteString(address[len(before):])
			break
		}
		filled, ok := value(place)
		switch {
		case !ok:
			out.WriteString("{" + place + "}")
		case query:
			out.WriteString(url.QueryEscape(filled))
		default:
			out.WriteString(url.PathEscape(filled))
		}
		address = after
	}
	return out.String()
}

// Postback reads an ambassador's. The error is a *Problem if there is none.
func (a *App) Postback(ctx context.Context, ref string) (Postback, error) {
	e, err := a.postback(ctx, ref)
	return postbackOf(&e), err
}

func (a *App) postback(ctx context.Context, ref string) (store.Endpoint, error) {
	_, id, err := a.stateNow(ctx, ref)
	if err != nil {
		return store.Endpoint{}, err
	}
	e, err := a.Store.EndpointOf(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		err = problem(CodeUnknownPostback, "member", "this member has no postback", "Member", text.Quoted(ref))
	}
	return e, err
}

// RemovePostback ends an ambassador's.
func (a *App) RemovePostback(ctx context.Context, ref string) error {
	e, err := a.postback(ctx, ref)
	if err != nil {
		return err
	}
	row := a.audited(ctx, "postback.removed", e.Member.String())
	return a.change(ctx, row, func(tx *store.Tx) error { return tx.RemoveEndpoint(ctx, e.ID, Subscriber(e.ID)) })
}

// Postbacks is the subscriber that queues what ambassadors' addresses are told.
type Postbacks struct{ App *App }

// PostbacksName names its cursors.
const PostbacksName = "postbacks"

// Name gives PostbacksName.
func (Postbacks) Name() string { return PostbacksName }

// Mask asks for entries of commissions.
func (Postbacks) Mask() uint32 { return journal.MaskCommission }

// Handle queues a message for each wallet. Doing it again changes nothing.
func (p Postbacks) Handle(ctx context.Context, entry *store.Entry) error {
	a := p.App
	answer, err := a.Journal.Read(entry)
	if err != nil {
		return err
	}
	told, ok := ambassador.Told(answer.Event, answer.Decision)
	if !ok {
		return nil
	}
	e, err := a.Store.EndpointOf(ctx, entry.Member)
	if errors.Is(err, store.ErrNotFound) {
		// After a merge the address may not have moved yet.
		e, err = a.Store.EndpointOf(ctx, told.Click.By)
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	now := a.wall()
	for n := range int64(max(len(told.Changes), 1)) {
		d := store.Delivery{
			Endpoint: e.ID, Position: entry.Position, N: n, Message: a.Journal.MessageID(&answer, n*manyOfType), Type: "postback." + told.Status,
			Member: entry.Member, State: store.DeliveryWaiting, Queued: true, Created: now, Last: now,
		}
		if err := a.Store.QueueDelivery(ctx, &d); err != nil {
			return err
		}
	}
	return nil
}

// PostbackOf makes the address that is called for a delivery. The error is
// store.ErrNotFound where there is nothing to tell any more.
func (a *App) PostbackOf(ctx context.Context, e *store.Endpoint, d *store.Delivery) (Outgoing, error) {
	answer, err := a.Journal.AnswerAt(ctx, d.Position)
	if err != nil {
		return Outgoing{}, err
	}
	told, ok := ambassador.Told(answer.Event, answer.Decision)
	p := a.programOf(answer.Decision.Program)
	if !ok || p == nil {
		return Outgoing{}, store.ErrNotFound
	}
	values := map[string]string{
		"click_id": told.Click.ID.String(), "status": told.Status, "id": d.Message, "commission": "0", "wallet": "",
		"total": money.Format(told.Total, p.Currency.Scale), "currency": p.Currency.Code,
	}
	for i := range ledger.MaxSubs {
		values["sub"+strconv.Itoa(i+1)] = ""
		if i < len(told.Click.Subs) {
			values["sub"+strconv.Itoa(i+1)] = told.Click.Subs[i]
		}
	}
	if d.N < int64(len(told.Changes)) {
		c := told.Changes[d.N]
		if w := p.Wallet(c.Wallet); w != nil {
			values["commission"], values["wallet"] = money.Format(c.Amount, w.Unit.Scale), w.ID
		}
	}
	address := fillPlaces(e.URL, func(place string) (string, bool) { v, ok := values[place]; return v, ok })
	return Outgoing{No: d.N, ID: d.Message, Type: d.Type, Member: d.Member, Body: []byte(address)}, nil
}
