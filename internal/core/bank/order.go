package bank

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"premia/internal/core/money"
)

// Account is an account with its holder.
type Account struct {
	Name string
	IBAN IBAN
	// BIC names the bank; empty where the IBAN does.
	BIC string
}

// Transfer is one payment of an order.
type Transfer struct {
	// ID is the end-to-end id, at most 35 letters, digits and hyphens.
	ID string
	To Account
	// Amount is in minor units of the order's currency, above zero.
	Amount int64
	// Reference is what the order knows it by, for people.
	Reference string
}

// Order is payments from one account that a bank is asked for together.
type Order struct {
	// ID is at most 35 letters, digits and hyphens.
	ID string
	// Created is RFC 3339 in UTC, to the second, and Day the date on which the bank
	// is to pay: 2026-03-01.
	Created, Day string
	From         Account
	Currency     money.Unit
	Transfers    []Transfer
}

// Sum adds up the amounts. The error tells that an order is empty, has a transfer
// that is not above zero, or is beyond what money counts.
func (o *Order) Sum() (int64, error) {
	sum := int64(0)
	for i := range o.Transfers {
		t := &o.Transfers[i]
		if t.Amount <= 0 || t.Amount > money.MaxAmount-sum {
			return 0, fmt.Errorf("the payment %s of %s is out of range", t.ID, money.Format(t.Amount, o.Currency.Scale))
		}
		sum += t.Amount
	}
	if sum == 0 {
		return 0, errors.New("the order has no payments")
	}
	return sum, nil
}

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;")

// document writes XML, element by element.
type document struct {
	strings.Builder
	open []string
}

func (d *document) begin(name string) {
	d.line("<" + name + ">")
	d.open = append(d.open, name)
}

func (d *document) end() {
	last := len(d.open) - 1
	name := d.open[last]
	d.open = d.open[:last]
	d.line("</" + name + ">")
}

func (d *document) line(s string) {
	d.WriteString(strings.Repeat("  ", len(d.open)+1) + s + "\n")
}

// text writes an element; attribute is a name and a value, or empty.
func (d *document) text(name, value string, attribute ...string) {
	with := ""
	if len(attribute) == 2 {
		with = " " + attribute[0] + `="` + escape.Replace(attribute[1]) + `"`
	}
	d.line("<" + name + with + ">" + escape.Replace(value) + "</" + name + ">")
}

// nested writes an element in others.
func (d *document) nested(value string, names ...string) {
	for _, name := range names[:len(names)-1] {
		d.begin(name)
	}
	d.text(names[len(names)-1], value)
	for range names[:len(names)-1] {
		d.end()
	}
}

// XML writes the order as a customer credit transfer initiation, pain.001.001.09 of
// ISO 20022, as the message definition report of 2019 has it.
func (o *Order) XML() ([]byte, error) {
	sum, err := o.Sum()
	if err != nil {
		return nil, err
	}
	count, total := strconv.Itoa(len(o.Transfers)), money.Format(sum, o.Currency.Scale)
	d := &document{}
	d.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">` + "\n")
	d.begin("CstmrCdtTrfInitn")
	d.begin("GrpHdr")
	d.text("MsgId", o.ID)
	d.text("CreDtTm", o.Created)
	d.text("NbOfTxs", count)
	d.text("CtrlSum", total)
	d.nested(o.From.Name, "InitgPty", "Nm")
	d.end()
	d.begin("PmtInf")
	d.text("PmtInfId", o.ID)
	d.text("PmtMtd", "TRF")
	d.text("NbOfTxs", count)
	d.text("CtrlSum", total)
	d.nested(o.Day, "ReqdExctnDt", "Dt")
	d.nested(o.From.Name, "Dbtr", "Nm")
	d.nested(string(o.From.IBAN), "DbtrAcct", "Id", "IBAN")
	if o.From.BIC != "" {
		d.nested(o.From.BIC, "DbtrAgt", "FinInstnId", "BICFI")
	} else {
		d.nested("NOTPROVIDED", "DbtrAgt", "FinInstnId", "Othr", "Id")
	}
	d.text("ChrgBr", "SLEV")
	for i := range o.Transfers {
		o.transfer(d, &o.Transfers[i])
	}
	d.end()
	d.end()
	d.WriteString("</Document>\n")
	return []byte(d.String()), nil
}

func (o *Order) transfer(d *document, t *Transfer) {
	d.begin("CdtTrfTxInf")
	d.nested(t.ID, "PmtId", "EndToEndId")
	d.begin("Amt")
	d.text("InstdAmt", money.Format(t.Amount, o.Currency.Scale), "Ccy", o.Currency.Code)
	d.end()
	d.nested(t.To.Name, "Cdtr", "Nm")
	d.nested(string(t.To.IBAN), "CdtrAcct", "Id", "IBAN")
	d.nested(t.ID, "RmtInf", "Ustrd")
	d.end()
}

// CSV writes the order as a table, a line for each payment and a last one with the
// number of payments and their sum.
func (o *Order) CSV() ([]byte, error) {
	sum, err := o.Sum()
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	b.WriteString("end_to_end_id,name,iban,amount,currency,redemption\n")
	for i := range o.Transfers {
		t := &o.Transfers[i]
		fmt.Fprintf(&b, "%s,%s,%s,%s,%s,%s\n", t.ID, quoted(t.To.Name), t.To.IBAN, money.Format(t.Amount, o.Currency.Scale), o.Currency.Code, quoted(t.Reference))
	}
	fmt.Fprintf(&b, "total,%d payments,,%s,%s,\n", len(o.Transfers), money.Format(sum, o.Currency.Scale), o.Currency.Code)
	return []byte(b.String()), nil
}

// quoted writes a field of CSV (RFC 4180). One that a spreadsheet would take for a
// formula gets an apostrophe.
func quoted(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		s = "'" + s
	}
	if strings.ContainsAny(s, ",\"\n\r") {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}
