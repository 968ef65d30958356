package condition

import (
	"fmt"
	"strings"

	"premia/internal/core/text"
)

// Error is one thing wrong with an expression's text.
type Error struct {
	// Offset is where it is, in bytes from the expression's start.
	Offset int
	// Line and Column are the same place for people, both from 1; columns count
	// characters.
	Line, Column int
	// Message says what is wrong.
	Message text.Sentence
	// Hint says what to do, if we know.
	Hint text.Sentence
}

// Error is the place, the message and the hint, in English.
func (e *Error) Error() string {
	s := fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Message)
	if e.Hint != "" {
		s += " (" + e.Hint.String() + ")"
	}
	return s
}

// Errors are all things wrong with an expression, by place; never empty.
// [errors.As] finds the first *Error in it.
type Errors []*Error

// Error is one line per error.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the single errors.
func (es Errors) Unwrap() []error {
	out := make([]error, len(es))
	for i, e := range es {
		out[i] = e
	}
	return out
}

// Absent is the evaluation error of reading a value that does not exist.
type Absent struct {
	// Field is the field that is absent, 0 if it is a variable.
	Field FieldID
	// Name is the field as the expression writes it: "event.channel".
	Name string
}

// Error names the field.
func (a *Absent) Error() string { return a.Name + " is absent" }

// The other evaluation errors.
var (
	// ErrDivisionByZero is a division by zero, or the rest of one.
	ErrDivisionByZero error = text.Sentence("division by zero")
	// ErrOverflow is a number, moment or duration out of range.
	ErrOverflow error = text.Sentence("a number is too large")
	// ErrListTooLong is a list of more than MaxListLength elements.
	ErrListTooLong error = text.Say("a list has more than {Count} elements", MaxListLength)
	// ErrKind is a Scope that gave a value of another kind than the declared.
	ErrKind error = text.Sentence("a value is not of its declared kind")
)
