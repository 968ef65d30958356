package rule

import (
	"strconv"
	"strings"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/text"
)

// limitNames are the ids of limits in the catalogues, by the engine's limits.
var limitNames = func() map[engine.Limit]string {
	names := map[engine.Limit]string{}
	for l := engine.EachEvent; l <= engine.EachStoreYear; l++ {
		names[l] = strings.ReplaceAll(l.String(), " ", "_")
	}
	return names
}()

// LimitWords says a limit: so much, or so often, in which period.
func LimitWords(p *engine.Program, w *engine.Wallet, l *engine.LimitRule) text.Message {
	switch {
	case l.Times:
		return text.New("limit.times."+limitNames[l.Limit], "Count", l.Cap)
	case l.Worth != 0:
		return text.New("limit.amount."+limitNames[l.Limit], "Points", p.Money(l.Cap/engine.Power10(engine.WorthScale)))
	case l.Outstanding:
		return text.New("limit.liability", "Unit", Unit(w), "Money", p.Money(l.Money))
	}
	return text.New("limit.amount."+limitNames[l.Limit], "Points", w.Points(l.Cap))
}

// DescribeLimits says the most that a rule gives, in short, too.
func DescribeLimits(d *engine.Description, givings []*engine.Giving) {
	said := map[string]bool{}
	every, whole := allWhole(givings)
	for _, g := range givings {
		for i := range g.Limits {
			l := &g.Limits[i]
			key := l.Limit.String() + strconv.FormatBool(l.Times)
			switch {
			case l.Worth != 0:
				key += ".money"
			case !l.Times:
				key += g.Wallet.ID + strconv.FormatBool(l.Outstanding)
			}
			if !said[key] {
				id := "rule.limit"
				if l.Whole && !every {
					id = "rule.limit_whole"
				}
				d.SayInShort(text.New(id, "Limit", LimitWords(d.Program, g.Wallet, l)))
			}
			said[key] = true
		}
	}
	if whole && every {
		d.SayInShort(text.New("rule.whole"))
	}
}

// allWhole tells whether every limit gives all or nothing, and whether any does.
func allWhole(givings []*engine.Giving) (every, any bool) {
	every = true
	for _, g := range givings {
		for i := range g.Limits {
			every = every && g.Limits[i].Whole
			any = any || g.Limits[i].Whole
		}
	}
	return every, any
}

// DescribeTerms says when awards can be spent and until when, as far as the
// document says so here.
func DescribeTerms(d *engine.Description, p *Pending, x *Expires) {
	if p != nil {
		d.Say(p.words(d.Program))
	}
	if x != nil {
		d.Say(x.words())
	}
}

func span(s document.Span) text.Span { return SpanWords(s) }

// SpanWords gives a document's length for a message.
func SpanWords(s document.Span) text.Span {
	return text.Span{Years: s.Years, Months: s.Months, Days: s.Days, Hours: s.Hours, Minutes: s.Minutes}
}

func (p *Pending) words(program *engine.Program) text.Message {
	switch {
	case p.Until != "" && p.AtMost != nil:
		return text.New("pending.event_or_span", "Event", EventName(program, p.Until), "Span", span(*p.AtMost))
	case p.Until != "":
		return text.New("pending.event", "Event", EventName(program, p.Until))
	case p.For.IsZero():
		return text.New("pending.none")
	}
	return text.New("pending.span", "Span", span(p.For))
}

// periodEnds are the ends of periods in the catalogues, by the document's words.
var periodEnds = map[string]string{
	"end of month": "period_end.month", "end of quarter": "period_end.quarter", "end of year": "period_end.year",
}

func (x *Expires) words() text.Message {
	var args []any
	id := "expires.never"
	switch {
	case x.After != nil:
		id, args = "expires.after", []any{"Span", span(*x.After)}
	case x.Activity != nil:
		id, args = "expires.activity", []any{"Span", span(*x.Activity)}
	case x.On != nil:
		month := text.New("month_of." + strings.ToLower(x.On.Month.String()))
		return text.New("expires.on", "Day", strconv.Itoa(x.On.Day), "Month", month)
	case x.Anniversary:
		return text.New("expires.anniversary")
	case x.At != "":
		return text.New("expires.at", "Period", text.New(periodEnds[x.At]))
	}
	if x.At != "" {
		args = append(args, "Period", text.New(periodEnds[x.At]))
	}
	return text.New(id, args...)
}
