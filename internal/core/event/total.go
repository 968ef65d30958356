package event

import (
	"math/bits"

	"premia/internal/core/money"
	"premia/internal/core/text"
)

// productScale is the number of decimals of quantity × unit price.
const productScale = QuantityScale + UnitPriceScale

// times gives quantity × unit price in minor units of the currency, rounded
// down, and whether that is exact; ok is false when it is beyond
// money.MaxAmount.
func (i *Item) times(scale int) (product int64, exact, ok bool) {
	divisor := uint64(1)
	for range productScale - scale {
		divisor *= 10
	}
	high, low := bits.Mul64(uint64(i.Quantity), uint64(i.UnitPrice))
	if high >= divisor {
		return 0, false, false
	}
	quotient, remainder := bits.Div64(high, low, divisor)
	if quotient > uint64(money.MaxAmount) {
		return 0, false, false
	}
	return int64(quotient), remainder == 0, true
}

// factors says how an item's total comes about: "2 × 9.90".
func (c *checker) factors(i *Item) string {
	var buffer [64]byte
	said := trimmed(money.Append(buffer[:0], i.Quantity, QuantityScale), 0)
	said = append(said, " × "...)
	return string(trimmed(money.Append(said, i.UnitPrice, UnitPriceScale), c.scale))
}

// product sets an item's total from its quantity and unit price.
func (c *checker) product(i *Item) *Problem {
	product, exact, ok := i.times(c.scale)
	if !ok {
		return problem(CodeAmountOutOfRange, text.Say("{Factors} is too large", c.factors(i)), "")
	}
	if !exact {
		return problem(CodeMissing, text.Say("{Factors} is not a whole number of the smallest unit of {Currency}", c.factors(i), c.currency),
			text.Say("send the item's total as the customer was charged, with {Decimals}", decimals(c.scale)))
	}
	i.Total = product
	return nil
}

// lineTotal checks a given total against quantity and unit price.
func (c *checker) lineTotal(i *Item) *Problem {
	if !i.GivenUnitPrice {
		return nil
	}
	most, exact, ok := i.times(c.scale)
	if !ok {
		return problem(CodeAmountOutOfRange, text.Say("{Factors} is too large", c.factors(i)), "")
	}
	if !exact {
		most++
	}
	if i.Total > most {
		return problem(CodeTotalMismatch, text.Say("the item's total is {Total}, but {Factors} makes at most {Most}", c.show(i.Total), c.factors(i), c.show(most)), "an item's total is quantity × unit price, less the line's own discount")
	}
	return nil
}

// totals checks or computes what the customer pays.
func (c *checker) totals() *Problem {
	e := c.event
	given := e.Given&GivenTotal != 0
	if len(e.Items) > 0 && c.priced {
		made := c.sum + e.Shipping - e.Discount
		if p := c.made(made); p != nil {
			return p
		}
		if given && e.Total != made {
			return c.mismatch(made)
		}
		e.Total, given = made, true
	}
	if !given {
		e.Total = 0
		return nil
	}
	return c.parts()
}

// made checks the bounds of the total that items, shipping and discount make.
func (c *checker) made(total int64) *Problem {
	switch {
	case total < 0:
		return problem(CodeTotalMismatch, text.Say("the discount of {Discount} is more than items and shipping, {Sum}", c.show(c.event.Discount), c.show(c.sum+c.event.Shipping)), "send the part of the discount that was used").in("discount")
	case total > money.MaxAmount:
		return problem(CodeAmountOutOfRange, "the items and the shipping together are too large", "").in("items")
	}
	return nil
}

func (c *checker) mismatch(made int64) *Problem {
	e := c.event
	sum := text.Say("items of {Items}", c.show(c.sum))
	args := []any{"Total", c.amount(e.Total), "Items", c.amount(c.sum), "Sum", c.amount(made)}
	if e.Shipping != 0 {
		args = append(args, "Shipping", c.amount(e.Shipping))
		sum = text.Say("{Sum} plus shipping of {Shipping}", sum, c.show(e.Shipping))
	}
	if e.Discount != 0 {
		args = append(args, "Discount", c.amount(e.Discount))
		sum = text.Say("{Sum} minus a discount of {Discount}", sum, c.show(e.Discount))
	}
	difference := e.Total - made
	wrong := text.Sentence("the total is {Total}, but {Sum} make {Made}: it is {Difference} more")
	if difference < 0 {
		difference, wrong = -difference, "the total is {Total}, but {Sum} make {Made}: it is {Difference} less"
	}
	return problem(CodeTotalMismatch, text.Say(wrong.Pattern(), c.show(e.Total), sum, c.show(made), c.show(difference)),
		"the total is what the customer pays, tax included; correct it, or leave it out").in("total").about(args...)
}

// parts checks the amounts that are contained in the total.
func (c *checker) parts() *Problem {
	e := c.event
	switch {
	case e.Tax > e.Total:
		return problem(CodeTotalMismatch, text.Say("the tax is {Tax}, more than the total of {Total}", c.show(e.Tax), c.show(e.Total)),
			"the total is what the customer pays, tax included").in("tax")
	case e.Shipping > e.Total+e.Discount:
		return problem(CodeTotalMismatch, text.Say("the shipping is {Shipping}, more than the total of {Total} before discount", c.show(e.Shipping), c.show(e.Total)),
			"the total is what the customer pays, shipping included").in("shipping")
	case e.PaidWithGiftCards+e.PaidWithPoints > e.Total:
		key := "paid_with_points"
		if e.PaidWithPoints == 0 {
			key = "paid_with_gift_cards"
		}
		return problem(CodeTotalMismatch, text.Say("gift cards and points paid {Paid}, more than the total of {Total}", c.show(e.PaidWithGiftCards+e.PaidWithPoints), c.show(e.Total)), "they are parts of what the customer pays").in(key)
	}
	return nil
}
