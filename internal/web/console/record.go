package console

import (
	"net/http"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/journal"
	"premia/internal/web/page"
)

// listing is a page with a list.
type listing struct {
	Title, About string
	Acts         []act
	Tabs         []tab
	List         *page.List
}

// tab is a choice of what a list shows.
type tab struct {
	Label, Path string
	Now         bool
}

// record is a page about one thing: what is known of it, what can be done with it.
type record struct {
	Title, About string
	// Secret is shown this once.
	Secret string
	Acts   []act
	Facts  []recordFact
	// Picture is that of what it is about; nil where it has none of its own.
	Picture *pictureCard
	Form    *formCard
	Lists   []titledList
}

type titledList struct {
	Title string
	List  *page.List
}

// titled is a list with its title, by which it is also known to those who hear the page.
func titled(title string, l *page.List) titledList {
	l.Label = title
	return titledList{title, l}
}

// recordFact is something known, in a row of its own.
type recordFact struct {
	Label string
	Value page.Cell
}

// act is a link, or a form of one button.
type act struct {
	Label, Path, Icon, Confirm string
	Post, Primary, Danger      bool
	Hidden                     []hidden
}

type hidden struct{ Name, Value string }

// formCard is a form with its fields.
type formCard struct {
	Title, Path, Submit, Confirm string
	Upload                       bool
	Form                         *page.Form
	Fields                       []field
	Hidden                       []hidden
}

// field is one of a form: its type is that of an input, or "select", "textarea",
// "check" or "file".
type field struct {
	Name, Label, Hint, Type string
	// Accept are the kinds of files that a field of files takes; pictures if empty.
	Accept   string
	Required bool
	Options  []map[string]any
}

// names are the names of the fields.
func (f *formCard) names() []string {
	var all []string
	for i := range f.Fields {
		all = append(all, f.Fields[i].Name)
	}
	return all
}

// newID is the hidden id by which sending a form twice does one thing.
func newID() []hidden { return []hidden{{"id", app.NewEventID()}} }

// mend shows a record again whose form is to be mended.
func mend(r *page.Context, d *record) error {
	return r.PageStatus(http.StatusUnprocessableEntity, "record", d)
}

// did sends the visitor on after an event, and says what became of it: what was
// refused, and why.
func (c *Console) did(r *page.Context, to string, e *event.Event, done string, namesAndValues ...any) error {
	answer, err := c.app.Record(r.Ctx(), e)
	return c.after(r, to, &answer, err, done, namesAndValues...)
}

func (c *Console) after(r *page.Context, to string, answer *journal.Answer, err error, done string, namesAndValues ...any) error {
	if err != nil {
		return refuse(r, to, err)
	}
	if answer.Decision.Outcome.Refused() {
		x := c.app.Explain(answer, r.Lang)
		words := x.Outcome
		for _, reason := range x.Reasons {
			words += " " + reason
		}
		r.Notify("warning", words)
		return r.Redirect(to)
	}
	return r.Done(to, done, namesAndValues...)
}

// refuse sends the visitor on with why something was refused; other errors stay, and
// so does that they must first say who they are.
func refuse(r *page.Context, to string, err error) error {
	p := app.AsProblem(err)
	if p.Code == app.CodeInternal || p.Code == app.CodeProveAgain || p.Code == app.CodeNotPermitted {
		return err
	}
	r.Notify("danger", r.Problem(err))
	return r.Redirect(to)
}

// moment is a cell with an instant, or with words where there is none.
func moment(at calendar.Instant, none string) page.Cell {
	if at == calendar.None || at == calendar.Never || at == calendar.Beginning {
		return page.Cell{Text: none}
	}
	return page.Cell{At: at}
}

// number is a cell with a number that is sorted by.
func number(r *page.Context, n int64) page.Cell {
	return page.Cell{Text: r.Say("page.value", "Value", n), Sort: n}
}

func plainCell(s string) page.Cell { return page.Cell{Text: s} }
