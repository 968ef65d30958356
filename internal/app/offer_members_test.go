package app_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/store"
)

const followedProgram = `
program: Offers
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets: {points: {name: points}}
earn: [{id: spend, give: {points: 1, per: 1.00}}]
promotions: [{id: tea, name: Tea, when: event.channel == "web", discount: {amount: 1.00, on: order}}]
offers:
  - {id: gift, name: A gift, personal: true, bonus: {points: 50}}
  - {id: week, name: The week, activate: true, give up: true, bonus: {points: 10}}
`

// TestWhoHasAnOffer follows members who are given an offer, activate one, give it up and
// use it, and compares what is listed with what each did.
func TestWhoHasAnOffer(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := newAttention(t, url)
		h.publish(followedProgram)
		const many = 70
		want := map[string]map[string]int{"gift": {"": 0}, "week": {"": 0}}
		var ids []ledger.MemberID
		for n := range many {
			card, id := fmt.Sprint("card:", n), fmt.Sprint(n)
			_, err := h.Enrol(h.system(), app.Change{EventID: "in" + id, Identities: []string{card}})
			h.does(err)
			ids = append(ids, h.findCard(n))
			did := func(offer, step string) { want[offer][step]++ }
			if n%2 == 0 {
				h.happens(`{"id":"g` + id + `","type":"personal_offer","member":"` + card + `","offer":"gift"}`)
				did("gift", "")
				did("gift", "given")
			}
			h.happens(`{"id":"a` + id + `","type":"activation","member":"` + card + `","offer":"week"}`)
			did("week", "")
			switch n % 3 {
			case 0:
				h.happens(`{"id":"d` + id + `","type":"deactivation","member":"` + card + `","offer":"week"}`)
			case 1:
				h.happens(`{"id":"p` + id + `","type":"purchase","member":"` + card + `","channel":"web","prices":"list","items":[{"sku":"X","unit_price":"11.00"}]}`)
				did("week", "used")
				did("week", "active")
				if n%2 == 0 {
					did("gift", "used")
				}
			default:
				did("week", "active")
			}
		}
		for offer, steps := range want {
			for _, step := range append([]string{""}, app.OfferSteps...) {
				down, up := h.offerMembers(offer, step, false), h.offerMembers(offer, step, true)
				slices.Reverse(up)
				if len(down) != steps[step] || !slices.Equal(down, up) {
					t.Errorf("%s, %q: %d members downwards and %d upwards, want %d", offer, step, len(down), len(up), steps[step])
				}
				for _, x := range down {
					if !slices.Contains(ids, x.Member) || step == "used" && (x.Uses != 1 || x.Used == calendar.None) {
						t.Errorf("%s, %q: %+v", offer, step, x)
					}
				}
			}
		}
		h.comesOf(want, many)
		if _, _, err := h.OfferMembers(h.system(), app.OfferChoice{Offer: "nothing"}, ""); app.AsProblem(err).Code != app.CodeUnknownOffer {
			t.Errorf("an offer that is not there: %v", err)
		}
		cashier := app.WithActor(t.Context(), auth.Actor{Kind: auth.KindUser, ID: "usr_x", Role: auth.Cashier})
		if _, _, err := h.OfferMembers(cashier, app.OfferChoice{Offer: "week"}, ""); app.AsProblem(err).Code != app.CodeNotPermitted {
			t.Errorf("a cashier sees who has an offer: %v", err)
		}
		wantHealthy(t, h.Store)
	})
}

// offerMembers pages through those of a step.
func (h *history) offerMembers(offer, step string, up bool) (all []store.OfferMember) {
	h.t.Helper()
	for after := ""; ; {
		list, next, err := h.OfferMembers(h.system(), app.OfferChoice{Offer: offer, Step: step, Up: up}, after)
		h.does(err)
		if all = append(all, list...); next == "" {
			return all
		}
		after = next
	}
}

// comesOf compares what the rules came to with what the members did.
func (h *history) comesOf(want map[string]map[string]int, many int) {
	h.t.Helper()
	g, err := h.MakeGlance(context.Background())
	h.does(err)
	rule := func(name string) app.RuleUse {
		no, known := g.Program.Names.Find(name)
		if !known {
			h.t.Fatalf("there is no %s", name)
		}
		return g.Rules[no]
	}
	bought := int64(want["week"]["used"])
	tea, week, gift := rule("promotion.tea"), rule("offer.week"), rule("offer.gift")
	if tea.Times != bought || tea.Reduced != bought*100 || tea.Bought != bought*1000 {
		h.t.Errorf("of the promotion came %+v, want %d times 1.00 off 11.00", tea, bought)
	}
	if week.Times != bought || week.Gave["wallet.points"] != bought*10 || week.Activated != int64(many) || week.GivenUp != int64((many+2)/3) || week.Bought != bought*1000 {
		h.t.Errorf("of the week came %+v, want %d uses and %d activations", week, bought, many)
	}
	if gift.Given != int64(want["gift"]["given"]) || gift.Times != int64(want["gift"]["used"]) {
		h.t.Errorf("of the gift came %+v, want %v", gift, want["gift"])
	}
}

// TestPausedAtOnce pauses a promotion whose scenarios expect it, and lets it go on: in
// between it takes nothing off, and in the end the document is what it was.
func TestPausedAtOnce(t *testing.T) {
	t.Parallel()
	h := newAttention(t, "sqlite:"+t.TempDir()+"/premia.db")
	const document = followedProgram + `scenarios:
  - {it: reduces tea, steps: [{at: 2026-02-02 08:10, purchase: {id: A1, channel: web, prices: list, items: [{sku: X, unit_price: "11.00"}]}, expect: {to pay: "10.00"}}]}
`
	_, err := h.Publish(h.system(), []byte(document), calendar.None, "")
	h.does(err)
	reduced := func(id string) int {
		return len(h.happens(`{"id":"` + id + `","type":"purchase","member":"card:1","channel":"web","prices":"list","items":[{"sku":"X","unit_price":"11.00"}]}`).Decision.Discounts)
	}
	manager := h.as("usr_m", auth.Manager)
	for i, paused := range []bool{true, false} {
		no, _ := h.Program().Names.Find("promotion.tea")
		rule := h.Program().Rules[no]
		if got, want := reduced(fmt.Sprint("before", i)), map[bool]int{true: 1, false: 0}[paused]; got != want {
			t.Errorf("before pausing is %v, %d reductions", paused, got)
		}
		if err := h.Pause(h.as("usr_k", auth.Marketer), rule, paused, ""); app.AsProblem(err).Code != app.CodeNotPermitted {
			t.Errorf("a marketer pauses by themselves: %v", err)
		}
		h.does(h.Pause(manager, rule, paused, "now"))
		if can, is, err := h.Pausable(h.system(), rule); !can || is != paused || err != nil {
			t.Errorf("paused is %v, %v (%v)", can, is, err)
		}
		h.clock.Advance(1)
	}
	if reduced("after") != 1 {
		t.Error("after it went on it takes nothing off")
	}
	live, err := h.Version(h.system(), 0)
	if err != nil || string(live.Document) != document {
		t.Errorf("in the end the document is\n%s", live.Document)
	}
	h.expect("program_fails", false)
	no, _ := h.Program().Names.Find("earn.spend")
	if err := h.Pause(manager, h.Program().Rules[no], true, ""); app.AsProblem(err).Code != app.CodeNotPausable {
		t.Errorf("what can't be paused: %v", err)
	}
}
