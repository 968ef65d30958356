// Package docform makes forms of documents: each place that an outline knows
// becomes a sheet of fields, and what was typed into them becomes changes of the
// text. Whatever a form does not touch stays as it is written, comments included;
// a sheet that is sent back as it was drawn changes nothing.
//
// Fields are named by the paths of what they set, with a letter before: "v:" the
// value, "on:" whether it is there, "k:" a new key. The package knows nothing of
// HTTP or of programs.
package docform

import (
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"premia/internal/core/condition"
	"premia/internal/core/document"
)

//go:embed words/*.yaml
var words embed.FS

// Catalog names the keys and words of documents: "document.key.each_day" and
// "document.choice.write_off".
func Catalog() fs.FS { return words }

// HelpID is the id of the words that say a key's help in each language. Help that was
// reworded needs new words: until it has them, it stands in English.
func HelpID(help string) string {
	sum := sha256.Sum256([]byte(help))
	return "document.help." + hex.EncodeToString(sum[:4])
}

// Context is what sheets of one document have in common.
type Context struct {
	Outline *document.Outline
	Source  *document.Source
	// Names gives the document's own words that may stand at a path.
	Names func(path string, key bool) []string
	// Conditions tells which texts are conditions; Readable lists what they may speak
	// of, on an item or not.
	Conditions func(path string) bool
	Readable   func(item bool) []condition.Readable
	// Problems are the document's mistakes, to be shown at their fields.
	Problems []document.Problem
	// Language is the reader's: names are shown in it, and numbers as it writes them.
	Language string
}

// Sheet is the form of one place.
type Sheet struct {
	Path   string
	Crumbs []Crumb
	Fields []*Field
	// Exists tells that the document says something there.
	Exists bool
}

// Crumb is one step of the way to a sheet. Own tells that its label is the
// document's, and no word of the outline.
type Crumb struct {
	Path, Label string
	Own         bool
}

// What fields look like.
const (
	Text      = "text"
	Long      = "long" // a text of several lines
	Choice    = "choice"
	Truth     = "truth"
	Number    = "number"
	Date      = "date"
	Moment    = "moment"
	Span      = "span"
	Words     = "words"     // Fields has one for each language
	Unit      = "unit"      // Fields has one for each form of each language
	Lines     = "lines"     // a list of texts, one on a line
	Checks    = "checks"    // a list of words, to be ticked
	Map       = "map"       // Fields has one for each key, and there may be new ones
	Group     = "group"     // Fields has one for each key
	Parts     = "parts"     // items or entries with sheets of their own
	Condition = "condition" // rows of comparisons, or a text
	Deeper    = "deeper"    // a group with a sheet of its own
)

// Field is one field of a sheet, or several that belong together.
type Field struct {
	Path, Key, Help string
	Kind            string
	Required        bool
	// Own tells that the key is the document's, and no word of the outline.
	Own bool
	// Said tells that the document says something, and Optional that a group or list
	// may be there with nothing in it.
	Said, Optional bool
	Value          string
	// Clock is the time of a moment, Count and Of the number and unit of a span; where
	// Plain is set, the text does not have that form and is shown as it is.
	Clock, Count, Of string
	Plain            bool
	Options          []Option
	Names            []string // suggestions
	Fields           []*Field
	// Short tells that a group may be one text as well, which is then Value.
	Short bool
	Parts []Part
	// NewPath is where a list goes on.
	NewPath string
	Rows    []Row
	Either  bool
	// Simple tells that a condition can be shown as rows.
	Simple   bool
	Problems []document.Problem
}

// Option is one of several.
type Option struct {
	Value string
	On    bool
}

// Part is an item of a list or an entry of a mapping.
type Part struct {
	Path, Key, Label string
	// Name is what the document calls it for people; empty if it has no name.
	Name        string
	First, Last bool
	Keyed       bool
	Problems    int
}

// Row is a comparison of a condition, of which the last are empty.
type Row struct {
	condition.Row
	Index int
}

// Open makes the sheet of a place. It is false where no document has such a place.
func (c *Context) Open(path string) (*Sheet, bool) {
	o, ok := c.Outline.At(path)
	if !ok {
		return nil, false
	}
	s := &Sheet{Path: path, Exists: path == "" || c.Source.Has(path), Crumbs: c.crumbs(path)}
	if o.Kind == document.KindGroup {
		s.Fields = c.group(path, o, s.depth())
		if o.Short {
			whole := c.field(path, document.Key{Value: o}, 0)
			whole.Fields = nil
			s.Fields = append([]*Field{whole}, s.Fields...)
		}
		return s, true
	}
	s.Fields = []*Field{c.field(path, document.Key{Name: lastKey(path), Value: o}, inlineDepth)}
	return s, true
}

// inlineDepth is how deep groups in groups are shown on one sheet.
const inlineDepth = 2

// depth is how deep the groups of a sheet are shown: those of the whole document
// have sheets of their own.
func (s *Sheet) depth() int {
	if s.Path == "" {
		return 0
	}
	return inlineDepth
}

func (c *Context) crumbs(path string) []Crumb {
	var out []Crumb
	for path != "" {
		parent, key := document.Parent(path)
		o, _ := c.Outline.At(parent)
		named := false
		if o != nil && key != "" {
			_, named = o.Key(key)
		}
		out = append(out, Crumb{path, cmp.Or(c.Name(path), c.Label(path)), !named})
		path = parent
	}
	slices.Reverse(out)
	return out
}

// Label says in short what stands at a path: the key, and of an item its id or name.
func (c *Context) Label(path string) string {
	parent, key := document.Parent(path)
	if key != "" {
		return key
	}
	for _, name := range []string{"id", "it", "name", "at", "from", "type"} {
		if said, ok := c.Source.Text(document.Join(path, name)); ok {
			return said
		}
	}
	if said, ok := c.Source.Text(path); ok {
		return said
	}
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(path, parent), "["), "]")
}

// Name is what the document calls for people what stands at a path: in the reader's
// language, or else in the first that it says; empty if it says none.
func (c *Context) Name(path string) string {
	path = document.Join(path, "name")
	if said, ok := c.Source.Text(path); ok {
		return said
	}
	keys, _ := c.Source.KeysAt(path)
	if i := slices.Index(keys, c.Language); i > 0 {
		keys = append([]string{c.Language}, keys...)
	}
	for _, lang := range keys {
		said, ok := c.Source.Text(document.Join(path, lang))
		for _, form := range []string{"few", "other"} {
			if !ok {
				said, ok = c.Source.Text(document.Join(document.Join(path, lang), form))
			}
		}
		if ok {
			return said
		}
	}
	return ""
}

func lastKey(path string) string {
	_, key := document.Parent(path)
	return key
}

// group makes the fields of a mapping.
func (c *Context) group(path string, o *document.Outline, depth int) []*Field {
	var out []*Field
	for _, k := range o.Keys {
		out = append(out, c.field(document.Join(path, k.Name), k, depth))
	}
	if o.Element != nil {
		out = append(out, c.rest(path, o))
	}
	return out
}

// rest is the field of a group's keys that have no name in the outline.
func (c *Context) rest(path string, o *document.Outline) *Field {
	f := &Field{Path: path, Kind: Map}
	keys, _ := c.Source.KeysAt(path)
	keys = slices.DeleteFunc(keys, func(key string) bool { _, named := o.Key(key); return named })
	c.entries(f, o, keys)
	return f
}

// field makes the field of one place.
func (c *Context) field(path string, k document.Key, depth int) *Field {
	o := k.Value
	f := &Field{Path: path, Key: k.Name, Help: k.Help, Required: k.Required, Said: c.Source.Has(path), Names: c.Names(path, false)}
	f.Value, _ = c.Source.Text(path)
	if below := c.problems(path); o.Kind != document.KindGroup || depth == 0 || o.Short {
		f.Problems = below
	}
	switch o.Kind {
	case document.KindWords:
		c.words(f)
	case document.KindUnit:
		c.unit(f)
	case document.KindList:
		c.list(f, o)
	case document.KindMap:
		f.Kind, f.Optional = Map, o.MinLen == 0
		keys, _ := c.Source.KeysAt(path)
		c.entries(f, o, keys)
	case document.KindGroup:
		c.nested(f, o, depth)
	default:
		c.scalar(f, o)
	}
	return f
}

// nested is a group in a group: on the same sheet, or with one of its own.
func (c *Context) nested(f *Field, o *document.Outline, depth int) {
	f.Short, f.Kind = o.Short, Group
	f.Optional = !slices.ContainsFunc(o.Keys, func(k document.Key) bool { return k.Required }) && !o.Short
	if depth <= 0 {
		f.Kind = Deeper
		f.NewPath = f.Path
		return
	}
	f.Fields = c.group(f.Path, o, depth-1)
}

// problems are those at a path and below it.
func (c *Context) problems(path string) (out []document.Problem) {
	for _, p := range c.Problems {
		if below, within := strings.CutPrefix(p.Path, path); within && (below == "" || below[0] == '.' || below[0] == '[') {
			out = append(out, p)
		}
	}
	return out
}

// list is a list: of texts on lines, of words to be ticked, or of parts.
func (c *Context) list(f *Field, o *document.Outline) {
	n, _ := c.Source.Len(f.Path)
	f.Optional = o.MinLen == 0
	switch o.Element.Kind {
	case document.KindChoice:
		f.Kind = Checks
		said := c.texts(f.Path, n)
		for _, word := range o.Element.Choices {
			f.Options = append(f.Options, Option{word, slices.Contains(said, word)})
		}
		return
	case document.KindGroup, document.KindMap, document.KindList, document.KindWords, document.KindUnit:
	default:
		f.Kind, f.Value = Lines, strings.Join(c.texts(f.Path, n), "\n")
		f.Names = c.Names(document.Index(f.Path, 0), false)
		return
	}
	f.Kind, f.NewPath = Parts, document.Index(f.Path, n)
	for i := range n {
		path := document.Index(f.Path, i)
		f.Parts = append(f.Parts, Part{Path: path, Label: c.Label(path), Name: c.Name(path), First: i == 0, Last: i == n-1, Problems: len(c.problems(path))})
	}
}

func (c *Context) texts(path string, n int) []string {
	var out []string
	for i := range n {
		if said, ok := c.Source.Text(document.Index(path, i)); ok {
			out = append(out, said)
		}
	}
	return out
}

// mostNames is how many of a document's own words are offered as empty rows.
const mostNames = 8

// entries are those of a mapping whose keys are free.
func (c *Context) entries(f *Field, o *document.Outline, keys []string) {
	known := c.Names(f.Path, true)
	f.Names = known
	switch o.Element.Kind {
	case document.KindGroup, document.KindMap, document.KindList, document.KindWords, document.KindUnit:
		if f.Kind = Parts; o.Kind == document.KindGroup {
			f.Key = ""
		}
		for _, key := range keys {
			path := document.Join(f.Path, key)
			f.Parts = append(f.Parts, Part{Path: path, Key: key, Label: key, Name: c.Name(path), Keyed: true, First: true, Last: true, Problems: len(c.problems(path))})
		}
		f.NewPath = f.Path
		f.Options = []Option{{Value: "keyed"}}
		return
	}
	if len(known) <= mostNames {
		for _, name := range known {
			if _, named := o.Key(name); !named && !slices.Contains(keys, name) {
				keys = append(keys, name)
			}
		}
	}
	for _, key := range keys {
		entry := c.field(document.Join(f.Path, key), document.Key{Name: key, Value: o.Element}, 0)
		entry.Own = true
		f.Fields = append(f.Fields, entry)
	}
}

// Keyed tells whether the parts have keys, which a new one needs too.
func (f *Field) Keyed() bool { return f.Kind == Parts && len(f.Options) > 0 }

// Has tells whether something below a group is said, or wrong.
func (f *Field) Has() bool {
	return f.Said || len(f.Problems) > 0 || slices.ContainsFunc(f.Fields, func(g *Field) bool { return g.Has() })
}

// Bare is the field without its help, which stands above it already.
func (f *Field) Bare() *Field {
	bare := *f
	bare.Help = ""
	return &bare
}

// ID is the field's name as the ids of elements have it.
func (f *Field) ID() string {
	var b strings.Builder
	b.WriteString("f")
	for _, r := range f.Path {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
			continue
		}
		b.WriteString("-" + strconv.FormatInt(int64(r), 16))
	}
	return b.String()
}

// String names the field in failures of tests.
func (f *Field) String() string { return fmt.Sprintf("%s (%s)", f.Path, f.Kind) }
