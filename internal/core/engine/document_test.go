package engine_test

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"
)

// The model's own idea of a program. It is written as a document for the engine
// and read directly by the model.
type (
	modelProgram struct {
		wallets   []modelWallet
		earn      []modelRule
		campaigns []modelRule
		rewards   []modelReward
		transfers map[string]modelTransfer
		card      *modelCard
		ladders   []modelLadder
		goals     []modelGoal
	}
	modelWallet struct {
		id      string
		scale   int
		debt    string // carry, forbid, write off
		pending modelPending
		expires modelExpiry
	}
	modelPending struct {
		length modelSpan // also the longest wait
		until  string    // an event type, or nothing
	}
	modelSpan struct{ years, months, days, minutes int }
	// modelExpiry is one kind, by its key in the document.
	modelExpiry struct {
		kind       string // never, after, on, after activity, anniversary
		length     modelSpan
		at         string // "", month, quarter, year
		month, day int
	}
	modelRule struct {
		id, on, wallet string
		rate           string // a number or a percentage
		per            string // money, item or nothing
		rounding       string
		channel        string // only with this channel
		above          string // only with more than this in the wallet
		ladder         string // only from the level l1 on
		without        []string
		from, until    string // dates, of campaigns
		pending        *modelPending
		expires        *modelExpiry
		limits         map[string]int // in the wallet's whole units; "times …" in uses
		whole          bool
	}
)

var limitKeys = []string{"each event", "each day", "each week", "each month", "each year", "each member", "in total"}

func (s modelSpan) String() string {
	text := ""
	for _, part := range []struct {
		n    int
		unit string
	}{{s.years, "y"}, {s.months, "mo"}, {s.days, "d"}, {s.minutes, "m"}} {
		if part.n > 0 {
			text += fmt.Sprint(part.n, part.unit)
		}
	}
	return text
}

func drawSpan(t *rapid.T) modelSpan {
	switch rapid.IntRange(0, 4).Draw(t, "unit") {
	case 0:
		return modelSpan{months: rapid.IntRange(1, 14).Draw(t, "months")}
	case 1:
		return modelSpan{years: 1}
	case 2:
		return modelSpan{minutes: rapid.IntRange(1, 3000).Draw(t, "minutes")}
	case 3:
		return modelSpan{months: 1, days: 3, minutes: 90}
	}
	return modelSpan{days: rapid.IntRange(1, 60).Draw(t, "days")}
}

func drawPending(t *rapid.T) modelPending {
	switch rapid.IntRange(0, 4).Draw(t, "pending") {
	case 0:
		return modelPending{length: drawSpan(t)}
	case 1:
		return modelPending{until: "delivered"}
	case 2:
		return modelPending{until: "delivered", length: drawSpan(t)}
	}
	return modelPending{}
}

func drawExpiry(t *rapid.T) modelExpiry {
	at := func() string { return rapid.SampledFrom([]string{"", "month", "quarter", "year"}).Draw(t, "at") }
	switch rapid.IntRange(0, 6).Draw(t, "expiry") {
	case 0:
		return modelExpiry{kind: "never"}
	case 1:
		return modelExpiry{kind: "on", month: rapid.IntRange(1, 12).Draw(t, "month"), day: rapid.IntRange(1, 28).Draw(t, "day")}
	case 2:
		return modelExpiry{kind: "on", month: 2, day: 29}
	case 3:
		return modelExpiry{kind: "after activity", length: drawSpan(t), at: at()}
	case 4:
		return modelExpiry{kind: "anniversary"}
	}
	return modelExpiry{kind: "after", length: drawSpan(t), at: at()}
}

func drawProgram(t *rapid.T) *modelProgram {
	p := &modelProgram{}
	for i := range rapid.IntRange(1, 2).Draw(t, "wallets") {
		p.wallets = append(p.wallets, modelWallet{
			id: fmt.Sprintf("w%d", i), scale: rapid.SampledFrom([]int{0, 2}).Draw(t, "scale"),
			debt:    rapid.SampledFrom([]string{"carry", "forbid", "write off"}).Draw(t, "debt"),
			pending: drawPending(t), expires: drawExpiry(t),
		})
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "rules") {
		p.earn = append(p.earn, drawRule(t, p, fmt.Sprintf("r%d", i)))
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "campaigns") {
		r := drawRule(t, p, fmt.Sprintf("c%d", i))
		r.from = fmt.Sprintf("2026-%02d-10", rapid.IntRange(1, 6).Draw(t, "from"))
		r.until = fmt.Sprintf("2026-%02d-25", rapid.IntRange(6, 12).Draw(t, "until"))
		p.campaigns = append(p.campaigns, r)
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "rewards") {
		p.rewards = append(p.rewards, drawReward(t, p, fmt.Sprintf("x%d", i)))
	}
	drawTransfers(t, p)
	p.card = drawCard(t)
	drawLevels(t, p)
	return p
}

func drawRule(t *rapid.T, p *modelProgram, id string) modelRule {
	r := modelRule{
		id: id, wallet: rapid.SampledFrom(p.wallets).Draw(t, "wallet").id, on: "purchase",
		rounding: rapid.SampledFrom([]string{"", "floor", "ceiling", "half up", "half even"}).Draw(t, "rounding"),
		limits:   map[string]int{},
	}
	switch rapid.IntRange(0, 4).Draw(t, "rate") {
	case 0:
		r.rate, r.on = "25", "visit"
	case 1:
		r.rate, r.per = rapid.SampledFrom([]string{"1", "3", "1.25"}).Draw(t, "units"), rapid.SampledFrom([]string{"1.00", "0.70", "3"}).Draw(t, "per")
	case 2:
		r.rate = "7.5%"
	case 3:
		r.rate, r.per = "2", "item"
	case 4:
		r.rate = "40"
	}
	if rapid.IntRange(0, 3).Draw(t, "conditional") == 0 {
		r.channel = "app"
	}
	if rapid.IntRange(0, 3).Draw(t, "threshold") == 0 {
		r.above = "60"
	}
	if rapid.IntRange(0, 3).Draw(t, "parts") == 0 {
		r.without = []string{"tax", "points"}
	}
	if rapid.IntRange(0, 3).Draw(t, "own terms") == 0 {
		pending, expires := drawPending(t), drawExpiry(t)
		r.pending, r.expires = &pending, &expires
	}
	if rapid.Bool().Draw(t, "limited") {
		r.whole = rapid.IntRange(0, 3).Draw(t, "whole") == 0
		for range rapid.IntRange(1, 3).Draw(t, "limits") {
			r.limits[rapid.SampledFrom(limitKeys).Draw(t, "limit")] = rapid.IntRange(20, 200).Draw(t, "cap")
		}
		if rapid.IntRange(0, 2).Draw(t, "uses") == 0 {
			r.limits["times "+rapid.SampledFrom(limitKeys).Draw(t, "limit")] = rapid.IntRange(1, 5).Draw(t, "uses")
		}
	}
	return r
}

// document writes the program as the engine reads it.
func (p *modelProgram) document() string {
	var b strings.Builder
	b.WriteString("program: Model\ncurrency: PLN\ntimezone: Europe/Warsaw\nlanguages: [en]\n")
	b.WriteString("events:\n  visit: {name: visit}\n  delivered: {name: delivery}\nwallets:\n")
	for _, w := range p.wallets {
		fmt.Fprintf(&b, "  %s:\n    name: {en: {one: p, other: p}}\n    scale: %d\n    debt: %s\n", w.id, w.scale, w.debt)
		writeTerms(&b, &w.pending, &w.expires)
	}
	b.WriteString("earn:\n")
	for i := range p.earn {
		p.earn[i].write(&b, "give")
	}
	if len(p.campaigns) > 0 {
		b.WriteString("campaigns:\n")
	}
	for i := range p.campaigns {
		p.campaigns[i].write(&b, "bonus")
	}
	if len(p.rewards) > 0 {
		b.WriteString("rewards:\n")
	}
	for i := range p.rewards {
		p.rewards[i].write(&b)
	}
	p.writeTransfers(&b)
	p.card.write(&b)
	p.writeLevels(&b)
	b.WriteString("returns: {}\n")
	return b.String()
}

func writeTerms(b *strings.Builder, pending *modelPending, expires *modelExpiry) {
	switch {
	case pending.until != "" && pending.length != modelSpan{}:
		fmt.Fprintf(b, "    pending: {until: %s, at most: %s}\n", pending.until, pending.length)
	case pending.until != "":
		fmt.Fprintf(b, "    pending: {until: %s}\n", pending.until)
	case pending.length != modelSpan{}:
		fmt.Fprintf(b, "    pending: %s\n", pending.length)
	}
	switch expires.kind {
	case "never", "anniversary":
		fmt.Fprintf(b, "    expires: %s\n", expires.kind)
	case "on":
		fmt.Fprintf(b, "    expires: {on: %02d-%02d}\n", expires.month, expires.day)
	default:
		at := ""
		if expires.at != "" {
			at = ", at: end of " + expires.at
		}
		fmt.Fprintf(b, "    expires: {%s: %s%s}\n", expires.kind, expires.length, at)
	}
}

func (r *modelRule) write(b *strings.Builder, give string) {
	fmt.Fprintf(b, "  - id: %s\n    on: %s\n", r.id, r.on)
	per := ""
	if r.per != "" {
		per = ", per: " + r.per
	}
	fmt.Fprintf(b, "    %s: {%s: %s%s}\n", give, r.wallet, r.rate, per)
	var when []string
	if r.channel != "" {
		when = append(when, fmt.Sprintf("event.channel == %q", r.channel))
	}
	if r.above != "" {
		when = append(when, fmt.Sprintf("wallet.%s.available > %s.0", r.wallet, r.above))
	}
	if r.ladder != "" {
		when = append(when, fmt.Sprintf("tier.%s >= \"l1\"", r.ladder))
	}
	if len(when) > 0 {
		fmt.Fprintf(b, "    when: '%s'\n", strings.Join(when, " && "))
	}
	if r.without != nil {
		fmt.Fprintf(b, "    without: [%s]\n", strings.Join(r.without, ", "))
	}
	if r.rounding != "" {
		fmt.Fprintf(b, "    rounding: %s\n", r.rounding)
	}
	if r.from != "" {
		fmt.Fprintf(b, "    from: %s\n    until: %s\n", r.from, r.until)
	}
	if r.pending != nil {
		if (*r.pending == modelPending{}) {
			b.WriteString("    pending: 0d\n")
		}
		writeTerms(b, r.pending, r.expires)
	}
	r.writeLimits(b)
}

func (r *modelRule) writeLimits(b *strings.Builder) {
	var own, times []string
	for _, key := range limitKeys {
		if n, ok := r.limits[key]; ok {
			own = append(own, fmt.Sprintf("%s: %d", key, n))
		}
		if n, ok := r.limits["times "+key]; ok {
			times = append(times, fmt.Sprintf("%s: %d", key, n))
		}
	}
	if len(own)+len(times) == 0 {
		return
	}
	b.WriteString("    limits:\n")
	if len(own) > 0 {
		if r.whole {
			own = append(own, "whole: true")
		}
		fmt.Fprintf(b, "      %s: {%s}\n", r.wallet, strings.Join(own, ", "))
	}
	if len(times) > 0 {
		fmt.Fprintf(b, "      times: {%s}\n", strings.Join(times, ", "))
	}
}
