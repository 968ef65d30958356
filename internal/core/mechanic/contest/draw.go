package contest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"premia/internal/core/chance"
)

// Algorithm names the way in which winners are drawn; another way would have another
// name.
const Algorithm = "premia-draw-1"

// Published is a contest as it is public: until the draw its commitment alone, and
// then all that anyone needs to draw again.
type Published struct {
	Contest   string `json:"contest" doc:"the contest's id"`
	State     string `json:"state" enum:"announced,drawn,finished" doc:"announced until all prizes are drawn; drawn while prizes wait to be claimed or passed on; finished when nothing changes any more"`
	Algorithm string `json:"algorithm" doc:"how winners are drawn"`
	// Commitment is the SHA-256 of the seed.
	Commitment string   `json:"commitment" doc:"the SHA-256 of the seed, in hexadecimal digits, known from the beginning"`
	DrawAt     string   `json:"draw_at" format:"date-time" doc:"when prizes are drawn"`
	Entries    int64    `json:"entries" doc:"how many entries there are"`
	OneEach    bool     `json:"one_prize_each,omitempty" doc:"whether one member wins one prize at most"`
	Prizes     []string `json:"prizes" doc:"the prizes in the order in which they are drawn"`
	Seed       string   `json:"seed,omitempty" doc:"the seed, in hexadecimal digits; absent before the draw"`
	// Tickets are the entries in the order of their numbers.
	Tickets []string `json:"tickets,omitempty" doc:"the numbers of all entries, ascending; absent before the draw"`
	Winners []Winner `json:"winners,omitempty" doc:"what became of the tickets in the order that was drawn, as far as prizes went; absent before the draw"`
}

// The states of a published contest.
const (
	Announced = "announced"
	Drawn     = "drawn"
	Finished  = "finished"
)

// Winner is a ticket that was drawn, and what became of its prize.
type Winner struct {
	Place   int    `json:"place" doc:"the ticket's place in the order that was drawn, from 0"`
	Ticket  string `json:"ticket"`
	Prize   string `json:"prize"`
	State   string `json:"state" enum:"won,to_claim,lapsed,gave_way" doc:"won: has the prize; to_claim: can claim it; lapsed: did not in time; gave_way: can't have it"`
	Holder  string `json:"holder,omitempty" doc:"stands for the member, the same for all tickets of one"`
	ClaimBy string `json:"claim_by,omitempty" format:"date-time" doc:"the first moment at which it can't be claimed any more"`
	Name    string `json:"name,omitempty" doc:"how the member is shown to others; never in what is published as a file"`
}

// What became of a prize.
const (
	Has     = "won"
	Waits   = "to_claim"
	Over    = "lapsed"
	GaveWay = "gave_way"
)

// Progress is which prizes are still to go to tickets, while one goes through the order
// that was drawn: first each prize in its turn, and then those that were not claimed.
type Progress struct {
	open    []string
	fresh   int // how many of the open prizes have been no ticket's yet
	waiting int
}

// NewProgress begins with all prizes.
func NewProgress(prizes []string) *Progress {
	return &Progress{open: slices.Clone(prizes), fresh: len(prizes)}
}

// Next gives the prize of the next ticket; ok is false if there is none.
func (p *Progress) Next() (prize string, ok bool) {
	if len(p.open) == 0 {
		return "", false
	}
	return p.open[0], true
}

// Record goes on to the next ticket. The error tells that the ticket had a prize that it
// could not have.
func (p *Progress) Record(w *Winner) error {
	at := slices.Index(p.open, w.Prize)
	if at < 0 || (p.fresh > 0 && at > 0) {
		next, _ := p.Next()
		return fmt.Errorf("the ticket %s has the prize %q, and the next one was %q", w.Ticket, w.Prize, next)
	}
	switch w.State {
	case GaveWay:
		return nil
	case Over:
		p.open = append(p.open, w.Prize)
	case Waits:
		p.waiting++
	case Has:
	default:
		return fmt.Errorf("the ticket %s is in the state %q, which is none", w.Ticket, w.State)
	}
	p.open, p.fresh = slices.Delete(p.open, at, at+1), max(p.fresh-1, 0)
	return nil
}

// State gives the contest's when as many tickets are left.
func (p *Progress) State(left int) string {
	switch {
	case p.fresh > 0 && left > 0:
		return Announced
	case p.waiting > 0 || (len(p.open) > 0 && left > 0):
		return Drawn
	}
	return Finished
}

// Commitment gives the SHA-256 of a seed in hexadecimal digits.
func Commitment(seed []byte) string {
	sum := sha256.Sum256(seed)
	return hex.EncodeToString(sum[:])
}

// Order gives the tickets in the order that the seed draws: from the tickets in
// ascending order, each place from the first on changes with one drawn from it and
// those behind it (R. Durstenfeld, Algorithm 235, 1964, from the front). The numbers are
// those of the package chance under the label "contest." with the contest's id. The
// first prize is the first ticket's, and whoever can't take theirs gives way to the
// next.
func Order(seed []byte, contest string, tickets []string) []string {
	order := slices.Sorted(slices.Values(tickets))
	numbers := chance.New(seed, Kind+"."+contest)
	for i := 0; i+1 < len(order); i++ {
		j := i + int(numbers.Below(uint64(len(order)-i)))
		order[i], order[j] = order[j], order[i]
	}
	return order
}

// Check draws a published contest again. The error says what is not as published.
func Check(p *Published) error {
	seed, err := hex.DecodeString(p.Seed)
	switch {
	case p.State == Announced:
		return errors.New("nothing has been drawn yet")
	case p.Algorithm != Algorithm:
		return fmt.Errorf("the algorithm %q is not known here, which knows %s", p.Algorithm, Algorithm)
	case err != nil:
		return fmt.Errorf("the seed is malformed: %w", err)
	case Commitment(seed) != p.Commitment:
		return errors.New("the seed is not the one that was committed to")
	case !slices.IsSorted(p.Tickets) || len(slices.Compact(slices.Clone(p.Tickets))) != len(p.Tickets) || int64(len(p.Tickets)) != p.Entries:
		return errors.New("the tickets are not each there once, in ascending order")
	}
	order, progress, holders := Order(seed, p.Contest, p.Tickets), NewProgress(p.Prizes), map[string]bool{}
	for i := range p.Winners {
		w := &p.Winners[i]
		if w.Place != i || i >= len(order) || order[i] != w.Ticket {
			return fmt.Errorf("the ticket %s is not the one that was drawn for place %d", w.Ticket, w.Place)
		}
		if err := progress.Record(w); err != nil {
			return err
		}
		if w.State != GaveWay && p.OneEach && holders[w.Holder] {
			return fmt.Errorf("the holder %s has won more than one prize", w.Holder)
		}
		holders[w.Holder] = holders[w.Holder] || w.State != GaveWay
	}
	if state := progress.State(len(order) - len(p.Winners)); state != p.State {
		return fmt.Errorf("the contest is said to be %s, and is %s by its winners", p.State, state)
	}
	return nil
}
