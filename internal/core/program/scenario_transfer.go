package program

import (
	"github.com/govalues/decimal"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/transfer"
	"premia/internal/core/money"
)

// Given is what a member gives to another.
type Given struct {
	To     string          `doc:"to,required" max_len:"60" help:"who receives it: the name of another of the scenario's members"`
	Wallet string          `doc:"wallet,required" help:"the wallet's id"`
	Amount decimal.Decimal `doc:"amount,required" above:"0"`
}

// transfer makes the event of a step in which value is given. Who receives it has
// a number only when the scenario runs.
func (k *stepChecker) transfer(e *event.Event, path string, g *Given) {
	e.Wallet, e.Given = g.Wallet, event.GivenAmount
	scale := money.MaxScale
	if w := k.Wallet(path+".wallet", g.Wallet); w != nil {
		scale = w.Unit.Scale
		k.Counted(path+".amount", w)
	}
	e.Amount = k.minor(path+".amount", &g.Amount, scale)
}

// receive gives an event of a transfer the receiver's number.
func (r *stageRun) receive(e *event.Event, sc *scene) {
	if e.Type == event.Transfer {
		to := r.named(sc.to, ledger.Active)
		e.Data = []event.Datum{{Name: transfer.To, Kind: event.Whole, Whole: int64(to.id)}}
	}
}

// deliver decides at once upon what follows from the scene's decision for others,
// and upon what follows from that. The scene's own decision stays, unless it waited
// for a family's answer: then it is that upon the answer.
func (r *stageRun) deliver(first *actor, sc *scene) {
	waiting := append([]engine.FollowUp(nil), r.decision.FollowUps...)
	for len(waiting) > 0 {
		f := waiting[0]
		waiting = waiting[1:]
		a := r.receiver(&f)
		if a == nil {
			continue
		}
		e := event.Event{Type: f.Type, Order: f.Order, Carried: f.Carried, At: sc.at, Codes: f.CodesOf(r.document.Program.Scales())}
		if b, err := engine.OpenTakeBackCard(f.Carried); err == nil && f.Type == event.GiftCardAnswer {
			e.Redemption = b.Redemption
		}
		if g, err := engine.OpenGiftWithdrawal(f.Carried); err == nil && f.Type == event.GiftWithdrawal {
			e.Redemption = g.Redemption
		}
		var d engine.Decision
		r.decide(a, &e, sc, &d)
		waiting = append(waiting, d.FollowUps...)
		if a == first && r.decision.Outcome == engine.WaitsForFamily {
			r.decision = d
		}
	}
}

// receiver finds whom a follow-up is for; nil if that is none of the scenario's.
func (r *stageRun) receiver(f *engine.FollowUp) *actor {
	if f.Member == 0 {
		return r.card(f)
	}
	return r.numbered(f.Member)
}

func (r *stageRun) numbered(id ledger.MemberID) *actor {
	for _, a := range r.actors {
		if a.id == id {
			return a
		}
	}
	return nil
}
