package program_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/condition"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/program"
	"premia/internal/core/text"
	"premia/internal/i18n"
)

// gistOf are the sections that say in short what one rule gives, by their headings.
var gistOf = []string{"earn.heading", "campaign.heading", "card.heading", "challenge.heading", "referral.reward"}

// TestNothingIsPromisedWithoutItsCondition looks in all programs, in every language, for
// each condition, limit and amount of a rule in what is said of it in short.
func TestNothingIsPromisedWithoutItsCondition(t *testing.T) {
	c, seen := catalogue(t), 0
	for name, src := range shipped(t) {
		p := load(t, src).Program
		rules := map[string]engine.Rule{}
		for _, r := range p.Rules {
			for _, id := range gistOf {
				rules[c.Render("en", text.New(id, "Title", r.Title))] = r
			}
		}
		for _, s := range program.Describe(p) {
			r, is := rules[c.Render("en", s.Heading)]
			if !is {
				continue
			}
			seen++
			for _, lang := range c.Languages() {
				short := said(c, lang, s.Gist)
				for _, part := range conditions(p, &r) {
					if words := c.Render(lang, part); !strings.Contains(short, words) {
						t.Errorf("%s, %s, %s: %q does not say %q", name, lang, r.Path, short, words)
					}
				}
			}
		}
	}
	if seen < 60 {
		t.Errorf("only %d rules were looked at", seen)
	}
}

// said renders messages one after another.
func said(c *i18n.Catalog, lang string, all []text.Message) string {
	var b strings.Builder
	for _, m := range all {
		b.WriteString(c.Render(lang, m) + " ")
	}
	return b.String()
}

// conditions are the words of all on which it depends what a rule gives.
func conditions(p *engine.Program, r *engine.Rule) []text.Message {
	all := append([]text.Message{}, r.Window...)
	for _, x := range []*condition.Expression{r.When, r.Items} {
		if x != nil {
			all = append(all, x.Words())
		}
	}
	for _, g := range r.Givings {
		if g.Measure == engine.ByEvent && g.Fixed > 0 && g.Wallet.Gift == nil {
			all = append(all, text.New("give.fixed", "Points", g.Wallet.Points(g.Fixed)))
		}
		for i := range g.Limits {
			all = append(all, rule.LimitWords(p, g.Wallet, &g.Limits[i]))
		}
	}
	return all
}

// TestSentencesAreTrueOfAPlainPurchase lets a member of each program buy twice, without
// anything special, and asks that every rule for purchases that is said in one sentence,
// without a condition, gives both times.
func TestSentencesAreTrueOfAPlainPurchase(t *testing.T) {
	c, held := catalogue(t), 0
	for name, src := range shipped(t) {
		p := load(t, src).Program
		p.Version = 1
		unconditional := map[string]bool{}
		for _, s := range program.Describe(p) {
			if s.Heading.ID == "earn.heading" && len(s.Gist) == 1 && strings.HasPrefix(c.Render("en", s.Gist[0]), "For every purchase") {
				unconditional[c.Render("en", s.Heading)] = true
			}
		}
		for no, decision := range plainPurchases(t, p) {
			gave := map[string]bool{}
			for i := range decision.Steps {
				if step := &decision.Steps[i]; step.Result == engine.Gave {
					gave[c.Render("en", text.New("earn.heading", "Title", p.Rules[step.Rule].Title))] = true
				}
			}
			for heading := range unconditional {
				held++
				if !gave[heading] {
					t.Errorf("%s: %q says that every purchase brings something, and purchase %d does not", name, heading, no+1)
				}
			}
		}
	}
	if held == 0 {
		t.Error("no rule was tried")
	}
}

// plainPurchases decides two purchases of a member, a day apart, of goods that no condition
// speaks of.
func plainPurchases(t *testing.T, p *engine.Program) (out [2]engine.Decision) {
	t.Helper()
	began := calendar.Of(time.Date(2026, 5, 4, 12, 30, 0, 0, p.Zone))
	state := ledger.State{Status: ledger.Active, EnrolledAt: began - calendar.Day}
	timeline := engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: p})
	for i := range out {
		at := began + calendar.Instant(i)*calendar.Day
		src := `{"type": "purchase", "time": "` + at.In(p.Zone).Format(time.RFC3339) + `", "order": "plain-` + strconv.Itoa(i) + `",
			"total": "1000", "items": [{"sku": "PLAIN", "category": "plain", "total": "1000"}]}`
		e, err := event.Decode([]byte(src), event.Scales{Currency: p.Currency.Scale})
		if err == nil {
			e.ID = "plain-" + strconv.Itoa(i)
			err = e.Check(p.Currency.Code, p.Currency.Scale)
		}
		if err != nil {
			t.Fatal(err)
		}
		new(engine.Decider).Decide(timeline, &state, e, engine.Inputs{Clock: at, Member: 1, Quotas: unlimited{}}, &out[i])
		if len(out[i].Steps) == 0 {
			t.Fatalf("the purchase came to %v", out[i].Outcome)
		}
	}
	return out
}

// unlimited are budgets of which all is left.
type unlimited struct{}

func (unlimited) Left(_ ledger.Quota, limit int64) int64 { return limit }
