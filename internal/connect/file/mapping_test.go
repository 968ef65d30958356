package file

import (
	"encoding/json"
	"strings"
	"testing"

	"premia/internal/testkit"
)

// TestBadMappings shows every kind of mistake in a mapping, as its author sees
// it.
func TestBadMappings(t *testing.T) {
	var got strings.Builder
	for _, src := range []string{
		``,
		`mapping: x`,
		`
mapping: x
format: {type: cvs, delimiter: ",", encoding: utf8}
columns: {A: {trims: true}}
group: {by: A, within: 20000}
time: {column: T, layout: yyyy-mm-dd, zone: Europe/Warsav}
types: []
event: {id: "{A", member: "A}"}
`, `
mapping: x
format: {type: ndjson, quote: none, header: [A, A]}
columns: {B: {trim: true}}
group: {by: A}
leave out: [{when: {A: {empty: true, prefix: x}}}]
time: {column: T, layout: unix seconds}
types: [{event: purchase}, {event: return, when: {A: x}}]
event: {id: same}
`, `
mapping: x
format: {type: csv, header: [Order, Total]}
time: {column: Time, layout: RFC 3339, zone: Europe/Warsav}
types: [{event: purchase}]
event: {id: "{Oder}", total: "{Total}"}
items: {sku: "{Order}"}
`,
	} {
		_, err := ParseMapping("mapping.yaml", []byte(src))
		if err == nil {
			t.Errorf("no problem is seen in\n%s", src)
			continue
		}
		got.WriteString(strings.TrimSpace(src) + "\n---\n" + err.Error() + "\n\n")
	}
	// What depends on the program.
	m := parse(t, `
mapping: x
format: {type: csv}
time: {column: T, layout: RFC 3339}
types: [{event: visits, when: {A: x}}, {event: purchase}]
event: {id: "{A}", data: {town: "{B}"}}
`)
	_, err := Open(m, Options{Program: compile(t, shop)})
	if err == nil {
		t.Fatal("a mapping opens for a program that it does not fit")
	}
	got.WriteString(err.Error() + "\n\n")
	fits := parse(t, orders)
	for _, header := range []string{"Oder,Time,Card,SKU,Qty,Price,State", "Order,Order,Time,Card,SKU,Quantity,Price,State", `"Order`, ""} {
		out := readAll(t, fits, compile(t, shop), write(t, "orders.csv", header))
		if out.err == nil {
			t.Errorf("the header %s is taken", header)
			continue
		}
		said := out.err.Error()
		if at := strings.Index(said, "orders.csv: "); at > 0 {
			said = said[at:]
		}
		got.WriteString(header + "\n---\n" + said + "\n\n")
	}
	testkit.Golden(t, "bad_mappings.txt", []byte(got.String()))
}

func TestMappingSchema(t *testing.T) {
	schema, err := MappingSchema()
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(schema) || !strings.Contains(string(schema), "odd rows") {
		t.Errorf("the schema is %s", schema)
	}
}
