package family_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/family"
)

// answers gives who answers for a member now.
func (w *world) answers(m ledger.MemberID) ledger.MemberID {
	for range w.states {
		s := w.states[m]
		if s == nil || s.Status != ledger.Merged {
			break
		}
		m = s.MergedInto
	}
	return m
}

// arrive brings any of the follow-ups that wait, as the journal does.
func (w *world) arrive() {
	n := rapid.IntRange(0, len(w.waiting)-1).Draw(w.t, "which")
	if open := slices.IndexFunc(w.waiting, func(f engine.FollowUp) bool { return f.Type == event.FamilyOpen }); open >= 0 {
		n = open // nothing can be said to an account before it begins
	}
	f := w.waiting[n]
	w.waiting = slices.Delete(w.waiting, n, n+1)
	to := f.Member
	if f.Type == event.FamilyWord || f.Type == event.FamilyReturn {
		to = w.answers(to)
	}
	w.decide(to, event.Event{Type: f.Type, Order: f.Order, Carried: f.Carried})
}

// happens draws what happens to members who come, go, and cease to be.
func (w *world) happens(orders *[]string) {
	t := w.t
	m := w.answers(ledger.MemberID(rapid.IntRange(1, members).Draw(t, "member")))
	other := w.answers(ledger.MemberID(rapid.IntRange(1, members).Draw(t, "other")))
	if w.states[m].Status == ledger.Erased || w.states[other].Status == ledger.Erased {
		return
	}
	account := ledger.MemberID(0)
	if len(w.families) > 0 {
		account = w.families[rapid.IntRange(0, len(w.families)-1).Draw(t, "family")]
	}
	truth := func(name string, yes bool) event.Event {
		d := event.Datum{Name: name, Kind: event.Truth}
		if yes {
			d.Whole = 1
		}
		return event.Event{Type: event.Profile, Data: []event.Datum{d}}
	}
	switch what := rapid.IntRange(0, 14).Draw(t, "what"); {
	case what < 3:
		order := string(rune('a'+len(*orders)%26)) + string(rune('a'+len(*orders)/26))
		*orders = append(*orders, order)
		w.decide(m, event.Event{Type: event.Purchase, Order: order, Total: 3_000, Given: event.GivenTotal})
	case what < 5:
		w.decide(m, event.Event{Type: event.Redemption, Reward: "cup", Hold: what == 3})
	case what == 5 && len(*orders) > 0:
		w.decide(m, event.Event{Type: event.Return, Order: (*orders)[rapid.IntRange(0, len(*orders)-1).Draw(t, "order")]})
	case what == 6 && len(w.families) < 3:
		if account := ledger.MemberID(100 + len(w.families)); w.act(m, family.Found, account, 0).Outcome == engine.Applied {
			w.families = append(w.families, account)
		}
	case account == 0 || w.states[account] == nil:
	case what < 9:
		for _, k := range w.states[account].Family.Kin {
			if k.Standing == ledger.Head {
				w.act(k.Member, []string{family.Invite, family.Invite, family.Remove, family.HandOver}[rapid.IntRange(0, 3).Draw(t, "act")], account, other)
				break
			}
		}
	case what < 11:
		w.act(m, family.Join, account, 0)
	case what == 11:
		w.act(m, family.Leave, account, 0)
	case what == 12 && m != other:
		w.decide(m, event.Event{Type: event.Merge, Data: []event.Datum{{Name: "into", Kind: event.Whole, Whole: int64(other)}}})
	case what == 13 && rapid.IntRange(0, 3).Draw(t, "erased") == 0:
		w.decide(m, truth("erased", true))
	case what == 14:
		w.decide(m, truth("blocked", rapid.Bool().Draw(t, "blocked")))
	}
}

// TestBothSidesAgree lets members be merged, erased and blocked while they form
// families, and what is told arrive late and in any order: in the end the accounts
// and their members say the same of each other, nothing is on its way, and no value
// was lost or made.
func TestBothSidesAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, "", true)
		w.purses = nil // nobody keeps them here
		var orders []string
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			w.clock += 40 * 60 * calendar.Second
			if len(w.waiting) > 0 && rapid.Bool().Draw(t, "arrives") {
				w.arrive()
				continue
			}
			w.happens(&orders)
		}
		for n := 0; len(w.waiting) > 0; n++ {
			if n > 1_000 {
				t.Fatalf("they never cease to tell each other: %+v", w.waiting)
			}
			w.arrive()
		}
		w.agree()
		w.conserved()
	})
}

func (w *world) agree() {
	for m, s := range w.states {
		f := &s.Family
		if s.Status.Account() {
			for _, k := range f.Kin {
				if other := &w.states[k.Member].Family; k.Standing >= ledger.Belongs && (other.Account != m || other.Since != k.Since) {
					w.t.Fatalf("account %d has %+v, who says %+v", m, k, other)
				}
			}
			heads := 0
			for _, k := range f.Kin {
				if k.Standing == ledger.Head {
					heads++
				}
			}
			if heads != min(int(f.Members()), 1) {
				w.t.Fatalf("account %d has %d heads: %+v", m, heads, f.Kin)
			}
			continue
		}
		if f.Account == 0 {
			continue
		}
		if k := w.states[f.Account].Family.Find(m); k == nil || k.Since != f.Since || k.Standing < ledger.Belongs || f.Standing < ledger.Belongs {
			w.t.Fatalf("member %d says %+v, the account has %+v", m, f, w.states[f.Account].Family.Kin)
		}
	}
}

// conserved holds that what everybody has is what was issued and not spent, taken
// back or expired.
func (w *world) conserved() {
	sum := int64(0)
	for _, p := range w.postings {
		for _, side := range []struct {
			account ledger.Account
			amount  int64
		}{{p.From, -p.Amount}, {p.To, p.Amount}} {
			switch side.account {
			case ledger.Issuer, ledger.Spent, ledger.Withdrawn, ledger.Expired:
				sum += side.amount
			}
		}
	}
	for _, s := range w.states {
		b := s.BalanceOf(w.program.WalletByID("points").Name)
		sum += b.Pending + b.Net() + b.Held
		if s.Gone() && b.Pending+b.Available+b.Held != 0 {
			w.t.Fatalf("nobody can spend %+v", b)
		}
		if b.Available > 0 && s.Family.In() && !s.Status.Account() {
			w.t.Fatalf("a member of a family keeps %+v", b)
		}
	}
	if sum != 0 {
		w.t.Fatalf("%d are too many", sum)
	}
}
