package main

import (
	"context"
	"fmt"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/journal"
	"premia/internal/testkit"
)

// enterContest is the command "enter DB PROGRAM": it publishes the program in March 2020
// and lets ten members buy for 20.00 each then.
func enterContest(ts *testscript.TestScript, _ bool, args []string) {
	ctx, clock := context.Background(), testkit.NewClock(time.Date(2020, 3, 1, 9, 0, 0, 0, time.UTC))
	a, err := app.Open(ctx, app.Config{DB: "sqlite:" + ts.MkAbs(args[0]), Migrate: true, Clock: clock.Now})
	ts.Check(err)
	defer func() { ts.Check(a.Close()) }()
	_, err = a.Publish(ctx, []byte(ts.ReadFile(args[1])), calendar.None, "")
	ts.Check(err)
	for n := range 10 {
		e := &event.Event{ID: fmt.Sprint("buy-", n), Type: event.Purchase, Order: fmt.Sprint("O-", n), Total: 20_00, Given: event.GivenTotal}
		_, err := a.Journal.Append(ctx, journal.Request{Event: e, Identity: journal.Identity{Kind: "card", Value: fmt.Sprint(n)}, Unknown: engine.EnrolUnknown})
		ts.Check(err)
	}
}
