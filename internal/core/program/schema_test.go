package program_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"premia/internal/core/program"
)

// TestSchemaKnowsEveryKey holds the schema that editors use against programs
// that Load accepts: it accepts them too, and refuses a key that is not known.
func TestSchemaKnowsEveryKey(t *testing.T) {
	text, err := program.Schema()
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("mem:///program.json", parsed); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("mem:///program.json")
	if err != nil {
		t.Fatal(err)
	}
	documents := shipped(t)
	every, err := os.ReadFile("testdata/every-value.yaml")
	if err != nil {
		t.Fatal(err)
	}
	documents["every value"] = string(every)
	for name, src := range documents {
		if err := schema.Validate(asJSON(t, src)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		wrong := strings.Replace(src, "wallets:", "walets: {}\nwallets:", 1)
		if schema.Validate(asJSON(t, wrong)) == nil {
			t.Errorf("%s: the schema lets an unknown key pass", name)
		}
	}
}

// asJSON reads YAML as an editor does for a schema: as the values of JSON.
func asJSON(t *testing.T, src string) any {
	t.Helper()
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(src), &root); err != nil {
		t.Fatal(err)
	}
	return jsonValue(root.Content[0])
}

func jsonValue(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = jsonValue(n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, jsonValue(item))
		}
		return list
	}
	switch n.Tag {
	case "!!int", "!!float":
		return json.Number(n.Value)
	case "!!bool":
		return n.Value == "true"
	}
	return n.Value // dates are texts in JSON
}
