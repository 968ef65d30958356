package event

import (
	"math/bits"

	"premia/internal/core/money"
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
		return problem(CodeAmountOutOfRange, c.factors(i)+" is too large", "")
	}
	if !exact {
		return problem(CodeMissing, c.factors(i)+" is not a whole number of the smallest unit of "+c.currency,
			"send the item's total as the customer was charged, with "+decimals(c.scale))
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
		return problem(CodeAmountOutOfRange, c.factors(i)+" is too large", "")
	}
	if !exact {
		most++
	}
	if i.Total > most {
		return problem(CodeTotalMismatch, "the item's total is "+c.show(i.Total)+", but "+c.factors(i)+" makes at most "+
			c.show(most), "an item's total is quantity × unit price, less the line's own discount")
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
		return problem(CodeTotalMismatch, "the discount of "+c.show(c.event.Discount)+" is more than items and shipping, "+
			c.show(c.sum+c.event.Shipping), "send the part of the discount that was used").in("discount")
	case total > money.MaxAmount:
		return problem(CodeAmountOutOfRange, "the items and the shipping together are too large", "").in("items")
	}
	return nil
}

func (c *checker) mismatch(made int64) *Problem {
	e := c.event
	sum := "items of " + c.show(c.sum)
	args := []any{"Total", c.amount(e.Total), "Items", c.amount(c.sum), "Sum", c.amount(made)}
	if e.Shipping != 0 {
		args = append(args, "Shipping", c.amount(e.Shipping))
		sum += " plus shipping of " + c.show(e.Shipping)
	}
	if e.Discount != 0 {
		args = append(args, "Discount", c.amount(e.Discount))
		sum += " minus a discount of " + c.show(e.Discount)
	}
	difference := e.Total - made
	direction := " more"
	if difference < 0 {
		difference, direction = -difference, " less"
	}
	return problem(CodeTotalMismatch, "the total is "+c.show(e.Total)+", but "+sum+" make "+c.show(made)+
		": it is "+c.show(difference)+direction,
		"the total is what the customer pays, tax included; correct it, or leave it out").in("total").about(args...)
}

// parts checks the amounts that are contained in the total.
func (c *checker) parts() *Problem {
	e := c.event
	switch {
	case e.Tax > e.Total:
		return problem(CodeTotalMismatch, "the tax is "+c.show(e.Tax)+", more than the total of "+c.show(e.Total),
			"the total is what the customer pays, tax included").in("tax")
	case e.Shipping > e.Total+e.Discount:
		return problem(CodeTotalMismatch, "the shipping is "+c.show(e.Shipping)+", more than the total of "+c.show(e.Total)+" before discount",
			"the total is what the customer pays, shipping included").in("shipping")
	case e.PaidWithGiftCards+e.PaidWithPoints > e.Total:
		key := "paid_with_points"
		if e.PaidWithPoints == 0 {
			key = "paid_with_gift_cards"
		}
		return problem(CodeTotalMismatch, "gift cards and points paid "+c.show(e.PaidWithGiftCards+e.PaidWithPoints)+
			", more than the total of "+c.show(e.Total), "they are parts of what the customer pays").in(key)
	}
	return nil
}
