// Package programs holds the ready programs, each a folder with a program.yaml
// whose scenarios are its tests. Those that a shop may begin with also have a page
// in docs/programs, which says whom they are for and what they cost.
package programs

import (
	"embed"
	"slices"
	"strings"
)

// Coffee is the program of a chain of coffee bars, which the demo runs.
//
//go:embed coffee/program.yaml
var Coffee []byte

// OnlineRetail is the program of a gift shop, for its real year of purchases.
//
//go:embed online-retail/program.yaml
var OnlineRetail []byte

// OnlineRetailMapping says how the shop's export becomes events.
//
//go:embed online-retail/mapping.yaml
var OnlineRetailMapping []byte

//go:embed */program.yaml
var documents embed.FS

// Names lists the ready programs, which are named as their folders, in the order of
// the alphabet.
func Names() []string {
	folders, err := documents.ReadDir(".")
	if err != nil {
		panic("programs: " + err.Error()) // the folder is in the binary
	}
	var out []string
	for _, f := range folders {
		out = append(out, f.Name())
	}
	slices.Sort(out)
	return out
}

// Document gives the document of a ready program, and whether there is one of that
// name.
func Document(name string) ([]byte, bool) {
	src, err := documents.ReadFile(name + "/program.yaml")
	return src, err == nil
}

// About gives what a document says of itself: the comment that it begins with, as one
// line.
func About(src []byte) string {
	var words []string
	for line := range strings.Lines(string(src)) {
		said, comment := strings.CutPrefix(line, "#")
		if !comment {
			break
		}
		words = append(words, strings.Fields(said)...)
	}
	return strings.Join(words, " ")
}

// Ready is a program that a shop may begin with.
type Ready struct {
	Name string
	// Cost is what it costs as a share of the sales to its members, in percent with two
	// decimals, over the year that is made up beside it; premia program cost says it.
	Cost string
}

// Gallery lists the programs that a shop may begin with, those of small shops first. Each
// has a page in docs/programs.
func Gallery() []Ready {
	return []Ready{
		{"cafe", "1.20"}, {"online-shop", "3.05"}, {"fashion", "5.68"}, {"hotel", "1.59"}, {"grocer", "2.47"},
		{"pharmacy", "1.29"}, {"clubcard", "0.97"}, {"membership", "5.17"}, {"vip-club", "1.93"}, {"cashback-club", "2.16"},
	}
}
