package till_test

import (
	"net/http"
	"strings"
	"testing"

	"premia/internal/app"
)

// TestWhatAnotherMemberHasStaysTheirs names, on the pages of one member, what another one
// has: a cashier who guesses ids settles, gives back and returns nothing.
func TestWhatAnotherMemberHasStaysTheirs(t *testing.T) {
	t.Parallel()
	c := openCounter(t)
	zofia := c.member
	bought := c.id()
	c.books("event", bought, "amount", "100")
	c.post(c.kept, "/till/members/"+zofia+"/rewards/ten", "event", c.id())
	taken, _, err := c.app.Redemptions(system(), zofia, 10)
	if err != nil || len(taken) != 1 {
		t.Fatalf("%d rewards were taken (%v)", len(taken), err)
	}
	ben, err := c.app.Enrol(system(), app.Change{Identities: []string{"phone:+48600100201"}, Profile: map[string]string{"given_name": "Ben"}})
	if err != nil {
		t.Fatal(err)
	}
	at := "/till/members/" + ben.Member.String()
	before, points := taken[0], c.points()
	for _, path := range []string{"/taken/" + taken[0].ID, "/taken/" + taken[0].ID + "/back", "/return/" + bought} {
		status, page := c.answered(c.kept, http.MethodGet, at+path, "")
		if status != http.StatusNotFound || strings.Contains(page, "Ten off") || strings.Contains(page, "100.00") {
			t.Errorf("%s answers %d\n%s", path, status, page)
		}
	}
	for _, form := range [][]string{
		{"/taken/" + taken[0].ID, "do", "confirm"}, {"/taken/" + taken[0].ID, "do", "cancel"}, {"/taken/" + taken[0].ID, "do", "hand_over"},
		{"/taken/" + taken[0].ID + "/back"}, {"/return/" + bought, "do", "whole"}, {"/return/" + bought + "/book", "do", "whole"},
	} {
		c.post(c.kept, at+form[0], append([]string{"event", c.id()}, form[1:]...)...)
	}
	after, err := c.app.Redemption(system(), taken[0].ID)
	if err != nil || after.Status != before.Status {
		t.Errorf("the reward was %+v and is %+v (%v)", before, after, err)
	}
	if now := c.points(); now != points {
		t.Errorf("the member had %d points and has %d", points, now)
	}
	for _, x := range c.purchases(zofia) {
		if !x.Whole() {
			t.Errorf("goods of another member went back: %v", x.Left)
		}
	}
	c.member = ben.Member.String()
	if n := c.points(); n != 0 {
		t.Errorf("the one who has nothing has %d points", n)
	}
}
