package console

import (
	"strconv"

	"premia/internal/app"
	"premia/internal/core/engine"
	"premia/internal/core/money"
	"premia/internal/core/text"
	"premia/internal/web/page"
)

// points is an amount of a wallet, as words take it.
func points(unit *money.Unit, forms text.UnitForms, minor int64) text.Points {
	return text.Points{Minor: minor, Scale: unit.Scale, Forms: forms}
}

// moneyOf is an amount of a program's currency.
func moneyOf(p *engine.Program, minor int64) text.Money {
	return text.Money{Minor: minor, Scale: p.Currency.Scale, Currency: p.Currency.Code}
}

// amountOfBudget is an amount as the budget counts it. What is counted in millionths
// of the currency's minor unit is shown in whole ones, upwards.
func amountOfBudget(p *engine.Program, b *engine.Budget, amount int64) any {
	switch w := p.Wallet(b.Wallet); {
	case b.Money:
		unit := engine.Power10(engine.WorthScale)
		return moneyOf(p, (amount+unit-1)/unit)
	case b.Off:
		return moneyOf(p, amount)
	case b.Wallet != 0 && w != nil && w.Gift == nil:
		return points(&w.Unit, w.Forms, amount)
	}
	return amount
}

func budgetLineOf(r *page.Context, p *engine.Program, b *app.BudgetUse) budgetLine {
	line := budgetLine{ID: b.ID, Title: r.Say("page.value", "Value", b.Title), Percent: min(max(b.Percent(), 0), 100), Colour: "bg-green"}
	line.Words = r.Say("console.home.used_of", "Used", amountOfBudget(p, b.Budget, b.Used), "Cap", amountOfBudget(p, b.Budget, b.Cap))
	switch {
	case line.Percent >= 100:
		line.Colour = "bg-red"
	case line.Percent >= 80:
		line.Colour = "bg-yellow"
	}
	return line
}

func percent(n int64) text.Percent { return text.Percent(strconv.FormatInt(n, 10)) }
