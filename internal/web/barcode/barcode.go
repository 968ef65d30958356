// Package barcode draws what tills and telephones scan: bar codes of card numbers and
// QR codes. They are drawings for pages, black on white in either look, with the quiet
// zone around them that the standards ask for.
package barcode

import (
	"fmt"
	"html/template"
	"strings"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"
	"github.com/boombuler/barcode/ean"
	"github.com/boombuler/barcode/qr"

	"premia/internal/core/code"
)

// The quiet zones in modules: beside a bar code by ISO/IEC 15417 and 15420, around a QR
// code by ISO/IEC 18004.
const (
	besideBars = 11
	aroundQR   = 4
	barHeight  = 50
)

// Card draws a card's number: as EAN-13 or EAN-8 where it is one, and otherwise as
// Code 128. A number that neither can say, or that would be too long to be scanned,
// gives no drawing.
func Card(number string) template.HTML {
	if len(number) > 48 {
		return ""
	}
	if Valid(number) {
		if drawn, err := ean.Encode(number); err == nil {
			return bars(drawn)
		}
	}
	drawn, err := code128.Encode(number)
	if err != nil {
		return ""
	}
	return bars(drawn)
}

// QR draws a text as a QR code; none if it is too long for one.
func QR(text string) template.HTML {
	drawn, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return ""
	}
	side := drawn.Bounds().Dx()
	var path strings.Builder
	for y := range side {
		runs(drawn, y, side, func(from, width int) {
			fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from+aroundQR, y+aroundQR, width, width)
		})
	}
	return drawing(side+2*aroundQR, side+2*aroundQR, path.String(), "")
}

// Valid tells whether a number is an EAN-13 or EAN-8: digits, the last of which is the
// check digit.
func Valid(number string) bool {
	if len(number) != 13 && len(number) != 8 || strings.Trim(number, "0123456789") != "" {
		return false
	}
	return number[len(number)-1] == code.CheckDigit(number[:len(number)-1])
}

func bars(drawn barcode.Barcode) template.HTML {
	width := drawn.Bounds().Dx()
	var path strings.Builder
	runs(drawn, 0, width, func(from, run int) {
		fmt.Fprintf(&path, "M%d 4h%dv%dh-%dz", from+besideBars, run, barHeight, run)
	})
	return drawing(width+2*besideBars, barHeight+8, path.String(), ` preserveAspectRatio="none"`)
}

// runs finds what is black in a row.
func runs(drawn barcode.Barcode, y, width int, found func(from, width int)) {
	from := -1
	for x := range width + 1 {
		black := false
		if x < width {
			red, _, _, _ := drawn.At(x, y).RGBA()
			black = red == 0
		}
		switch {
		case black && from < 0:
			from = x
		case !black && from >= 0:
			found(from, x-from)
			from = -1
		}
	}
}

// drawing is an SVG of numbers alone, so that nothing in it needs escaping.
func drawing(width, height int, path, more string) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg class="scan" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges" aria-hidden="true" focusable="false"%s><path fill="#fff" d="M0 0h%dv%dh-%dz"/><path fill="#000" d="%s"/></svg>`,
		width, height, more, width, height, width, path))
}
