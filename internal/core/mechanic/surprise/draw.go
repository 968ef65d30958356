package surprise

import (
	"slices"
	"strconv"

	"premia/internal/core/chance"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
)

// Apply draws where the event lets the member draw.
func (s *stage) Apply(t *engine.Turn) {
	for i := range s.surprises {
		x := &s.surprises[i]
		if x.Kind == 0 || x.Kind != t.Kind || x.source.Paused || !x.applies(t) {
			continue
		}
		if before := t.Before(); before != nil {
			x.again(t, before)
			continue
		}
		if !x.mayPlay(t) {
			continue
		}
		for j := range x.limits {
			t.Use(&x.limits[j], 1)
		}
		x.draw(t)
	}
}

// applies tells whether the event lets the member draw; if not, a step says why.
func (x *compiled) applies(t *engine.Turn) bool {
	if why := x.window.Check(t); why != 0 {
		t.Note(engine.Step{Rule: x.Name, Result: why})
		return false
	}
	if !t.Met(x.When, x.Name) {
		return false
	}
	_, _, any := t.Matching(x.Items)
	if !any {
		t.Note(engine.Step{Rule: x.Name, Result: engine.NoItems})
	}
	return any
}

// mayPlay tells whether the limits leave the member a draw; if not, a step says so.
func (x *compiled) mayPlay(t *engine.Turn) bool {
	for i := range x.limits {
		if l := &x.limits[i]; t.Used(l) >= l.Cap {
			t.Note(engine.Step{Rule: x.Name, Result: engine.PlayedOften, Limit: l.Limit, Base: l.Cap})
			return false
		}
	}
	return true
}

// draw draws once and gives what was won. Without a seed nothing is drawn: then it is
// only asked what would be.
func (x *compiled) draw(t *engine.Turn) {
	seed := t.Draw()
	if len(seed) == 0 {
		t.Note(engine.Step{Rule: x.Name, Result: engine.MayWin})
		return
	}
	drawn := x.pick(seed, x.drawnBefore(t))
	for at := drawn; at < len(x.prizes); at++ {
		if x.win(t, at) {
			return
		}
		t.Note(engine.Step{Rule: x.Name, Result: engine.PrizeGone, By: x.prizes[at].name})
		if !x.next {
			break
		}
	}
	t.Note(engine.Step{Rule: x.Name, Result: engine.WonNothing})
}

// pick gives the place of the prize that the n-th draw of an event draws, from 0; one
// past the last for nothing. The numbers are those of the seed under the surprise's
// name and the draw's number.
func (x *compiled) pick(seed []byte, n int) int {
	number := chance.New(seed, x.label+"/"+strconv.Itoa(n)).Below(x.numbers)
	for i := range x.prizes {
		if number < x.prizes[i].below {
			return i
		}
	}
	return len(x.prizes)
}

// DrawNothing stands for the prize where nothing is drawn.
const DrawNothing = "nothing"

// Prizes lists the ids of a surprise's prizes, with DrawNothing last if nothing can be
// drawn, too; nil if the program has no such surprise.
func Prizes(p *engine.Program, surprise string) []string {
	x := find(p, surprise)
	if x == nil {
		return nil
	}
	ids := make([]string, 0, len(x.prizes)+1)
	for i := range x.prizes {
		ids = append(ids, x.prizes[i].source.ID)
	}
	if x.source.Nothing != nil {
		ids = append(ids, DrawNothing)
	}
	return ids
}

// IDs lists the ids of a program's surprises.
func IDs(p *engine.Program) (ids []string) {
	for _, s := range p.Stages() {
		if mine, ok := s.(*stage); ok {
			for i := range mine.surprises {
				ids = append(ids, mine.surprises[i].source.ID)
			}
		}
	}
	return ids
}

func find(p *engine.Program, id string) *compiled {
	for _, s := range p.Stages() {
		if mine, ok := s.(*stage); ok {
			return mine.find(id)
		}
	}
	return nil
}

// tries bounds how many seeds are tried for what is to be drawn.
const tries = 4_000_000

// SeedFor gives a seed with which the first draw of each surprise draws the prize that
// is named; false if none is found among millions. It is for those who tell what
// happens when something is drawn, and says nothing of how likely that is.
func SeedFor(p *engine.Program, drawn map[string]string) ([]byte, bool) {
	want := map[*compiled]int{}
	for id, prize := range drawn {
		x := find(p, id)
		if x == nil || x.numbers == 0 {
			return nil, false
		}
		want[x] = slices.Index(Prizes(p, id), prize)
	}
	for n := range tries {
		seed := chance.Seed(nil, "scenario", strconv.Itoa(n))
		fits := true
		for x, at := range want {
			fits = fits && x.pick(seed[:], 0) == at
		}
		if fits {
			return seed[:], true
		}
	}
	return nil, false
}

// drawnBefore counts how often this decision has drawn.
func (x *compiled) drawnBefore(t *engine.Turn) int {
	n := 0
	for i := range t.Out.Steps {
		if s := &t.Out.Steps[i]; s.Rule == x.Name && (s.Result == engine.Won || s.Result == engine.WonNothing) {
			n++
		}
	}
	return n
}

// win gives a prize, unless it is used up.
func (x *compiled) win(t *engine.Turn, at int) bool {
	p, before := &x.prizes[at], len(t.Out.Grants)
	if p.stock > 0 && t.Grant(ledger.Quota{Name: p.quota}, p.stock, 1, true) == 0 {
		return false
	}
	if p.give != nil && t.AwardAmount(p.give, nil, p.give.Fixed, 0, false) == 0 {
		if p.stock > 0 {
			t.Out.Grants = slices.Delete(t.Out.Grants, before, before+1)
		}
		return false
	}
	if p.reward != 0 {
		t.IssueVoucher(p.reward)
	}
	x.won(t, at)
	return true
}

// won says that a prize was won.
func (x *compiled) won(t *engine.Turn, at int) {
	t.Note(engine.Step{Rule: x.Name, Result: engine.Won, By: x.prizes[at].name})
	t.Count(engine.Counted{Rule: x.Name, Value: int64(x.prizes[at].name), Amount: 1})
}

// again gives, while a purchase is decided again, what it had won.
func (x *compiled) again(t *engine.Turn, before *engine.Decision) {
	for i := range before.Steps {
		s := &before.Steps[i]
		if s.Rule != x.Name || s.Result != engine.Won {
			continue
		}
		at := slices.IndexFunc(x.prizes, func(p prize) bool { return p.name == s.By })
		if at < 0 {
			continue // a program of another version is never asked
		}
		if p := &x.prizes[at]; p.give != nil {
			t.AwardAmount(p.give, nil, p.give.Fixed, 0, false)
		}
		x.won(t, at)
	}
}

// Undo takes back what the remaining goods of a purchase would not have played for:
// the prize's stock and its voucher. What was given in wallets goes back as anything
// else that the purchase gave.
func (s *stage) Undo(t *engine.Turn, u *engine.Undone) {
	for i := range s.surprises {
		if x := &s.surprises[i]; u.Mine(x.Name) {
			x.undo(t, u)
		}
	}
}

func (x *compiled) undo(t *engine.Turn, u *engine.Undone) {
	for at := range x.prizes {
		p := &x.prizes[at]
		lost := x.counted(u.Decision.Counted, p, "") + x.counted(t.Out.Counted, p, u.Key()) - x.counted(u.Counted, p, "")
		for _, later := range u.Later {
			lost += x.counted(later.Decision.Counted, p, u.Key())
		}
		if lost > 0 {
			x.takeBack(t, u, p, lost)
		}
	}
}

// counted adds up how often a prize counts as won: with a purchase or, below zero, as
// taken back with what went back of it.
func (x *compiled) counted(all []engine.Counted, p *prize, purchase string) (sum int64) {
	for i := range all {
		if c := &all[i]; c.Rule == x.Name && c.Value == int64(p.name) && c.Purchase == purchase {
			sum += c.Amount
		}
	}
	return sum
}

func (x *compiled) takeBack(t *engine.Turn, u *engine.Undone, p *prize, times int64) {
	t.Count(engine.Counted{Rule: x.Name, Value: int64(p.name), Amount: -times, Purchase: u.Key()})
	t.Note(engine.Step{Rule: x.Name, Result: engine.PrizeBack, By: p.name, Read: u.Key()})
	if p.stock > 0 {
		t.Out.Grants = append(t.Out.Grants, engine.Grant{Quota: ledger.Quota{Name: p.quota}, Amount: -times})
	}
	for i := range u.Decision.Vouchers {
		if v := &u.Decision.Vouchers[i]; v.Reward == p.reward && times > 0 && !gone(t, u, v) {
			t.Out.Vouchers = append(t.Out.Vouchers, engine.Voucher{Redemption: v.Redemption, Number: v.Number, Reward: v.Reward, TakenBack: true})
			times--
		}
	}
}

// gone tells whether a voucher was taken back before.
func gone(t *engine.Turn, u *engine.Undone, v *engine.Voucher) bool {
	same := func(o engine.Voucher) bool {
		return o.TakenBack && o.Redemption == v.Redemption && o.Number == v.Number
	}
	return slices.ContainsFunc(t.Out.Vouchers, same) ||
		slices.ContainsFunc(u.Later, func(p *engine.Past) bool { return slices.ContainsFunc(p.Decision.Vouchers, same) })
}
