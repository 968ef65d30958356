package file

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/event"
	"premia/internal/core/text"
	"premia/internal/store"
)

// The columns of a file of prices.
var (
	priceColumns   = []string{"sku", "channel", "time", "regular_price", "price", "currency"}
	neededOfPrices = []string{"sku", "time", "price"}
)

// LineError is what is wrong with one line of a file.
type LineError struct {
	Line   int // from 1
	Column string
	Detail string
}

// Error says it in one line.
func (e *LineError) Error() string {
	if e.Column != "" {
		return fmt.Sprintf("%d: %s: %s", e.Line, e.Column, e.Detail)
	}
	return fmt.Sprintf("%d: %s", e.Line, e.Detail)
}

// PriceOptions say how a file of prices is meant.
type PriceOptions struct {
	// Channel is that of lines without one.
	Channel string
	// Zone is that of times without one.
	Zone *time.Location
	// Check makes a price ready to be kept.
	Check func(app.NewPrice) (store.Price, error)
}

// ReadPrices reads a file of prices: CSV with commas, semicolons or tabs, whose first
// line names the columns. With semicolons and tabs an amount may have a comma for its
// point. It gives the prices, or all lines that are wrong; the error is one of the
// file as a whole, or of the machine.
func ReadPrices(from io.Reader, o PriceOptions) (prices []store.Price, bad []*LineError, err error) {
	src, err := io.ReadAll(from)
	if err != nil {
		return nil, nil, err
	}
	src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	first, _, _ := bytes.Cut(src, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(src))
	r.FieldsPerRecord, r.ReuseRecord = -1, true
	for _, comma := range []rune{';', '\t'} {
		if bytes.ContainsRune(first, comma) {
			r.Comma = comma
		}
	}
	p := &pricesFile{PriceOptions: o, comma: r.Comma, seen: map[priceKey]seenPrice{}}
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil, errors.New("the file is empty; its first line names the columns: " + strings.Join(priceColumns, ", "))
	}
	if err == nil {
		err = p.header(header)
	}
	if err != nil {
		return nil, nil, err
	}
	for {
		record, err := r.Read()
		var malformed *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return p.prices, p.bad, nil
		case errors.As(err, &malformed):
			// What follows can't be told apart any more.
			p.refuse(malformed.Line, "", malformed.Err.Error())
			return nil, p.bad, nil
		case err != nil:
			return nil, nil, err
		}
		line, _ := r.FieldPos(0)
		p.line(line, record)
	}
}

// pricesFile is a file of prices under way.
type pricesFile struct {
	PriceOptions
	comma   rune
	columns []string
	prices  []store.Price
	bad     []*LineError
	seen    map[priceKey]seenPrice
}

// priceKey is what a file may have one price for.
type priceKey struct {
	sku, channel string
	at           calendar.Instant
}

type seenPrice struct {
	line           int
	regular, price int64
}

func (p *pricesFile) refuse(line int, column, detail string) {
	p.bad = append(p.bad, &LineError{line, column, detail})
}

func (p *pricesFile) header(names []string) error {
	for _, name := range names {
		name = strings.ToLower(strings.TrimSpace(name))
		switch {
		case slices.Contains(p.columns, name):
			return fmt.Errorf("two columns are called %q", name)
		case !slices.Contains(priceColumns, name):
			hint := text.Say("known are {Known}", strings.Join(priceColumns, ", "))
			if near, ok := document.Closest(name, priceColumns); ok {
				hint = text.Say("did you mean {Near}?", strconv.Quote(near))
			}
			return fmt.Errorf("there is no column %q of prices; %s", name, hint)
		}
		p.columns = append(p.columns, name)
	}
	for _, name := range neededOfPrices {
		if !slices.Contains(p.columns, name) {
			return fmt.Errorf("the file has no column %q; its first line names the columns: %s", name, strings.Join(priceColumns, ", "))
		}
	}
	return nil
}

func (p *pricesFile) line(line int, record []string) {
	if len(record) != len(p.columns) {
		p.refuse(line, "", fmt.Sprintf("%d columns, but the first line names %d", len(record), len(p.columns)))
		return
	}
	n := app.NewPrice{Channel: p.Channel}
	for i, value := range record {
		value = strings.TrimSpace(value)
		switch p.columns[i] {
		case "sku":
			n.SKU = value
		case "channel":
			if value != "" {
				n.Channel = value
			}
		case "time":
			at, err := p.time(value)
			if err != nil {
				p.refuse(line, "time", err.Error())
				return
			}
			n.At = at
		case "regular_price":
			n.Regular = p.amount(value)
		case "price":
			n.Price = p.amount(value)
		case "currency":
			n.Currency = value
		}
	}
	price, err := p.Check(n)
	if err != nil {
		own := app.AsProblem(err)
		p.refuse(line, own.Path, own.Detail.String())
		return
	}
	p.add(line, price)
}

// add keeps a price, unless another line says otherwise of the same.
func (p *pricesFile) add(line int, price store.Price) {
	key := priceKey{price.SKU, price.Channel, price.At}
	now := seenPrice{line, price.Regular, price.Entry.Price}
	if before, twice := p.seen[key]; twice {
		if before.regular != now.regular || before.price != now.price {
			p.refuse(line, "", fmt.Sprintf("line %d says another price for the same product, channel and time", before.line))
		}
		return
	}
	p.seen[key] = now
	p.prices = append(p.prices, price)
}

// time reads a moment with its zone, or a day or a minute of the program's.
func (p *pricesFile) time(s string) (calendar.Instant, error) {
	if at, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return calendar.Of(at), nil
	}
	m, err := document.ParseMoment(s)
	if err != nil {
		return calendar.None, fmt.Errorf("%q is no time; write 2026-05-01, 2026-05-01 08:00 or 2026-05-01T08:00:00+02:00", s)
	}
	at := calendar.Of(m.In(p.Zone))
	return at, event.CheckTime("time", at)
}

// amount gives an amount with a point.
func (p *pricesFile) amount(s string) string {
	if p.comma != ',' && strings.Count(s, ",") == 1 && !strings.Contains(s, ".") {
		return strings.Replace(s, ",", ".", 1)
	}
	return s
}
