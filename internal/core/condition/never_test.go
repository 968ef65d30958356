package condition

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestContradiction(t *testing.T) {
	e := testEnv(t)
	for src, about := range map[string]string{
		`event.channel == "app" && event.channel == "web"`:                                                      "event.channel",
		`event.channel == "app" && event.channel in ["web", "store"]`:                                           "event.channel",
		`event.channel in ["app", "web"] && !(event.channel in ["web", "app"])`:                                 "event.channel",
		`event.channel > "b" && event.channel < "a"`:                                                            "event.channel",
		`event.channel.startsWith("a") && event.channel == "web"`:                                               "event.channel",
		`event.quantity > 5 && event.quantity < 3`:                                                              "event.quantity",
		`event.quantity > 5 && event.quantity < 6`:                                                              "event.quantity",
		`event.quantity > 5 && event.quantity < 7 && event.quantity != 6`:                                       "event.quantity",
		`event.quantity == 5.5`:                                                                                 "event.quantity",
		`5.00 < event.total && event.total <= 5.00`:                                                             "event.total",
		`event.total >= 5.00 && event.total <= 5.00 && event.total != 5`:                                        "event.total",
		`event.urgent && !event.urgent`:                                                                         "event.urgent",
		`!(event.quantity > 3 || event.quantity < 5)`:                                                           "event.quantity",
		`!has(event.channel) && event.channel == "app"`:                                                         "event.channel",
		`event.at > timestamp("2026-05-01") && event.at < timestamp("2026-04-01")`:                              "event.at",
		`event.at.getHours() > 23`:                                                                              "hour(event.at)",
		`event.items.exists(i, i.quantity > 3 && i.quantity < 2)`:                                               "i.quantity",
		`size(event.items) < 0`:                                                                                 "size(event.items)",
		`event.channel == "app" && (event.total < 3.00 || event.urgent) && event.total > 5.00 && !event.urgent`: "event.urgent",
		`event.urgent ? event.quantity > 3 && event.quantity < 2 : false`:                                       "",
	} {
		why, never := compileFor(t, e, src, Bool).Contradiction()
		if !never || why.About != about || why.Offset >= len(src) {
			t.Errorf("%s: %+v, %t; want that %q has no value", src, why, never, about)
		}
	}
	for _, src := range []string{
		`event.channel == "app" || event.channel == "web"`,
		`event.channel > "a" && event.channel < "b"`,
		`event.channel.startsWith("a") && event.channel.startsWith("b")`, // that is not looked into
		`event.quantity > 5 && event.quantity < 7`,
		`event.total > 5 && event.total < 6`,
		`event.quantity > 5 && item.quantity < 3`,
		`event.items.exists(i, i.quantity > 5) && event.items.exists(i, i.quantity < 3)`,
		`event.items.all(i, i.quantity > 5 && i.quantity < 3)`, // of nothing all is true
		`!has(event.channel) || event.channel == "app"`,
		`event.quantity in [event.quantity, 3] && event.quantity == 5`,
		`event.at.getMonth() == 0`,
		`event.quantity >= -9223372036854775808 && event.quantity <= -9223372036854775808`,
	} {
		if why, never := compileFor(t, e, src, Bool).Contradiction(); never {
			t.Errorf("%s is said to be never true, because of %+v", src, why)
		}
	}
}

// narrowWriter writes conditions about few values, which often contradict one another.
func narrowWriter(t *rapid.T, depth int) string {
	pick := func(words ...string) string { return rapid.SampledFrom(words).Draw(t, "word") }
	order := func() string { return pick("==", "!=", "<", "<=", ">", ">=") }
	if depth > 0 {
		switch rapid.IntRange(0, 5).Draw(t, "shape") {
		case 0, 1, 2:
			return fmt.Sprintf("(%s && %s)", narrowWriter(t, depth-1), narrowWriter(t, depth-1))
		case 3:
			return fmt.Sprintf("(%s || %s)", narrowWriter(t, depth-1), narrowWriter(t, depth-1))
		case 4:
			return fmt.Sprintf("!(%s)", narrowWriter(t, depth-1))
		}
		return fmt.Sprintf("(%s ? %s : %s)", narrowWriter(t, depth-1), narrowWriter(t, depth-1), narrowWriter(t, depth-1))
	}
	small := func() string { return fmt.Sprint(rapid.IntRange(0, 3).Draw(t, "number")) }
	switch rapid.IntRange(0, 8).Draw(t, "leaf") {
	case 0:
		return "event.quantity " + order() + " " + small()
	case 1:
		return "event.total " + order() + " " + pick("1.00", "1.50", "2", "3.00")
	case 2:
		return pick("'a'", "'ab'", "'b'") + " " + order() + " event.channel"
	case 3:
		return "event.channel in ['a', 'ab', " + pick("'b'", "event.data.color") + "]"
	case 4:
		return "event.channel." + pick("startsWith", "endsWith", "contains") + "(" + pick("'a'", "'b'") + ")"
	case 5:
		return pick("event.urgent", "!event.urgent", "event.urgent == false")
	case 6:
		return pick("has(event.channel)", "!has(event.channel)", "has(event.quantity)", "!has(event.quantity)")
	case 7:
		return "event.quantity in [" + small() + ", " + small() + "]"
	}
	return "event.scores.exists(x, x " + order() + " " + small() + " && x " + order() + " " + small() + ")"
}

// everyNarrowScope visits all scopes of the values of which such conditions speak, and of
// those next to them, each of which may be absent.
func everyNarrowScope(s *mapScope, visit func(Scope)) {
	ints := []Value{{}, IntValue(0), IntValue(1), IntValue(2), IntValue(3), IntValue(4)}
	totals := []Value{{}, MinorValue(99, 2), MinorValue(100, 2), MinorValue(150, 2), MinorValue(2, 0), MinorValue(299, 2), MinorValue(3, 0), MinorValue(301, 2)}
	for _, quantity := range ints {
		for _, total := range totals {
			for _, channel := range []Value{{}, StringValue("a"), StringValue("ab"), StringValue("b"), StringValue("c")} {
				for _, urgent := range []Value{{}, BoolValue(true), BoolValue(false)} {
					for f, v := range map[FieldID]Value{eventQuantity: quantity, eventTotal: total, eventChannel: channel, eventUrgent: urgent} {
						s.set(objectEvent, 0, f, v)
					}
					visit(s)
				}
			}
		}
	}
}

// TestContradictionsAreNeverTrue tries what is said to be never true, of conditions of
// any kind and of those about few values, in many scopes.
func TestContradictionsAreNeverTrue(t *testing.T) {
	e := testEnv(t)
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		for range 10 {
			src := narrowWriter(t, rapid.IntRange(1, 4).Draw(t, "depth"))
			if rapid.IntRange(0, 3).Draw(t, "kind") == 0 {
				src = (&writer{t: t}).bool(rapid.IntRange(1, 4).Draw(t, "depth"))
			}
			x, err := e.Compile(src, Bool)
			if err != nil {
				if !refused(err) {
					t.Fatalf("%s: %v", src, err)
				}
				continue
			}
			why, never := x.Contradiction()
			if !never {
				continue
			}
			found++
			if why.Offset < 0 || why.Offset >= len(src) || strings.Contains(why.About, "#") {
				t.Fatalf("%s: %+v", src, why)
			}
			everyNarrowScope(drawScope(t), func(scope Scope) {
				if met, err := x.Bool(scope); met && err == nil {
					t.Fatalf("%s\nis said to be never true, because of %+v, and is true", src, why)
				}
			})
		}
	})
	if found == 0 {
		t.Error("no contradiction was found in all of these conditions")
	}
}
