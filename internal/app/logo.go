package app

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	_ "image/jpeg" // logos may come as JPEG
	"image/png"

	"premia/internal/core/text"
)

// MaxLogo is the most bytes of a picture that is sent as a logo.
const MaxLogo = 1 << 20

// The bounds of logos in points: of what is sent, so that a small file can't stand for
// a picture that fills the memory, and of what is kept.
const (
	maxLogoSide  = 4096
	keptLogoSide = 512
)

// redrawn reads a picture and gives it as a PNG with sides of at most 512 points.
func redrawn(picture []byte) ([]byte, error) {
	if len(picture) > MaxLogo {
		return nil, text.Say("the picture has {Picture} bytes, and may have {Most}; make it smaller", len(picture), MaxLogo)
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(picture))
	if err != nil || format != "png" && format != "jpeg" {
		return nil, text.Sentence("this is no picture that can be read; send a PNG or a JPEG")
	}
	if config.Width < 1 || config.Height < 1 || config.Width > maxLogoSide || config.Height > maxLogoSide {
		return nil, text.Say("the picture has {Width} × {Height} points, and a side may have {Most}; make it smaller", config.Width, config.Height, maxLogoSide)
	}
	from, _, err := image.Decode(bytes.NewReader(picture))
	if err != nil {
		return nil, text.Sentence("the picture is damaged; save it anew and send it again")
	}
	var out bytes.Buffer
	if err := png.Encode(&out, shrunk(from, keptLogoSide)); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// shrunk gives a picture with sides of at most so many points, each the mean of those
// that it stands for.
func shrunk(from image.Image, side int) *image.NRGBA {
	b := from.Bounds()
	whole := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(whole, whole.Bounds(), from, b.Min, draw.Src)
	width, height := b.Dx(), b.Dy()
	if longest := max(width, height); longest > side {
		width, height = max(1, width*side/longest), max(1, height*side/longest)
	} else {
		return whole
	}
	out := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			out.SetNRGBA(x, y, mean(whole, image.Rect(x*b.Dx()/width, y*b.Dy()/height, (x+1)*b.Dx()/width, (y+1)*b.Dy()/height)))
		}
	}
	return out
}

// mean is that of the points in a rectangle, those that are seen through counting less.
func mean(from *image.NRGBA, r image.Rectangle) color.NRGBA {
	var red, green, blue, alpha, n uint64
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			c := from.NRGBAAt(x, y)
			a := uint64(c.A)
			red, green, blue, alpha, n = red+uint64(c.R)*a, green+uint64(c.G)*a, blue+uint64(c.B)*a, alpha+a, n+1
		}
	}
	if alpha == 0 || n == 0 {
		return color.NRGBA{}
	}
	return color.NRGBA{uint8(red / alpha), uint8(green / alpha), uint8(blue / alpha), uint8(alpha / n)}
}
