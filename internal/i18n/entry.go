package i18n

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"
	"unicode"
	"unicode/utf8"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
)

// other is the plural category that stands for all that are not written.
const other = "other"

// entry is one id's words in one language, parsed once.
type entry struct {
	id           string
	forms        map[string]*form // by CLDR plural category; never empty
	placeholders []string         // of all forms together, sorted
}

// form is the words of one plural category.
type form struct {
	plain    string // the whole text where it has no placeholders
	template *template.Template
	printed  []string // placeholders that a message must give
}

// newEntry parses the templates of a message.
func newEntry(m *goi18n.Message) (*entry, error) {
	if m.Zero != "" || m.Two != "" {
		return nil, fmt.Errorf("the entry %q has a form zero or two, which no language here uses", m.ID)
	}
	e := &entry{id: m.ID, forms: make(map[string]*form)}
	seen := make(map[string]bool)
	for category, words := range map[string]string{"one": m.One, "few": m.Few, "many": m.Many, other: m.Other} {
		if words == "" {
			continue
		}
		f, err := newForm(words, seen)
		if err != nil {
			return nil, fmt.Errorf("the entry %q, form %s: %w", m.ID, category, err)
		}
		e.forms[category] = f
	}
	if len(e.forms) == 0 {
		return nil, fmt.Errorf("the entry %q has no words", m.ID)
	}
	e.placeholders = slices.Sorted(maps.Keys(seen))
	return e, nil
}

// newForm parses one template and adds its placeholders to seen.
func newForm(words string, seen map[string]bool) (*form, error) {
	if !strings.Contains(words, "{{") {
		return &form{plain: words}, nil
	}
	t, err := template.New("").Funcs(template.FuncMap{"cap": capitalize}).Parse(words)
	if err != nil {
		return nil, err
	}
	printed, asked := make(map[string]bool), make(map[string]bool)
	collect(t.Root, printed, asked)
	f := &form{template: t}
	for _, name := range slices.Sorted(maps.Keys(printed)) {
		if !asked[name] { // what {{if}} asks for may be left out
			f.printed = append(f.printed, name)
		}
	}
	maps.Copy(seen, printed)
	maps.Copy(seen, asked)
	return f, nil
}

// collect finds the placeholders below a node: those in actions are printed,
// those in the conditions of if and with are asked for.
func collect(node parse.Node, printed, asked map[string]bool) {
	switch node := node.(type) {
	case *parse.ListNode:
		if node == nil {
			return
		}
		for _, child := range node.Nodes {
			collect(child, printed, asked)
		}
	case *parse.ActionNode:
		collect(node.Pipe, printed, asked)
	case *parse.PipeNode:
		for _, command := range node.Cmds {
			for _, argument := range command.Args {
				collect(argument, printed, asked)
			}
		}
	case *parse.FieldNode:
		printed[node.Ident[0]] = true
	case *parse.IfNode:
		collectBranch(&node.BranchNode, printed, asked)
	case *parse.WithNode:
		collectBranch(&node.BranchNode, printed, asked)
	}
}

func collectBranch(node *parse.BranchNode, printed, asked map[string]bool) {
	collect(node.Pipe, asked, asked)
	collect(node.List, printed, asked)
	collect(node.ElseList, printed, asked)
}

// capitalize makes the first letter upper-case; a text that begins with
// something else, such as a digit or a quotation mark, stays as it is.
func capitalize(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if upper := unicode.ToUpper(first); size > 0 && upper != first {
		return string(upper) + s[size:]
	}
	return s
}

// plural says whether the entry has forms that follow a count.
func (e *entry) plural() bool { return len(e.forms) > 1 || e.forms[other] == nil }

// form gives the words of a category or, where they are not written, the
// nearest that are.
func (e *entry) form(category string) *form {
	for _, candidate := range [...]string{category, other, "many", "few"} {
		if f := e.forms[candidate]; f != nil {
			return f
		}
	}
	return e.forms["one"]
}
