package report

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/ambassador"
)

// Ambassadors is what came of the links of all ambassadors, and of each one's.
type Ambassadors struct {
	Advertised
	// Each is in the order of what they brought: by conversions, then by clicks, and
	// last by their ids.
	Each []Ambassador `json:"each"`
}

// Ambassador is what came of one ambassador's links. Those of members who were merged
// are one.
type Ambassador struct {
	Ambassador string `json:"ambassador"`
	Advertised
}

// Advertised is what came of links.
type Advertised struct {
	// Clicks are those that are still kept.
	Clicks int64 `json:"clicks"`
	// Conversions are the purchases that were credited, and Reversals how often goods of
	// them went back.
	Conversions int64        `json:"conversions"`
	Reversals   int64        `json:"reversals"`
	Commissions []Commission `json:"commissions"`
}

// Commission is where the value of commissions stands in a wallet.
type Commission struct {
	Wallet string `json:"wallet"`
	// Given is what was given, less what was taken back.
	Given Amount `json:"given"`
	// Pending waits, Payable can be paid out, Paid was paid out or spent otherwise, and
	// Expired is gone by time. What pays a debt is in none of them.
	Pending Amount `json:"pending"`
	Payable Amount `json:"payable"`
	Paid    Amount `json:"paid"`
	Expired Amount `json:"expired"`
}

// Links adds up what came of ambassadors' links. One goroutine uses it at a time.
type Links struct {
	rules *engine.Timeline
	asOf  calendar.Instant
	// commissions are the rules of commissions, and link what is noticed of links.
	commissions map[ledger.Name]bool
	link        ledger.Name
	of          map[ledger.MemberID]*links
	merged      map[ledger.MemberID]ledger.MemberID
}

// links is what came of one member's.
type links struct {
	clicks, conversions, reversals int64
	accounts                       map[ledger.Name]*accounts // by wallet
}

// NewLinks begins with nothing; nil where no program has commissions.
func NewLinks(rules *engine.Timeline, asOf calendar.Instant) *Links {
	x := &Links{rules: rules, asOf: asOf, commissions: map[ledger.Name]bool{}, of: map[ledger.MemberID]*links{}, merged: map[ledger.MemberID]ledger.MemberID{}}
	for _, live := range rules.All() {
		names := live.Program.Names
		for rule := range live.Program.Rules {
			if strings.HasPrefix(names.Name(rule), ambassador.CommissionRules) {
				x.commissions[rule] = true
			}
		}
		x.link, _ = names.Find(ambassador.Link)
	}
	if len(x.commissions) == 0 {
		return nil
	}
	return x
}

// Fresh gives another one of the same report, for another goroutine.
func (x *Links) Fresh() *Links {
	if x == nil {
		return nil
	}
	return NewLinks(x.rules, x.asOf)
}

func (x *Links) member(id ledger.MemberID) *links {
	of := x.of[id]
	if of == nil {
		of = &links{accounts: map[ledger.Name]*accounts{}}
		x.of[id] = of
	}
	return of
}

// Clicked counts a click on a member's link.
func (x *Links) Clicked(c *ledger.Click) {
	if c.At <= x.asOf {
		x.member(c.By).clicks++
	}
}

// Decision adds what a member's decision says of commissions.
func (x *Links) Decision(id ledger.MemberID, d *engine.Decision) {
	if x == nil || id == 0 {
		return
	}
	x.postings(id, d.Postings)
	if d.At > x.asOf {
		return
	}
	for i := range d.Steps {
		switch s := &d.Steps[i]; {
		case s.Rule != x.link:
		case s.Result == engine.CommissionFor:
			x.member(id).conversions++
		case s.Result == engine.CommissionLess:
			x.member(id).reversals++
		}
	}
}

func (x *Links) postings(id ledger.MemberID, all []ledger.Posting) {
	for i := range all {
		p := &all[i]
		if p.At > x.asOf || !x.commissions[p.Rule] {
			continue
		}
		of := x.member(id)
		a := of.accounts[p.Wallet]
		if a == nil {
			a = &accounts{}
			of.accounts[p.Wallet] = a
		}
		a[p.From] -= p.Amount
		a[p.To] += p.Amount
	}
}

// Member lets time pass in a member's newest state, which stays as it is, up to the
// report's moment.
func (x *Links) Member(id ledger.MemberID, s *ledger.State) {
	if x == nil {
		return
	}
	if s.MergedInto != 0 {
		x.merged[id] = s.MergedInto
	}
	if x.of[id] != nil && x.rules.Due(s) <= x.asOf {
		_, d := engine.Settled(x.rules, id, s, x.asOf)
		x.postings(id, d.Postings)
	}
}

// Merge adds another one of the same report.
func (x *Links) Merge(o *Links) {
	if x == nil {
		return
	}
	for id, from := range o.of {
		x.member(id).add(from)
	}
	maps.Copy(x.merged, o.merged)
}

func (l *links) add(o *links) {
	l.clicks += o.clicks
	l.conversions += o.conversions
	l.reversals += o.reversals
	for wallet, from := range o.accounts {
		a := l.accounts[wallet]
		if a == nil {
			a = &accounts{}
			l.accounts[wallet] = a
		}
		for account, amount := range from {
			a[account] += amount
		}
	}
}

// Ambassadors gives what came of all links; nil where nothing did.
func (x *Links) Ambassadors() *Ambassadors {
	if x == nil || len(x.of) == 0 {
		return nil
	}
	now, total := map[ledger.MemberID]*links{}, &links{accounts: map[ledger.Name]*accounts{}}
	for id, from := range x.of {
		for range len(x.merged) {
			if next := x.merged[id]; next != 0 {
				id = next
			}
		}
		if now[id] == nil {
			now[id] = &links{accounts: map[ledger.Name]*accounts{}}
		}
		now[id].add(from)
		total.add(from)
	}
	out := &Ambassadors{Advertised: x.advertised(total)}
	for id, of := range now {
		out.Each = append(out.Each, Ambassador{id.String(), x.advertised(of)})
	}
	slices.SortFunc(out.Each, func(p, q Ambassador) int {
		return cmp.Or(cmp.Compare(q.Conversions, p.Conversions), cmp.Compare(q.Clicks, p.Clicks), strings.Compare(p.Ambassador, q.Ambassador))
	})
	return out
}

func (x *Links) advertised(l *links) Advertised {
	out := Advertised{Clicks: l.clicks, Conversions: l.conversions, Reversals: l.reversals, Commissions: []Commission{}}
	for _, live := range x.rules.All() {
		for i := range live.Program.Wallets {
			w := &live.Program.Wallets[i]
			a := l.accounts[w.Name]
			if a == nil || slices.ContainsFunc(out.Commissions, func(c Commission) bool { return c.Wallet == w.ID }) {
				continue
			}
			of := func(minor int64) Amount { return Amount{minor, w.Unit.Scale} }
			out.Commissions = append(out.Commissions, Commission{
				Wallet: w.ID, Given: of(-a[ledger.Issuer] - a[ledger.Withdrawn]), Pending: of(a[ledger.Pending]),
				Payable: of(a[ledger.Available] + a[ledger.Held]), Paid: of(a[ledger.Spent]), Expired: of(a[ledger.Expired]),
			})
		}
	}
	slices.SortFunc(out.Commissions, func(p, q Commission) int { return strings.Compare(p.Wallet, q.Wallet) })
	return out
}

// ambassadors lists the figures of ambassadors.
func (f *lister) ambassadors(r *Report) {
	if r.Ambassadors == nil {
		return
	}
	f.section = "ambassadors"
	f.advertised(&r.Ambassadors.Advertised)
	for i := range r.Ambassadors.Each {
		one := &r.Ambassadors.Each[i]
		f.section = "ambassador " + one.Ambassador
		f.advertised(&one.Advertised)
	}
}

func (f *lister) advertised(a *Advertised) {
	f.count("clicks", a.Clicks)
	f.count("conversions", a.Conversions)
	f.add("reversals", Amount{a.Reversals, 0}, false)
	for i := range a.Commissions {
		c := &a.Commissions[i]
		f.add(c.Wallet+", given", c.Given, true)
		f.add(c.Wallet+", pending", c.Pending, true)
		f.add(c.Wallet+", payable", c.Payable, true)
		f.add(c.Wallet+", paid", c.Paid, true)
		f.add(c.Wallet+", expired", c.Expired, false)
	}
}
