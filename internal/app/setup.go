package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/program"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// setupSetting is the setting that holds how far somebody came with the first program.
const setupSetting = "setup"

// Setup is how far a workspace came on its way to its first program. It is kept, so that
// whoever goes away finds it as it was.
type Setup struct {
	Own
	// Named tells that the name and what is beside it were said, Priced that its amounts
	// in another currency were, and Looked that how it looks was.
	Named  bool `json:"named,omitempty"`
	Priced bool `json:"priced,omitempty"`
	Looked bool `json:"looked,omitempty"`
	// Done tells that there is a program.
	Done bool `json:"-"`
}

// Setup gives how far the workspace came.
func (a *App) Setup(ctx context.Context) (Setup, error) {
	var s Setup
	src, err := a.Store.Setting(ctx, setupSetting)
	if err == nil {
		err = json.Unmarshal(src, &s)
	}
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	s.Done = a.Journal.Rules().Newest != 0
	return s, err
}

// ChooseReady chooses the ready program to begin with. Of what was said for another one
// the name, the currency, and the time zone stay.
func (a *App) ChooseReady(ctx context.Context, name string) error {
	ready, err := Ready(name)
	if err != nil {
		return err
	}
	return a.changeSetup(ctx, func(s *Setup) error {
		if s.Program != name {
			s.Named, s.Priced, s.Factor, s.Amounts = false, false, "", nil
		}
		s.Program = name
		s.Languages = slices.DeleteFunc(s.Languages, func(lang string) bool { return !slices.Contains(ready.Head.Languages, lang) })
		return nil
	})
}

// NameProgram says what the program is called, and in what it counts and speaks. The
// error is a *Problem that names the field.
func (a *App) NameProgram(ctx context.Context, o Own) error {
	return a.changeSetup(ctx, func(s *Setup) error {
		o.Program = s.Program
		o.Name, o.Timezone = strings.TrimSpace(o.Name), strings.TrimSpace(o.Timezone)
		o.Currency = strings.ToUpper(strings.TrimSpace(o.Currency))
		if o.Name == "" {
			return problem(CodeProgramName, "name", "the program needs a name")
		}
		if o.Currency == s.Currency {
			o.Factor, o.Amounts = s.Factor, s.Amounts
		}
		if _, err := o.Made(a.Journal.Now()); err != nil {
			return err
		}
		s.Priced = s.Priced && o.Currency == s.Currency
		s.Own, s.Named = o, true
		return nil
	})
}

// InOtherMoney tells whether the program counts in another currency than the ready one,
// so that its amounts are to be looked at.
func (s *Setup) InOtherMoney() bool {
	if s.Program == "" || s.Currency == "" {
		return false
	}
	ready, err := Ready(s.Program)
	return err == nil && ready.Head.Currency != s.Currency
}

// PriceProgram says the program's amounts in a currency that is not that of the ready
// program: by what those are multiplied, or nothing for what is proposed, and amounts of
// one's own, by their ids; nil leaves them to be looked at. The error is a *Problem that
// names the factor, or the amount.
func (a *App) PriceProgram(ctx context.Context, factor string, amounts map[string]string) error {
	return a.changeSetup(ctx, func(s *Setup) error {
		s.Factor, s.Amounts = factor, nil
		proposed, err := s.Made(a.Journal.Now())
		if err != nil {
			return err
		}
		s.Amounts, s.Priced = make(map[string]string), amounts != nil
		for _, p := range proposed.Amounts {
			if said, own := amounts[p.ID]; own && said != p.Now {
				s.Amounts[p.ID] = said
			}
		}
		if _, err := s.Made(a.Journal.Now()); err != nil {
			return err
		}
		return nil
	})
}

// LookedAt says that how the workspace looks was chosen.
func (a *App) LookedAt(ctx context.Context) error {
	return a.changeSetup(ctx, func(s *Setup) error { s.Looked = true; return nil })
}

func (a *App) changeSetup(ctx context.Context, fn func(*Setup) error) error {
	if err := may(ctx, auth.SettingsWrite); err != nil {
		return err
	}
	s, err := a.Setup(ctx)
	if err != nil {
		return err
	}
	if s.Done {
		return problem(CodeSetUp, "", "the workspace has a program already; change it under Program")
	}
	if err := fn(&s); err != nil {
		return err
	}
	src, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return a.change(ctx, a.audited(ctx, "settings.changed", setupSetting), func(tx *store.Tx) error {
		return tx.SetSetting(ctx, setupSetting, src)
	})
}

// CodeSetUp is that of a problem with a set-up that was done.
const CodeSetUp = "set_up_already"

// FirstProgram makes and checks the program that the set-up comes to so far.
func (a *App) FirstProgram(ctx context.Context) (*Owned, error) {
	s, err := a.Setup(ctx)
	if err != nil {
		return nil, err
	}
	first, err := s.Made(a.Journal.Now())
	if err != nil {
		return nil, err
	}
	if first.Document, err = CheckDocument("program", a.leadingHere(first.Document.Source.Bytes())); err != nil {
		return nil, err
	}
	return first, nil
}

// madeUp are links of ready programs to pages of businesses that don't exist.
var madeUp = regexp.MustCompile(`https://[a-z.]+\.example/\S*\{(?:code|click)\}`)

// leadingHere has links of a ready program lead to the page on which members of this
// workspace join, which knows who brought them.
func (a *App) leadingHere(src []byte) []byte {
	if a.url == "" {
		return src // nobody knows where that is
	}
	return madeUp.ReplaceAllFunc(src, func(link []byte) []byte {
		if bytes.Contains(link, []byte("{click}")) {
			return []byte(a.Link("/join?click={click}"))
		}
		return []byte(a.Link("/join?ref={code}"))
	})
}

// FinishSetup publishes the first program. Where there is one already it changes
// nothing, so that sending twice gives once.
func (a *App) FinishSetup(ctx context.Context, comment string) (journal.Published, error) {
	if err := may(ctx, auth.ProgramPublish); err != nil {
		return journal.Published{}, err
	}
	if rules := a.Journal.Rules(); rules.Newest != 0 {
		return journal.Published{Version: rules.Newest, Unchanged: true}, nil
	}
	first, err := a.FirstProgram(ctx)
	if err != nil {
		return journal.Published{}, err
	}
	return a.Publish(ctx, first.Document.Source.Bytes(), calendar.None, comment)
}

// DraftOfSetup keeps the program that the set-up comes to as a draft, for who wants to
// change more of it before it is published, and gives the draft's id.
func (a *App) DraftOfSetup(ctx context.Context) (string, error) {
	first, err := a.FirstProgram(ctx)
	if err != nil {
		return "", err
	}
	d, err := a.SaveDraft(ctx, "", DraftChange{Title: first.Document.Head.Program, Document: first.Document.Source.Bytes()})
	return d.ID, err
}

// Titled gives the name of a ready program in a language.
func Titled(p *program.Document, lang string) string {
	return titleOf(p.Program.Title, lang)
}

func titleOf(title text.Localized, lang string) string {
	if t := title.Texts[lang]; t != "" {
		return t
	}
	return title.Texts[title.Fallback]
}
