package program_test

import (
	"os"
	"strings"
	"testing"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/program"
)

// TestOutlineKnowsEveryKey follows every path of documents through the outline.
func TestOutlineKnowsEveryKey(t *testing.T) {
	o, err := program.Outline()
	if err != nil {
		t.Fatal(err)
	}
	every, err := os.ReadFile("testdata/every-value.yaml")
	if err != nil {
		t.Fatal(err)
	}
	documents := shipped(t)
	documents["every value"] = string(every)
	for name, src := range documents {
		s, err := document.Parse(name, []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		known(t, s, o, "")
	}
	if _, known := o.At("earn[0].wen"); known {
		t.Error("a key that no document has is known")
	}
}

func known(t *testing.T, s *document.Source, o *document.Outline, path string) {
	here, ok := o.At(path)
	if !ok {
		t.Errorf("%s: %s is not known", s.File(), path)
		return
	}
	if here.Kind == document.KindWords || here.Kind == document.KindUnit {
		return
	}
	if n, list := s.Len(path); list {
		for i := range n {
			known(t, s, o, document.Index(path, i))
		}
	}
	keys, _ := s.KeysAt(path)
	for _, key := range keys {
		known(t, s, o, document.Join(path, key))
	}
}

func TestNamesAt(t *testing.T) {
	every, err := os.ReadFile("testdata/every-value.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s, err := document.Parse("every", every)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path  string
		key   bool
		names string
	}{
		{"earn[0].give", true, "beans stars coins"},
		{"earn[0].limits", true, "beans stars coins times money liability"},
		{"challenges[1].wallet", false, "beans stars coins"},
		{"families.wallets[0]", false, "beans stars coins"},
		{"offers[0].group", false, "weekly other"},
		{"challenges[0].milestones[0].badge", false, "coffee_lover"},
		{"program", false, ""},
		{"badges", true, ""},
	} {
		if got := strings.Join(program.NamesAt(s, c.path, c.key), " "); got != c.names {
			t.Errorf("%s: %s", c.path, got)
		}
	}
	if got := program.NamesAt(s, "earn[0].on", false); !strings.Contains(strings.Join(got, " "), "birthday") || !strings.Contains(strings.Join(got, " "), "delivered") {
		t.Errorf("a rule may be about %v", got)
	}
	if got := program.NamesAt(nil, "earn[0].give", true); len(got) > 0 {
		t.Errorf("a text that can't be read names %v", got)
	}
}

func TestReadable(t *testing.T) {
	every, err := os.ReadFile("testdata/every-value.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d, err := program.Load("every", every, engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, f := range d.Program.Readable(true) {
		all[f.Name] = true
		if d.Program.FieldWords(f.ID) == nil {
			t.Errorf("%s has no words", f.Name)
		}
	}
	for _, name := range []string{"event.total", "event.channel", "item.category", "member.purchases", "wallet.beans.available", "time.hour"} {
		if !all[name] {
			t.Errorf("conditions can't speak of %s; they can of %v", name, all)
		}
	}
	for _, f := range d.Program.Readable(false) {
		if strings.HasPrefix(f.Name, "item.") {
			t.Errorf("a condition on the event speaks of %s", f.Name)
		}
	}
}
