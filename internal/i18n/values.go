package i18n

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"premia/internal/core/money"
	"premia/internal/core/text"
)

// value says one argument in the language. A type that text.Arg does not name
// shows as ⟦its type⟧.
func (l *language) value(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int64:
		return l.manners.number(strconv.FormatInt(v, 10))
	case bool:
		if v {
			return l.say("answer.yes", nil)
		}
		return l.say("answer.no", nil)
	case text.Money:
		return l.money(v)
	case text.Points:
		return l.points(v)
	case text.Percent:
		return l.manners.number(string(v)) + l.manners.percent + "%"
	case text.Factor:
		return l.say("format.factor", map[string]string{"Number": l.manners.number(string(v))})
	case text.Date:
		return l.date(v)
	case text.Moment:
		return l.moment(time.Time(v))
	case text.Span:
		return l.span(v)
	case text.Localized:
		return localized(l.code, v.Fallback, v.Texts)
	case text.Quoted:
		return l.manners.open + string(v) + l.manners.close
	case text.List:
		return l.list(v)
	case text.Message:
		return l.message(v)
	case text.Sentence:
		return l.sentence(v)
	}
	return fmt.Sprintf("⟦%T⟧", v)
}

// money shows at least the decimals that the currency has, 2 where it is not
// known, and more only where they are not zeros.
func (l *language) money(m text.Money) string {
	keep, known := money.CurrencyDigits(m.Currency)
	if !known {
		keep = 2
	}
	return l.manners.money(l.manners.number(trim(money.Format(m.Minor, m.Scale), keep)), m.Currency)
}

// points shows a number without zeros at its end, and the unit's name in the
// form that goes with the number as it is shown.
func (l *language) points(p text.Points) string {
	if p.Currency != "" {
		return l.money(text.Money{Minor: p.Minor, Scale: p.Scale, Currency: p.Currency})
	}
	number := trim(money.Format(p.Minor, p.Scale), 0)
	forms, code := p.Forms.Forms[l.code], l.code
	if len(forms) == 0 {
		// The words are of another language, and so is the form they need.
		forms, code = p.Forms.Forms[p.Forms.Fallback], p.Forms.Fallback
	}
	name := forms[l.plurals.category(code, number)]
	if name == "" {
		name = forms[other]
	}
	if name == "" {
		return l.manners.number(number)
	}
	return l.manners.number(number) + " " + name
}

// date writes a calendar day in words.
func (l *language) date(d text.Date) string {
	if d.Month < time.January || d.Month > time.December {
		return fmt.Sprintf("⟦month %d⟧", d.Month)
	}
	return l.say("format.date", map[string]string{
		"Day":   strconv.Itoa(d.Day),
		"Month": l.say("month_of."+strings.ToLower(d.Month.String()), nil),
		"Year":  strconv.Itoa(d.Year),
	})
}

// moment writes a day and a time of day, 00:00 to 23:59, in its own location.
func (l *language) moment(t time.Time) string {
	year, month, day := t.Date()
	return l.say("format.moment", map[string]string{
		"Date": l.date(text.Date{Year: year, Month: month, Day: day}),
		"Time": t.Format("15:04"),
	})
}

// span lists the parts that are not zero; a span of nothing is "0 days". The
// words are in the accusative, which follows the prepositions that take a time:
// "przez 1 godzinę", "za 1 hodinu", «через 1 минуту».
func (l *language) span(s text.Span) string {
	var parts []string
	for _, part := range [...]struct {
		id    string
		count int
	}{
		{"span.years", s.Years}, {"span.months", s.Months}, {"span.days", s.Days},
		{"span.hours", s.Hours}, {"span.minutes", s.Minutes},
	} {
		if part.count != 0 {
			parts = append(parts, l.message(text.New(part.id, "Count", int64(part.count))))
		}
	}
	if len(parts) == 0 {
		return l.message(text.New("span.days", "Count", int64(0)))
	}
	return l.join("list.and", parts)
}

func (l *language) list(list text.List) string {
	items := make([]string, len(list.Items))
	for i, item := range list.Items {
		items[i] = l.value(item)
	}
	if list.Or {
		return l.join("list.or", items)
	}
	return l.join("list.and", items)
}

// join puts commas between all items but the last two, which the entry joins.
func (l *language) join(id string, items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return l.say(id, map[string]string{"Before": strings.Join(items[:last], ", "), "Last": items[last]})
}

// localized picks the text of a language, else of the fallback, else of the
// first language that has one.
func localized(code, fallback string, texts map[string]string) string {
	for _, candidate := range [...]string{code, fallback} {
		if words := texts[candidate]; words != "" {
			return words
		}
	}
	for _, candidate := range slices.Sorted(maps.Keys(texts)) {
		if words := texts[candidate]; words != "" {
			return words
		}
	}
	return ""
}
