package main

import (
	"fmt"
	"strings"

	"premia/internal/core/engine"
	"premia/internal/core/program"
	"premia/internal/core/text"
	"premia/internal/i18n"
)

// programTest runs scenarios.
type programTest struct {
	programFiles
	Lang string `enum:"en,pl,cs,ru" default:"en" help:"The language of explanations and mistakes: en, pl, cs or ru."`
}

// Run runs the scenarios of each document and explains what came out otherwise.
func (c *programTest) Run(t *terminal) error {
	words, err := catalogue()
	if err != nil {
		return err
	}
	t.speak(words, c.Lang)
	return c.each(t, func(name string, d *program.Document) error {
		failures := program.RunScenarios(d)
		for i := range failures {
			fmt.Fprint(t.err, failureText(words, c.Lang, &failures[i]))
		}
		if len(failures) > 0 {
			return errFailed
		}
		fmt.Fprintf(t.out, "%s: %s\n", name, passed(d.Scenarios()))
		return nil
	})
}

func passed(scenarios int) string {
	switch scenarios {
	case 0:
		return "no scenarios"
	case 1:
		return "1 scenario passed"
	}
	return fmt.Sprintf("%d scenarios passed", scenarios)
}

// failureText says what a step was to give, what it gave, and why.
func failureText(words *i18n.Catalog, lang string, f *program.Failure) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: %s: step %d came out otherwise\n", f.File, f.Pos.Line, f.Pos.Column, f.Scenario, f.Step)
	for _, d := range f.Differences {
		fmt.Fprintf(&b, "  %s:%d:%d: %s: expected %s, got %s\n", f.File, d.Pos.Line, d.Pos.Column, d.What, d.Want, d.Got)
	}
	if f.Explanation == nil {
		return b.String()
	}
	say := func(m text.Message) { fmt.Fprintf(&b, "    %s\n", words.Render(lang, m)) }
	say(f.Explanation.Outcome)
	for _, r := range f.Explanation.Reasons {
		say(r.Words)
	}
	for _, m := range f.Explanation.Movements {
		say(m)
	}
	return b.String()
}

// programDescribe says how a program works.
type programDescribe struct {
	File   string `arg:"" help:"The document, or the folder that holds it; - reads standard input."`
	Lang   string `enum:",en,pl,cs,ru" default:"" help:"en, pl, cs or ru; the program's first language if not said."`
	Format string `enum:"text,markdown" default:"text" help:"text or markdown."`
}

// Run describes the program.
func (c *programDescribe) Run(t *terminal) error {
	names, err := documentsAt(c.File)
	if err != nil {
		return err
	}
	if len(names) != 1 {
		return usagef("%s holds %d programs; name one", c.File, len(names))
	}
	d, err := t.load(names[0])
	if err != nil {
		return err
	}
	words, err := catalogue()
	if err != nil {
		return err
	}
	lang := c.Lang
	if lang == "" {
		lang = d.Program.Languages[0]
	}
	_, err = fmt.Fprint(t.out, describe(words, lang, program.Describe(d.Program), c.Format == "markdown"))
	return err
}

// describe renders a description as text or as Markdown.
func describe(words *i18n.Catalog, lang string, sections []engine.Section, markdown bool) string {
	var b strings.Builder
	for i, s := range sections {
		heading := words.Render(lang, s.Heading)
		switch {
		case markdown && i == 0:
			b.WriteString("# " + escaped(heading) + "\n\n")
		case markdown:
			b.WriteString("\n## " + escaped(heading) + "\n\n")
		case i == 0:
			b.WriteString(heading + "\n")
		default:
			b.WriteString("\n" + heading + "\n")
		}
		for _, line := range s.Lines {
			said := words.Render(lang, line)
			if markdown {
				said = escaped(said)
			}
			b.WriteString("- " + said + "\n")
		}
	}
	return b.String()
}

// markdownSigns mean something in Markdown wherever they stand.
var markdownSigns = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, "&", `\&`)

func escaped(s string) string { return markdownSigns.Replace(s) }
