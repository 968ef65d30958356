package program

import (
	"strconv"

	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/family"
)

// Kin is what a member wants of a family, which a scenario calls by a name. Its
// balances are expected in steps whose member is the family.
type Kin struct {
	Found    string `doc:"found" max_len:"60" help:"the member founds a family with this name"`
	Join     string `doc:"join" max_len:"60" help:"the member joins the family with this name, which has invited them"`
	Leave    string `doc:"leave" max_len:"60" help:"the member leaves the family with this name"`
	Invite   string `doc:"invite" max_len:"60" help:"the member, its head, invites the member with this name"`
	Remove   string `doc:"remove" max_len:"60" help:"the member, its head, removes the member with this name"`
	HandOver string `doc:"hand over" max_len:"60" help:"the member with this name becomes head"`
}

// act gives what is wanted, and the name that it is about.
func (k *Kin) act() (act, name string, several bool) {
	said := 0
	for _, one := range [...][2]string{
		{family.Found, k.Found}, {family.Join, k.Join}, {family.Leave, k.Leave},
		{family.Invite, k.Invite}, {family.Remove, k.Remove}, {family.HandOver, k.HandOver},
	} {
		if one[1] != "" {
			said++
			act, name = one[0], one[1]
		}
	}
	return act, name, said != 1
}

func (k *stepChecker) family(e *event.Event, path string, x *Kin) {
	act, _, wrong := x.act()
	if wrong {
		k.Problem(path, "ambiguous", "a step does one thing with a family", "write one of found, join, leave, invite, remove and hand over")
	}
	e.Data = []event.Datum{{Name: family.Do, Kind: event.Text, Text: act}}
}

// kin gives an event about a family its numbers, and whose it is: the account's
// where the head wants something of it.
func (r *stageRun) kin(a *actor, e *event.Event, sc *scene) *actor {
	if e.Type != event.Family {
		return a
	}
	act, name, _ := sc.kin.act()
	whole := func(name string, id ledger.MemberID) event.Datum {
		return event.Datum{Name: name, Kind: event.Whole, Whole: int64(id)}
	}
	switch act {
	case family.Found, family.Join, family.Leave:
		e.Data = []event.Datum{{Name: family.Do, Kind: event.Text, Text: act}, whole(family.Account, r.named(name, 0).id)}
		return a
	}
	e.Data = []event.Datum{whole(family.By, a.id), {Name: family.Do, Kind: event.Text, Text: act}, whole(family.Who, r.named(name, ledger.Active).id)}
	if account := r.numbered(a.state.Family.Account); account != nil {
		return account
	}
	// Without a family there is no head, which the family says whoever is asked.
	return r.named("family of "+strconv.FormatInt(int64(a.id), 10), ledger.FamilyAccount)
}
