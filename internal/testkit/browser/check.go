package browser

import (
	"os"
	"strings"
)

// phone and desk are the widths in CSS pixels that pages are made for.
const (
	phone = 360
	desk  = 1280
)

// Check looks at the page that is shown as everybody must be able to use it: no
// violation that axe finds, nothing wider than a phone, no text missing, no
// error in the console and no request to another host.
func (b *Tab) Check() {
	b.t.Helper()
	b.Accessible()
	b.NoOverflow()
	b.NoMissingText()
	b.Clean()
}

// Accessible fails the test for each violation of WCAG 2.2 A and AA and of best
// practice that axe-core finds.
func (b *Tab) Accessible() {
	b.t.Helper()
	b.violations(`{rules: {"target-size": {enabled: true}}}`) // of WCAG 2.2, and off as axe comes
}

// legible fails the test for each violation that axe-core finds of the rules which depend
// on colours: in another look of a page, all else is what it was.
func (b *Tab) legible() {
	b.t.Helper()
	b.violations(`{runOnly: ["color-contrast", "link-in-text-block"]}`)
}

// violations fails the test for what axe-core finds with options.
func (b *Tab) violations(options string) {
	b.t.Helper()
	if !Script[bool](b, `window.axe !== undefined`) {
		Script[any](b, axe+"; null")
	}
	found := Script[[]string](b, `axe.run(document, Object.assign({resultTypes: ["violations"]}, `+options+`)).then(function (r) {
		return r.violations.map(function (v) {
			return v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map(function (n) { return n.html.slice(0, 200) + " (" + n.failureSummary.replace(/\s+/g, " ").slice(0, 200) + ")"; }).join(" | ");
		});
	})`)
	for _, violation := range found {
		b.t.Errorf("%s: %s", b.Path(), violation)
	}
}

// NoOverflow fails the test where the page is wider than what shows it.
func (b *Tab) NoOverflow() {
	b.t.Helper()
	wide := Script[[]string](b, `(function () {
		var width = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= width) return [];
		return Array.from(document.querySelectorAll("body *")).filter(function (e) {
			var box = e.getBoundingClientRect();
			return box.width > 0 && box.right > width + 1 && !e.closest(".table-responsive, .visually-hidden, .skip-link");
		}).slice(0, 5).map(function (e) { return e.outerHTML.slice(0, 160); });
	})()`)
	if len(wide) > 0 {
		b.t.Errorf("%s is wider than the screen because of\n%s", b.Path(), strings.Join(wide, "\n"))
	}
}

// NoMissingText fails the test where words were not found: they show between ⟦
// and ⟧.
func (b *Tab) NoMissingText() {
	b.t.Helper()
	missing := Script[[]string](b, `document.documentElement.outerHTML.match(/⟦[^⟧]*⟧/g) || []`)
	if len(missing) > 0 {
		b.t.Errorf("%s lacks words: %s", b.Path(), strings.Join(missing, ", "))
	}
}

// Everywhere looks at a page in each language on a phone, and in the first as wide as on a
// desk, where nothing may be too wide and no word may be missing; and, on the phone, as
// everybody must be able to use it, with its colours in the dark look, too. PREMIA_LONG=1
// looks at all of it in each language and loads the page at each width.
func (b *Tab) Everywhere(path string, languages ...string) {
	b.t.Helper()
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	long := os.Getenv("PREMIA_LONG") != ""
	for i, lang := range languages {
		b.Width(phone)
		b.Go(path + separator + "lang=" + lang)
		switch {
		case i == 0 || long:
			b.Accessible()
		case i == 1:
			b.legible()
		}
		b.NoOverflow()
		b.NoMissingText()
		if i == 0 || long {
			b.Width(desk)
			if long {
				b.Go(path + separator + "lang=" + lang)
				b.Accessible()
			}
			b.NoOverflow()
		}
		b.Clean()
		// The look is set for the pages to come: while one changes, its colours fade.
		Script[any](b, `localStorage.setItem("theme", `+quoted([]string{"dark", "light"}[i%2])+`)`)
	}
}
