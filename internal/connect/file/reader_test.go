package file

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/program"
	"premia/internal/testkit"
)

const shop = `
program: shop
currency: PLN
timezone: Europe/Warsaw
languages: [en]
wallets: {points: {name: points}}
events:
  purchase: {fields: {city: text, rank: whole, rate: decimal, new: truth}}
  visit: {fields: {city: text}}
`

func compile(t testing.TB, src string) *engine.Program {
	t.Helper()
	doc, err := program.Load("program.yaml", []byte(src), engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	return doc.Program
}

func parse(t testing.TB, src string) *Mapping {
	t.Helper()
	m, err := ParseMapping("mapping.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// write makes a file of the text, as it stands.
func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// outcome is all that came of reading: events and rejects in short words, in
// the order in which they came.
type outcome struct {
	said   []string
	events []*event.Event
	counts Counts
	err    error
}

func (o *outcome) String() string { return strings.Join(o.said, "\n") }

// readAll reads files to the end and past damages.
func readAll(t testing.TB, m *Mapping, p *engine.Program, paths ...string) *outcome {
	t.Helper()
	out := &outcome{}
	r, err := Open(m, Options{Program: p, Reject: func(x Reject) error {
		out.said = append(out.said, fmt.Sprintf("%d: rejected: %s", x.Line, x.Reason))
		return nil
	}}, paths...)
	if err != nil {
		out.err = err
		return out
	}
	defer r.Close()
	for {
		record, err := r.Next()
		var damaged *DamagedError
		switch {
		case errors.Is(err, io.EOF):
			out.counts = r.Counts()
			return out
		case errors.As(err, &damaged):
			out.said = append(out.said, strings.ReplaceAll(err.Error(), damaged.File, "FILE"))
			continue
		case err != nil:
			out.err = err
			return out
		}
		e := record.Event
		out.events = append(out.events, e)
		out.said = append(out.said, fmt.Sprintf("%d: %s %s of %s at %v: %d for %d items", record.Rows[0].Line, e.Type, e.ID, e.Member, e.At, e.Total, len(e.Items)))
	}
}

const orders = `
mapping: orders
format: {type: csv}
group: {by: Order, within: 2}
leave out: [{when: {Card: {empty: true}}, as: guest}, {when: {State: test}}]
time: {column: Time, layout: YYYY-MM-DD hh:mm}
types:
  - {event: return, when: {Order: {prefix: R}}, quantities: negative}
  - {event: purchase}
event: {id: "order:{Order}", member: "card:{Card}", order: "{Order}"}
items: {sku: "{SKU}", quantity: "{Quantity}", unit price: "{Price}"}
odd rows: {zero price: leave out, zero quantity: leave out}
`

// TestOddFiles reads files that are wrong in many ways. Each case is a file
// under the header of orders, and what comes of it.
func TestOddFiles(t *testing.T) {
	const header = "Order,Time,Card,SKU,Quantity,Price,State\n"
	for _, c := range []struct{ name, file, want string }{
		{"lines of one event stand together, or nearly", `
1,2026-03-01 10:05,7,a,2,1.50,
1,2026-03-01 10:00,7,b,1,0.25,
2,2026-03-01 10:10,8,a,1,1.00,
1,2026-03-01 10:07,7,c,1,1.00,`, `
2: purchase order:1 of card:7 at 2026-03-01T09:00:00Z: 425 for 3 items
4: purchase order:2 of card:8 at 2026-03-01T09:10:00Z: 100 for 1 items`},
		{"an event comes back too late", `
1,2026-03-01 10:00,7,a,1,1.00,
2,2026-03-01 10:00,8,a,1,1.00,
3,2026-03-01 10:00,9,a,1,1.00,
4,2026-03-01 10:00,9,a,1,1.00,
1,2026-03-01 10:00,7,b,1,1.00,`, `
2: purchase order:1 of card:7 at 2026-03-01T09:00:00Z: 100 for 1 items
3: purchase order:2 of card:8 at 2026-03-01T09:00:00Z: 100 for 1 items
4: purchase order:3 of card:9 at 2026-03-01T09:00:00Z: 100 for 1 items
5: purchase order:4 of card:9 at 2026-03-01T09:00:00Z: 100 for 1 items
6: rejected: the event 1 ended before line 6 already; its lines stand too far apart, so raise group.within in the mapping, or sort the file`},
		{"one wrong line rejects its event, and no other", `
1,2026-03-01 10:00,7,a,1,1.00,
1,2026-03-01 10:00,7,b,1,one,
2,2026-02-30 10:00,8,a,1,1.00,
3,2026-03-01 10:00,9,a,1,1.00`, `
2: rejected: line 3 of the same event: unit price: "one" is not a decimal number; write digits with a point, such as 12.50 or -3
3: rejected: unit price: "one" is not a decimal number; write digits with a point, such as 12.50 or -3
4: rejected: the time "2026-02-30 10:00" is not written as YYYY-MM-DD hh:mm
5: rejected: the line has 6 fields, but the header has 7`},
		{"returns have a minus, purchases have none", `
R1,2026-03-01 10:00,7,a,-2,1.00,
R2,2026-03-01 10:00,7,a,2,1.00,
3,2026-03-01 10:00,7,a,-2,1.00,`, `
2: return order:R1 of card:7 at 2026-03-01T09:00:00Z: 200 for 1 items
3: rejected: the quantity has the wrong sign for an event of type return
4: rejected: the quantity has the wrong sign for an event of type purchase`},
		{"odd lines are left out; an event of nothing else is none", `
1,2026-03-01 10:00,7,a,1,0.00,
2,2026-03-01 10:00,7,a,0,1.00,
2,2026-03-01 10:00,7,b,1,1.00,`, `
4: purchase order:2 of card:7 at 2026-03-01T09:00:00Z: 100 for 1 items`},
		{"guests and tests are left out, but not half of an event", `
1,2026-03-01 10:00,,a,1,1.00,
2,2026-03-01 10:00,7,a,1,1.00,test
3,2026-03-01 10:00,7,a,1,1.00,
3,2026-03-01 10:00,,b,1,1.00,`, `
4: rejected: 1 other lines of the same event were left out, so it would be incomplete`},
		{"the lines of one event agree", `
1,2026-03-01 10:00,7,a,1,1.00,
1,2026-03-01 10:00,8,a,1,1.00,`, `
2: rejected: line 3 of the same event: the lines of one event differ in its member
3: rejected: the lines of one event differ in its member`},
		{"quotes", `
"1",2026-03-01 10:00,7,"a ""b"", c",1,1.00,
2,2026-03-01 10:00,7,"two
lines",1,1.00,
3,2026-03-01 10:00,7,in"ches,1,1.00,
4,2026-03-01 10:00,7,"x"y,1,1.00,
5,2026-03-01 10:00,7,"open,1,1.00,
6,2026-03-01 10:00,7,b,1,1.00,`, `
2: purchase order:1 of card:7 at 2026-03-01T09:00:00Z: 100 for 1 items
3: rejected: items[0].sku: the text holds the control character U+000A; send plain text on one line, without tabs
5: purchase order:3 of card:7 at 2026-03-01T09:00:00Z: 100 for 1 items
6: rejected: text stands after a closing quote; a quote inside a quoted field is written twice
7: rejected: a quote is opened and not closed
8: purchase order:6 of card:7 at 2026-03-01T09:00:00Z: 100 for 1 items`},
		{"bytes that are no text, empty lines, other ends of lines", "\n\r\n" +
			"1,2026-03-01 10:00,7,\xff,1,1.00,\r\n2,2026-03-01 10:00,7,a,1,1.00,\r\n", `
4: rejected: the line is not valid UTF-8; save the file as UTF-8, or say its encoding in the mapping
5: purchase order:2 of card:7 at 2026-03-01T09:00:00Z: 100 for 1 items`},
		{"a line without an end", "1,2026-03-01 10:00,7," + strings.Repeat("x", 300<<10) + ",1,1.00,\n2,2026-03-01 10:00,7,a,1,1.00,", `
2: rejected: the line is longer than 256 KiB
3: purchase order:2 of card:7 at 2026-03-01T09:00:00Z: 100 for 1 items`},
		{"an event without its key", `
,2026-03-01 10:00,7,a,1,1.00,`, `
2: rejected: the column Order is empty`},
		{"what the event itself does not allow", `
1,2026-03-01 10:00,7,a,0.5,0.01,
2,2026-03-01 10:00,7,a,1000001,1.00,
3,3026-03-01 10:00,7,a,1,1.00,`, `
2: rejected: items[0].total: 0.5 × 0.01 is not a whole number of the smallest unit of PLN; send the item's total as the customer was charged, with at most 2 decimals
3: rejected: items[0].quantity: a quantity must be at most 1000000; split it over several items
4: rejected: time: 3026-03-01T09:00:00Z is not between 1970-01-02 and 2200-01-01; check the year and the unit of the clock that made it`},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := strings.TrimPrefix(c.file, "\n")
			if strings.HasPrefix(c.file, "\n\r") {
				body = c.file
			}
			got := readAll(t, parse(t, orders), compile(t, shop), write(t, "orders.csv", header+body))
			slices.SortStableFunc(got.said, func(a, b string) int { return lineOf(a) - lineOf(b) })
			if want := strings.TrimPrefix(c.want, "\n"); got.String() != want || got.err != nil {
				t.Errorf("got %v\n%s\nwant\n%s", got.err, got, want)
			}
			if lines := got.counts; lines.Lines < lines.RejectedLines+lines.GuestLines+lines.LeftOutLines+lines.Events {
				t.Errorf("the counts do not add up: %+v", lines)
			}
		})
	}
}

// lineOf reads the line number that a word begins with.
func lineOf(said string) int {
	no, _, _ := strings.Cut(said, ":")
	line, _ := strconv.Atoi(no)
	return line
}

// TestTooManyItems bounds an event, also in the memory that it takes.
func TestTooManyItems(t *testing.T) {
	var b strings.Builder
	b.WriteString("Order,Time,Card,SKU,Quantity,Price,State\n")
	for range 60_000 {
		b.WriteString("1,2026-03-01 10:00,7,aaaaaaaaaaaaaaaaaaaaaaaaaaaa,1,1.00,\n")
	}
	b.WriteString("2,2026-03-01 10:00,7,a,1,1.00,\n")
	got := readAll(t, parse(t, orders), compile(t, shop), write(t, "orders.csv", b.String()))
	if got.counts.RejectedLines != 60_000 || got.counts.Events != 1 {
		t.Errorf("the counts are %+v", got.counts)
	}
	if want := "2: rejected: line 1002 of the same event: the event has more than 1000 items"; !strings.Contains(got.String(), want) {
		t.Errorf("no reject says: %s", want)
	}
}

// TestDamagedFile cuts a compressed file off: what was complete is read, what
// may be incomplete is rejected, and the next file is read.
func TestDamagedFile(t *testing.T) {
	var b strings.Builder
	b.WriteString("Order,Time,Card,SKU,Quantity,Price,State\n")
	for i := range 20_000 {
		fmt.Fprintf(&b, "%d,2026-03-01 10:00,%d,a%d,1,1.00,\n", i, i*7919%10_000, i*31)
	}
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write([]byte(b.String())); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	good := write(t, "good.csv.gz", zipped.String())
	cut := write(t, "cut.csv.gz", zipped.String()[:zipped.Len()/2])
	flipped := []byte(zipped.String())
	flipped[len(flipped)/2] ^= 0x55
	broken := write(t, "broken.csv.gz", string(flipped))

	whole := readAll(t, parse(t, orders), compile(t, shop), good)
	if whole.counts.Events != 20_000 || len(whole.said) != 20_000 {
		t.Fatalf("the whole file gives %+v", whole.counts)
	}
	next := write(t, "next.csv", "Order,Time,Card,SKU,Quantity,Price,State\nx,2026-03-01 10:00,1,a,1,1.00,\n")
	got := readAll(t, parse(t, orders), compile(t, shop), cut, next)
	damages, rejects := 0, 0
	for i, said := range got.said[:len(got.said)-1] {
		switch {
		case strings.HasPrefix(said, "FILE: the file is damaged after line"):
			damages++
		case strings.Contains(said, "rejected"):
			rejects++
		case said != whole.said[i]:
			t.Fatalf("the cut file says %s, want %s", said, whole.said[i])
		}
	}
	if damages != 1 || rejects == 0 || rejects > 3 || got.counts.Events < 5_000 || !strings.Contains(got.said[len(got.said)-1], "order:x") {
		t.Errorf("%d damages, %d rejects, %d events, last %s", damages, rejects, got.counts.Events, got.said[len(got.said)-1])
	}
	// Where a byte is wrong, nothing can be trusted.
	got = readAll(t, parse(t, orders), compile(t, shop), broken, write(t, "no.gz", "\x1f\x8bno"), next)
	if len(got.said) != 3 || !strings.Contains(got.said[0], "nothing of it was read") || !strings.Contains(got.said[1], "nothing of it was read") || !strings.Contains(got.said[2], "order:x") {
		t.Errorf("broken files say %v %s", got.err, got)
	}
}

func TestEncodings(t *testing.T) {
	const text = "Order,Time,Card,SKU,Quantity,Price,State\n1,2026-03-01 10:00,7,%s,1,1.00,\n"
	for encoding, c := range map[string]struct {
		table *charmap.Charmap
		word  string
	}{
		"latin-1": {charmap.ISO8859_1, "Käse"}, "windows-1250": {charmap.Windows1250, "żółć"},
		"windows-1251": {charmap.Windows1251, "кофе"}, "windows-1252": {charmap.Windows1252, "5 € œuf"},
	} {
		encoded, err := c.table.NewEncoder().String(fmt.Sprintf(text, c.word))
		if err != nil {
			t.Fatal(err)
		}
		m := parse(t, strings.Replace(orders, "{type: csv}", "{type: csv, encoding: "+encoding+"}", 1))
		got := readAll(t, m, compile(t, shop), write(t, "orders.csv", encoded))
		if len(got.events) != 1 || got.events[0].Items[0].SKU != c.word {
			t.Errorf("%s: %v %s", encoding, got.err, got)
		}
	}
	marked := readAll(t, parse(t, orders), compile(t, shop), write(t, "orders.csv", "\ufeff"+fmt.Sprintf(text, "a")))
	if len(marked.events) != 1 {
		t.Errorf("with a byte order mark: %v %s", marked.err, marked)
	}
	if got := readAll(t, parse(t, orders), compile(t, shop), write(t, "orders.csv", "\xff\xfeO\x00")); got.err == nil || !strings.Contains(got.err.Error(), "UTF-16") {
		t.Errorf("UTF-16 gives %v", got.err)
	}
}

func TestFormsOfValues(t *testing.T) {
	m := parse(t, `
mapping: values
format: {type: csv, delimiter: semicolon, quote: single, decimal: comma, header: [No, When, Who, Sum, City, Rank, Rate, New, Kind]}
columns: {Who: {trim: true, strip: ".0", case: lower}}
time: {column: When, layout: DD.MM.YYYY hh:mm:ss, zone: Europe/Prague}
types: [{event: visit, when: {Kind: {suffix: it}}}, {event: purchase, when: {Kind: {empty: false}}}]
event:
  id: "{Kind}-{No}"
  member: "card:{Who}"
  total: "{Sum}"
  data: {city: "in {City}", rank: {value: "{Rank}", type: number}, rate: {value: "{Rate}", type: number}, new: {value: "{New}", type: truth}}
`)
	got := readAll(t, m, compile(t, shop), write(t, "a.csv",
		"1;01.07.2026 00:30:00; AB.0 ;12,50;'Brno; střed';3;0,25;yes;buy\n"+
			"2;01.07.2026 00:30:00;c;0;;;;;visit\n"+
			"3;01.07.2026 00:30:00;c;1.5;;;;;buy\n"+
			"4;01.07.2026 00:30:00;c;1;;x;;;buy\n"+
			"5;01.07.2026 00:30:00;c;1;;;;maybe;buy\n"+
			"6;01.07.2026 00:30:00;c;1;;;;;\n"))
	want := `1: purchase buy-1 of card:ab at 2026-06-30T22:30:00Z: 1250 for 0 items
2: visit visit-2 of card:c at 2026-06-30T22:30:00Z: 0 for 0 items
3: rejected: total: "1.5 " is not a decimal number; write digits with a point, such as 12.50 or -3
4: rejected: data.rank: "x" is not a number
5: rejected: data.new: "maybe" is neither true nor false
6: rejected: no type in the mapping fits the line`
	if got.String() != want || got.err != nil {
		t.Fatalf("got %v\n%s\nwant\n%s", got.err, got, want)
	}
	data := got.events[0].Data
	if len(data) != 4 || data[0].Text != "in Brno; střed" || data[1].Whole != 1 || data[2].Whole != 3 || data[3].Decimal.String() != "0.25" {
		t.Errorf("the data are %+v", data)
	}
}

func TestMappedJSON(t *testing.T) {
	m := parse(t, `
mapping: lines
format: {type: ndjson}
time: {column: at, layout: unix seconds}
types: [{event: purchase, when: {event: transaction}}]
event: {id: "t:{person}:{at}", member: "person:{person}", total: "{value.amount}"}
`)
	got := readAll(t, m, compile(t, shop), write(t, "a.ndjson", `{"person": "a", "event": "transaction", "value": {"amount": 9.96}, "at": 1700000000}
{"person": "b", "event": "offer", "at": 1700000000}
{"person": "c", "event": "transaction", "value": {"amount": {}}, "at": 1700000000}
{"person": "d", "event": "transaction", "va
[1]
{"person": "e", "event": "transaction", "value": {"amount": 1e2}, "at": 1700000000}
{"person": "f", "event": "transaction", "value": {"amount": 1}, "at": "soon"} 
{"person": "g"} {}
null`))
	want := `1: purchase t:a:1700000000 of person:a at 2023-11-14T22:13:20Z: 996 for 0 items
2: rejected: no type in the mapping fits the line
3: rejected: value.amount is an object or a list, not a value
4: rejected: the line is not a JSON object: it ends in the middle
5: rejected: the line is not a JSON object: cannot unmarshal array into Go value of type map[string]interface {}
6: rejected: total: "1e2" is not a decimal number; write digits with a point, such as 12.50 or -3
7: rejected: the time "soon" is not a number of seconds
8: rejected: something stands after the JSON object
9: rejected: the line is not a JSON object: it is null`
	if got.String() != want || got.err != nil {
		t.Errorf("got %v\n%s\nwant\n%s", got.err, got, want)
	}
}

// TestBrokenTranscript reads a real file with six broken lines, five of them
// empty.
func TestBrokenTranscript(t *testing.T) {
	path := testkit.Data(t, "starbucks_transcript_first_30h.jsonl.gz")
	m := parse(t, `
mapping: transcript
format: {type: ndjson}
leave out: [{when: {event: offer received}}, {when: {event: offer viewed}}, {when: {event: offer completed}}]
time: {column: time, layout: unix seconds}
types: [{event: purchase, when: {event: transaction}}]
event: {id: "t:{person}:{time}:{value.amount}", member: "person:{person}", total: "{value.amount}"}
`)
	got := readAll(t, m, compile(t, shop), path)
	broken, early := 0, int64(0)
	for _, said := range got.said {
		if strings.Contains(said, "not a JSON object") {
			broken++
		} else if strings.Contains(said, "is not between 1970-01-02") {
			early++ // the file counts hours from its own beginning
		}
	}
	c := got.counts
	if broken != 1 || c.Lines != 25_695 || c.Events+early+c.LeftOutLines+1 != c.Lines || early == 0 {
		t.Errorf("%d lines are broken, %d early, of %+v (%v)", broken, early, c, got.err)
	}
}

func TestOwnEvents(t *testing.T) {
	got := readAll(t, nil, compile(t, shop), write(t, "a.ndjson", `{"id":"1","type":"purchase","member":"card:1","time":"2026-03-01T10:00:00Z","total":"12.50"}
{"id":"2","type":"adjustment","member":"card:1","time":"2026-03-01T10:00:00Z","wallet":"points","amount":"5","reason":"sorry"}
{"id":"3","type":"party","member":"card:1","time":"2026-03-01T10:00:00Z"}
{"id":"4","type":"visit","data":{"town":"x"}}
{"id":"5","type":"enrolment"}
`))
	want := `1: purchase 1 of card:1 at 2026-03-01T10:00:00Z: 1250 for 0 items
2: adjustment 2 of card:1 at 2026-03-01T10:00:00Z: 0 for 0 items
3: rejected: the program has no event type "party"
4: rejected: data.town: the event type visit declares no such field
5: rejected: type: events of type "enrolment" are written by Premia itself; enrol the member, and the event follows`
	if got.String() != want {
		t.Errorf("got %v\n%s\nwant\n%s", got.err, got, want)
	}
}

// TestRejectLater lets a caller reject an event that it was given.
func TestRejectLater(t *testing.T) {
	var out bytes.Buffer
	rejects := NewRejectWriter(&out)
	path := write(t, "orders.csv", "Order,Time,Card,SKU,Quantity,Price,State\n1,2026-03-01 10:00,7,\"a,b\",1,1.00,\n1,2026-03-01 10:00,7,c,1,1.00,\n")
	r, err := Open(parse(t, orders), Options{Program: compile(t, shop), Reject: rejects.Write}, path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	record, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(r.Reject(record, "the journal does not want it"), rejects.Flush()); err != nil {
		t.Fatal(err)
	}
	want := "file,line,reason,row\n" + path + ",2,the journal does not want it,\"1,2026-03-01 10:00,7,\"\"a,b\"\",1,1.00,\"\n" +
		path + ",3,line 2 of the same event: the journal does not want it,\"1,2026-03-01 10:00,7,c,1,1.00,\"\n"
	if out.String() != want || r.Counts().Events != 0 || r.Counts().RejectedLines != 2 {
		t.Errorf("the rejects are\n%s\nwant\n%s\nand the counts %+v", out.String(), want, r.Counts())
	}
}
