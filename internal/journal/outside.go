package journal

import (
	"context"
	"fmt"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/store"
)

// Keys makes the keys of the directory for those who read a database without
// deciding anything in it: whoever verifies or moves it.
type Keys struct{ ring keyring }

// SecretSetting is the setting that holds the workspace's secret.
const SecretSetting = "secret"

// LoadKeys reads the workspace's secret.
func LoadKeys(ctx context.Context, s *store.Store) (Keys, error) {
	secret, err := s.Setting(ctx, SecretSetting)
	if err != nil {
		return Keys{}, fmt.Errorf("read the workspace's secret: %w", err)
	}
	return Keys{keyring{secret}}, nil
}

// Event is the key of an event id.
func (k Keys) Event(id string) store.Key { return k.ring.event(id) }

// Identity is the key of an identity.
func (k Keys) Identity(id Identity) store.Key { return k.ring.identity(id) }

// Order is the key that an event binds for its order: purchases and claims do.
func (k Keys) Order(e *event.Event) (store.Key, bool) {
	switch {
	case e.Order == "":
	case e.Type == event.Purchase:
		return k.ring.order(e.Order), true
	case e.Type == event.Claim:
		return k.ring.claim(e.Order), true
	}
	return store.Key{}, false
}

// Claimed is the key of the purchase that a claim is about.
func (k Keys) Claimed(e *event.Event) store.Key { return k.ring.order(e.Order) }

// FollowUp is the id of the n-th follow-up of the event with the id.
func (k Keys) FollowUp(cause string, n int) string { return k.ring.followUp(cause, n) }

// Draw is the seed of what the event with the id decides by chance.
func (k Keys) Draw(event string) []byte { return k.ring.draw(event) }

// ContestSeed is the seed of a contest's draw.
func (k Keys) ContestSeed(id string) []byte { return k.ring.contest(id) }

// Ticket is the number of the n-th entry of a contest, from 0, that the event with the
// id gave.
func (k Keys) Ticket(contest, event string, n int64) string {
	return k.ring.ticket(contest, event, n)
}

// ContestEvent is the id of the event that tells the winner in a place of the order
// that was drawn, from 0.
func (k Keys) ContestEvent(contest string, place int) string {
	return k.ring.contestEvent(contest, place)
}

// LeaderboardEvent is the id of the event that gives the prize of a place, from 1, of a
// leaderboard's group in the period that began at since. The board is called by what it
// counts.
func (k Keys) LeaderboardEvent(counts string, since calendar.Instant, group string, place int64) string {
	return k.ring.leaderboardEvent(counts, since, group, place)
}

// ContestLapse is the id of the event that ends the claim of the winner in a place.
func (k Keys) ContestLapse(contest string, place int) string {
	return k.ring.contestLapse(contest, place)
}

// ContestHolder is what stands for a member among a contest's winners: the same for
// all tickets of one member, and nobody can tell from it who that is.
func (k Keys) ContestHolder(contest string, member ledger.MemberID) string {
	return k.ring.contestHolder(contest, member)
}

// PersonalID is [Journal.PersonalID].
func (k Keys) PersonalID(merge string) string { return k.ring.personal(merge) }

// What the journal gives the entries that it writes.
const (
	// EnrolmentSuffix ends the id of an enrolment that another event brought: the
	// id of that event stands before it. The directory has no key of it.
	EnrolmentSuffix = enrolmentSuffix
	// DigestPrefix begins the names of data that are digests of personal values;
	// of several values of one name the digests stand in one datum, with spaces
	// between them, and an empty one tells that the value was removed.
	DigestPrefix = digestPrefix
	// FollowUpPrefix begins the ids of follow-ups.
	FollowUpPrefix = followUpPrefix
)

// MaskOf gives the mask of a decision's entry.
func MaskOf(e *event.Event, d *engine.Decision) uint32 { return maskOf(e, d) }
