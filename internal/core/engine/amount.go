package engine

import (
	"premia/internal/core/condition"
	"premia/internal/core/text"
)

// Amount is a number of a document that says how much of a wallet's unit, or how much
// money, something is about.
type Amount struct {
	// Path is where it stands, and Offset and Length, in bytes, which part of the text
	// there it is, of a condition; Length is 0 where it is all of it.
	Path           string
	Offset, Length int
	// Wallet is the wallet in whose unit it counts; nil is the program's currency.
	Wallet *Wallet
	// Worth is the id of the wallet of which one unit is worth so much money, which may
	// have more decimals than the currency; else empty.
	Worth string
	// Field is how people read what is compared with it, of a condition.
	Field any
}

// Money notes that the number at a path is an amount of the program's currency.
func (c *Compiler) Money(path string) { c.amounts = append(c.amounts, Amount{Path: path}) }

// Worth notes that the number at a path is the money that one unit of a wallet is worth.
func (c *Compiler) Worth(path, wallet string) {
	c.amounts = append(c.amounts, Amount{Path: path, Worth: wallet})
}

// Counted notes that the number at a path is an amount of a wallet's unit.
func (c *Compiler) Counted(path string, w *Wallet) {
	c.amounts = append(c.amounts, Amount{Path: path, Wallet: w})
}

// Amounts are those of the document that were noted: all that its rules and scenarios
// have, in no order, and some of them more than once.
func (c *Compiler) Amounts() []Amount { return c.amounts }

// compared notes the numbers in a condition with which money is compared.
func (c *Compiler) compared(path string, x *condition.Expression) {
	for _, n := range x.Compared() {
		if _, money := n.Said.(text.Money); money {
			c.amounts = append(c.amounts, Amount{Path: path, Offset: n.Offset, Length: n.Length, Field: n.Field})
		}
	}
}
