package bank_test

import (
	"encoding/xml"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"premia/internal/core/bank"
	"premia/internal/core/money"
)

// The examples of the registry, and what is wrong with others.
func TestIBAN(t *testing.T) {
	for text, masked := range map[string]string{
		"PL61 1090 1014 0000 0712 1981 2874":   "PL…2874",
		"cz6508000000192000145399":             "CZ…5399",
		"DE89-3704-0044-0532-0130-00":          "DE…3000",
		"GB29NWBK60161331926819":               "GB…6819",
		"NO9386011117947":                      "NO…7947",
		"MT84MALT011000012345MTLCAST001S":      "MT…001S",
		"RU0304452522540817810538091310419":    "RU…0419",
		"FR14\u00a02004101005 0500 013M0 2606": "FR…2606",
	} {
		if iban, err := bank.ParseIBAN(text); err != nil || iban.Masked() != masked {
			t.Errorf("%s: %s %v", text, iban.Masked(), err)
		}
	}
	for _, text := range []string{
		"", "PL", "PL61", "PL62 1090 1014 0000 0712 1981 2874", "PL61 1090 1014 0000 0712 1981 287", "XX61109010140000071219812874",
		"PL61 1090 1014 0000 0712 1981 28745", "PLA1109010140000071219812874", "DE89370400440532013001", "GB29NWBK6016133192681Ä",
	} {
		if iban, err := bank.ParseIBAN(text); err == nil || (len(text) > 5 && strings.Contains(err.Error(), text[4:])) {
			t.Errorf("%q is taken for %s (%v)", text, iban, err)
		}
	}
}

// One wrong digit, and two neighbours that changed places, are noticed.
func TestMistypedIBANs(t *testing.T) {
	const right = "PL61109010140000071219812874"
	rapid.Check(t, func(t *rapid.T) {
		wrong := []byte(right)
		at := rapid.IntRange(2, len(wrong)-2).Draw(t, "at")
		if rapid.Bool().Draw(t, "swap") {
			wrong[at], wrong[at+1] = wrong[at+1], wrong[at]
		} else {
			wrong[at] = byte('0' + rapid.IntRange(0, 9).Draw(t, "digit"))
		}
		if _, err := bank.ParseIBAN(string(wrong)); string(wrong) != right && err == nil {
			t.Fatalf("%s is taken", wrong)
		}
	})
}

func TestNames(t *testing.T) {
	for text, want := range map[string]string{"  Anna   Nowak ": "Anna Nowak", "Łukasz O'Neil-Żak": "Łukasz O'Neil-Żak", "Иван Петров": "Иван Петров", "=1+1": "", "": "", "-A": "", "A<b": "", strings.Repeat("a", 71): ""} {
		if got, err := bank.ParseName(text); got != want || (want == "") != (err != nil) {
			t.Errorf("%q: %q %v", text, got, err)
		}
	}
}

func order(amounts ...int64) *bank.Order {
	o := &bank.Order{
		ID: "march-2026", Created: "2026-03-01T09:00:00Z", Day: "2026-03-02", Currency: money.Unit{Code: "PLN", Scale: 2},
		From: bank.Account{Name: "Bean & Sons <Kraków>", IBAN: "PL61109010140000071219812874", BIC: "WBKPPLPP"},
	}
	for i, amount := range amounts {
		o.Transfers = append(o.Transfers, bank.Transfer{
			ID: strings.Repeat("a", 31) + string(rune('a'+i%26)), To: bank.Account{Name: "Anna, Nowak", IBAN: "CZ6508000000192000145399"}, Amount: amount, Reference: "=redeem-1",
		})
	}
	return o
}

// schema is what pain.001.001.09 says of the elements that are written: their order
// in each, which must be there, and the form of the texts. An element here that the
// schema does not list, or lists elsewhere, is a mistake.
var schema = map[string][]string{
	"Document":         {"CstmrCdtTrfInitn"},
	"CstmrCdtTrfInitn": {"GrpHdr", "PmtInf+"},
	"GrpHdr":           {"MsgId", "CreDtTm", "Authstn?", "NbOfTxs", "CtrlSum?", "InitgPty"},
	"PmtInf":           {"PmtInfId", "PmtMtd", "BtchBookg?", "NbOfTxs?", "CtrlSum?", "PmtTpInf?", "ReqdExctnDt", "Dbtr", "DbtrAcct", "DbtrAgt", "ChrgBr?", "CdtTrfTxInf+"},
	"CdtTrfTxInf":      {"PmtId", "PmtTpInf?", "Amt", "ChrgBr?", "CdtrAgt?", "Cdtr?", "CdtrAcct?", "RmtInf?"},
	"InitgPty":         {"Nm?"}, "Dbtr": {"Nm?"}, "Cdtr": {"Nm?"},
	"ReqdExctnDt": {"Dt"}, "DbtrAcct": {"Id"}, "CdtrAcct": {"Id"}, "DbtrAgt": {"FinInstnId"}, "FinInstnId": {"BICFI?", "Othr?"}, "Othr": {"Id"},
	"PmtId": {"InstrId?", "EndToEndId"}, "Amt": {"InstdAmt"}, "RmtInf": {"Ustrd?"},
}

var forms = map[string]*regexp.Regexp{
	"MsgId": max35, "PmtInfId": max35, "EndToEndId": max35,
	"CreDtTm": regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`), "Dt": regexp.MustCompile(`^\d{4}-\d\d-\d\d$`),
	"NbOfTxs": regexp.MustCompile(`^[0-9]{1,15}$`), "CtrlSum": decimal, "InstdAmt": decimal,
	"PmtMtd": regexp.MustCompile(`^(CHK|TRF|TRA)$`), "ChrgBr": regexp.MustCompile(`^(DEBT|CRED|SHAR|SLEV)$`),
	"IBAN":  regexp.MustCompile(`^[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}$`),
	"BICFI": regexp.MustCompile(`^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$`),
	"Nm":    regexp.MustCompile(`^.{1,140}$`), "Ustrd": regexp.MustCompile(`^.{1,140}$`),
}

var (
	max35   = regexp.MustCompile(`^.{1,35}$`)
	decimal = regexp.MustCompile(`^[0-9]{1,13}(\.[0-9]{1,5})?$`)
)

type element struct {
	name     string
	text     string
	currency string
	children []*element
}

func read(t *testing.T, src []byte) *element {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(string(src)))
	root := &element{}
	open := []*element{root}
	for {
		token, err := d.Token()
		if err == io.EOF {
			return root.children[0]
		}
		if err != nil {
			t.Fatal(err)
		}
		at := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name.Space != "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09" {
				t.Fatalf("%s is of the namespace %q", token.Name.Local, token.Name.Space)
			}
			e := &element{name: token.Name.Local}
			for _, a := range token.Attr {
				if a.Name.Local == "Ccy" {
					e.currency = a.Value
				}
			}
			at.children = append(at.children, e)
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			at.text += string(token)
		}
	}
}

func (e *element) check(t *testing.T, in string) {
	t.Helper()
	if len(e.children) == 0 {
		if form := forms[e.name]; form != nil && !form.MatchString(strings.TrimSpace(e.text)) {
			t.Errorf("%s/%s is %q", in, e.name, e.text)
		}
		return
	}
	rules, known := schema[e.name]
	if e.name == "Id" {
		rules, known = []string{"IBAN?", "Othr?"}, true
	}
	if !known {
		t.Errorf("%s has no element %s with others in it", in, e.name)
	}
	at := 0
	for _, c := range e.children {
		next := slices.IndexFunc(rules[min(at, len(rules)):], func(r string) bool { return strings.TrimRight(r, "?+") == c.name })
		if next < 0 {
			t.Errorf("%s/%s has %s where it must not", in, e.name, c.name)
			return
		}
		for _, skipped := range rules[at : at+next] {
			if !strings.HasSuffix(skipped, "?") && !(strings.HasSuffix(skipped, "+") && at > 0) {
				t.Errorf("%s/%s lacks %s", in, e.name, skipped)
			}
		}
		if at += next; !strings.HasSuffix(rules[at], "+") {
			at++
		}
		c.check(t, in+"/"+e.name)
	}
	for _, left := range rules[at:] {
		if !strings.HasSuffix(left, "?") && !(strings.HasSuffix(left, "+") && e.children[len(e.children)-1].name == strings.TrimSuffix(left, "+")) {
			t.Errorf("%s/%s lacks %s", in, e.name, left)
		}
	}
}

func (e *element) all(name string) (found []*element) {
	if e.name == name {
		found = append(found, e)
	}
	for _, c := range e.children {
		found = append(found, c.all(name)...)
	}
	return found
}

// Any order is a message as the schema has it, whose numbers are those of its
// payments.
func TestOrderAsMessage(t *testing.T) {
	for _, o := range []*bank.Order{order(1), order(30_50, 1, 99_999_99), func() *bank.Order { o := order(5); o.From.BIC = ""; return o }()} {
		src, err := o.XML()
		if err != nil {
			t.Fatal(err)
		}
		root := read(t, src)
		root.check(t, "")
		sum := int64(0)
		for _, one := range root.all("InstdAmt") {
			minor, err := money.Parse(one.text, 2)
			if err != nil || one.currency != "PLN" {
				t.Errorf("%q %s: %v", one.text, one.currency, err)
			}
			sum += minor
		}
		for _, total := range root.all("CtrlSum") {
			if total.text != money.Format(sum, 2) {
				t.Errorf("the control sum is %s, and the amounts come to %s", total.text, money.Format(sum, 2))
			}
		}
		if n := len(root.all("CdtTrfTxInf")); n != len(o.Transfers) || len(root.all("CtrlSum")) != 2 {
			t.Errorf("%d of %d payments", n, len(o.Transfers))
		}
		if name := root.all("InitgPty")[0].children[0].text; name != o.From.Name {
			t.Errorf("the name is %q", name)
		}
	}
}

func TestOrderAsTable(t *testing.T) {
	src, err := order(30_50, 1).CSV()
	want := "end_to_end_id,name,iban,amount,currency,redemption\n" +
		strings.Repeat("a", 32) + ",\"Anna, Nowak\",CZ6508000000192000145399,30.50,PLN,'=redeem-1\n" +
		strings.Repeat("a", 31) + "b,\"Anna, Nowak\",CZ6508000000192000145399,0.01,PLN,'=redeem-1\n" +
		"total,2 payments,,30.51,PLN,\n"
	if err != nil || string(src) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, src, want)
	}
	for _, bad := range []*bank.Order{order(), order(0), order(5, -1), order(money.MaxAmount, 1)} {
		if _, err := bad.XML(); err == nil {
			t.Errorf("an order of %d payments is written", len(bad.Transfers))
		}
	}
}
