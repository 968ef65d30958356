package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
	"premia/internal/i18n"
	"premia/internal/journal"
)

// Event is an event as callers send it. It documents what event.Decode reads,
// which is stricter and exact.
type Event struct {
	ID       string `json:"id,omitempty" maxLength:"128" doc:"makes the event happen once; one is made if there is none, and the answer names it"`
	Type     string `json:"type" doc:"purchase, return, adjustment, claim, checkout, redemption, confirmation, cancellation, refund, fulfilment, or a type that the program declares" example:"purchase"`
	Member   string `json:"member,omitempty" doc:"whose event it is: mem_… or an identity such as card:2900000000001" example:"card:2900000000001"`
	Time     string `json:"time,omitempty" format:"date-time" doc:"when it happened; now if not said"`
	Order    string `json:"order,omitempty" maxLength:"128" doc:"the shop's number of the purchase, or of the one that a return or a claim is about"`
	Currency string `json:"currency,omitempty" doc:"the currency of all amounts; the program's if not said" example:"PLN"`
	Channel  string `json:"channel,omitempty" doc:"where it happened, such as app or store"`
	Store    string `json:"store,omitempty" doc:"the shop's branch"`

	Total             string `json:"total,omitempty" doc:"what the customer pays, tax included; the sum of the items if not said" example:"25.50"`
	Tax               string `json:"tax,omitempty" doc:"contained in total"`
	Shipping          string `json:"shipping,omitempty" doc:"contained in total"`
	Discount          string `json:"discount,omitempty" doc:"already taken off total, beyond the items' own"`
	PaidWithGiftCards string `json:"paid_with_gift_cards,omitempty" doc:"the part of total that was paid with stored value"`
	PaidWithPoints    string `json:"paid_with_points,omitempty" doc:"the part of total that was paid with points"`
	Items             []Item `json:"items,omitempty" maxItems:"1000" doc:"the lines of a purchase or a return"`

	Prices   string    `json:"prices,omitempty" enum:"list" doc:"list where the items come at the shop's list prices, so that the program reduces them; without it the shop's prices are final"`
	Codes    []string  `json:"codes,omitempty" maxItems:"20" doc:"with list prices: the codes that the buyer gave"`
	Pay      []Payment `json:"pay,omitempty" maxItems:"10" doc:"with list prices: what is to be paid with wallets"`
	Checkout string    `json:"checkout,omitempty" doc:"with list prices: the id of the held checkout that this purchase confirms"`
	Click    string    `json:"click,omitempty" maxLength:"128" doc:"the click on an ambassador's link by which the buyer came, of a purchase" example:"clk_1A2B3C4D5E6F7"`

	Wallet     string         `json:"wallet,omitempty" doc:"of an adjustment: the wallet that it changes"`
	Amount     string         `json:"amount,omitempty" doc:"of an adjustment: what is given, or taken if it is negative"`
	Reason     string         `json:"reason,omitempty" doc:"of an adjustment: why"`
	Reference  string         `json:"reference,omitempty" doc:"whatever the sender wants to find it by"`
	Reward     string         `json:"reward,omitempty" doc:"of a redemption: the reward's id"`
	Hold       bool           `json:"hold,omitempty" doc:"of a redemption: set it aside until it is confirmed"`
	Redemption string         `json:"redemption,omitempty" doc:"of a confirmation, a cancellation, a refund or a fulfilment: the id of the redemption"`
	Status     string         `json:"status,omitempty" doc:"of a fulfilment: ordered, ready, handed_over, sent or failed"`
	Data       map[string]any `json:"data,omitempty" doc:"the fields that the program declares for the type"`
}

// Payment is so much of a wallet to pay with.
type Payment struct {
	Wallet string `json:"wallet" doc:"the wallet's id" example:"points"`
	Amount string `json:"amount" doc:"a decimal number above zero" example:"100"`
}

// Item is a line of a purchase or a return.
type Item struct {
	SKU       string `json:"sku,omitempty"`
	Name      string `json:"name,omitempty"`
	Category  string `json:"category,omitempty"`
	Brand     string `json:"brand,omitempty"`
	Quantity  any    `json:"quantity,omitempty" doc:"pieces, or kilograms, as a number with at most three decimals; 1 if not said"`
	UnitPrice string `json:"unit_price,omitempty" doc:"the price of one" example:"9.90"`
	Total     string `json:"total,omitempty" doc:"the price of the line after its own discounts; quantity × unit price if not said"`
}

// events are reused, with the memory of their items.
var events = sync.Pool{New: func() any { return new(event.Event) }}

// bodies are reused buffers for requests.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func (s *Server) eventRoutes() {
	one := operation(http.MethodPost, "/v1/events", "send-event", "Events", "Send an event and get its decision", auth.EventsWrite)
	one.Description += " An adjustment needs `adjustments:write`, too. A refusal by the rules, such as too small a balance, is a decision, not an error: the answer says `refused`."
	s.raw(one, auth.EventsWrite, "Event", Event{}, EventAnswer{}, http.StatusCreated, exampleEvent, []*huma.Param{explainParam, keyParam}, s.postEvent)
	many := operation(http.MethodPost, "/v1/events/batch", "send-events", "Events", "Send up to 1,000 events, decided in their order", auth.EventsWrite)
	many.Description += " Each event is answered by itself: one that is refused does not hold up the others."
	s.raw(many, auth.EventsWrite, "Batch", Batch{}, BatchAnswer{}, http.StatusOK, exampleBatch, []*huma.Param{keyParam}, s.postBatch)
	quote := operation(http.MethodPost, "/v1/quotes", "quote", "Events", "Ask what an event would bring; nothing is written", auth.EventsRead)
	s.raw(quote, auth.EventsRead, "Event", Event{}, QuoteAnswer{}, http.StatusOK, exampleEvent, []*huma.Param{explainParam}, s.postQuote)
	read := operation(http.MethodGet, "/v1/events/{id}", "read-event", "Events", "Read an event with its decision and why", auth.EventsRead)
	register(s, read, auth.EventsRead, s.getEvent)
}

// Languages that an answer can be explained in.
var explainParam = &huma.Param{
	Name: "explain", In: "query", Description: "say the decision in words, in this language; true takes the one of Accept-Language",
	Schema: &huma.Schema{Type: "string", Enum: []any{"true", "en", "pl", "cs", "ru"}},
}

var keyParam = &huma.Param{
	Name: "Idempotency-Key", In: "header", Description: "the id of the event, if its body has none",
	Schema: &huma.Schema{Type: "string"},
}

// raw adds an operation that reads and writes its bodies itself, for speed.
func (s *Server) raw(op huma.Operation, scope auth.Scope, name string, in, out any, status int, example any, params []*huma.Param, handle func(http.ResponseWriter, *http.Request, auth.Key) *Problem) {
	schemas := s.api.OpenAPI().Components.Schemas
	answer := func(v any, hint string) map[string]*huma.MediaType {
		return map[string]*huma.MediaType{"application/json": {Schema: schemas.Schema(reflect.TypeOf(v), true, hint)}}
	}
	op.Parameters = params
	op.RequestBody = &huma.RequestBody{Required: true, Content: answer(in, name)}
	op.RequestBody.Content["application/json"].Example = example
	op.Responses = map[string]*huma.Response{
		fmt.Sprint(status): {Description: http.StatusText(status), Content: answer(out, name+"Answer")},
		"default":          {Description: "Error", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")}}},
	}
	if status == http.StatusCreated {
		op.Responses["200"] = &huma.Response{Description: "The first answer again", Content: op.Responses["201"].Content}
	}
	s.api.OpenAPI().AddOperation(&op)
	s.guarded(op, scope, handle)
}

// readBody reads a body of at most limit bytes into a buffer for reuse.
func readBody(r *http.Request, limit int64) (*bytes.Buffer, *Problem) {
	if kind := r.Header.Get("Content-Type"); kind != "" && kind != "application/json" {
		if media, _, err := mime.ParseMediaType(kind); err != nil || (media != "application/json" && !strings.HasSuffix(media, "+json")) {
			return nil, newProblem(codeMediaType, "", text.Say("the body is {Kind}; send JSON with Content-Type: application/json (curl --json)", kind))
		}
	}
	if r.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	body := bodies.Get().(*bytes.Buffer)
	body.Reset()
	_, err := body.ReadFrom(io.LimitReader(r.Body, limit+1))
	switch {
	case err != nil:
		return nil, newProblem(codeMalformed, "", "the body did not arrive as a whole", "Detail", "")
	case int64(body.Len()) > limit:
		return nil, tooLarge(limit)
	}
	return body, nil
}

func tooLarge(limit int64) *Problem {
	return newProblem(codeBodyTooLarge, "", text.Say("the body is longer than {Limit} bytes; send it in parts", limit), "Limit", limit)
}

// decode reads an event; the caller gives it back to events.
func (s *Server) decode(src []byte, key string) (*event.Event, *Problem) {
	scales, err := s.app.Scales()
	if err != nil {
		return nil, problemOf(err)
	}
	e := events.Get().(*event.Event)
	if err := event.DecodeInto(e, src, scales); err != nil {
		events.Put(e)
		return nil, problemOf(err)
	}
	if e.ID == "" {
		e.ID = key
	}
	return e, nil
}

func mayAdjust(e *event.Event, key *auth.Key) *Problem {
	switch e.Type {
	case event.Adjustment, event.Approval, event.Rejection:
		if !key.Scopes.Allow(auth.AdjustmentsWrite) {
			return lacksScope(auth.AdjustmentsWrite)
		}
	}
	return nil
}

// actor says in the context whose key sends the event, where that is kept.
func actor(ctx context.Context, r *http.Request, e *event.Event, key *auth.Key) context.Context {
	if !app.Audited(e.Type) {
		return ctx
	}
	return app.WithActor(ctx, actorOf(key, r))
}

func (s *Server) postEvent(w http.ResponseWriter, r *http.Request, key auth.Key) *Problem {
	lang, p := explainIn(r)
	if p != nil {
		return p
	}
	body, p := readBody(r, maxBody)
	if p != nil {
		return p
	}
	e, p := s.decode(body.Bytes(), r.Header.Get("Idempotency-Key"))
	bodies.Put(body)
	if p != nil {
		return p
	}
	if p := mayAdjust(e, &key); p != nil {
		events.Put(e)
		return p
	}
	answer, err := s.app.Record(actor(r.Context(), r, e, &key), e)
	if err != nil {
		// The event may still be on its way, so it is not used again.
		s.metrics.refused(problemOf(err).Code)
		return inBody(err)
	}
	s.metrics.decided(&answer)
	out := s.answerOf(&answer)
	if answer.Repeated && answer.Member != 0 {
		out.Balances = s.balancesNow(r.Context(), answer.Member)
	}
	if lang != "" {
		out.Explanation = s.explain(&answer, lang)
	}
	events.Put(e)
	return writeJSON(w, statusOfAnswer(&answer), &out)
}

// statusOfAnswer tells a new decision from the first answer again.
func statusOfAnswer(a *journal.Answer) int {
	if a.Repeated {
		return http.StatusOK
	}
	return http.StatusCreated
}

// balancesNow gives a member's wallets; none where the member is gone.
func (s *Server) balancesNow(ctx context.Context, id ledger.MemberID) []Balance {
	wallets, _, err := s.app.Wallets(ctx, id.String())
	if err != nil {
		return nil
	}
	out := make([]Balance, 0, len(wallets))
	for i := range wallets {
		out = append(out, balance(wallets[i].Wallet, wallets[i].Balance))
	}
	return out
}

// explainIn gives the language in which a request wants its answer explained;
// empty if it does not.
func explainIn(r *http.Request) (string, *Problem) {
	if r.URL.RawQuery == "" {
		return "", nil
	}
	query := r.URL.Query()
	for name := range query {
		if name != "explain" {
			return "", newProblem(codeParameter, name, text.Say("there is no parameter {Name} here", strconv.Quote(name)))
		}
	}
	switch lang := query.Get("explain"); lang {
	case "en", "pl", "cs", "ru":
		return lang, nil
	case "true", "1":
		return i18n.Match(r.Header.Get("Accept-Language")), nil
	case "", "false", "0":
		return "", nil
	}
	return "", newProblem(codeParameter, "explain", "explain is true, or one of the languages en, pl, cs, ru")
}

func writeJSON(w http.ResponseWriter, status int, v any) *Problem {
	body, err := json.Marshal(v)
	if err != nil {
		return problemOf(err)
	}
	writeBytes(w, status, "application/json", append(body, '\n'))
	return nil
}

// QuoteAnswer is what an event would bring.
type QuoteAnswer struct {
	Outcome     string       `json:"outcome" doc:"what would become of the event"`
	Refused     bool         `json:"refused" doc:"whether the rules would refuse it"`
	Program     uint32       `json:"program" doc:"the version of the program"`
	Gave        []Amount     `json:"gave" doc:"what the rules would give, by wallet"`
	Before      []Balance    `json:"before" doc:"the member's wallets without the event"`
	After       []Balance    `json:"after" doc:"the member's wallets with it"`
	Tiers       []TierChange `json:"tiers,omitempty" doc:"the member's levels without the event and with it; absent in programs without ladders"`
	Steps       []Step       `json:"steps" doc:"the rules that were considered"`
	Basket      *Basket      `json:"basket,omitempty" doc:"the prices, of a basket at list prices; codes that can't be used are left out and say why"`
	Explanation *Explanation `json:"explanation,omitempty"`
	Reduced     []ItemPrice  `json:"reduced_prices,omitempty" doc:"what a shop must say of the items whose prices are reduced"`
}

func (s *Server) postQuote(w http.ResponseWriter, r *http.Request, _ auth.Key) *Problem {
	lang, p := explainIn(r)
	if p != nil {
		return p
	}
	body, p := readBody(r, maxBody)
	if p != nil {
		return p
	}
	e, p := s.decode(body.Bytes(), "")
	bodies.Put(body)
	if p != nil {
		return p
	}
	defer events.Put(e)
	q, _, err := s.app.Quote(r.Context(), e)
	if err != nil {
		return inBody(err)
	}
	rules := s.app.Journal.Rules()
	out := QuoteAnswer{
		Outcome: q.Decision.Outcome.String(), Refused: q.Decision.Outcome.Refused(), Program: q.Decision.Program,
		Before: statesOf(q.Program.Wallets, q.Before), After: statesOf(q.Program.Wallets, q.After),
	}
	out.Gave, out.Steps = stepsOf(q.Program, rules.Names, q.Decision)
	out.Tiers = s.tierChanges(&q, languageOf(lang, r.Header.Get("Accept-Language")))
	out.Basket = basketOf(q.Program, rules.Names, q.Decision, e)
	if lang != "" {
		out.Explanation = s.explain(&journal.Answer{Decision: q.Decision, Event: e}, lang)
	}
	if out.Reduced, err = s.itemPrices(r.Context(), e, languageOf(lang, r.Header.Get("Accept-Language"))); err != nil {
		return inBody(err)
	}
	return writeJSON(w, http.StatusOK, &out)
}

type eventInput struct {
	ID             string `path:"id" maxLength:"128" doc:"the event's id"`
	Lang           string `query:"lang" enum:"en,pl,cs,ru" doc:"the language of the explanation; that of Accept-Language if not said"`
	AcceptLanguage string `header:"Accept-Language"`
}

func (in *eventInput) language() string { return languageOf(in.Lang, in.AcceptLanguage) }

// languageOf gives the language that is asked for by name, or by a header.
func languageOf(lang, acceptLanguage string) string {
	if lang != "" {
		return lang
	}
	return i18n.Match(acceptLanguage)
}

type eventOutput struct {
	Language string `header:"Content-Language"`
	Body     EventRecord
}

func (s *Server) getEvent(ctx context.Context, in *eventInput) (*eventOutput, error) {
	answer, err := s.app.Event(ctx, in.ID)
	if err != nil {
		var p *app.Problem
		if errors.As(err, &p) {
			p.Args = text.New("", "Key", text.Quoted(in.ID)).Args
		}
		return nil, err
	}
	return &eventOutput{in.language(), s.recordOf(&answer, in.language())}, nil
}
