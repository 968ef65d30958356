package event

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"

	"premia/internal/core/calendar"
	"premia/internal/core/text"
)

// Scales tells how many decimals amounts may have.
type Scales struct {
	// Currency is the scale of the program's currency, 0 to money.MaxScale.
	Currency int
	// Code is the currency's code. With it, stored events are completed as
	// [Event.Check] had completed them; it means nothing elsewhere.
	Code string
	// Wallet gives the scale of a wallet, and whether the program has it. Nil
	// stands for no wallets.
	Wallet func(name string) (scale int, ok bool)
	// Wallets lists the wallets that there are, for who names another; nil lists
	// none.
	Wallets func() []string
}

// Decode reads one event as a caller sends it: one JSON object of at most
// MaxEncodedBytes. It refuses the types that only Premia itself writes. The
// error is a *[Problem], the first one in the text. What the values mean
// together is left to [Event.Check].
func Decode(src []byte, s Scales) (*Event, error) {
	e := new(Event)
	if err := DecodeInto(e, src, s); err != nil {
		return nil, err
	}
	return e, nil
}

// DecodeInto is [Decode] into an event whose memory it reuses. After an error
// the event holds nothing of use.
func DecodeInto(e *Event, src []byte, s Scales) error {
	return decodeInto(e, src, s, false)
}

// DecodeStored reads an event in the form that [Event.Append] writes, of any
// type. The scales must be those it was written with, which are those of the
// program it was decided under. With Scales.Code it computes again the totals that
// [Event.Check] computed, and sets the currency, since the form has neither. The
// error is a *[Problem].
func DecodeStored(src []byte, s Scales) (*Event, error) {
	e := new(Event)
	if err := DecodeStoredInto(e, src, s); err != nil {
		return nil, err
	}
	return e, nil
}

// DecodeStoredInto is [DecodeStored] into an event whose memory it reuses.
func DecodeStoredInto(e *Event, src []byte, s Scales) error {
	if err := decodeInto(e, src, s, true); err != nil || s.Code == "" {
		return err
	}
	return e.complete(s)
}

// complete does to an event that was accepted before what Check did to it.
func (e *Event) complete(s Scales) error {
	c := checker{event: e, currency: s.Code, scale: s.Currency}
	p := c.money()
	if p == nil {
		p = c.items()
	}
	if p == nil {
		p = c.totals()
	}
	return p.err()
}

func decodeInto(e *Event, src []byte, s Scales, stored bool) error {
	*e = Event{Items: e.Items[:0], Codes: e.Codes[:0], Pay: e.Pay[:0], Data: e.Data[:0], Carried: e.Carried[:0]}
	if bound := MaxEncodedBytes; !stored && len(src) > bound {
		return problem(CodeTooLarge, text.Say("the event has {Count} bytes", len(src)),
			text.Say("at most {Bound} are read; send it as several events", bound))
	}
	// One copy for all texts of the event: they are parts of it.
	d := decoder{reader: reader{src: string(src)}, event: e, scales: s, stored: stored}
	if !utf8.Valid(src) {
		return d.at(invalidUTF8(d.src), problem(CodeEncoding, "the JSON is not valid UTF-8", "send it in UTF-8"))
	}
	return d.document().err()
}

func invalidUTF8(s string) int {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, width := utf8.DecodeRuneInString(s[i:]); width == 1 {
				return i
			}
		}
	}
	return len(s)
}

// decoder reads one event.
type decoder struct {
	reader
	event  *Event
	scales Scales
	stored bool

	// The amount is read at the end: its decimals are those of the wallet,
	// which may be named after it.
	amount       string
	amountOffset int
	walletOffset int
}

func (d *decoder) document() *Problem {
	if p := d.expect('{', "an object"); p != nil {
		return p
	}
	for seen, first := uint64(0), true; ; first = false {
		offset, more, p := d.nextKey(first)
		if p != nil {
			return p
		}
		if !more {
			break
		}
		f := eventField(d.key)
		if p := d.known(f, &seen, offset, eventKeys); p != nil {
			return p
		}
		if p := d.field(f, offset); p != nil {
			return p
		}
	}
	if d.peek(); d.pos < len(d.src) {
		return d.unexpected("the end of the event")
	}
	if d.event.Type == "" {
		return d.at(0, problem(CodeMissing, "an event needs a type", `such as "type": "purchase"`))
	}
	if d.event.At == calendar.None {
		d.event.Filled = 0
	}
	return d.walletAmount()
}

// longestShownKey is the most bytes of an unknown key that a path names.
const longestShownKey = 40

// known refuses a key without meaning at its place, and one written twice.
func (d *decoder) known(f field, seen *uint64, offset int, keys []string) *Problem {
	if d.internal(f) || f == fieldUnknown {
		p := unknownKey(d.key, keys)
		if len(d.key) > longestShownKey {
			d.key = ""
		}
		return d.at(offset, p)
	}
	if *seen&(1<<f) != 0 {
		return d.at(offset, duplicate(d.key))
	}
	*seen |= 1 << f
	return nil
}

// internal tells whether a key belongs to the other of the two forms.
func (d *decoder) internal(f field) bool {
	if d.stored {
		return f == fieldMember
	}
	return f == fieldCarried || f == fieldOnArrival || f == fieldBy
}

func duplicate(key string) *Problem {
	return problem(CodeDuplicate, text.Say("the key {Key} is written twice", quote(key)), "write it once")
}

func (d *decoder) field(f field, keyOffset int) *Problem {
	e := d.event
	if amount, given := e.money(f); amount != nil {
		e.Given |= given
		return d.money(amount)
	}
	if text, limit := e.text(f); text != nil {
		if f == fieldWallet {
			d.walletOffset = d.pos
		}
		if p := d.plainText(text, limit); p != nil {
			return p
		}
		if f == fieldMember && e.Member == "" {
			return d.at(keyOffset, problem(CodeInvalid, "a member must not be empty", "leave the key out for a guest"))
		}
		return nil
	}
	switch f {
	case fieldID:
		return d.checkedText(&e.ID, idProblem)
	case fieldType:
		return d.eventType()
	case fieldCurrency:
		return d.optionalText(&e.Currency, currencyProblem)
	case fieldTime:
		return d.instant(&e.At)
	case fieldSlot:
		return d.instant(&e.Slot)
	case fieldUntil:
		return d.instant(&e.Until)
	case fieldQuantity:
		return d.rewards()
	case fieldOnArrival:
		return d.onArrival()
	case fieldHold:
		return d.hold()
	case fieldItems:
		return d.items()
	case fieldAmount:
		return d.laterAmount()
	case fieldData:
		return d.data()
	case fieldPrices:
		return d.checkedText(&e.Prices, pricesProblem)
	case fieldCodes:
		return d.codes()
	case fieldPay:
		return d.pay()
	default: // fieldCarried
		return d.carried()
	}
}

// anyText reads a text, or says that one was due.
func (d *decoder) anyText(to *string) *Problem {
	switch d.peek() {
	case '"':
	case '{', '[':
		return d.wrongType("a text", "")
	default:
		return d.wrongType("a text", "write it between quotation marks")
	}
	text, p := d.text()
	*to = text
	return p
}

func (d *decoder) plainText(to *string, limit int) *Problem {
	offset := d.pos
	if p := d.anyText(to); p != nil {
		return p
	}
	return d.at(offset, textProblem(*to, limit))
}

func (d *decoder) checkedText(to *string, check func(string) *Problem) *Problem {
	offset := d.pos
	if p := d.anyText(to); p != nil {
		return p
	}
	return d.at(offset, check(*to))
}

func (d *decoder) optionalText(to *string, check func(string) *Problem) *Problem {
	offset := d.pos
	if p := d.anyText(to); p != nil || *to == "" {
		return p
	}
	return d.at(offset, check(*to))
}

func (d *decoder) eventType() *Problem {
	offset := d.pos
	if p := d.checkedText(&d.event.Type, typeProblem); p != nil {
		return p
	}
	d.event.Type = known(d.event.Type)
	if !d.stored {
		return d.at(offset, internalProblem(d.event.Type))
	}
	return nil
}

// internalProblem refuses the types that come into being by another way than by
// sending an event.
func internalProblem(name string) *Problem {
	hint := text.Sentence("")
	switch name {
	case Enrolment:
		hint = "enrol the member, and the event follows"
	case Profile:
		hint = "change the member, and the event follows"
	case Merge, Absorb, Absorbed:
		hint = "merge the members, and the events follow"
	case Transfer, TransferIn, TransferBack:
		hint = "post it to the giver's transfers, and the events follow"
	case GiftCardIssue, GiftCardTopUp, GiftCardPayment, GiftCardBlock, GiftCardTakeBack, GiftCardAnswer:
		hint = "post it to /v1/gift-cards, and the events follow"
	case Family, FamilyOpen, FamilyWord, FamilyReturn:
		hint = "post it to the families, and the events follow"
	case Referral, ReferralBack:
		hint = "enrol the friend with the referrer's code, and the events follow"
	case ContestPrize, ContestLapse:
		hint = "draw the contest, and the events follow"
	case LeaderboardPrize:
		hint = "the prizes of a leaderboard come when its period is over"
	case GiftWithdrawal:
		hint = "return the goods, and the event follows"
	case Commission, CommissionBack:
		hint = "send the purchase with the click, and the events follow"
	case Settle:
		hint = "nothing needs to be sent when time passes"
	case Publish:
		hint = "publish the program, and the event follows"
	default:
		return nil
	}
	return problem(CodeNotAllowed, text.Say("events of type {Type} are written by Premia itself", strconv.Quote(name)), hint)
}

func (d *decoder) instant(to *calendar.Instant) *Problem {
	offset, text := d.pos, ""
	if p := d.anyText(&text); p != nil || text == "" {
		return p
	}
	at, p := parseInstant(text)
	*to = at
	return d.at(offset, p)
}

// rewards reads how many of a reward are taken; one is as if the key were not
// there.
func (d *decoder) rewards() *Problem {
	offset, thousandths := d.pos, int64(0)
	if p := d.measured(&thousandths, quantities); p != nil {
		return p
	}
	if thousandths%oneUnit != 0 {
		return d.at(offset, wholeRewards())
	}
	if thousandths != oneUnit {
		d.event.Quantity = thousandths / oneUnit
	}
	return d.at(offset, rewardsProblem(thousandths/oneUnit))
}

// hold reads true; false is as if the key were not there.
func (d *decoder) hold() *Problem {
	for _, word := range [...]string{"true", "false"} {
		if strings.HasPrefix(d.src[d.pos:], word) {
			d.pos += len(word)
			d.event.Hold = word == "true"
			return nil
		}
	}
	return d.wrongType("true or false", "")
}

func (d *decoder) onArrival() *Problem {
	if !strings.HasPrefix(d.src[d.pos:], "true") {
		return d.wrongType("true", "")
	}
	d.pos += len("true")
	d.event.Filled |= FilledTime
	return nil
}

// number reads a number written as one or between quotation marks.
func (d *decoder) number(m measure) (string, *Problem) {
	if d.peek() == '"' {
		return d.text()
	}
	offset := d.pos
	numeral, ok := d.numeral()
	if !ok {
		return "", d.wrongType(m.what, `write it as "12.50"`)
	}
	if !isPlain(numeral) {
		return "", d.at(offset, m.refuse(numeral, m.malformed))
	}
	return numeral, nil
}

func (d *decoder) measured(to *int64, m measure) *Problem {
	d.peek()
	offset := d.pos
	numeral, p := d.number(m)
	if p != nil {
		return p
	}
	*to, p = m.parse(numeral)
	return d.at(offset, p)
}

func (d *decoder) money(to *int64) *Problem {
	offset := d.pos
	if p := d.measured(to, amountOf("the program's currency", d.scales.Currency)); p != nil {
		return p
	}
	return d.at(offset, amountProblem(d.key, *to, false))
}

func (d *decoder) laterAmount() (p *Problem) {
	d.amountOffset = d.pos
	d.amount, p = d.number(amountOf("the wallet", 0))
	d.event.Given |= GivenAmount
	return p
}

// walletAmount reads the amount that was put off until the wallet is known.
func (d *decoder) walletAmount() *Problem {
	e := d.event
	if e.Given&GivenAmount == 0 {
		return nil
	}
	d.key = "amount"
	if e.Wallet == "" {
		return d.at(d.amountOffset, walletMissing())
	}
	scale, ok := 0, false
	if d.scales.Wallet != nil {
		scale, ok = d.scales.Wallet(e.Wallet)
	}
	if !ok {
		d.key = "wallet"
		return d.at(d.walletOffset, d.scales.UnknownWallet(e.Wallet))
	}
	var p *Problem
	e.Amount, p = amountOf(text.Say("the wallet {Wallet}", quote(e.Wallet)), scale).parse(d.amount)
	return d.at(d.amountOffset, p)
}

// UnknownWallet is the problem of naming a wallet that the program lacks. Its
// path is "wallet", its Args are Wallet and, if there are any, Known.
func (s *Scales) UnknownWallet(named string) *Problem {
	p := problem(CodeUnknownWallet, text.Say("the program has no wallet {Wallet}", quote(named)), "name one of its wallets by its id").in("wallet")
	p.Args = text.New("", "Wallet", text.Quoted(named)).Args
	if s.Wallets != nil {
		known := s.Wallets()
		p.Hint = text.Say("its wallets are {Known}", strings.Join(known, ", "))
		list := text.List{}
		for _, id := range known {
			list.Items = append(list.Items, id)
		}
		p.Args = append(p.Args, text.Arg{Name: "Known", Value: list})
	}
	return p
}

func (d *decoder) carried() *Problem {
	offset, text := d.pos, ""
	if p := d.anyText(&text); p != nil {
		return p
	}
	carried, err := base64.StdEncoding.Strict().AppendDecode(d.event.Carried, []byte(text))
	d.event.Carried = carried
	if err != nil {
		return d.at(offset, problem(CodeInvalid, "the text is not base64", ""))
	}
	return nil
}
