package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/reward"
	"premia/internal/core/money"
	"premia/internal/core/text"
	"premia/internal/journal"
)

// Rewards are the catalogue.
type Rewards struct {
	Rewards []Reward `json:"rewards"`
}

// Reward is what members can get.
type Reward struct {
	ID          string         `json:"id" example:"espresso"`
	Kind        string         `json:"kind" enum:"free product,experience,service,access,donation,download,partner,points,virtual currency,bundle,gift card,discount,cashback"`
	Name        string         `json:"name"`
	Description string         `json:"description,omitempty"`
	Picture     *RewardPicture `json:"picture,omitempty"`
	Price       []Amount       `json:"price" doc:"what it costs, by wallet"`
	Money       *Money         `json:"money,omitempty" doc:"what is to be paid on top"`
	Stock       *int64         `json:"stock,omitempty" doc:"how many are left; absent for any number"`
	Fulfilment  string         `json:"fulfilment" enum:"none,collect,send"`
	SKU         string         `json:"sku,omitempty" doc:"the product"`
	Where       string         `json:"where,omitempty"`
	Date        string         `json:"date,omitempty" format:"date-time" doc:"when it takes place"`
	Partner     string         `json:"partner,omitempty"`
	App         string         `json:"app,omitempty" doc:"the game or app of a virtual currency"`
	Parts       []RewardPart   `json:"parts,omitempty" doc:"what a bundle has"`
	Booked      bool           `json:"booked,omitempty" doc:"whether a redemption names one of the reward's slots"`
	Worth       *Money         `json:"worth,omitempty" doc:"what one is worth"`
	Available   *bool          `json:"available,omitempty" doc:"whether the member who was asked about can have it now"`
	Outcome     string         `json:"outcome,omitempty" doc:"what taking it would come to, such as insufficient_balance"`
	WhyNot      []string       `json:"why_not,omitempty" doc:"why the member can't have it, in the language asked for"`
}

// RewardPart is one of the rewards of a bundle.
type RewardPart struct {
	Reward   string `json:"reward" example:"espresso"`
	Name     string `json:"name"`
	Quantity int64  `json:"quantity"`
}

// Slots are the times at which a reward can be booked.
type Slots struct {
	Reward string `json:"reward" example:"course"`
	Slots  []Slot `json:"slots" doc:"those that can be booked now, in order"`
}

// Slot is one time at which a reward takes place.
type Slot struct {
	At     string `json:"at" format:"date-time" doc:"when it begins; a redemption names it so"`
	Places int64  `json:"places" doc:"for how many"`
	Left   int64  `json:"left" doc:"how many places are left"`
}

// RewardPicture is a reward's picture.
type RewardPicture struct {
	URL string `json:"url" doc:"of the picture that was sent to Premia, or that the program names"`
	Alt string `json:"alt" doc:"what it shows, for those who can't see it"`
}

// NewRedemption takes a reward.
type NewRedemption struct {
	ID       string     `json:"id,omitempty" maxLength:"128" doc:"makes it happen once, and names the redemption; the Idempotency-Key is as good"`
	Reward   string     `json:"reward" minLength:"1" maxLength:"60" doc:"the reward's id" example:"espresso"`
	Quantity int64      `json:"quantity,omitempty" minimum:"1" maximum:"1000" doc:"how many are taken together; 1 if not said"`
	Slot     *time.Time `json:"slot,omitempty" doc:"when it takes place, of a reward that is booked"`
	// BankAccount and Amount belong to rewards that pay money.
	BankAccount *BankAccount `json:"bank_account,omitempty" doc:"where the money of a cashback reward goes; it is kept apart from the journal, and erased with the member"`
	Amount      string       `json:"amount,omitempty" doc:"of cashback: how much of the wallet is turned into money; without it, the price of the quantity" example:"120"`
	Hold        bool         `json:"hold,omitempty" doc:"set it aside, to be confirmed or cancelled; if neither happens it is free again after the reward's time to hold"`
}

// BankAccount is an account to which money is paid.
type BankAccount struct {
	IBAN string `json:"iban" minLength:"5" maxLength:"60" example:"PL61 1090 1014 0000 0712 1981 2874"`
	Name string `json:"name" minLength:"1" maxLength:"70" doc:"who holds it" example:"Anna Nowak"`
}

// RedemptionStep leads a redemption on.
type RedemptionStep struct {
	ID     string `json:"id,omitempty" maxLength:"128" doc:"makes it happen once; the Idempotency-Key is as good"`
	Reason string `json:"reason,omitempty" maxLength:"500" doc:"why, for the journal"`
}

// FulfilmentStep says how far the reward is on its way to the member.
type FulfilmentStep struct {
	RedemptionStep
	Status string `json:"status" enum:"ordered,ready,handed_over,sent,failed"`
}

// Redemption is a reward that a member took.
type Redemption struct {
	ID          string   `json:"id"`
	Member      string   `json:"member"`
	Reward      string   `json:"reward" example:"espresso"`
	Quantity    int64    `json:"quantity" doc:"how many were taken together"`
	Slot        *string  `json:"slot,omitempty" format:"date-time" doc:"when it takes place, if it was booked"`
	Status      string   `json:"status" enum:"held,ordered,ready,handed_over,sent,failed,cancelled,refunded,timed_out,returning"`
	At          string   `json:"at" format:"date-time" doc:"when it was taken or held"`
	HeldUntil   *string  `json:"held_until,omitempty" format:"date-time" doc:"when the hold ends by itself"`
	Price       []Amount `json:"price" doc:"what it cost, by wallet"`
	Money       *Money   `json:"money,omitempty" doc:"what is to be paid on top"`
	Vouchers    []Code   `json:"vouchers,omitempty" doc:"the codes that it issued, of a discount; not in lists"`
	PaysOut     *Money   `json:"pays_out,omitempty" doc:"what is paid to the member's bank account"`
	BankAccount string   `json:"bank_account,omitempty" doc:"that account, masked; not in lists" example:"PL…2874"`

	Steps []RedemptionDone `json:"steps,omitempty" doc:"what was done about it since, the oldest first"`
}

// RedemptionDone is what somebody did about a redemption, and when.
type RedemptionDone struct {
	Status string `json:"status" doc:"confirmed, cancelled, refunded or a state of fulfilment" example:"handed_over"`
	At     string `json:"at" format:"date-time"`
	By     string `json:"by,omitempty" doc:"whose API key did it" example:"key_3f9a"`
}

// RedemptionEvent is a redemption after an event, and the event.
type RedemptionEvent struct {
	Redemption Redemption  `json:"redemption"`
	Event      EventAnswer `json:"event"`
}

// Redemptions are a member's redemptions.
type Redemptions struct {
	Member      string       `json:"member"`
	Redemptions []Redemption `json:"redemptions" doc:"the newest first"`
}

type redemptionEventOutput struct {
	Status int
	Body   RedemptionEvent
}

// RedemptionPath names a redemption.
type RedemptionPath struct {
	ID string `path:"id" maxLength:"128" doc:"the id of the event that redeemed"`
}

func (s *Server) rewardRoutes() {
	list := operation(http.MethodGet, "/v1/rewards", "list-rewards", "Rewards", "List what members can get, and whether one of them can have it now", auth.MembersRead)
	register(s, list, auth.MembersRead, s.listRewards)
	slots := operation(http.MethodGet, "/v1/rewards/{reward}/slots", "list-slots", "Rewards", "List the times at which a reward can be booked, and the places left", auth.MembersRead)
	register(s, slots, auth.MembersRead, s.listSlots)
	take := operation(http.MethodPost, "/v1/members/{member}/redemptions", "redeem", "Rewards", "Take a reward, or hold it", auth.EventsWrite)
	take.DefaultStatus = http.StatusCreated
	register(s, withExample(take, exampleRedemption), auth.EventsWrite, s.redeem)
	mine := operation(http.MethodGet, "/v1/members/{member}/redemptions", "list-redemptions", "Rewards", "List a member's redemptions", auth.MembersRead)
	register(s, mine, auth.MembersRead, s.listRedemptions)
	one := operation(http.MethodGet, "/v1/redemptions/{id}", "read-redemption", "Rewards", "Read what became of a redemption", auth.MembersRead)
	register(s, one, auth.MembersRead, s.readRedemption)
	for _, step := range [...]struct{ word, kind, id, summary string }{
		{"confirm", event.Confirmation, "confirm-redemption", "Make a held redemption final"},
		{"cancel", event.Cancellation, "cancel-redemption", "Give up a held redemption"},
		{"refund", event.Refund, "refund-redemption", "Undo a final redemption; the price goes back to where it came from"},
	} {
		op := operation(http.MethodPost, "/v1/redemptions/{id}/"+step.word, step.id, "Rewards", step.summary, auth.EventsWrite)
		op.DefaultStatus = http.StatusCreated
		register(s, withExample(op, exampleStep), auth.EventsWrite, func(ctx context.Context, in *struct {
			RedemptionPath
			KeyHeader
			AcceptLanguage string `header:"Accept-Language"`
			Body           RedemptionStep
		}) (*redemptionEventOutput, error) {
			return s.lead(ctx, &event.Event{ID: firstOf(in.Body.ID, in.Key), Type: step.kind, Redemption: in.ID, Reason: in.Body.Reason}, in.AcceptLanguage)
		})
	}
	fulfil := operation(http.MethodPost, "/v1/redemptions/{id}/fulfilment", "fulfil-redemption", "Rewards", "Say how far the reward is on its way to the member", auth.EventsWrite)
	fulfil.DefaultStatus = http.StatusCreated
	register(s, withExample(fulfil, exampleFulfilment), auth.EventsWrite, func(ctx context.Context, in *struct {
		RedemptionPath
		KeyHeader
		AcceptLanguage string `header:"Accept-Language"`
		Body           FulfilmentStep
	}) (*redemptionEventOutput, error) {
		return s.lead(ctx, &event.Event{ID: firstOf(in.Body.ID, in.Key), Type: event.Fulfilment, Redemption: in.ID, Status: in.Body.Status, Reason: in.Body.Reason}, in.AcceptLanguage)
	})
}

func (s *Server) listRewards(ctx context.Context, in *struct {
	Member         string `query:"member" maxLength:"300" doc:"whether this member can have each reward: mem_… or an identity"`
	Lang           string `query:"lang" enum:"en,pl,cs,ru" doc:"the language; that of Accept-Language if not said"`
	AcceptLanguage string `header:"Accept-Language"`
}) (*struct{ Body Rewards }, error) {
	rewards, err := s.app.Rewards(ctx, in.Member)
	if err != nil {
		return nil, err
	}
	lang := languageOf(in.Lang, in.AcceptLanguage)
	out := Rewards{Rewards: []Reward{}}
	for i := range rewards {
		one := s.rewardOf(&rewards[i], lang)
		if one.Picture, err = s.pictureOf(ctx, &rewards[i], lang); err != nil {
			return nil, err
		}
		out.Rewards = append(out.Rewards, one)
	}
	return &struct{ Body Rewards }{out}, nil
}

func (s *Server) listSlots(ctx context.Context, in *struct {
	Reward string    `path:"reward" maxLength:"60" doc:"the reward's id"`
	From   time.Time `query:"from" doc:"those that begin from then on; from now on if not said"`
	Until  time.Time `query:"until" doc:"those that begin before; 31 days after from if not said"`
}) (*struct{ Body Slots }, error) {
	until := calendar.None
	if !in.Until.IsZero() {
		until = calendar.Of(in.Until)
	}
	list, err := s.app.Slots(ctx, in.Reward, calendar.Of(in.From), until)
	if err != nil {
		return nil, err
	}
	out := Slots{Reward: in.Reward, Slots: []Slot{}}
	for _, slot := range list {
		out.Slots = append(out.Slots, Slot{rfc3339(slot.At), slot.Places, slot.Left})
	}
	return &struct{ Body Slots }{out}, nil
}

// said gives a text of the document in a language, or in the program's first.
func said(p *engine.Program, t document.Text, lang string) string {
	if words, ok := t.In(lang); ok {
		return words
	}
	words, _ := t.In(p.Languages[0])
	return words
}

// pictureOf is the picture of a reward: the one that was sent to Premia, or that which the
// document names, wherever that is.
func (s *Server) pictureOf(ctx context.Context, r *app.RewardOf, lang string) (*RewardPicture, error) {
	if named := r.Source.Picture; named != nil {
		if texts, err := s.app.PictureTexts(ctx, r.Source.ID); err != nil || texts == nil {
			return &RewardPicture{named.URL, said(s.app.Program(), named.Alt, lang)}, err
		}
	}
	kept, err := s.app.RewardPicture(ctx, r.Source, lang)
	if err != nil || kept == nil {
		return nil, err
	}
	return &RewardPicture{s.app.Link(kept.Large), kept.Alt}, nil
}

func (s *Server) rewardOf(r *app.RewardOf, lang string) Reward {
	p, from := s.app.Program(), r.Source
	out := Reward{
		ID: from.ID, Kind: from.Kind, Name: said(p, from.Name, lang), Description: said(p, from.Description, lang),
		Price: []Amount{}, Fulfilment: firstOf(from.Fulfilment, "none"),
		SKU: from.SKU, Where: said(p, from.Where, lang), Partner: from.Partner, App: from.App, Booked: r.Booked(),
		Money: amountOf(p, r.Money), Worth: amountOf(p, r.Worth),
	}
	if from.Date != nil {
		out.Date = from.Date.In(p.Zone).Format("2006-01-02T15:04:05Z07:00")
	}
	for _, price := range r.Prices {
		out.Price = append(out.Price, Amount{price.Wallet.ID, money.Format(price.Minor, price.Wallet.Unit.Scale)})
	}
	for _, part := range r.Parts {
		out.Parts = append(out.Parts, RewardPart{part.Source.ID, said(p, part.Source.Name, lang), part.Quantity})
	}
	if r.Left >= 0 {
		out.Stock = &r.Left
	}
	if r.Why != nil {
		available := !refusedNow(r.Why)
		out.Available, out.Outcome = &available, r.Why.Decision.Outcome.String()
		if !available {
			out.WhyNot = s.whyNot(r.Why, lang)
		}
	}
	return out
}

// amountOf gives an amount of money; nil for none.
func amountOf(p *engine.Program, minor int64) *Money {
	if minor == 0 {
		return nil
	}
	return &Money{money.Format(minor, p.Currency.Scale), p.Currency.Code}
}

// refusedNow tells whether a redemption, or a step of one, did not happen.
func refusedNow(a *journal.Answer) bool {
	return a.Decision.Outcome != engine.Applied && a.Decision.Outcome != engine.WaitsForGiftCard
}

// whyNot says why nothing came of it.
func (s *Server) whyNot(a *journal.Answer, lang string) []string {
	x := s.app.Explain(a, lang)
	if len(x.Reasons) == 0 {
		return []string{x.Outcome}
	}
	return x.Reasons
}

func (s *Server) redeem(ctx context.Context, in *struct {
	MemberPath
	KeyHeader
	AcceptLanguage string `header:"Accept-Language"`
	Body           NewRedemption
}) (*redemptionEventOutput, error) {
	e := &event.Event{ID: firstOf(in.Body.ID, in.Key), Type: event.Redemption, Member: in.Member, Reward: in.Body.Reward, Quantity: in.Body.Quantity, Hold: in.Body.Hold}
	if in.Body.Slot != nil {
		e.Slot = calendar.Of(*in.Body.Slot)
	}
	if err := s.cashAmount(e, in.Body.Amount); err != nil {
		return nil, err
	}
	answer, err := s.stepOf(in.AcceptLanguage, func() (journal.Answer, error) {
		if to := in.Body.BankAccount; to != nil {
			return s.app.RecordPayout(ctx, e, app.BankAccount{IBAN: to.IBAN, Name: to.Name})
		}
		return s.app.Record(ctx, e)
	})
	if err != nil {
		return nil, err
	}
	taken := s.app.Taken(answer)
	return s.redemptionEvent(ctx, answer, &taken, in.AcceptLanguage)
}

// lead leads a redemption on, and shows what became of it.
func (s *Server) lead(ctx context.Context, e *event.Event, acceptLanguage string) (*redemptionEventOutput, error) {
	answer, err := s.step(ctx, e, acceptLanguage)
	if err != nil {
		return nil, err
	}
	r, err := s.app.Redemption(ctx, e.Redemption)
	if err != nil {
		return nil, err
	}
	if answer.Decision.Outcome == engine.WaitsForGiftCard && r.Status == ledger.HandedOver.String() {
		// The gift card has answered already, and keeps its value.
		used := newProblem(engine.GiftCardUsed.String(), "", "")
		used.Status = http.StatusConflict
		return nil, used
	}
	return s.redemptionEvent(ctx, answer, &r, acceptLanguage)
}

// step decides an event about a redemption. One that the rules refused is a
// problem here, whose detail says why; sent again it is answered so again.
func (s *Server) step(ctx context.Context, e *event.Event, acceptLanguage string) (*journal.Answer, error) {
	return s.stepOf(acceptLanguage, func() (journal.Answer, error) { return s.app.Record(ctx, e) })
}

// stepOf is step with another way to record the event.
func (s *Server) stepOf(acceptLanguage string, record func() (journal.Answer, error)) (*journal.Answer, error) {
	answer, err := record()
	if err != nil {
		s.metrics.refused(problemOf(err).Code)
		return nil, err
	}
	s.metrics.decided(&answer)
	if !refusedNow(&answer) {
		return &answer, nil
	}
	p := newProblem(answer.Decision.Outcome.String(), "", text.Raw(strings.Join(s.whyNot(&answer, languageOf("", acceptLanguage)), " ")))
	p.Status = http.StatusConflict
	switch answer.Decision.Outcome {
	case engine.NoSuchReward:
		p.Path, p.Status = "reward", http.StatusUnprocessableEntity
	case engine.NoSuchSlot:
		p.Path = "slot"
	case engine.NoSuchStatus:
		p.Path = "status"
	case engine.NoSuchRedemption:
		p.Status = http.StatusNotFound
	}
	return nil, p
}

func (s *Server) redemptionEvent(ctx context.Context, answer *journal.Answer, r *app.Redemption, acceptLanguage string) (*redemptionEventOutput, error) {
	shown, err := s.redemptionWithVouchers(ctx, r, languageOf("", acceptLanguage))
	if err != nil {
		return nil, err
	}
	out := RedemptionEvent{Redemption: shown, Event: s.answerOf(answer)}
	if answer.Repeated {
		out.Event.Balances = s.balancesNow(ctx, answer.Member)
	}
	return &redemptionEventOutput{statusOfAnswer(answer), out}, nil
}

// redemptionWithVouchers shows a redemption with the codes that it issued.
func (s *Server) redemptionWithVouchers(ctx context.Context, r *app.Redemption, lang string) (Redemption, error) {
	out := s.redemptionOf(r)
	out.BankAccount = s.app.MaskedAccount(ctx, r)
	vouchers, err := s.app.VouchersOf(ctx, r.ID)
	for i := range vouchers {
		out.Vouchers = append(out.Vouchers, s.codeOf(&vouchers[i], lang))
	}
	return out, err
}

func (s *Server) redemptionOf(r *app.Redemption) Redemption {
	p, names := s.app.Program(), s.app.Journal.Rules().Names
	out := Redemption{
		ID: r.ID, Member: r.Member.String(), Reward: strings.TrimPrefix(names.Name(r.Reward), reward.Kind+"."),
		Quantity: r.Quantity, Slot: moment(r.Slot), Status: r.Status, At: rfc3339(r.At), HeldUntil: moment(r.Until), Price: []Amount{}, Money: amountOf(p, r.Money), PaysOut: amountOf(p, r.PaysOut),
	}
	for i := range r.Price {
		if w := p.Wallet(r.Price[i].Wallet); w != nil {
			out.Price = append(out.Price, Amount{w.ID, money.Format(r.Price[i].Amount, w.Unit.Scale)})
		}
	}
	for _, step := range r.Steps {
		out.Steps = append(out.Steps, RedemptionDone{step.Status, rfc3339(step.At), step.By})
	}
	return out
}

func (s *Server) readRedemption(ctx context.Context, in *struct {
	RedemptionPath
	AcceptLanguage string `header:"Accept-Language"`
}) (*struct{ Body Redemption }, error) {
	r, err := s.app.Redemption(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out, err := s.redemptionWithVouchers(ctx, &r, languageOf("", in.AcceptLanguage))
	return &struct{ Body Redemption }{out}, err
}

func (s *Server) listRedemptions(ctx context.Context, in *struct {
	MemberPath
	Limit int `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"the most redemptions of the list"`
}) (*struct{ Body Redemptions }, error) {
	list, id, err := s.app.Redemptions(ctx, in.Member, in.Limit)
	if err != nil {
		return nil, err
	}
	out := Redemptions{Member: id.String(), Redemptions: []Redemption{}}
	for i := range list {
		out.Redemptions = append(out.Redemptions, s.redemptionOf(&list[i]))
	}
	return &struct{ Body Redemptions }{out}, nil
}
