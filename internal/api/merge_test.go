package api_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	"premia/internal/api"
	"premia/internal/app"
	"premia/internal/journal"
)

// TestMergeBothWaysAtOnce merges pairs of members into each other at the same
// time. Whatever the order of the steps, one member remains with all value, all
// identities and a profile from both, and nothing personal stands elsewhere.
func TestMergeBothWaysAtOnce(t *testing.T) {
	t.Parallel()
	onEach(t, "refuse", func(t *testing.T, f *fixture) {
		const pairs = 12
		var wg sync.WaitGroup
		for i := range pairs {
			a, b := fmt.Sprintf("card:%d", 2*i), fmt.Sprintf("card:%d", 2*i+1)
			must[api.MemberEvent](f, 201, http.MethodPost, "/v1/members", `{"identities":["`+a+`"],"profile":{"city":"Brno"}}`)
			must[api.MemberEvent](f, 201, http.MethodPost, "/v1/members", `{"identities":["`+b+`"],"profile":{"given_name":"Anna"}}`)
			merge := func(from, into string) {
				w := f.request(http.MethodPost, "/v1/members/"+from+"/merge", `{"into":"`+into+`"}`)
				// The later of two may find that they are one already, or on their way.
				if w.Code != 201 && w.Code != 409 {
					t.Errorf("merge %s into %s: %d %s", from, into, w.Code, w.Body)
				}
			}
			wg.Go(func() { merge(a, b) })
			wg.Go(func() { merge(b, a) })
		}
		wg.Wait()
		f.deliver()
		for i := range pairs {
			a, b := fmt.Sprintf("card:%d", 2*i), fmt.Sprintf("card:%d", 2*i+1)
			m := must[api.Member](f, 200, http.MethodGet, "/v1/members/"+a, "")
			other := must[api.Member](f, 200, http.MethodGet, "/v1/members/"+b, "")
			if m.ID != other.ID || !slices.Equal(m.Identities, []string{a, b}) || m.Wallets[0].Balance != "20" {
				t.Errorf("%s and %s are %s and %s with %v and %s", a, b, m.ID, other.ID, m.Identities, m.Wallets[0].Balance)
			}
			if p := m.Profile; p.City == nil || p.GivenName == nil {
				t.Errorf("the profile of %s lacks something: %+v", m.ID, p)
			}
		}
		if counts, err := f.app.Store.Counts(context.Background()); err != nil || counts.Personal != 4*pairs {
			t.Errorf("%d personal records (%v), want two identities and two values of each of %d", counts.Personal, err, pairs)
		}
	})
}

// deliver lets the subscribers handle all that is there, and what comes of it.
func (f *fixture) deliver() {
	f.t.Helper()
	ctx := context.Background()
	for {
		carried, err := f.app.Journal.Deliver(ctx, journal.FollowUps{Journal: f.app.Journal})
		if err != nil {
			f.t.Fatal(err)
		}
		moved, err := f.app.Journal.Deliver(ctx, app.PersonalMoves{App: f.app})
		if err != nil {
			f.t.Fatal(err)
		}
		if carried+moved == 0 {
			return
		}
	}
}
