package till

import (
	"context"
	"net/http"
	"strings"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/reward"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/web/page"
)

func (t *Till) rewardRoutes() {
	t.handle("GET /till/members/{member}/rewards", t.rewards)
	t.handle("GET /till/members/{member}/rewards/{reward}", t.rewardForm)
	t.handle("POST /till/members/{member}/rewards/{reward}", t.take)
	t.handle("GET /till/members/{member}/taken/{redemption}", t.taken)
	t.handle("POST /till/members/{member}/taken/{redemption}", t.settle)
}

// rewardView is a reward as it is for a member.
type rewardView struct {
	ID, Name, Description string
	// Gives says what it brings, where its name does not.
	Gives  []string
	Prices []text.Points
	Money  text.Money
	// Left is how many there are still; -1 for any number.
	Left      int64
	Available bool
	WhyNot    []string
	// Holds tells that it is set aside first: something is to be paid or handed over.
	Holds bool
	Slots []slotView
	// Picture is nil for none.
	Picture *app.Picture
}

// slotView is a time at which a reward can be booked.
type slotView struct {
	Value string
	At    calendar.Instant
}

func (t *Till) viewReward(r *request, p *engine.Program, x *app.RewardOf) rewardView {
	v := rewardView{
		ID: x.Source.ID, Name: app.CalledIn(p, x.Source.Name, r.Lang),
		Description: app.CalledIn(p, x.Source.Description, r.Lang), Money: p.Money(x.Money), Left: x.Left,
		Available: app.Applied(x.Why), Gives: t.gives(r, p, x.Name, calendar.None),
	}
	for _, price := range x.Prices {
		v.Prices = append(v.Prices, price.Wallet.Points(price.Minor))
	}
	var err error
	if v.Picture, err = t.app.RewardPicture(r.Ctx(), x.Source, r.Lang); err != nil {
		t.app.Log.Error("the picture of a reward", "reward", v.ID, "error", err) // the till goes on without
	}
	v.Holds = x.Source.Hold != nil || x.Money > 0
	if !v.Available {
		v.WhyNot = t.why(r, x.Why)
	}
	return v
}

// rewardsData are the rewards of the catalogue, as they are for a member.
type rewardsData struct {
	Shell
	Member       memberView
	Ready, Later []rewardView
	Open         []takenView
}

// rewardsFor lists what can be handed out at a till: no codes that are everybody's, and
// nothing that is paid to a bank account.
func (t *Till) rewardsFor(r *request, member string) ([]app.RewardOf, error) {
	all, err := t.app.Rewards(r.Ctx(), member)
	out := all[:0]
	for i := range all {
		if all[i].Source.Code == "" && !all[i].PaysOut() {
			out = append(out, all[i])
		}
	}
	return out, err
}

func (t *Till) rewards(r *request) error {
	p, err := t.rules()
	if err != nil {
		return err
	}
	m, err := t.memberOf(r)
	if err != nil {
		return err
	}
	all, err := t.rewardsFor(r, m.ID)
	if err != nil {
		return err
	}
	d := rewardsData{Shell: r.shell(), Member: m}
	for i := range all {
		if v := t.viewReward(r, p, &all[i]); v.Available {
			d.Ready = append(d.Ready, v)
		} else {
			d.Later = append(d.Later, v)
		}
	}
	if d.Open, err = t.openOf(r, m.ID); err != nil {
		return err
	}
	return r.Page("rewards", d)
}

// rewardData is one reward before it is taken.
type rewardData struct {
	Shell
	Member memberView
	Reward rewardView
	Form   *page.Form
}

func (t *Till) rewardForm(r *request) error {
	return t.showReward(r, http.StatusOK, page.NewForm("event", app.NewEventID(), "slot", ""))
}

func (t *Till) showReward(r *request, status int, f *page.Form) error {
	p, err := t.rules()
	if err != nil {
		return err
	}
	m, err := t.memberOf(r)
	if err != nil {
		return err
	}
	x, err := t.findReward(r, m.ID)
	if err != nil {
		return err
	}
	d := rewardData{r.shell(), m, t.viewReward(r, p, x), f}
	if x.Booked() {
		slots, err := t.app.Slots(r.Ctx(), x.Source.ID, calendar.None, calendar.None)
		if err != nil {
			return err
		}
		for _, s := range slots {
			if s.Left > 0 {
				d.Reward.Slots = append(d.Reward.Slots, slotView{s.At.String(), s.At})
			}
		}
	}
	return r.PageStatus(status, "reward", d)
}

func (t *Till) findReward(r *request, member string) (*app.RewardOf, error) {
	all, err := t.rewardsFor(r, member)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Source.ID == r.R.PathValue("reward") {
			return &all[i], nil
		}
	}
	return nil, page.ErrNotFound
}

// take takes a reward, or sets it aside where something is still to be done for it.
func (t *Till) take(r *request) error {
	f, err := r.ReadForm("event", "slot")
	if err != nil {
		return err
	}
	f.Values["event"] = app.DrawnEventID(f.Get("event"))
	x, err := t.findReward(r, r.R.PathValue("member"))
	if err != nil {
		return err
	}
	e := r.at(&event.Event{
		ID: f.Get("event"), Type: event.Redemption, Member: r.R.PathValue("member"), Reward: x.Source.ID,
		Hold: x.Source.Hold != nil || x.Money > 0,
	})
	if x.Booked() {
		slots, err := t.app.Slots(r.Ctx(), x.Source.ID, calendar.None, calendar.None)
		if err != nil {
			return err
		}
		for _, s := range slots {
			if s.At.String() == f.Get("slot") {
				e.Slot = s.At
			}
		}
	}
	return t.book(r, e, func(words string) error {
		f.Problem = words
		return t.showReward(r, http.StatusUnprocessableEntity, f)
	})
}

// takenData is a reward that the member took.
type takenData struct {
	Shell
	Member memberView
	Taken  *takenView
}

func (t *Till) taken(r *request) error {
	m, v, err := t.takenHere(r)
	if err != nil {
		return err
	}
	return r.Page("taken", takenData{r.shell(), m, v})
}

// takenHere gives the member and the redemption of an address; page.ErrNotFound if it is
// not the member's.
func (t *Till) takenHere(r *request) (memberView, *takenView, error) {
	m, err := t.memberOf(r)
	if err != nil {
		return m, nil, err
	}
	x, err := t.app.Redemption(r.Ctx(), r.R.PathValue("redemption"))
	if app.AsProblem(err).Code == app.CodeUnknownRedemption && err != nil {
		return m, nil, page.ErrNotFound
	}
	if err != nil {
		return m, nil, err
	}
	if owner, err := t.app.Find(r.Ctx(), x.Member.String()); err != nil || owner.String() != m.ID {
		return m, nil, page.ErrNotFound
	}
	v, err := t.takenOf(r, x.ID)
	if err == nil && v == nil {
		err = page.ErrNotFound
	}
	return m, v, err
}

// settle confirms what is set aside, gives it up, or hands over what waits.
func (t *Till) settle(r *request) error {
	id := r.R.PathValue("redemption")
	e := r.at(&event.Event{ID: app.DrawnEventID(r.R.PostFormValue("event")), Member: r.R.PathValue("member"), Redemption: id})
	switch r.R.PostFormValue("do") {
	case "confirm":
		e.Type = event.Confirmation
	case "cancel":
		e.Type = event.Cancellation
	case "hand_over":
		e.Type, e.Status = event.Fulfilment, ledger.HandedOver.String()
	default:
		return page.ErrNotFound
	}
	again := func(words string) error {
		r.Notify("danger", strings.TrimSpace(words))
		return r.Redirect("/till/members/" + escaped(r.R.PathValue("member")) + "/taken/" + escaped(id))
	}
	return t.booked(r, e.ID, func(ctx context.Context) (journal.Answer, error) { return t.settled(ctx, r, e) }, again)
}

// settled records what becomes of a redemption. What is confirmed at the till and is to
// be collected is handed over in the same moment, under an id that follows from the
// confirmation's.
func (t *Till) settled(ctx context.Context, r *request, e *event.Event) (journal.Answer, error) {
	over := r.at(&event.Event{ID: e.ID + "-over", Type: event.Fulfilment, Member: e.Member, Redemption: e.Redemption, Status: ledger.HandedOver.String()})
	about, confirms := e.Redemption, e.Type == event.Confirmation
	a, err := t.app.Record(ctx, e)
	if err != nil || !confirms || a.Decision.Outcome.Refused() {
		return a, err
	}
	x, err := t.app.Redemption(ctx, about)
	if err != nil || x.Status != ledger.Ordered.String() || !t.collected(x.Reward) {
		return a, err
	}
	_, err = t.app.Record(ctx, over)
	return a, err
}

// collected tells whether a reward is handed over where it is taken.
func (t *Till) collected(name ledger.Name) bool {
	for _, x := range reward.Rewards(t.app.Program()) {
		if x.Name == name {
			return x.Source.Fulfilment == "collect"
		}
	}
	return false
}
