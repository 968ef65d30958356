package console

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/mechanic/reward"
	"premia/internal/core/money"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/web/page"
)

// rewardsData is what can be handed out to a member.
type rewardsData struct {
	memberHead
	Form     *page.Form
	Rewards  []rewardView
	Balances []text.Points
}

// rewardView is a reward as it is for the member.
type rewardView struct {
	ID, Name, Description string
	Prices                []text.Points
	Money                 any
	Left                  int64 // -1 for any number
	Available             bool
	WhyNot                []string
	// Pays tells that it pays money to a bank account; Slots are the times at which it
	// can be booked, if it is.
	Pays, Booked bool
	// Amount is the most that the member can turn into money now, and Most the same to be
	// changed in a form.
	Amount text.Points
	Most   string
	Slots  []slotView
}

// slotView is a time at which a reward can be booked.
type slotView struct {
	Value string
	At    calendar.Instant
	Left  int64
}

var handOutFields = []string{"event", "reward", "slot", "amount", "iban", "holder"}

func (c *Console) memberRewards(r *page.Context) error {
	return c.showRewards(r, http.StatusOK, page.NewForm("event", app.NewEventID(), "reward", "", "slot", "", "iban", "", "holder", ""))
}

func (c *Console) showRewards(r *page.Context, status int, f *page.Form) error {
	head, m, err := c.head(r)
	if err != nil {
		return err
	}
	p := c.app.Program()
	if p == nil {
		return page.ErrNotFound
	}
	all, err := c.app.Rewards(r.Ctx(), head.ID)
	if err != nil {
		return err
	}
	d := rewardsData{memberHead: head, Form: f}
	for i := range m.Wallets {
		if w := &m.Wallets[i]; w.Wallet.Gift == nil {
			d.Balances = append(d.Balances, w.Wallet.Points(w.Net()))
		}
	}
	for i := range all {
		if all[i].Source.Code != "" {
			continue // a code for everybody, which nobody takes
		}
		v, err := c.rewardView(r, p, &all[i])
		if err != nil {
			return err
		}
		d.Rewards = append(d.Rewards, v)
	}
	slices.SortStableFunc(d.Rewards, func(x, y rewardView) int {
		switch {
		case x.Available == y.Available:
			return 0
		case x.Available:
			return -1
		}
		return 1
	})
	return r.PageStatus(status, "member-rewards", d)
}

func (c *Console) rewardView(r *page.Context, p *engine.Program, x *app.RewardOf) (rewardView, error) {
	v := rewardView{
		ID: x.Source.ID, Name: app.CalledIn(p, x.Source.Name, r.Lang), Description: app.CalledIn(p, x.Source.Description, r.Lang), Left: x.Left,
		Money: localMoney(p, x.Money), Pays: x.PaysOut(), Booked: x.Booked(),
	}
	for _, price := range x.Prices {
		v.Prices = append(v.Prices, price.Wallet.Points(price.Minor))
	}
	if v.Pays {
		w := x.Prices[0].Wallet
		v.Amount, v.Most = w.Points(x.Offered), money.Format(x.Offered, w.Unit.Scale)
	}
	if v.Available = happened(x.Why); !v.Available {
		v.WhyNot = c.app.WhyNotOf(x.Why, r.Lang)
	}
	if !v.Booked || !v.Available {
		return v, nil
	}
	slots, err := c.app.Slots(r.Ctx(), v.ID, c.app.Journal.Now(), calendar.None)
	if err != nil {
		return v, err
	}
	for _, s := range slots {
		if s.Left > 0 {
			v.Slots = append(v.Slots, slotView{strconv.FormatInt(int64(s.At), 10), s.At, s.Left})
		}
	}
	return v, nil
}

// handOut takes a reward for the member, who pays its price. The form's event id makes
// it happen once.
func (c *Console) handOut(r *page.Context) error {
	f, err := r.ReadForm(handOutFields...)
	if err != nil {
		return err
	}
	e := &event.Event{ID: f.Get("event"), Type: event.Redemption, Member: r.R.PathValue("member"), Reward: f.Get("reward")}
	if slot := f.Get("slot"); slot != "" {
		at, err := strconv.ParseInt(slot, 10, 64)
		if err != nil {
			return page.ErrNotFound
		}
		e.Slot = calendar.Instant(at)
	}
	if said := f.Get("amount"); said != "" {
		if err := c.takeFor(e, said); err != nil {
			f.Problem = r.Say("console.reward.amount.wrong")
			return c.showRewards(r, http.StatusUnprocessableEntity, f)
		}
	}
	record := func() (journal.Answer, error) { return c.app.Record(r.Ctx(), e) }
	if iban := strings.TrimSpace(f.Get("iban")); iban != "" {
		record = func() (journal.Answer, error) {
			return c.app.RecordPayout(r.Ctx(), e, app.BankAccount{IBAN: iban, Name: strings.TrimSpace(f.Get("holder"))})
		}
	}
	answer, err := record()
	switch {
	case err != nil && !r.Refuse(f, err):
		return err
	case err == nil && !happened(&answer):
		f.Problem = strings.Join(c.app.WhyNotOf(&answer, r.Lang), " ")
		f.Values["event"] = app.NewEventID()
	case err == nil:
		return r.Done(memberPath(answer.Member.String()), "console.reward.done", "Name", app.RewardCalled(c.app.Program(), e.Reward, r.Lang))
	}
	if f.Problem == "" {
		f.Problem = r.Problem(err)
	}
	return c.showRewards(r, http.StatusUnprocessableEntity, f)
}

// takeFor makes a redemption one for so much value as somebody wrote.
func (c *Console) takeFor(e *event.Event, said string) error {
	x := reward.PayingOut(c.app.Program(), e.Reward)
	if x == nil {
		return nil
	}
	amount, err := page.AmountOf(said, x.Prices[0].Wallet.Unit.Scale)
	x.TakeFor(e, amount)
	return err
}
