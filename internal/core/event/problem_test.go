package event_test

import (
	"errors"
	"testing"

	"premia/internal/core/event"
)

func problemOf(t testing.TB, err error) *event.Problem {
	t.Helper()
	var p *event.Problem
	if !errors.As(err, &p) {
		t.Fatalf("%v is not a *Problem", err)
	}
	return p
}
