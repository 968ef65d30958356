package page

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// texts are those of a list's first column.
func texts(l *List) (out []string) {
	for _, row := range l.Rows {
		out = append(out, row.Cells[0].Text)
	}
	return out
}

// TestListsKnowLanguages finds rows in any spelling and script, and puts them into the
// order of the language.
func TestListsKnowLanguages(t *testing.T) {
	for _, c := range []struct {
		lang, search string
		rows, want   []string
	}{
		{"cs", "", []string{"Žižka", "Zeman", "Čapek", "Dvořák", "Cyril"}, []string{"Cyril", "Čapek", "Dvořák", "Zeman", "Žižka"}},
		{"pl", "", []string{"Mucha", "Łoś", "Zając", "Lis", "Żaba"}, []string{"Lis", "Łoś", "Mucha", "Zając", "Żaba"}},
		{"ru", "", []string{"Жук", "Ёлка", "Яков", "Ель", "Дуб"}, []string{"Дуб", "Ёлка", "Ель", "Жук", "Яков"}},
		{"en", "dvorak", []string{"Antonín Dvořák", "Dora"}, []string{"Antonín Dvořák"}},
		{"en", "ŁUKASZ artem", []string{"Łukasz i Артём", "Lukasz"}, []string{"Łukasz i Артём"}},
		{"en", "=", []string{"a=b", "c"}, []string{"a=b"}},
	} {
		l := &List{Columns: []Column{{ID: "name", Label: "Name", Sorted: true, Filter: true}}, Query: Query{Search: c.search, Sort: "name", lang: c.lang}}
		for _, text := range c.rows {
			l.Rows = append(l.Rows, Row{Cells: []Cell{{Text: text}}})
		}
		l.Arrange()
		if got := texts(l); !slices.Equal(got, c.want) {
			t.Errorf("%s %q: %q, want %q", c.lang, c.search, got, c.want)
		}
		if c.search == "" && len(l.Choices[0].Options) == len(c.want) {
			for i, option := range l.Choices[0].Options {
				if option.Value != c.want[i] {
					t.Errorf("%s: the choice %d is %q, want %q", c.lang, i, option.Value, c.want[i])
				}
			}
		}
	}
}

// TestPagesAreTurnedBothWays goes to the last page and back, in a list that has all its
// rows and in one that comes from the database by cursors, further than the way back is
// remembered.
func TestPagesAreTurnedBothWays(t *testing.T) {
	const pages = mostBack + 5
	for name, list := range map[string]func(q Query) *List{
		"arranged": func(q Query) *List {
			l := &List{Path: "/list", Query: q, Columns: []Column{{ID: "n", Label: "N"}}}
			for i := range pages*pageSize - 7 {
				l.Rows = append(l.Rows, Row{Cells: []Cell{{Text: fmt.Sprint(i)}}})
			}
			l.Arrange()
			return l
		},
		"by cursors": func(q Query) *List {
			l := &List{Path: "/list", Query: q, Total: -1}
			at := 0
			_, _ = fmt.Sscanf(q.After, "c~%d", &at)
			if at++; at < pages {
				l.Next = fmt.Sprintf("c~%d", at)
			}
			return l
		},
	} {
		t.Run(name, func(t *testing.T) {
			open := func(path string) *List { return list(queryAt(t, path)) }
			l := open("/list")
			if l.PreviousPath() != "" || l.Whole() {
				t.Fatalf("the first page has one before it, %q, or is all", l.PreviousPath())
			}
			came := []string{""}
			for l.Next != "" {
				l = open(l.NextPath())
				came = append(came, l.Query.After)
			}
			if len(came) != pages {
				t.Fatalf("there are %d pages, want %d", len(came), pages)
			}
			back := 0
			for ; l.PreviousPath() != ""; back++ {
				l = open(l.PreviousPath())
				if want := came[len(came)-2-back]; l.Query.After != want {
					t.Fatalf("%d pages back is %q, want %q", back+1, l.Query.After, want)
				}
			}
			if want := map[string]int{"arranged": pages - 1, "by cursors": mostBack}[name]; back != want {
				t.Errorf("pages can be turned back %d times, want %d", back, want)
			}
			if strings.Contains(l.CSVPath()+l.FirstPath(), "back=") {
				t.Errorf("the file is at %s, the first page at %s", l.CSVPath(), l.FirstPath())
			}
		})
	}
}

// queryAt is how a list is asked for at an address.
func queryAt(t *testing.T, path string) Query {
	t.Helper()
	u, err := url.Parse(path)
	if err != nil {
		t.Fatal(err)
	}
	return queryOf(u.Query(), "en")
}
