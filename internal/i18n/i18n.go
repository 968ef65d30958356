// Package i18n says messages of package text in English, Polish, Czech and
// Russian.
//
// It owns the catalogue of words, the plural forms (CLDR's, by go-i18n) and the
// way numbers, money, points, dates, spans and lists are written in each
// language. A [Catalog] never changes after [Load] and is safe for concurrent
// use. What always holds: rendering never fails; what is missing shows between
// ⟦ and ⟧, where tests and readers see it. The digits of an amount are never
// changed by grouping. Nothing is escaped for HTML here; templates do that.
//
// Entries are files words/en.yaml and so on, in go-i18n's format:
//
//	earn.bonus: "{{.Points}} for {{.Rule}}"
//	cart.items:
//	  one: "{{.Count}} item"
//	  other: "{{.Count}} items"
//
// Placeholders are Go template fields named as the message's arguments, all of
// them rendered texts. The plural form follows the argument Count. {{cap .X}}
// begins a sentence with X; {{if .X}} asks whether X was given and not empty.
//
// Sentences that are written in English where they are said ([text.Sentence]) have
// their other languages in words/sentences.yaml, by the English words.
package i18n

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"premia/internal/core/text"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"go.yaml.in/yaml/v3"
)

//go:embed words/*.yaml
var general embed.FS

// languages in the order in which they are offered; the first is the fallback.
var languages = []string{"en", "pl", "cs", "ru"}

// Catalog holds the words of all languages.
type Catalog struct {
	byLanguage map[string]*language
	sentences  map[string]map[string]said // by the English words, then by language
}

// language is one language's entries and manners.
type language struct {
	code    string
	manners *manners
	entries map[string]*entry
	plurals plurals // of all languages, since an author's words may be of another

	sentences map[string]map[string]said // those of the catalogue
}

// Load reads the words of each file system, every one of which has the files
// words/en.yaml, words/pl.yaml, words/cs.yaml and words/ru.yaml, and adds this
// package's own general words. It fails on a file that is missing or malformed,
// a template that does not parse, and an id that stands twice in a language.
func Load(fsys ...fs.FS) (*Catalog, error) {
	c := &Catalog{byLanguage: make(map[string]*language, len(languages)), sentences: make(map[string]map[string]said)}
	for _, files := range append([]fs.FS{general}, fsys...) {
		if err := c.loadSentences(files); err != nil {
			return nil, err
		}
	}
	shared := newPlurals()
	for _, code := range languages {
		l := &language{
			code:    code,
			manners: mannersOf[code],
			entries: make(map[string]*entry),
			plurals: shared,

			sentences: c.sentences,
		}
		for _, files := range append([]fs.FS{general}, fsys...) {
			if err := l.load(files); err != nil {
				return nil, err
			}
		}
		c.byLanguage[code] = l
	}
	return c, nil
}

// load adds the entries of one file system.
func (l *language) load(files fs.FS) error {
	path := "words/" + l.code + ".yaml"
	content, err := fs.ReadFile(files, path)
	if err != nil {
		return fmt.Errorf("words in %s: %w", l.code, err)
	}
	read, err := entriesIn(path, content)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, e := range read {
		if _, twice := l.entries[e.id]; twice {
			return fmt.Errorf("%s: the entry %q stands twice", path, e.id)
		}
		l.entries[e.id] = e
	}
	return nil
}

// once keeps what files were read as, by their name and content: entries never change, and
// a process that opens many workspaces reads the same words for each.
var once sync.Map // of [sha256.Size]byte to []*entry

// entriesIn reads the entries of a file.
func entriesIn(path string, content []byte) ([]*entry, error) {
	key := sha256.Sum256(append([]byte(path+"\x00"), content...))
	if known, ok := once.Load(key); ok {
		return known.([]*entry), nil
	}
	parsed, err := goi18n.ParseMessageFileBytes(content, path, map[string]goi18n.UnmarshalFunc{"yaml": yaml.Unmarshal})
	if err != nil {
		return nil, err
	}
	entries := make([]*entry, 0, len(parsed.Messages))
	for _, message := range parsed.Messages {
		e, err := newEntry(message)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	once.Store(key, entries)
	return entries, nil
}

// Languages lists the codes of the languages, English first.
func (c *Catalog) Languages() []string { return slices.Clone(languages) }

// Has says whether the language has an entry of that id.
func (c *Catalog) Has(lang, id string) bool {
	l, ok := c.byLanguage[lang]
	return ok && l.entries[id] != nil
}

// IDs lists the ids of the entries that begin with the prefix, in order.
func (c *Catalog) IDs(prefix string) []string {
	var out []string
	for id := range c.byLanguage[languages[0]].entries {
		if strings.HasPrefix(id, prefix) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// Render says the message in the language, "pl" or "pl-PL"; a language that is
// not offered gives English. An id without an entry gives ⟦id⟧, and an argument
// that the entry prints and the message lacks gives ⟦.Name⟧ in its place.
func (c *Catalog) Render(lang string, m text.Message) string {
	return c.language(lang).message(m)
}

// language finds a language by its code, or by the code before a region.
func (c *Catalog) language(code string) *language {
	if l, ok := c.byLanguage[code]; ok {
		return l
	}
	base, _, _ := strings.Cut(strings.ReplaceAll(code, "_", "-"), "-")
	if l, ok := c.byLanguage[strings.ToLower(base)]; ok {
		return l
	}
	return c.byLanguage[languages[0]]
}

// message renders an entry with its arguments.
func (l *language) message(m text.Message) string {
	e := l.entries[m.ID]
	if e == nil {
		return "⟦" + m.ID + "⟧"
	}
	form := other
	values := make(map[string]string, len(m.Args))
	for _, arg := range m.Args {
		values[arg.Name] = l.value(arg.Value)
		if count, ok := arg.Value.(int64); ok && arg.Name == "Count" && len(e.forms) > 1 {
			form = l.plurals.category(l.code, strconv.FormatInt(count, 10))
		}
	}
	return l.manners.sentence(e.render(form, values))
}

// say renders one of the general entries with texts that are ready.
func (l *language) say(id string, values map[string]string) string {
	e := l.entries[id]
	if e == nil {
		return "⟦" + id + "⟧"
	}
	return e.render(other, values)
}

// render executes the form's template.
func (e *entry) render(form string, values map[string]string) string {
	t := e.form(form)
	if t.plain != "" {
		return t.plain
	}
	if values == nil {
		values = make(map[string]string, len(t.printed))
	}
	for _, name := range t.printed {
		if _, given := values[name]; !given {
			values[name] = "⟦." + name + "⟧"
		}
	}
	var out bytes.Buffer
	if err := t.template.Execute(&out, values); err != nil {
		return "⟦" + e.id + ": " + err.Error() + "⟧"
	}
	return out.String()
}

// Missing lists what keeps the languages from saying the same: ids that one
// has and another lacks, entries whose placeholders differ, and plural entries
// without a form that whole numbers need in that language. It is empty when all
// is well.
func (c *Catalog) Missing() []string {
	first := make(map[string]*entry)
	firstIn := make(map[string]string)
	for _, code := range languages {
		for id, e := range c.byLanguage[code].entries {
			if first[id] == nil {
				first[id], firstIn[id] = e, code
			}
		}
	}
	var missing []string
	for _, id := range slices.Sorted(maps.Keys(first)) {
		for _, code := range languages {
			missing = append(missing, c.byLanguage[code].lacks(first[id], firstIn[id])...)
		}
	}
	return append(missing, c.missingSentences()...)
}

// lacks compares this language's entry with that of another language.
func (l *language) lacks(model *entry, modelIn string) (missing []string) {
	e := l.entries[model.id]
	if e == nil {
		return []string{fmt.Sprintf("%s: %s is missing (%s has it)", l.code, model.id, modelIn)}
	}
	if !slices.Equal(e.placeholders, model.placeholders) {
		missing = append(missing, fmt.Sprintf("%s: %s has the placeholders %v, but %s has %v",
			l.code, e.id, e.placeholders, modelIn, model.placeholders))
	}
	if !e.plural() {
		return missing
	}
	for _, form := range l.manners.wholeForms {
		if e.forms[form] == nil {
			missing = append(missing, fmt.Sprintf("%s: %s lacks the plural form %s", l.code, e.id, form))
		}
	}
	return missing
}
