package page

import "premia/internal/app"

// Form is what a form shows: the values that were typed, and what is wrong with
// them, by the names of the fields.
type Form struct {
	Values   map[string]string
	Problems map[string]string
	// Problem is what is wrong with the whole.
	Problem string
}

// NewForm makes a form with alternating names and values.
func NewForm(namesAndValues ...string) *Form {
	f := &Form{Values: make(map[string]string), Problems: make(map[string]string)}
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		f.Values[namesAndValues[i]] = namesAndValues[i+1]
	}
	return f
}

// ReadForm reads the named fields of a request. The error is that of a body that
// is malformed or too large.
func (c *Context) ReadForm(names ...string) (*Form, error) {
	if err := c.R.ParseForm(); err != nil {
		return nil, err
	}
	f := NewForm()
	for _, name := range names {
		f.Values[name] = c.R.PostFormValue(name)
	}
	return f, nil
}

// Get gives a field's value.
func (f *Form) Get(name string) string { return f.Values[name] }

// Wrong says what is wrong with a field, the first time that something is.
func (f *Form) Wrong(name, words string) {
	if f.Problems[name] == "" {
		f.Problems[name] = words
	}
}

// OK tells whether nothing is wrong.
func (f *Form) OK() bool { return f.Problem == "" && len(f.Problems) == 0 }

// Refuse takes up why a request was refused, at the field of the same name as
// the problem's path, if the form has it. It tells whether the error was a
// visitor's to mend; others stay errors.
func (c *Context) Refuse(f *Form, err error) bool {
	p := app.AsProblem(err)
	if p == nil || p.Code == app.CodeInternal {
		return false
	}
	if _, has := f.Values[p.Path]; has {
		f.Wrong(p.Path, c.Problem(err))
	} else {
		f.Problem = c.Problem(err)
	}
	return true
}
