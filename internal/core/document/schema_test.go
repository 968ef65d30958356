package document

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/govalues/decimal"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// sampled is a document with every kind of value.
type sampled struct {
	Name   Text                 `doc:"name,required" max_len:"40"`
	Code   string               `doc:"code" pattern:"^[a-z0-9]+$" max_len:"8"`
	Kind   string               `doc:"kind" enum:"1|true|on match"`
	Public bool                 `doc:"public"`
	Count  int64                `doc:"count" min:"-5" max:"1000"`
	Rate   *decimal.Decimal     `doc:"rate" above:"0"`
	Words  []string             `doc:"words" min_len:"1" max_len:"3"`
	Units  Map[UnitName]        `doc:"units" keys:"^[a-z]+$"`
	For    Span                 `doc:"for"`
	On     Date                 `doc:"on"`
	At     Moment               `doc:"at"`
	Short  brief                `doc:"short"`
	Tree   []sampled            `doc:"tree"`
	Extra  Map[decimal.Decimal] `doc:",rest"`
}

type brief struct {
	Text string `doc:"text,required" help:"Words."`
}

func (b *brief) Shorthand(text string) error {
	b.Text = text
	return nil
}

func compiledSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	text, err := Schema(&sampled{}, "Sampled")
	if err != nil {
		t.Fatal(err)
	}
	again, _ := Schema(sampled{}, "Sampled")
	if !bytes.Equal(text, again) {
		t.Error("the schema changes from one call to the next")
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("mem:///schema.json", parsed); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("mem:///schema.json")
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return schema
}

// asEditorsSee is the value of a node as the core schema of YAML 1.2 has it.
func asEditorsSee(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			m[n.Content[i].Value] = asEditorsSee(n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, asEditorsSee(item))
		}
		return list
	}
	switch plain := strings.TrimPrefix(n.Value, "+"); {
	case n.Style != 0:
	case n.Value == "true", n.Value == "false":
		return n.Value == "true"
	case decimalForm.MatchString(plain), numberMistakes[3].form.MatchString(plain) && json.Valid([]byte(plain)):
		return json.Number(plain)
	}
	return n.Value
}

var schemaSamples = []string{
	"name: x\n",
	"name: 2011\ncode: 12\nkind: 1\n",
	"name: {en: a, ru: б}\nkind: true\npublic: false\n",
	"name: true\nkind: on match\ncount: -5\nrate: 1.00\nbeans: 0.5\ncash: \"+1.50\"\n",
	"name: x\nwords: [a, 1, true]\nunits: {beans: {pl: {one: ziarno, other: ziarna}}, cash: 7}\n",
	"name: x\nfor: 1y6mo\non: 2026-02-28\nat: 2026-05-01T08:00Z\nshort: y\n",
	"name: x\nshort: {text: y}\ntree:\n  - name: z\n    tree: [{name: w, short: 5}]\n",
	"{\"name\": \"x\", \"rate\": 2.50}",
}

func TestSchemaAcceptsWhatReadAccepts(t *testing.T) {
	schema := compiledSchema(t)
	for _, src := range schemaSamples {
		var to sampled
		source, problems := Read("s.yaml", []byte(src), &to)
		if problems != nil {
			t.Errorf("%s%v", src, problems)
			continue
		}
		if err := schema.Validate(asEditorsSee(source.root)); err != nil {
			t.Errorf("%s%v", src, err)
		}
	}
}

func TestSchemaRefusesWhatReadRefuses(t *testing.T) {
	schema := compiledSchema(t)
	for _, src := range []string{
		"code: a\n", "name: []\n", "name: {de: x}\n", "name: {}\n", "name: x\ncode: A\n", "name: x\ncode: aaaaaaaaa\n",
		"name: x\nkind: 2\n", "name: x\npublic: \"true\"\n", "name: x\ncount: 1001\n", "name: x\ncount: 1.5\n", "name: x\nrate: 0\n",
		"name: x\nwords: []\n", "name: x\nwords: [a, b, c, d]\n", "name: x\nunits: {A: b}\n", "name: x\nunits: {a: {en: {one: b}}}\n",
		"name: x\nfor: 12M\n", "name: x\non: 1.5.2026\n", "name: x\nat: noon\n", "name: x\nshort: {}\n", "name: x\ntree: [{}]\n", "name: x\nzzz: []\n",
	} {
		var to sampled
		source, problems := Read("s.yaml", []byte(src), &to)
		if problems == nil {
			t.Errorf("%sis read", src)
		}
		if schema.Validate(asEditorsSee(source.root)) == nil {
			t.Errorf("%sfits the schema", src)
		}
	}
}

func TestSchemaOfSections(t *testing.T) {
	var one, two []brief
	text, err := SchemaSections(&struct {
		Name Text `doc:"name,required" help:"A name."`
	}{}, []Section{{Key: "one", Into: &one, Help: "The first.", Required: true}, {Key: "two", Into: &two}}, "Two")
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Title      string
		Required   []string
		Properties map[string]struct{ Description string }
		Defs       map[string]any `json:"$defs"`
		Additional *bool          `json:"additionalProperties"`
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.Title != "Two" || strings.Join(got.Required, " ") != "name one" || got.Properties["one"].Description != "The first." ||
		len(got.Properties) != 3 || len(got.Defs) != 2 || got.Additional == nil || *got.Additional {
		t.Errorf("%+v", got)
	}
}
