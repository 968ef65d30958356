package engine

import "premia/internal/core/ledger"

// Draws tells whether a program decides anything by chance, so that its decisions
// need the event's draw among their inputs.
func (p *Program) Draws() bool { return p.draws != nil }

// Draws tells whether any of the programs decides anything by chance.
func (t *Timeline) Draws() bool {
	for i := range t.lives {
		if t.lives[i].Program.Draws() {
			return true
		}
	}
	return false
}

// OnDraw registers what is drawn when somebody pays for a draw of the surprise.
func (c *Compiler) OnDraw(surprise ledger.Name, draw func(t *Turn)) {
	if c.Program.draws == nil {
		c.Program.draws = make(map[ledger.Name]func(*Turn))
	}
	c.Program.draws[surprise] = draw
}

// Sale is a draw of a surprise that a reward sells.
type Sale struct {
	// Surprise is the id of the surprise, and Path where the document names it.
	Surprise, Path string
	Reward         ledger.Name
}

// SellDraw says that a reward sells draws of a surprise.
func (c *Compiler) SellDraw(s Sale) { c.Program.Sales = append(c.Program.Sales, s) }

// DrawFor draws what the surprise has for the member, so many times.
func (t *Turn) DrawFor(surprise ledger.Name, times int64) {
	if draw := t.Program.draws[surprise]; draw != nil {
		for range times {
			draw(t)
		}
	}
}

// Draw gives the seed of all that this event decides by chance, and keeps it in the
// decision, so that the draw can be made again. It is nil where there is none: a
// quote never draws.
func (t *Turn) Draw() []byte {
	if len(t.In.Draw) > 0 && len(t.Out.Draw) == 0 {
		t.Out.Draw = append(t.Out.Draw, t.In.Draw...)
	}
	return t.Out.Draw
}

// Before gives what was decided on the purchase that is decided again; nil while
// nothing is.
func (t *Turn) Before() *Decision {
	if t.replay == nil {
		return nil
	}
	return t.replay.past.Decision
}
