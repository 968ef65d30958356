package reliability_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"premia/internal/api"
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
	Basket   *api.Basket     `json:"basket"`
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
	// moot are the ids of merges and transfers between what is one member by now. An
	// earlier sending whose answer nobody waited for may still be decided after that,
	// which moves nothing.
	moot map[string]bool
	// points is what the events must have come to, without the campaign, in whole
	// points; app is what the campaign would have added without a budget.
	points, app int64
	// coins is what members must have of them, what is held included; cards is the
	// value of all gift cards, in grosze. Both are added up from what was answered.
	coins, cards int64
	// members are the cards that became members.
	members  map[string]bool
	enrolled []string // their list, to choose from
	wrong    []string
}

func newBook() *book {
	return &book{answers: make(map[string]decided), moot: make(map[string]bool), members: make(map[string]bool)}
}

// worth is what an event comes to: points, twice where the campaign applies; coins;
// and grosze on gift cards.
type worth struct {
	points       int64
	app          bool
	coins, cards int64
}

// acknowledge enters an event that was answered for the first time, with what it
// is worth; a later answer must be the same.
func (b *book) acknowledge(d decided, of worth) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if first, again := b.answers[d.ID]; again {
		if !first.same(&d) {
			b.complain("two answers to one event:\n%s\n%s", &first, &d)
		}
		return
	}
	b.answers[d.ID] = d
	b.points, b.coins, b.cards = b.points+of.points, b.coins+of.coins, b.cards+of.cards
	if of.app {
		b.app += of.points
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
		b.coins += startCoins
	}
}

// oneMember notes what was asked between two names of one member.
func (b *book) oneMember(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.moot[id] = true
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

// spent looks that all that spends and gives back has happened, and been refused
// where it can be.
func (b *book) spent(t testing.TB) {
	t.Helper()
	done, refused := map[string]int{}, map[string]int{}
	for _, d := range b.answers {
		if d.Outcome == "applied" {
			done[d.Type]++
		} else {
			refused[d.Type]++
		}
	}
	for _, kind := range [...]string{"transfer", "redemption", "confirmation", "cancellation", "refund", "checkout", "gift_card_issue", "gift_card_payment"} {
		if done[kind] == 0 {
			t.Errorf("no %s was applied: %v", kind, done)
		}
	}
	for _, kind := range [...]string{"transfer", "redemption", "purchase", "gift_card_payment"} {
		if refused[kind] == 0 {
			t.Errorf("no %s was refused: %v", kind, refused)
		}
	}
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
	welcome    = 10
	review     = 5
	startCoins = 100
)
