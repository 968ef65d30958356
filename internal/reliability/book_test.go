package reliability_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync"
)

// decided is what matters of an answer to an event: the decision.
type decided struct {
	ID       string          `json:"id"`
	Type     string          `json:"type"`
	Member   string          `json:"member"`
	At       string          `json:"at"`
	Recorded string          `json:"recorded"`
	Program  uint32          `json:"program"`
	Outcome  string          `json:"outcome"`
	Gave     json.RawMessage `json:"gave"`
	Steps    json.RawMessage `json:"steps"`
	Repeated bool            `json:"repeated"`
}

// same tells whether two answers are of one decision.
func (d *decided) same(o *decided) bool {
	return d.ID == o.ID && d.Type == o.Type && d.Member == o.Member && d.At == o.At && d.Recorded == o.Recorded &&
		d.Program == o.Program && d.Outcome == o.Outcome && bytes.Equal(d.Gave, o.Gave) && bytes.Equal(d.Steps, o.Steps)
}

func (d *decided) String() string {
	return fmt.Sprintf("%s %s of %s at %s (%s) by version %d: %s, gave %s in steps %s", d.Type, d.ID, d.Member, d.At, d.Recorded, d.Program, d.Outcome, d.Gave, d.Steps)
}

// book is the test's own account of what was acknowledged.
type book struct {
	mu sync.Mutex
	// answers are the first answers, by event id.
	answers map[string]decided
	// points is what the events must have come to, without the campaign, in whole
	// points; app is what the campaign would have added without a budget.
	points, app int64
	// members are the cards that became members.
	members  map[string]bool
	enrolled []string // their list, to choose from
	wrong    []string
}

func newBook() *book {
	return &book{answers: make(map[string]decided), members: make(map[string]bool)}
}

// acknowledge enters an event that was answered for the first time, with what it
// is worth; a later answer must be the same.
func (b *book) acknowledge(d decided, worth int64, inApp bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if first, again := b.answers[d.ID]; again {
		if !first.same(&d) {
			b.complain("two answers to one event:\n%s\n%s", &first, &d)
		}
		return
	}
	b.answers[d.ID] = d
	b.points += worth
	if inApp {
		b.app += worth
	}
}

// member enters a card whose owner is a member, with ten points for joining.
func (b *book) member(card string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.members[card] {
		b.members[card] = true
		b.enrolled = append(b.enrolled, card)
		b.points += welcome
	}
}

// complain notes what is wrong; the lock is held.
func (b *book) complain(format string, args ...any) {
	if len(b.wrong) < 10 {
		b.wrong = append(b.wrong, fmt.Sprintf(format, args...))
	}
}

func (b *book) refuse(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.complain(format, args...)
}

// acknowledged is how many events were answered.
func (b *book) acknowledged() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.answers)
}

// someMember gives the card of a member; empty while there is none.
func (b *book) someMember(n uint64) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.enrolled) == 0 {
		return ""
	}
	return b.enrolled[n%uint64(len(b.enrolled))]
}

// What the program gives.
const (
	welcome = 10
	review  = 5
)
