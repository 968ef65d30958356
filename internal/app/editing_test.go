package app_test

import (
	"strings"
	"testing"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/programs"
)

func TestTextDifference(t *testing.T) {
	before := "a\nb\nc\nd\ne\nf\ng\n"
	var got []string
	for _, line := range app.TextDifference([]byte(before), []byte(strings.Replace(before, "e\n", "x\ny\n", 1))) {
		got = append(got, line.Sign+line.Text)
	}
	if want := "@| b| c| d|-e|+x|+y| f| g"; strings.Join(got, "|") != want {
		t.Errorf("the difference is %s", strings.Join(got, "|"))
	}
	if same := app.TextDifference([]byte(before), []byte(before)); len(same) > 0 {
		t.Errorf("a text differs from itself: %v", same)
	}
}

// TestTwoEditors lets two people change one draft: who comes second is told, and
// nothing is lost.
func TestTwoEditors(t *testing.T) {
	withCodes(t, func(t *testing.T, a *app.App) {
		ania := app.WithActor(t.Context(), auth.Actor{Kind: auth.KindUser, ID: "usr_ania", Role: auth.Manager})
		ben := app.WithActor(t.Context(), auth.Actor{Kind: auth.KindUser, ID: "usr_ben", Role: auth.Manager})
		first, err := a.SaveDraft(ania, "", app.DraftChange{Title: "May", Document: []byte("program: a\n")})
		if err != nil {
			t.Fatal(err)
		}
		if first.Base != 1 || first.Editor != "usr_ania" {
			t.Errorf("the draft began from %d by %s", first.Base, first.Editor)
		}
		second, err := a.SaveDraft(ben, first.ID, app.DraftChange{Document: []byte("program: b\n"), Seen: first.Changed})
		if err != nil {
			t.Fatal(err)
		}
		if second.Changed <= first.Changed || second.Editor != "usr_ben" || second.Base != first.Base {
			t.Errorf("the change left %+v", second)
		}
		_, err = a.SaveDraft(ania, first.ID, app.DraftChange{Document: []byte("program: c\n"), Seen: first.Changed})
		if p := app.AsProblem(err); p == nil || p.Code != app.CodeDraftChanged {
			t.Errorf("a change of what somebody else changed gave %v", err)
		}
		kept, err := a.Draft(ania, first.ID)
		if err != nil || string(kept.Document) != "program: b\n" {
			t.Errorf("the draft says %q, %v", kept.Document, err)
		}
		if _, err := a.SaveDraft(ania, first.ID, app.DraftChange{Document: []byte("program: c\n"), Seen: second.Changed}); err != nil {
			t.Error(err)
		}
	})
}

// TestPublishers says who published which version.
func TestPublishers(t *testing.T) {
	a := openCodes(t, "sqlite:"+t.TempDir()+"/premia.db")
	owner := app.WithActor(t.Context(), auth.Actor{Kind: auth.KindUser, ID: "usr_ania", Role: auth.Owner})
	src := strings.Replace(codesProgram, "program:", "# Again.\nprogram:", 1)
	if _, err := a.Publish(owner, []byte(src), calendar.None, "for May"); err != nil {
		t.Fatal(err)
	}
	who, err := a.Publishers(owner)
	if err != nil || who[2] != "usr_ania" || who[1] != "" {
		t.Errorf("published by %v, %v", who, err)
	}
	if _, err := a.Publishers(t.Context()); err == nil {
		t.Error("nobody in particular is told")
	}
}

func TestReadSaysWhatIsWrong(t *testing.T) {
	a := openCodes(t, "sqlite:"+t.TempDir()+"/premia.db")
	if r := a.Read(programs.Coffee); r.Program == nil || r.Source == nil || r.Scenarios < 5 || len(r.Failures)+len(r.Problems) > 0 {
		t.Errorf("the coffee program reads as %+v", r)
	}
	if r := a.Read([]byte("a: [")); r.Source != nil || len(r.Problems) != 1 {
		t.Errorf("what is no YAML reads as %+v", r)
	}
	if r := a.Read([]byte("wallets: {}\nwalets: 1\n")); r.Source == nil || len(r.Problems) < 2 || r.Program != nil {
		t.Errorf("mistakes read as %+v", r)
	}
}

// TestCountUpTo counts no more than it was asked for, and nobody who was erased.
func TestCountUpTo(t *testing.T) {
	withCodes(t, func(t *testing.T, a *app.App) {
		for _, id := range []string{"customer:a", "customer:b", "customer:c"} {
			if _, err := a.Enrol(t.Context(), app.Change{Identities: []string{id}}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := a.Enrol(t.Context(), app.Change{Identities: []string{"customer:d"}}); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Erase(t.Context(), "gone", "customer:d"); err != nil {
			t.Fatal(err)
		}
		for most, want := range map[int64]int64{0: 0, 2: 2, 10: 3} {
			if members, entries, err := a.Store.CountUpTo(t.Context(), most, most); err != nil || members != want || entries < want || entries > most {
				t.Errorf("up to %d: %d members, %d entries, %v", most, members, entries, err)
			}
		}
	})
}
