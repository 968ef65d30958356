package store

import (
	"context"

	"premia/internal/core/calendar"
)

// Picture is a picture of something that members can get.
type Picture struct {
	// About names what it shows, such as "reward.espresso".
	About string
	// Digest is that of both sizes, in hexadecimal: an address with it never changes.
	Digest string
	// Kind is the media type, and Width and Height those of the large one, in points.
	Kind          string
	Width, Height int64
	// Alt says what can be seen, by language, as JSON.
	Alt string
	// Large and Small are the files; nil in a list.
	Large, Small []byte
	Created      calendar.Instant
}

const (
	putPicture = `
INSERT INTO pictures (about, digest, kind, width, height, alt, large, small, created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (about) DO UPDATE SET digest = excluded.digest, kind = excluded.kind, width = excluded.width, height = excluded.height,
alt = excluded.alt, large = excluded.large, small = excluded.small, created = excluded.created`

	putPictureAlt = `
UPDATE pictures SET alt = $2 WHERE about = $1`

	listPictures = `
SELECT about, digest, kind, width, height, alt, created FROM pictures ORDER BY about`

	pictureByDigest = `
SELECT about, digest, kind, width, height, alt, large, small, created FROM pictures WHERE digest = $1 ORDER BY about LIMIT 1`

	pictureAbout = `
SELECT about, digest, kind, width, height, alt, large, small, created FROM pictures WHERE about = $1`

	deletePicture = `
DELETE FROM pictures WHERE about = $1`
)

// PutPicture keeps a picture, in the place of the one of the same thing.
func (tx *Tx) PutPicture(ctx context.Context, p *Picture) error {
	return tx.run(ctx, "picture", putPicture, p.About, p.Digest, p.Kind, p.Width, p.Height, p.Alt, present(p.Large), present(p.Small), int64(p.Created))
}

// PutPictureAlt changes what is said of a picture; [ErrNotFound] if there is none.
func (tx *Tx) PutPictureAlt(ctx context.Context, about, alt string) error {
	return tx.one(ctx, "picture", putPictureAlt, about, alt)
}

// DeletePicture removes the picture of something; [ErrNotFound] if there is none.
func (tx *Tx) DeletePicture(ctx context.Context, about string) error {
	return tx.one(ctx, "picture", deletePicture, about)
}

// Pictures lists all pictures without their files.
func (s *Store) Pictures(ctx context.Context) ([]Picture, error) {
	return readAll(ctx, s, listPictures, nil, func(r row) (Picture, error) {
		var p Picture
		var created int64
		err := r.Scan(&p.About, &p.Digest, &p.Kind, &p.Width, &p.Height, &p.Alt, &created)
		p.Created = calendar.Instant(created)
		return p, err
	})
}

// PictureFiles gives the picture with a digest; [ErrNotFound] if there is none.
func (s *Store) PictureFiles(ctx context.Context, digest string) (Picture, error) {
	return first(readAll(ctx, s, pictureByDigest, []any{digest}, scanPicture))
}

// Picture gives the picture of something with its files; [ErrNotFound] if there is none.
func (s *Store) Picture(ctx context.Context, about string) (Picture, error) {
	return first(readAll(ctx, s, pictureAbout, []any{about}, scanPicture))
}

func scanPicture(r row) (Picture, error) {
	var p Picture
	var created int64
	err := r.Scan(&p.About, &p.Digest, &p.Kind, &p.Width, &p.Height, &p.Alt, &p.Large, &p.Small, &created)
	p.Created = calendar.Instant(created)
	return p, err
}
