package engine

import (
	"math"

	"github.com/govalues/decimal"

	"premia/internal/core/condition"
	"premia/internal/core/text"
)

// saying gives the way in which people read the values of a built-in field; nil
// for most.
func (c *Compiler) saying(field string) func(condition.Value) any {
	switch field {
	case "total", "unit_price", "spend":
		return c.sayMoney
	case "category", "channel", "store":
		return func(v condition.Value) any { return c.Program.CodeWords(field, v) }
	case "weekday":
		return sayWeekday
	}
	return nil
}

// sayMoney says an amount in the program's currency, with more decimals than
// that has where the amount has them.
func (c *Compiler) sayMoney(v condition.Value) any {
	minor, scale, ok := minorOf(v, c.Program.Currency.Scale)
	if !ok {
		return nil
	}
	return text.Money{Minor: minor, Scale: scale, Currency: c.Program.Currency.Code}
}

// SayPoints says an amount of the wallet's unit.
func (w *Wallet) SayPoints(v condition.Value) any {
	minor, scale, ok := minorOf(v, w.Unit.Scale)
	if !ok {
		return nil
	}
	return text.Points{Minor: minor, Scale: scale, Forms: w.Forms, Currency: w.Currency}
}

// minorOf gives a number in minor units of the scale, or of as many decimals as
// it needs if those are more.
func minorOf(v condition.Value, least int) (minor int64, scale int, ok bool) {
	var d decimal.Decimal
	switch v.Kind() {
	case condition.KindInt:
		whole, err := decimal.New(v.Int(), 0)
		if err != nil {
			return 0, 0, false
		}
		d = whole
	case condition.KindDecimal:
		d = v.Decimal()
	default:
		return 0, 0, false
	}
	d = d.Trim(least).Pad(least)
	if d.Scale() < least || d.Coef() > math.MaxInt64 {
		return 0, 0, false // too large for so many decimals
	}
	minor = int64(d.Coef())
	if d.IsNeg() {
		minor = -minor
	}
	return minor, d.Scale(), true
}

// CodeWords gives the name that the program has for a code of a field, such as
// category; nil if it has none.
func (p *Program) CodeWords(field string, v condition.Value) any {
	if v.Kind() != condition.KindString {
		return nil
	}
	if name, named := p.CodeNames[field][v.Text()]; named {
		return name
	}
	return nil
}

var weekdayWords = map[string]string{
	"mon": "weekday.monday", "tue": "weekday.tuesday", "wed": "weekday.wednesday", "thu": "weekday.thursday",
	"fri": "weekday.friday", "sat": "weekday.saturday", "sun": "weekday.sunday",
}

func sayWeekday(v condition.Value) any {
	if id, known := weekdayWords[v.Text()]; known {
		return text.New(id)
	}
	return nil
}
