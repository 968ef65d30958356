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
	Algorithm string `json:"algorithm" doc:"how winners are drawn"`
	// Commitment is the SHA-256 of the seed.
	Commitment string `json:"commitment" doc:"the SHA-256 of the seed, in hexadecimal digits, known from the beginning"`
	DrawAt     string `json:"draw_at" format:"date-time" doc:"when prizes are drawn"`
	Drawn      bool   `json:"drawn"`
	Seed       string `json:"seed,omitempty" doc:"the seed, in hexadecimal digits; absent before the draw"`
	// Tickets are the entries in the order of their numbers.
	Tickets []string `json:"tickets,omitempty" doc:"the numbers of all entries, ascending; absent before the draw"`
	Prizes  []string `json:"prizes" doc:"the prizes in the order in which they are drawn"`
	Winners []Winner `json:"winners,omitempty" doc:"who won; absent before the draw"`
}

// Winner is a ticket that won.
type Winner struct {
	Place  int    `json:"place" doc:"the ticket's place in the order that was drawn, from 0"`
	Ticket string `json:"ticket"`
	Prize  string `json:"prize"`
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
	case !p.Drawn:
		return errors.New("nothing has been drawn yet")
	case p.Algorithm != Algorithm:
		return fmt.Errorf("the algorithm %q is not known here, which knows %s", p.Algorithm, Algorithm)
	case err != nil:
		return fmt.Errorf("the seed is malformed: %w", err)
	case Commitment(seed) != p.Commitment:
		return errors.New("the seed is not the one that was committed to")
	}
	if !slices.IsSorted(p.Tickets) || len(slices.Compact(slices.Clone(p.Tickets))) != len(p.Tickets) {
		return errors.New("the tickets are not each there once, in ascending order")
	}
	order, last := Order(seed, p.Contest, p.Tickets), -1
	if len(p.Winners) > len(p.Prizes) {
		return errors.New("there are more winners than prizes")
	}
	for i, w := range p.Winners {
		switch {
		case w.Place <= last || w.Place >= len(order) || order[w.Place] != w.Ticket:
			return fmt.Errorf("the ticket %s is not the one that was drawn for place %d", w.Ticket, w.Place)
		case w.Prize != p.Prizes[i]:
			return fmt.Errorf("the ticket %s has the prize %q, and the next one was %q", w.Ticket, w.Prize, p.Prizes[i])
		}
		last = w.Place
	}
	if len(p.Winners) < len(p.Prizes) && last < len(order)-1 && len(p.Winners) < len(order) {
		return fmt.Errorf("only %d of %d prizes were given", len(p.Winners), len(p.Prizes))
	}
	return nil
}
