package event

import (
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"premia/internal/core/calendar"
	"premia/internal/core/money"
)

// Append appends the canonical JSON that the journal keeps: keys in a fixed
// order, no white space, only what was given, with the id if there is one and
// without Member. [DecodeStored] reads it; for an event that [Decode] gave, the
// result is the same event without Member. It panics if Amount is given for a
// wallet that the scales do not know, which Decode never lets happen.
func (e *Event) Append(dst []byte, s Scales) []byte {
	dst = append(dst, '{')
	if e.ID != "" {
		dst = appendText(append(dst, `"id":`...), e.ID)
	}
	return e.appendBody(dst, s, true)
}

// AppendWithoutID is [Event.Append] without the id, for whoever keeps it beside.
func (e *Event) AppendWithoutID(dst []byte, s Scales) []byte {
	return e.appendBody(append(dst, '{'), s, true)
}

// Digest is the first 16 bytes of SHA-256 over the canonical form of what the
// caller gave: without the id, under which the digest is kept, without Member,
// which is resolved, and without what the server filled in. It is the same for
// every order of keys, white space and notation of numbers, also for the event
// that was stored and read again.
func (e *Event) Digest(s Scales) [16]byte {
	var buffer [1024]byte
	sum := sha256.Sum256(e.appendBody(append(buffer[:0], '{'), s, false))
	return [16]byte(sum[:16])
}

// appendBody writes on from the id; filled says whether with what the server
// filled in.
func (e *Event) appendBody(dst []byte, s Scales, filled bool) []byte {
	dst = appendTextField(dst, "type", e.Type)
	onArrival := e.Filled&FilledTime != 0
	if e.At != calendar.None && (filled || !onArrival) {
		dst = appendInstant(appendKey(dst, "time"), e.At)
		if onArrival {
			dst = append(appendKey(dst, "on_arrival"), "true"...)
		}
	}
	dst = appendTextField(dst, "order", e.Order)
	if e.Filled&FilledCurrency == 0 {
		dst = appendTextField(dst, "currency", e.Currency)
	}
	dst = appendTextField(dst, "channel", e.Channel)
	dst = appendTextField(dst, "store", e.Store)
	dst = e.appendAmounts(dst, s.Currency)
	dst = e.appendItems(dst, s.Currency)
	dst = appendTextField(dst, "wallet", e.Wallet)
	if e.Given&GivenAmount != 0 {
		dst = appendMoney(appendKey(dst, "amount"), e.Amount, s.wallet(e.Wallet))
	}
	dst = appendTextField(dst, "reason", e.Reason)
	dst = appendTextField(dst, "reference", e.Reference)
	dst = appendTextField(dst, "reward", e.Reward)
	if e.Quantity != 0 {
		dst = strconv.AppendInt(appendKey(dst, "quantity"), e.Quantity, 10)
	}
	if e.Hold {
		dst = append(appendKey(dst, "hold"), "true"...)
	}
	dst = appendTextField(dst, "redemption", e.Redemption)
	dst = appendTextField(dst, "status", e.Status)
	if e.Slot != calendar.None {
		dst = appendInstant(appendKey(dst, "slot"), e.Slot)
	}
	dst = appendTextField(dst, "about", e.About)
	dst = appendTextField(dst, "offer", e.Offer)
	dst = appendTextField(dst, "choice", e.Choosing)
	dst = appendTextField(dst, "option", e.Option)
	dst = appendTextField(dst, "contest", e.Contest)
	if e.Until != calendar.None {
		dst = appendInstant(appendKey(dst, "until"), e.Until)
	}
	if filled {
		dst = appendTextField(dst, "by", e.By)
	}
	dst = e.appendData(dst)
	dst = e.appendCheckout(dst, s)
	dst = appendTextField(dst, "click", e.Click)
	if len(e.Carried) > 0 {
		dst = append(appendKey(dst, "carried"), '"')
		dst = append(base64.StdEncoding.AppendEncode(dst, e.Carried), '"')
	}
	return append(dst, '}')
}

func (s Scales) wallet(name string) int {
	if s.Wallet != nil {
		if scale, ok := s.Wallet(name); ok {
			return scale
		}
	}
	panic("event: an amount of the unknown wallet " + strconv.Quote(name))
}

func (e *Event) appendAmounts(dst []byte, scale int) []byte {
	amounts := [...]struct {
		key   string
		given Field
		minor int64
	}{
		{"total", GivenTotal, e.Total},
		{"tax", GivenTax, e.Tax},
		{"shipping", GivenShipping, e.Shipping},
		{"discount", GivenDiscount, e.Discount},
		{"paid_with_gift_cards", GivenPaidWithGiftCards, e.PaidWithGiftCards},
		{"paid_with_points", GivenPaidWithPoints, e.PaidWithPoints},
	}
	for i := range amounts {
		if e.Given&amounts[i].given != 0 {
			dst = appendMoney(appendKey(dst, amounts[i].key), amounts[i].minor, scale)
		}
	}
	return dst
}

func (e *Event) appendItems(dst []byte, scale int) []byte {
	if len(e.Items) == 0 {
		return dst
	}
	dst = append(appendKey(dst, "items"), '[')
	for i := range e.Items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = e.Items[i].append(append(dst, '{'), scale)
	}
	return append(dst, ']')
}

func (i *Item) append(dst []byte, scale int) []byte {
	dst = appendTextField(dst, "sku", i.SKU)
	dst = appendTextField(dst, "name", i.Name)
	dst = appendTextField(dst, "category", i.Category)
	dst = appendTextField(dst, "brand", i.Brand)
	if i.Quantity != oneUnit {
		dst = trimmed(money.Append(appendKey(dst, "quantity"), i.Quantity, QuantityScale), 0)
	}
	if i.GivenUnitPrice {
		dst = append(appendKey(dst, "unit_price"), '"')
		dst = trimmed(money.Append(dst, i.UnitPrice, UnitPriceScale), scale)
		dst = append(dst, '"')
	}
	if i.GivenTotal {
		dst = appendMoney(appendKey(dst, "total"), i.Total, scale)
	}
	return append(dst, '}')
}

func (e *Event) appendData(dst []byte) []byte {
	if len(e.Data) == 0 {
		return dst
	}
	dst = append(appendKey(dst, "data"), '{')
	for i := range e.Data {
		d := &e.Data[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendText(dst, d.Name), ':')
		dst = d.append(dst)
	}
	return append(dst, '}')
}

func (d *Datum) append(dst []byte) []byte {
	switch d.Kind {
	case Whole:
		return strconv.AppendInt(dst, d.Whole, 10)
	case Decimal:
		// AppendText has no error to give: it only writes digits.
		dst, _ = d.Decimal.Trim(0).AppendText(dst)
		return dst
	case Truth:
		return strconv.AppendBool(dst, d.Whole != 0)
	case Moment:
		return appendInstant(dst, calendar.Instant(d.Whole))
	}
	return appendText(dst, d.Text)
}

// appendKey writes a comma, unless the object begins here, and the key, which
// needs no escaping.
func appendKey(dst []byte, key string) []byte {
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	dst = append(dst, '"')
	dst = append(dst, key...)
	return append(dst, '"', ':')
}

func appendTextField(dst []byte, key, text string) []byte {
	if text == "" {
		return dst
	}
	return appendText(appendKey(dst, key), text)
}

func appendMoney(dst []byte, minor int64, scale int) []byte {
	return append(money.Append(append(dst, '"'), minor, scale), '"')
}

// trimmed cuts zeros off the end of a decimal, and its point, but leaves the
// least number of decimals.
func trimmed(dst []byte, least int) []byte {
	point := len(dst) - 1
	for dst[point] != '.' {
		point--
	}
	end := len(dst)
	for end > point+1+least && dst[end-1] == '0' {
		end--
	}
	if end == point+1 {
		end = point
	}
	return dst[:end]
}

func appendInstant(dst []byte, at calendar.Instant) []byte {
	dst = append(dst, '"')
	dst = time.UnixMicro(int64(at)).UTC().AppendFormat(dst, time.RFC3339Nano)
	return append(dst, '"')
}

// appendText writes a JSON string. Control characters and invalid UTF-8, which
// no checked event holds, come out as escapes and U+FFFD, so that the result is
// JSON whatever the text.
func appendText(dst []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	dst = append(dst, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		if c >= ' ' {
			dst = append(dst, '\\', c)
			continue
		}
		const hex = "0123456789abcdef"
		dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
	}
	return append(append(dst, s[start:]...), '"')
}
