package app

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/mechanic/reward"
	"premia/internal/core/text"
	"premia/internal/store"
)

// The codes of problems with pictures.
const (
	CodePictureLarge   = "picture_too_large"
	CodePictureUnread  = "picture_unreadable"
	CodePictureText    = "picture_text"
	CodeUnknownPicture = "unknown_picture"
)

// PicturePath begins the addresses of pictures: behind it stand a digest, which changes
// with the picture, and the size.
const PicturePath = "/pictures/"

// maxPictureText bounds what is said of a picture, in characters.
const maxPictureText = 200

// Picture is a picture of a reward as pages show it.
type Picture struct {
	// Large and Small are addresses on this server; both are the same for what the
	// document names.
	Large, Small string
	// Width and Height are those of the large one, in points; 0 where nobody knows.
	Width, Height int64
	// Alt says what can be seen: what was written for it, or the reward's name.
	Alt string
}

// keptPicture is a picture that was sent to Premia, with what is said of it by language.
type keptPicture struct {
	Picture
	said map[string]string
}

// pictureCache keeps which pictures there are, as most pages with rewards ask.
type pictureCache struct {
	mu    sync.Mutex
	read  calendar.Instant
	known map[string]keptPicture
}

// rewardPicture is what the picture of a reward is kept as.
func rewardPicture(id string) string { return reward.Kind + "." + id }

// pictures gives the pictures that are kept, by what they are about.
func (a *App) pictures(ctx context.Context) (map[string]keptPicture, error) {
	c := &a.pictured
	c.mu.Lock()
	defer c.mu.Unlock()
	now := a.wall()
	if c.known != nil && now-c.read < appearanceKept && now >= c.read {
		return c.known, nil
	}
	all, err := a.Store.Pictures(ctx)
	if err != nil {
		return nil, err
	}
	known := make(map[string]keptPicture, len(all))
	for i := range all {
		p := &all[i]
		x := keptPicture{Picture: Picture{Large: PicturePath + p.Digest + "/large", Small: PicturePath + p.Digest + "/small", Width: p.Width, Height: p.Height}}
		if err := json.Unmarshal([]byte(p.Alt), &x.said); err != nil {
			return nil, fmt.Errorf("the picture of %s: %w", p.About, err)
		}
		known[p.About] = x
	}
	c.known, c.read = known, now
	return known, nil
}

// forgetPictures has the next page look at which pictures there are.
func (a *App) forgetPictures() {
	a.pictured.mu.Lock()
	defer a.pictured.mu.Unlock()
	a.pictured.known = nil
}

// RewardPicture gives the picture of a reward in a language: the one that was sent to
// Premia, or that of the document where it is a path of this server. It is nil where
// there is none, and where the document names one on another host: pages load nothing
// from there.
func (a *App) RewardPicture(ctx context.Context, r *reward.Reward, lang string) (*Picture, error) {
	known, err := a.pictures(ctx)
	if err != nil {
		return nil, err
	}
	own, kept := known[rewardPicture(r.ID)]
	out := own.Picture
	if !kept {
		if r.Picture == nil || ForeignPicture(r) {
			return nil, nil
		}
		out.Large, out.Small = r.Picture.URL, r.Picture.URL
	}
	out.Alt = own.said[lang]
	if r.Picture != nil {
		words, _ := r.Picture.Alt.In(lang)
		out.Alt = cmp.Or(out.Alt, words)
	}
	name, _ := r.Name.In(lang)
	out.Alt = cmp.Or(out.Alt, name, r.ID)
	return &out, nil
}

// ForeignPicture tells whether the document names a picture of a reward on another host.
func ForeignPicture(r *reward.Reward) bool {
	return r.Picture != nil && (!strings.HasPrefix(r.Picture.URL, "/") || strings.HasPrefix(r.Picture.URL, "//"))
}

// PictureTexts gives what is said of the picture that was sent of a reward, by language;
// nil where none was.
func (a *App) PictureTexts(ctx context.Context, id string) (map[string]string, error) {
	known, err := a.pictures(ctx)
	if err != nil {
		return nil, err
	}
	return known[rewardPicture(id)].said, nil
}

// SetRewardPicture keeps the picture of a reward, a PNG or JPEG of at most [MaxPicture]
// bytes, with what is said of it by language. What is kept is drawn anew from its points,
// so that nothing else that stands in the file, such as where a photograph was taken, is
// ever sent to anybody. Without a picture only what is said changes. The error is a
// *Problem.
func (a *App) SetRewardPicture(ctx context.Context, id string, picture []byte, alt map[string]string) error {
	if err := errors.Join(may(ctx, auth.ProgramWrite), a.hasReward(id)); err != nil {
		return firstProblem(err)
	}
	said, err := a.pictureText(alt)
	if err != nil {
		return err
	}
	about := rewardPicture(id)
	if len(picture) == 0 {
		err = a.change(ctx, a.audited(ctx, "reward.picture_described", id), func(tx *store.Tx) error { return tx.PutPictureAlt(ctx, about, said) })
		if errors.Is(err, store.ErrNotFound) {
			err = problem(CodeUnknownPicture, "picture", "choose a picture first")
		}
		a.forgetPictures()
		return err
	}
	drawn, err := a.drawn(picture)
	if err != nil {
		return err
	}
	sum := sha256.New()
	sum.Write(drawn.large)
	sum.Write(drawn.small)
	p := store.Picture{
		About: about, Digest: hex.EncodeToString(sum.Sum(nil)[:16]), Kind: drawn.kind, Width: drawn.width, Height: drawn.height,
		Alt: said, Large: drawn.large, Small: drawn.small, Created: a.wall(),
	}
	err = a.change(ctx, a.audited(ctx, "reward.picture_set", id, "digest", p.Digest), func(tx *store.Tx) error { return tx.PutPicture(ctx, &p) })
	a.forgetPictures()
	return err
}

// RemoveRewardPicture removes the picture of a reward.
func (a *App) RemoveRewardPicture(ctx context.Context, id string) error {
	if err := may(ctx, auth.ProgramWrite); err != nil {
		return err
	}
	err := a.change(ctx, a.audited(ctx, "reward.picture_removed", id), func(tx *store.Tx) error { return tx.DeletePicture(ctx, rewardPicture(id)) })
	if errors.Is(err, store.ErrNotFound) {
		err = problem(CodeUnknownPicture, "picture", "this reward has no picture")
	}
	a.forgetPictures()
	return err
}

func (a *App) hasReward(id string) error {
	if p := a.program(); p != nil && slices.ContainsFunc(reward.Rewards(p), func(r reward.Compiled) bool { return r.Source.ID == id }) {
		return nil
	}
	return problem(CodeUnknownReward, "reward", "the program in force has no such reward")
}

// pictureText checks what is said of a picture, and writes it down.
func (a *App) pictureText(alt map[string]string) (string, error) {
	kept := make(map[string]string, len(alt))
	for lang, words := range alt {
		words = strings.TrimSpace(words)
		if !slices.Contains(a.Words.Languages(), lang) || !utf8.ValidString(words) || utf8.RuneCountInString(words) > maxPictureText || strings.ContainsFunc(words, func(r rune) bool { return r < ' ' }) {
			return "", problem(CodePictureText, "alt_"+lang, text.Say("what is said of a picture is at most {Most} characters on one line", maxPictureText), "Limit", int64(maxPictureText))
		}
		if words != "" {
			kept[lang] = words
		}
	}
	src, err := json.Marshal(kept)
	return string(src), err
}

// PictureFile gives a size of the picture with a digest, "large" or "small", with its
// media type. The error is a *Problem with CodeUnknownPicture if there is none.
func (a *App) PictureFile(ctx context.Context, digest, size string) (file []byte, kind string, err error) {
	p, err := a.Store.PictureFiles(ctx, digest)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, "", err
	}
	switch {
	case err == nil && size == "large":
		return p.Large, p.Kind, nil
	case err == nil && size == "small":
		return p.Small, p.Kind, nil
	}
	return nil, "", problem(CodeUnknownPicture, "picture", "there is no such picture")
}

// drawnPicture is a picture as it is kept.
type drawnPicture struct {
	kind          string
	width, height int64
	large, small  []byte
}

// drawn draws a picture anew in both sizes, one at a time, since each takes the memory of
// all its points.
func (a *App) drawn(picture []byte) (drawnPicture, error) {
	a.drawing.Lock()
	defer a.drawing.Unlock()
	from, way, err := readPicture(picture)
	if err != nil {
		return drawnPicture{}, err
	}
	large := turned(shrunk(from, keptPictureSide), way)
	out := drawnPicture{kind: "image/jpeg", width: int64(large.Bounds().Dx()), height: int64(large.Bounds().Dy())}
	if !large.Opaque() {
		out.kind = "image/png"
	}
	var files [2]bytes.Buffer
	for i, size := range []int{keptPictureSide, smallPictureSide} {
		if err := encodePicture(&files[i], out.kind, shrunk(large, size)); err != nil {
			return drawnPicture{}, err
		}
	}
	out.large, out.small = files[0].Bytes(), files[1].Bytes()
	return out, nil
}
