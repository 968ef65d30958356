package journal_test

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"testing"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/journal"
	"premia/internal/store"
	"premia/internal/testkit/postgres"
)

// oneWriter runs a test on a fresh database of each kind, with one writer.
func oneWriter(t *testing.T, test func(t *testing.T, f *fixture)) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, open(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db"), journal.Options{Writers: 1}))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, open(t, postgres.New(t), journal.Options{Writers: 1}))
	})
}

// result is what became of a request.
type result struct {
	journal.Answer
	err error
}

// together lets all requests wait before the first of them is decided, so that
// the one writer takes them at once.
func (f *fixture) together(requests ...journal.Request) []result {
	f.t.Helper()
	ctx := context.Background()
	locked, unlock, ended := make(chan bool), make(chan bool), make(chan error)
	go func() {
		ended <- f.store.Batch(ctx, f.store.Shards(), func(*store.Batch) error {
			locked <- true
			<-unlock
			return nil
		})
	}()
	<-locked
	submit := func(r journal.Request) *journal.Ticket {
		t, err := f.Submit(ctx, r)
		if err != nil {
			f.t.Fatal(err)
		}
		return t
	}
	// The writer takes this one and waits with it for the locks.
	submit(purchase("hindrance/"+requests[0].Event.ID, "hindrance", "1.00"))
	for f.Waiting() > 0 {
		runtime.Gosched()
	}
	tickets := make([]*journal.Ticket, len(requests))
	for i, r := range requests {
		tickets[i] = submit(r)
	}
	close(unlock)
	if err := <-ended; err != nil {
		f.t.Fatal(err)
	}
	out := make([]result, len(tickets))
	for i, t := range tickets {
		out[i].Answer, out[i].err = t.Wait(ctx)
	}
	return out
}

// followUps lets events pass from one member to another.
func (f *fixture) followUps() {
	f.t.Helper()
	for range 4 {
		if _, err := f.Deliver(context.Background(), journal.FollowUps{Journal: f.Journal}); err != nil {
			f.t.Fatal(err)
		}
	}
}

// personal lists a member's personal values as "kind name value".
func (f *fixture) personal(id ledger.MemberID) map[string]int {
	f.t.Helper()
	values, err := f.store.PersonalOf(context.Background(), id)
	if err != nil {
		f.t.Fatal(err)
	}
	all := make(map[string]int)
	for _, v := range values {
		all[v.Kind+" "+v.Name+" "+v.Value]++
	}
	return all
}

func card(number string) journal.Identity { return journal.Identity{Kind: "card", Value: number} }

func merging(id string, from, into ledger.MemberID) journal.Request {
	return journal.Request{Member: from, Event: &event.Event{ID: id, Type: event.Merge,
		Data: []event.Datum{{Name: "into", Kind: event.Whole, Whole: int64(into)}}}}
}

func erasing(id string, member ledger.MemberID, unbind ...journal.Identity) journal.Request {
	return journal.Request{Member: member, Forget: []store.PersonalKey{{}}, Unbind: unbind, Event: &event.Event{
		ID: id, Type: event.Profile, Data: []event.Datum{{Name: "erased", Kind: event.Truth, Whole: 1}}}}
}

// profile sets a personal value, or removes it if it is empty.
func profile(id string, member ledger.MemberID, name, value string) journal.Request {
	r := journal.Request{Member: member, Event: &event.Event{ID: id, Type: event.Profile},
		Forget: []store.PersonalKey{{Kind: store.Profile, Name: name}}}
	if value != "" {
		r.Personal = []store.Personal{{Kind: store.Profile, Name: name, Value: value}}
	}
	return r
}

// binding makes a card the member's, too.
func binding(id string, member ledger.MemberID, number string) journal.Request {
	return journal.Request{Member: member, Event: &event.Event{ID: id, Type: event.Profile}, Bind: []journal.Identity{card(number)},
		Personal: []store.Personal{{Kind: store.Identity, Name: "card", Value: number}}}
}

// enrolment enrols somebody with cards.
func enrolment(id, first string, more ...string) journal.Request {
	r := journal.Request{Event: &event.Event{ID: id, Type: event.Enrolment}, Unknown: engine.EnrolUnknown, Identity: card(first)}
	for _, number := range more {
		r.Bind = append(r.Bind, card(number))
	}
	return r
}

func TestPurchaseBehindMergeGoesToTheOther(t *testing.T) {
	oneWriter(t, func(t *testing.T, f *fixture) {
		a, b := f.append(purchase("e1", "1", "20.00")).Member, f.append(purchase("e2", "2", "30.00")).Member
		got := f.together(merging("m1", a, b), purchase("e3", "1", "5.00"))
		if got[0].err != nil || got[1].err != nil || got[1].Member != b {
			t.Errorf("%v; the purchase went to %s (%v), want %s", got[0].err, got[1].Member, got[1].err, b)
		}
		f.followUps()
		if got := f.balance(b); got.Pending != 75 {
			t.Errorf("balance %+v, want all 75", got)
		}
	})
}

func TestNobodyEnrolsTwiceInOneBatch(t *testing.T) {
	oneWriter(t, func(t *testing.T, f *fixture) {
		got := f.together(purchase("e1", "1", "20.00"), enrolment("n1", "1"), enrolment("n2", "2", "3"), enrolment("n3", "4", "3"), purchase("e2", "3", "5.00"))
		for i, want := range []error{nil, journal.ErrIdentityTaken, nil, journal.ErrIdentityTaken, nil} {
			if !errors.Is(got[i].err, want) {
				t.Errorf("request %d: %v, want %v", i, got[i].err, want)
			}
		}
		if got := f.balance(got[0].Member); got.Pending != 30 {
			t.Errorf("balance %+v, want 20 for the purchase and 10 for joining once", got)
		}
		if got[4].Member != got[2].Member {
			t.Errorf("a purchase by the second card went to %s, want %s", got[4].Member, got[2].Member)
		}
	})
}

func TestPurchaseBehindItsNewIdentity(t *testing.T) {
	oneWriter(t, func(t *testing.T, f *fixture) {
		a := f.append(purchase("e1", "1", "20.00")).Member
		for _, r := range f.together(binding("b1", a, "7"), purchase("e2", "7", "5.00"), binding("b2", a, "7")) {
			if r.err != nil || r.Member != a {
				t.Errorf("went to %s (%v), want %s", r.Member, r.err, a)
			}
		}
	})
}
