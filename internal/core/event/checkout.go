package event

import (
	"premia/internal/core/document"
	"premia/internal/core/money"
	"premia/internal/core/text"
	"strconv"
)

// pricesProblem refuses prices of another kind than those that are reduced.
func pricesProblem(prices string) *Problem {
	if prices == "" || prices == ListPrices {
		return nil
	}
	return problem(CodeInvalid, text.Say("{Prices} is no kind of prices", quote(prices)), `write "list" where the program is to reduce them, and otherwise leave the key out`)
}

func codeProblem(code string) *Problem {
	if code == "" {
		return problem(CodeInvalid, "a code must not be empty", "leave it out")
	}
	return textProblem(code, MaxCodeLength)
}

// codes reads the list of codes.
func (d *decoder) codes() *Problem {
	if d.peek() != '[' {
		return d.wrongType("a list of codes", `write it as ["SPRING15"]`)
	}
	d.pos++
	for first := true; ; first = false {
		more, p := d.another(first, ']')
		if p != nil || !more {
			return p
		}
		if len(d.event.Codes) == MaxCodes {
			return d.at(d.pos, tooMany(CodeTooManyCodes, "an event has at most {Count} codes", MaxCodes))
		}
		d.event.Codes = append(d.event.Codes, "")
		if p := d.checkedText(&d.event.Codes[len(d.event.Codes)-1], codeProblem); p != nil {
			return p
		}
	}
}

// pay reads the list of what is to be paid with wallets.
func (d *decoder) pay() *Problem {
	if d.peek() != '[' {
		return d.wrongType("a list of wallets and amounts", `write it as [{"wallet": "points", "amount": "100"}]`)
	}
	d.pos++
	for first := true; ; first = false {
		d.in, d.key = inEvent, "pay"
		more, p := d.another(first, ']')
		if p != nil || !more {
			return p
		}
		if d.peek() != '{' {
			return d.wrongType("a wallet and an amount", `write it as {"wallet": "points", "amount": "100"}`)
		}
		if len(d.event.Pay) == MaxPayments {
			return d.at(d.pos, tooMany(CodeTooManyPayments, "an event has at most {Count} payments", MaxPayments))
		}
		d.in, d.index = inPay, len(d.event.Pay)
		d.event.Pay = append(d.event.Pay, Payment{})
		if p := d.payment(&d.event.Pay[d.index]); p != nil {
			return p
		}
		d.in = inEvent
	}
}

// payment reads one wallet and amount, in any order: the amount has the decimals
// of the wallet.
func (d *decoder) payment(to *Payment) (p *Problem) {
	start := d.pos
	amount, amountAt, walletAt := "", 0, 0
	d.pos++
	for seen, first := uint64(0), true; ; first = false {
		offset, more, p := d.nextKey(first)
		if p != nil {
			return p
		}
		if !more {
			break
		}
		f := eventField(d.key)
		if f != fieldWallet && f != fieldAmount {
			f = fieldUnknown
		}
		if p := d.known(f, &seen, offset, paymentKeys); p != nil {
			return p
		}
		if f == fieldWallet {
			walletAt = d.pos
			p = d.plainText(&to.Wallet, MaxTextLength)
		} else {
			d.peek()
			amountAt = d.pos
			amount, p = d.number(amountOf("the wallet", 0))
		}
		if p != nil {
			return p
		}
	}
	if amount == "" || to.Wallet == "" {
		return d.at(start, problem(CodeMissing, "to pay with a wallet needs the wallet and the amount", `write it as {"wallet": "points", "amount": "100"}`))
	}
	scale, ok := 0, false
	if d.scales.Wallet != nil {
		scale, ok = d.scales.Wallet(to.Wallet)
	}
	if !ok {
		d.key = "wallet"
		return d.at(walletAt, d.scales.UnknownWallet(to.Wallet))
	}
	d.key = "amount"
	to.Amount, p = amountOf(text.Say("the wallet {Wallet}", quote(to.Wallet)), scale).parse(amount)
	return d.at(amountAt, p)
}

// appendCheckout writes what belongs to list prices.
func (e *Event) appendCheckout(dst []byte, s Scales) []byte {
	dst = appendTextField(dst, "prices", e.Prices)
	if len(e.Codes) > 0 {
		dst = append(appendKey(dst, "codes"), '[')
		for i, code := range e.Codes {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendText(dst, code)
		}
		dst = append(dst, ']')
	}
	if len(e.Pay) > 0 {
		dst = append(appendKey(dst, "pay"), '[')
		for i, p := range e.Pay {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendText(append(dst, `{"wallet":`...), p.Wallet)
			dst = append(appendMoney(appendKey(dst, "amount"), p.Amount, s.wallet(p.Wallet)), '}')
		}
		dst = append(dst, ']')
	}
	return appendTextField(dst, "checkout", e.Checkout)
}

// checkoutProblem refuses what has no meaning without list prices, and what the
// shop can't know with them.
func (e *Event) checkoutProblem() *Problem {
	if p := pricesProblem(e.Prices); p != nil {
		return p.in("prices")
	}
	if e.Prices == "" {
		return e.finalPrices()
	}
	if e.Type != Purchase && e.Type != Checkout {
		return problem(CodeNotAllowed, text.Say("an event of type {Type} has no prices to reduce", quote(e.Type)), "leave the key out").in("prices")
	}
	if len(e.Items) == 0 {
		return missing("items", "list prices need the items that they are of", `such as [{"sku": "A-1", "quantity": 2, "unit_price": "9.90"}]`)
	}
	if e.Given&(GivenDiscount|GivenPaidWithPoints) != 0 {
		key := "discount"
		if e.Given&GivenDiscount == 0 {
			key = "paid_with_points"
		}
		return problem(CodeNotAllowed, "with list prices the program itself finds what is taken off and what is paid with points", "leave it out, or leave out prices if yours are final").in(key)
	}
	if e.Type == Checkout && e.Checkout != "" {
		return problem(CodeNotAllowed, "a checkout confirms no other", "leave the key out").in("checkout")
	}
	return e.codesAndPay()
}

func (e *Event) finalPrices() *Problem {
	key := ""
	switch {
	case len(e.Codes) > 0:
		key = "codes"
	case len(e.Pay) > 0:
		key = "pay"
	case e.Checkout != "":
		key = "checkout"
	default:
		return nil
	}
	return problem(CodeNotAllowed, text.Say("the shop's prices are final, so there is nothing for {Key} to change", key), `write "prices": "list" and send the items at their list prices`).in(key)
}

func (e *Event) codesAndPay() *Problem {
	if len(e.Codes) > MaxCodes {
		return tooMany(CodeTooManyCodes, "an event has at most {Count} codes", MaxCodes).in("codes")
	}
	for i, code := range e.Codes {
		if p := codeProblem(code); p != nil {
			return p.in(document.Index("codes", i))
		}
	}
	if len(e.Pay) > MaxPayments {
		return tooMany(CodeTooManyPayments, "an event has at most {Count} payments", MaxPayments).in("pay")
	}
	for i, pay := range e.Pay {
		path := document.Index("pay", i)
		switch {
		case pay.Wallet == "":
			return walletMissing().in(document.Join(path, "wallet"))
		case pay.Amount <= 0 || pay.Amount > money.MaxAmount:
			return problem(CodeAmountOutOfRange, "the amount must be above zero", "say how much of the wallet to pay with").in(document.Join(path, "amount"))
		}
		for _, before := range e.Pay[:i] {
			if before.Wallet == pay.Wallet {
				return problem(CodeDuplicate, text.Say("the wallet {Wallet} is named twice", strconv.Quote(pay.Wallet)), "name it once, with the whole amount").in(document.Join(path, "wallet"))
			}
		}
	}
	return nil
}
