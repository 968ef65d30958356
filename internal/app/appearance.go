package app

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/text"
	"premia/internal/store"
)

// The settings that hold how the workspace looks.
const (
	appearanceSetting = "appearance"
	logoSetting       = "appearance.logo"
)

// DefaultColour is the colour of workspaces that chose none.
const DefaultColour = "#0b5c4b"

// maxBrandName bounds the names that people read, in characters.
const maxBrandName = 60

// appearanceKept is how long a server may show a look that another one has changed.
const appearanceKept = 5 * calendar.Second

// Appearance is how the workspace looks to its members.
type Appearance struct {
	// Name is what the workspace is called; the program's title if it is empty.
	Name string `json:"name,omitempty"`
	// Colour is the main one, "#rrggbb". The colours of texts follow from it, see
	// [Appearance.Palette].
	Colour string `json:"colour"`
	// Sender is the name that messages come from; the workspace's if it is empty.
	Sender string `json:"sender,omitempty"`
	// Languages are those in which the portal is offered; all if there is none.
	Languages []string `json:"languages,omitempty"`
	// Terms is the address of the terms that members accept; empty for none.
	Terms string `json:"terms,omitempty"`
	// Logo is a PNG, or nil.
	Logo []byte `json:"-"`
	// Digest changes with everything that is seen.
	Digest string `json:"-"`
}

// appearanceCache keeps the look, which every page asks for.
type appearanceCache struct {
	mu    sync.Mutex
	read  calendar.Instant
	value Appearance
}

// LookPath begins the addresses of what follows from how a workspace looks.
const LookPath = "/look/"

// Address is where the portal serves a file that follows from the look, such as theme.css,
// logo.png and icon-192.png. It changes with the look.
func (x Appearance) Address(file string) string { return LookPath + x.Digest + "/" + file }

// Appearance gives how the workspace looks.
func (a *App) Appearance(ctx context.Context) (Appearance, error) {
	c := &a.appearance
	c.mu.Lock()
	defer c.mu.Unlock()
	now := a.Journal.Now()
	if c.value.Digest != "" && now-c.read < appearanceKept && now >= c.read {
		return c.value, nil
	}
	value, err := a.readAppearance(ctx)
	if err != nil {
		return Appearance{}, err
	}
	c.value, c.read = value, now
	return value, nil
}

func (a *App) readAppearance(ctx context.Context) (Appearance, error) {
	out := Appearance{Colour: DefaultColour}
	src, err := a.Store.Setting(ctx, appearanceSetting)
	if err == nil {
		err = json.Unmarshal(src, &out)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return out, err
	}
	out.Logo, err = a.Store.Setting(ctx, logoSetting)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return out, err
	}
	sum := sha256.New()
	sum.Write(src)
	sum.Write([]byte{0})
	sum.Write(out.Logo)
	out.Digest = hex.EncodeToString(sum.Sum(nil)[:6])
	return out, nil
}

// SetAppearance changes how the workspace looks, but for its logo. The error is a
// *Problem that names the field.
func (a *App) SetAppearance(ctx context.Context, x Appearance) error {
	if err := a.checkAppearance(&x); err != nil {
		return err
	}
	src, err := json.Marshal(x)
	if err != nil {
		return err
	}
	return a.setAppearance(ctx, appearanceSetting, src)
}

// SetLogo changes the logo to a picture, PNG or JPEG, of at most [MaxLogo] bytes, or
// removes it if there is none. What is kept is drawn anew from the picture's points, so
// that nothing else in the file is ever sent to anybody. The error is a *Problem where
// it is no such picture.
func (a *App) SetLogo(ctx context.Context, picture []byte) error {
	var logo []byte
	if len(picture) > 0 {
		var err error
		if logo, err = redrawn(picture); err != nil {
			return problem(event.CodeInvalid, "logo", text.Of(err))
		}
	}
	return a.setAppearance(ctx, logoSetting, logo)
}

func (a *App) setAppearance(ctx context.Context, setting string, value []byte) error {
	if err := may(ctx, auth.SettingsWrite); err != nil {
		return err
	}
	err := a.change(ctx, a.audited(ctx, "settings.changed", setting), func(tx *store.Tx) error { return tx.SetSetting(ctx, setting, value) })
	if err != nil {
		return err
	}
	a.appearance.mu.Lock()
	defer a.appearance.mu.Unlock()
	a.appearance.value = Appearance{}
	return nil
}

// checkAppearance brings the values to their normal form.
func (a *App) checkAppearance(x *Appearance) error {
	for _, f := range []struct {
		path  string
		value *string
	}{{"name", &x.Name}, {"sender", &x.Sender}} {
		*f.value = strings.TrimSpace(*f.value)
		if !utf8.ValidString(*f.value) || utf8.RuneCountInString(*f.value) > maxBrandName || strings.ContainsFunc(*f.value, unicode.IsControl) {
			return problem(event.CodeInvalid, f.path, text.Say("a name is at most {Most} characters on one line", maxBrandName))
		}
	}
	x.Colour = strings.ToLower(strings.TrimSpace(x.Colour))
	if x.Colour == "" {
		x.Colour = DefaultColour
	}
	if _, err := parseColour(x.Colour); err != nil {
		return problem(event.CodeInvalid, "colour", text.Of(err))
	}
	for _, lang := range x.Languages {
		if !slices.Contains(a.Words.Languages(), lang) {
			return problem(event.CodeInvalid, "languages", text.Say("{Lang} is none of the languages {Languages}", strconv.Quote(lang), strings.Join(a.Words.Languages(), ", ")))
		}
	}
	if x.Terms = strings.TrimSpace(x.Terms); x.Terms != "" {
		u, err := url.Parse(x.Terms)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || len(x.Terms) > 500 {
			return problem(event.CodeInvalid, "terms", "write the address of a page, such as https://example.com/terms")
		}
	}
	return nil
}

// Called gives the name of the workspace in a language: its own, or the program's title.
func (a *App) Called(ctx context.Context, lang string) string {
	if x, err := a.Appearance(ctx); err == nil && x.Name != "" {
		return x.Name
	}
	if p := a.program(); p != nil {
		if title := p.Title.Texts[lang]; title != "" {
			return title
		}
		return cmp.Or(p.Title.Texts[p.Title.Fallback], "Premia")
	}
	return "Premia"
}
