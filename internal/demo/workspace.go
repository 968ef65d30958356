package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/store"
	"premia/programs"
)

// The settings that make a workspace the demo's: the last day of its year, set
// before anything is loaded, and whether all of it was loaded.
const (
	settingUntil  = "demo.until"
	settingLoaded = "demo.loaded"
)

// ErrNotDemo tells that a workspace is somebody's own, which the demo leaves
// alone.
var ErrNotDemo = errors.New("this database holds a workspace that is not the demo's; name another file")

// IsDemo tells whether a workspace is the demo's.
func IsDemo(ctx context.Context, s *store.Store) (bool, error) {
	_, err := s.Setting(ctx, settingUntil)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Filled is the demo's workspace after [Fill].
type Filled struct {
	// First and Until are the first and the last day of the year.
	First, Until string
	// Events were loaded now; 0 if they were there.
	Events  int
	Samples []Sample
}

// Fill makes a workspace the demo's: it publishes the coffee program and loads
// the year that ends on the day before now. A workspace that was filled before
// keeps its year; one whose filling was broken off is filled up. Progress hears
// how many events of how many are durable. The error is [ErrNotDemo] for a
// workspace with a program of its own.
func Fill(ctx context.Context, a *app.App, progress func(done, total int)) (Filled, error) {
	known, err := IsDemo(ctx, a.Store)
	if err != nil {
		return Filled{}, err
	}
	if !known && a.Program() != nil {
		return Filled{}, ErrNotDemo
	}
	zone, err := calendar.Zone(zoneName)
	if err != nil {
		return Filled{}, err
	}
	yesterday := dayOf(a.Journal.Now().In(zone), zone).plus(-1).date()
	kept, err := a.Store.SetSettingIfAbsent(ctx, settingUntil, []byte(yesterday))
	if err != nil {
		return Filled{}, err
	}
	until, err := time.ParseInLocation(time.DateOnly, string(kept), zone)
	if err != nil {
		return Filled{}, fmt.Errorf("the setting %s: %w", settingUntil, err)
	}
	if a.Program() == nil {
		if _, err := a.Publish(ctx, programs.Coffee, calendar.None, "the demo's program"); err != nil {
			return Filled{}, err
		}
	}
	last := dayOf(until, zone)
	out := Filled{First: last.plus(1 - Days).date(), Until: last.date(), Samples: samples(Seed, until)}
	out.Events, err = fillOnce(ctx, a, until, progress)
	return out, err
}

// fillOnce loads the year unless all of it was loaded before.
func fillOnce(ctx context.Context, a *app.App, until time.Time, progress func(done, total int)) (events int, err error) {
	_, err = a.Store.Setting(ctx, settingLoaded)
	if !errors.Is(err, store.ErrNotFound) {
		return 0, err
	}
	year := slices.Collect(Year(Seed, until))
	loaded, err := Load(ctx, a.Journal, slices.Values(year), func(done int) {
		if progress != nil {
			progress(done, len(year))
		}
	})
	if err != nil {
		return loaded.Events, err
	}
	return loaded.Events, a.Store.SetSetting(ctx, settingLoaded, []byte("yes"))
}

// Sample is a member worth looking at.
type Sample struct {
	// Card is an identity, such as card:2900000000025.
	Card string
	// Email is the address by which the member signs in; empty for one without.
	Email string
	Name  string
	// What says in English who it is.
	What string
}

// samples finds a member of each habit, and one who has two cards.
func samples(seed uint64, until time.Time) []Sample {
	y := newYear(seed, until)
	var out []Sample
	for _, k := range []kind{loyal, regular, occasional, lapsed, newcomer} {
		i := slices.IndexFunc(y.people, func(p *person) bool { return p.habit.kind == k })
		out = append(out, y.people[i].sample(habitWords[k]))
	}
	return append(out, y.people[people].sample("lost a card: this one leads to the membership that took the other in"))
}

func (p *person) sample(what string) Sample {
	return Sample{Card: p.identity().String(), Email: p.email, Name: p.given.written + " " + p.family.written, What: what}
}

var habitWords = map[kind]string{
	loyal: "comes nearly every day", regular: "comes once or twice a week", occasional: "comes now and then",
	lapsed: "came often, and then no more", newcomer: "joined in the last weeks",
}
