package app

import (
	"fmt"
	"strconv"

	"premia/internal/core/text"
)

// The papers that texts stand on, in the light and in the dark look.
const (
	lightPaper = "#f4f5f6"
	darkPaper  = "#161b20"
)

// readable is the contrast that texts must have with what is behind them, in hundredths,
// by WCAG 2.2, success criterion 1.4.3.
const readable = 450

// Palette are the colours of a look, "#rrggbb". Texts in them can be read, whatever the
// main colour is.
type Palette struct {
	// Main is the workspace's own, and OnMain that of texts on it: white or nearly black.
	Main, OnMain string
	// Light and Dark are the main colour, darkened or lightened until texts in it can be
	// read on the paper of the light and of the dark look.
	Light, Dark string
}

// Palette gives the colours that follow from the main one.
func (x Appearance) Palette() Palette {
	main, err := parseColour(x.Colour)
	if err != nil {
		main, _ = parseColour(DefaultColour)
	}
	on := colour{255, 255, 255}
	if black := (colour{17, 17, 17}); contrast(main, on) < readable && contrast(main, black) > contrast(main, on) {
		on = black
	}
	if contrast(main, on) < readable { // between the two, only black itself is enough
		on = colour{}
	}
	light, _ := parseColour(lightPaper)
	dark, _ := parseColour(darkPaper)
	return Palette{
		Main: main.String(), OnMain: on.String(),
		Light: main.toward(colour{}, light).String(), Dark: main.toward(colour{255, 255, 255}, dark).String(),
	}
}

// colour is red, green and blue.
type colour [3]uint8

func (c colour) String() string { return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]) }

// parseColour reads "#rrggbb".
func parseColour(s string) (colour, error) {
	if len(s) == 7 && s[0] == '#' {
		if n, err := strconv.ParseUint(s[1:], 16, 32); err == nil {
			return colour{uint8(n >> 16), uint8(n >> 8), uint8(n)}, nil
		}
	}
	return colour{}, text.Say("{Text} is no colour; write it as #0b5c4b", strconv.Quote(s))
}

// toward mixes the colour with an end, as little as is needed for texts in it to be
// read on the paper.
func (c colour) toward(end, paper colour) colour {
	for share := range 101 {
		mixed := c
		for i := range mixed {
			mixed[i] = uint8((int(c[i])*(100-share) + int(end[i])*share) / 100)
		}
		if contrast(mixed, paper) >= readable {
			return mixed
		}
	}
	return end
}

// contrast is the ratio of two colours in hundredths, 100 to 2100, by WCAG 2.2, rounded
// down.
func contrast(a, b colour) int64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 50_000) * 100 / (min(x, y) + 50_000)
}

// luminance is the relative luminance in millionths, by WCAG 2.2.
func (c colour) luminance() int64 {
	return (2126*linear[c[0]] + 7152*linear[c[1]] + 722*linear[c[2]]) / 10_000
}

// linear is the light of each step of a colour in millionths, by the formula
// of IEC 61966-2-1.
var linear = [256]int64{
	0, 304, 607, 911, 1214, 1518, 1821, 2125, 2428, 2732, 3035, 3347, 3677, 4025, 4391, 4777,
	5182, 5605, 6049, 6512, 6995, 7499, 8023, 8568, 9134, 9721, 10330, 10960, 11612, 12286, 12983, 13702,
	14444, 15209, 15996, 16807, 17642, 18500, 19382, 20289, 21219, 22174, 23153, 24158, 25187, 26241, 27321, 28426,
	29557, 30713, 31896, 33105, 34340, 35601, 36889, 38204, 39546, 40915, 42311, 43735, 45186, 46665, 48172, 49707,
	51269, 52861, 54480, 56128, 57805, 59511, 61246, 63010, 64803, 66626, 68478, 70360, 72272, 74214, 76185, 78187,
	80220, 82283, 84376, 86500, 88656, 90842, 93059, 95307, 97587, 99899, 102242, 104616, 107023, 109462, 111932, 114435,
	116971, 119538, 122139, 124772, 127438, 130136, 132868, 135633, 138432, 141263, 144128, 147027, 149960, 152926, 155926, 158961,
	162029, 165132, 168269, 171441, 174647, 177888, 181164, 184475, 187821, 191202, 194618, 198069, 201556, 205079, 208637, 212231,
	215861, 219526, 223228, 226966, 230740, 234551, 238398, 242281, 246201, 250158, 254152, 258183, 262251, 266356, 270498, 274677,
	278894, 283149, 287441, 291771, 296138, 300544, 304987, 309469, 313989, 318547, 323143, 327778, 332452, 337164, 341914, 346704,
	351533, 356400, 361307, 366253, 371238, 376262, 381326, 386429, 391572, 396755, 401978, 407240, 412543, 417885, 423268, 428690,
	434154, 439657, 445201, 450786, 456411, 462077, 467784, 473531, 479320, 485150, 491021, 496933, 502886, 508881, 514918, 520996,
	527115, 533276, 539479, 545724, 552011, 558340, 564712, 571125, 577580, 584078, 590619, 597202, 603827, 610496, 617207, 623960,
	630757, 637597, 644480, 651406, 658375, 665387, 672443, 679542, 686685, 693872, 701102, 708376, 715694, 723055, 730461, 737910,
	745404, 752942, 760525, 768151, 775822, 783538, 791298, 799103, 806952, 814847, 822786, 830770, 838799, 846873, 854993, 863157,
	871367, 879622, 887923, 896269, 904661, 913099, 921582, 930111, 938686, 947307, 955973, 964686, 973445, 982251, 991102, 1000000,
}
