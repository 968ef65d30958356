package app

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"image/png"
	"io"

	"premia/internal/core/text"
)

// MaxPicture is the most bytes of a picture that is sent.
const MaxPicture = 8 << 20

// The bounds of pictures: the points of what is sent, so that a small file can't stand
// for a picture that fills the memory, and the sides in points of what is kept.
const (
	maxPicturePoints = 16 << 20
	keptPictureSide  = 1024
	smallPictureSide = 320
	// jpegQuality is where photographs of 1024 points have some 150 KB and no visible loss.
	jpegQuality = 82
)

// readPicture reads a PNG or JPEG, and which way up it was taken. The error is a
// *Problem.
func readPicture(picture []byte) (from image.Image, upright int, err error) {
	if len(picture) > MaxPicture {
		return nil, 0, errPictureLarge(text.Say("the picture has {Count} bytes, and may have {Most}", len(picture), MaxPicture))
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(picture))
	if err != nil || format != "png" && format != "jpeg" {
		return nil, 0, problem(CodePictureUnread, "picture", "this is no picture that can be read; send a PNG or a JPEG")
	}
	if w, h := int64(config.Width), int64(config.Height); w < 1 || h < 1 || w > maxPicturePoints || h > maxPicturePoints || w*h > maxPicturePoints {
		return nil, 0, errPictureLarge(text.Say("the picture has {Width} × {Height} points, and may have {Most} in all", w, h, maxPicturePoints))
	}
	if from, _, err = image.Decode(bytes.NewReader(picture)); err != nil {
		return nil, 0, problem(CodePictureUnread, "picture", "the picture is damaged; save it anew and send it again")
	}
	return from, orientation(picture), nil
}

func errPictureLarge(detail text.Sentence) error {
	return problem(CodePictureLarge, "picture", detail, "Megabytes", int64(MaxPicture>>20), "Megapoints", int64(maxPicturePoints>>20))
}

func encodePicture(to io.Writer, kind string, picture image.Image) error {
	if kind == "image/png" {
		return png.Encode(to, picture)
	}
	return jpeg.Encode(to, picture, &jpeg.Options{Quality: jpegQuality})
}

// orientation gives how a photograph is to be turned, from 1 (not at all) to 8, as its
// EXIF data say (EXIF 2.32, tag 0x0112); 1 where they say nothing that can be read.
func orientation(file []byte) int {
	if len(file) < 4 || file[0] != 0xff || file[1] != 0xd8 {
		return 1
	}
	for at := 2; at+4 <= len(file); {
		marker, length := file[at+1], int(binary.BigEndian.Uint16(file[at+2:]))
		if file[at] != 0xff || marker == 0xda || length < 2 || at+2+length > len(file) {
			return 1
		}
		if body, found := bytes.CutPrefix(file[at+4:at+2+length], []byte("Exif\x00\x00")); marker == 0xe1 && found {
			return tiffOrientation(body)
		}
		at += 2 + length
	}
	return 1
}

// tiffOrientation reads the tag in the first directory of TIFF data.
func tiffOrientation(b []byte) int {
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(b, []byte("II")) {
		order = binary.LittleEndian
	}
	if len(b) < 8 || order.Uint16(b[2:]) != 42 {
		return 1
	}
	at := uint64(order.Uint32(b[4:]))
	if at+2 > uint64(len(b)) {
		return 1
	}
	entries := uint64(order.Uint16(b[at:]))
	for at, i := at+2, uint64(0); i < entries && at+12 <= uint64(len(b)); at, i = at+12, i+1 {
		const tag, short = 0x0112, 3
		if order.Uint16(b[at:]) != tag || order.Uint16(b[at+2:]) != short {
			continue
		}
		if way := int(order.Uint16(b[at+8:])); way >= 1 && way <= 8 {
			return way
		}
	}
	return 1
}

// turned turns a picture as an orientation of EXIF asks.
func turned(from *image.NRGBA, way int) *image.NRGBA {
	w, h := from.Bounds().Dx(), from.Bounds().Dy()
	if way < 2 || way > 8 {
		return from
	}
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	if way >= 5 {
		out = image.NewNRGBA(image.Rect(0, 0, h, w))
	}
	for y := range out.Bounds().Dy() {
		for x := range out.Bounds().Dx() {
			fromX, fromY := x, y
			if way >= 5 {
				fromX, fromY = y, x
			}
			if way == 2 || way == 3 || way == 7 || way == 8 {
				fromX = w - 1 - fromX
			}
			if way == 3 || way == 4 || way == 6 || way == 7 {
				fromY = h - 1 - fromY
			}
			out.SetNRGBA(x, y, from.NRGBAAt(fromX, fromY))
		}
	}
	return out
}
