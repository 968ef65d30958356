package app

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"math/big"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
	"premia/internal/i18n"
	"premia/internal/journal"
	"premia/internal/store"
)

// The codes of problems with members who sign in.
const (
	CodeInvalidContact  = "invalid_contact"
	CodeWrongMemberCode = "wrong_member_code"
	CodeLinkOver        = "sign_in_link_over"
	CodeTermsMissing    = "terms_missing"
	CodeNoChannel       = "no_channel"
)

// The kinds of steps of members that are under way.
const (
	memberCodeStep = "member code"
	memberLinkStep = "member link"
	tillLinkStep   = "till link"
)

// The bounds of codes: how long one is good and how often it may be tried; how many are
// sent in an hour to one contact, to contacts that one member adds, and for one network
// address; and how many wrong ones an address may try. Phones of one carrier share an
// address by the thousand, and so do those in a shop: whoever asks for a contact of a
// member is bound by that contact, and by the address only loosely. Who joins may name
// anybody's contact, and to what nobody has a sign-in sends nothing.
const (
	codeLasts       = 10 * calendar.Minute
	codeTries       = 5
	codesAContact   = 5
	codesAMember    = 10
	newAnAddress    = 30
	codesAnAddress  = 300
	wrongAnAddress  = 100
	codeDigits      = 6
	tillLinkLasts   = 5 * calendar.Minute
	SMSChannel      = "sms"
	MemberLinkPath  = "/sign-in/link/"
	codesAreCounted = calendar.Hour
)

// memberStep is what is kept while somebody is to prove that a contact is theirs.
type memberStep struct {
	// Member is 0 for nobody: then no code is right, unless somebody joins.
	Member ledger.MemberID `json:"member,omitempty"`
	// Contact is the identity that is proved; empty where the till vouches.
	Contact string `json:"contact,omitempty"`
	// Code is the hash of the code with the step's token.
	Code []byte `json:"code,omitempty"`
	Join *Join  `json:"join,omitempty"`
	// Pair is what a code and a link in one message have in common.
	Pair string `json:"pair,omitempty"`
}

// BeginMemberSignIn sends a code and a link to whoever has the contact, an e-mail
// address or a telephone number, and gives the token of the step. It is the same for
// contacts that nobody has, of which nothing comes.
func (a *App) BeginMemberSignIn(ctx context.Context, contact, language string, from Client) (step string, err error) {
	identity, err := a.contactOf(contact)
	if err != nil {
		return "", err
	}
	return a.beginProof(ctx, identity, nil, language, from)
}

// beginProof begins to let somebody prove that a contact is theirs.
func (a *App) beginProof(ctx context.Context, to journal.Identity, join *Join, language string, from Client) (step string, err error) {
	if !a.CanSend(channelOf(to)) {
		return "", problem(CodeNoChannel, "contact", "nothing can be sent there; try the other way", "Channel", channelOf(to))
	}
	if join != nil { // of members as of others, so that nobody learns which they are
		if err := a.allow(ctx, "code for new:"+Network(from.Address), newAnAddress, codesAreCounted); err != nil {
			return "", err
		}
	}
	if err := a.mayAsk(ctx, to, from); err != nil {
		return "", err
	}
	id, err := a.Journal.Ask(ctx, to)
	if err != nil && !errors.Is(err, journal.ErrUnknownMember) {
		return "", err
	}
	if err != nil {
		id = 0
	}
	kept := memberStep{Member: id, Contact: to.String(), Join: join, Pair: auth.NewID("pair_")}
	step, hash := auth.NewToken()
	code := digits(codeDigits)
	kept.Code = auth.TokenHash(step + ":" + code)
	if err := a.keepStep(ctx, memberCodeStep, hash, &kept, codeLasts); err != nil {
		return "", err
	}
	if id == 0 && join == nil {
		return step, nil
	}
	ctx = context.WithoutCancel(ctx)
	a.background.Go(func() {
		if err := a.sendCode(ctx, to, code, kept, i18n.Match(language)); err != nil {
			a.Log.Error("a code could not be sent", "error", err)
		}
	})
	return step, nil
}

// mayAsk counts the codes that are asked for, and refuses what is more than the bounds.
func (a *App) mayAsk(ctx context.Context, to journal.Identity, from Client) error {
	if err := a.allow(ctx, "code to:"+to.String(), codesAContact, codesAreCounted); err != nil {
		return err
	}
	return a.allow(ctx, "code for:"+Network(from.Address), codesAnAddress, codesAreCounted)
}

func (a *App) keepStep(ctx context.Context, kind string, hash []byte, s *memberStep, lasts calendar.Instant) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	now := a.wall()
	return a.Store.AddToken(ctx, &store.Token{Hash: hash, Kind: kind, User: s.Pair, Data: data, Expires: now + lasts}, now)
}

// sendCode sends a code with a link that is as good.
func (a *App) sendCode(ctx context.Context, to journal.Identity, code string, s memberStep, language string) error {
	token, hash := auth.NewToken()
	s.Code = nil
	if err := a.keepStep(ctx, memberLinkStep, hash, &s, codeLasts); err != nil {
		return err
	}
	values := []any{"Workspace", text.Quoted(a.sender(ctx, language)), "Code", code, "Link", a.Link(MemberLinkPath + token)}
	id := "mail.member_code"
	if s.Join != nil && s.Member == 0 {
		id = "mail.member_join"
	}
	say := func(part string) string { return a.Words.Render(language, text.New(id+part, values...)) }
	m := store.Message{Channel: channelOf(to), Recipient: to.Value, Subject: say(".subject"), Body: say(".body"), Until: a.wall() + codeLasts}
	if m.Channel == SMSChannel {
		m.Subject, m.Body = "", a.Words.Render(language, text.New("sms.member_code", values...))
	}
	return a.send(ctx, &m)
}

// sender is the name that messages to members come from.
func (a *App) sender(ctx context.Context, language string) string {
	if x, err := a.Appearance(ctx); err == nil && x.Sender != "" {
		return x.Sender
	}
	return a.Called(ctx, language)
}

func channelOf(to journal.Identity) string {
	if to.Kind == Email {
		return EmailChannel
	}
	return SMSChannel
}

// FinishMemberCode takes a code of a step. A code may be tried five times. The error is
// a *Problem: wrong_member_code, or step_over where the time or the tries are up.
func (a *App) FinishMemberCode(ctx context.Context, step, code string, from Client) (MemberSignedIn, error) {
	s, err := a.proofOf(ctx, memberCodeStep, step, code, from)
	if err != nil {
		return MemberSignedIn{}, err
	}
	return a.proven(ctx, &s, "code", from)
}

// proofOf takes the step of a kind whose code is given, this once.
func (a *App) proofOf(ctx context.Context, kind, step, code string, from Client) (s memberStep, err error) {
	t, err := a.taken(ctx, kind, step, false)
	if err != nil {
		return s, err
	}
	tries := "tries of:" + Network(from.Address)
	if err := a.allow(ctx, tries, wrongAnAddress, codesAreCounted); err != nil {
		return s, err
	}
	if a.allow(ctx, "tries:"+t.User, codeTries, codeLasts) != nil {
		_, _ = a.taken(ctx, kind, step, true) // it is over either way
		return s, errStepOver()
	}
	if err := json.Unmarshal(t.Data, &s); err != nil {
		return s, err
	}
	right := subtle.ConstantTimeCompare(s.Code, auth.TokenHash(step+":"+onlyDigits(code))) == 1
	if !right || s.Member == 0 && s.Join == nil {
		return s, problem(CodeWrongMemberCode, "code", "this is not the code that was sent; compare it once more")
	}
	if _, err = a.taken(ctx, kind, step, true); err != nil {
		return s, err
	}
	return s, a.uncount(ctx, tries)
}

// proven signs in the member of a step, or lets somebody join who has just proved whose
// contact it is. The code and the link of one message end together.
func (a *App) proven(ctx context.Context, s *memberStep, method string, from Client) (MemberSignedIn, error) {
	if s.Pair != "" {
		err := a.Store.Change(ctx, func(tx *store.Tx) error {
			return errors.Join(tx.ForgetTokens(ctx, s.Pair, memberCodeStep), tx.ForgetTokens(ctx, s.Pair, memberLinkStep))
		})
		if err != nil {
			return MemberSignedIn{}, err
		}
	}
	id := s.Member
	if id != 0 && s.Contact != "" {
		if err := a.stillTheirs(ctx, s); err != nil {
			return MemberSignedIn{}, err
		}
	}
	if id == 0 {
		if s.Join == nil {
			return MemberSignedIn{}, errLinkOver()
		}
		var err error
		if id, err = a.joined(ctx, s); err != nil {
			return MemberSignedIn{}, err
		}
	}
	return a.startMemberSession(ctx, id, method, from)
}

// stillTheirs refuses a step whose contact is its member's no more.
func (a *App) stillTheirs(ctx context.Context, s *memberStep) error {
	contact, err := ParseIdentity(s.Contact, "")
	if err != nil {
		return err
	}
	now, err := a.Journal.Ask(ctx, contact)
	if errors.Is(err, journal.ErrUnknownMember) {
		return errLinkOver()
	}
	if err != nil {
		return err
	}
	owner, err := a.Journal.Current(ctx, s.Member)
	if err == nil && owner != now {
		err = errLinkOver()
	}
	return err
}

func errLinkOver() error {
	return problem(CodeLinkOver, "", "this link was used already, or is too old; ask for another one")
}

// memberLinks are the kinds of links and what signing in by them is called.
var memberLinks = []struct{ kind, method string }{{memberLinkStep, "link"}, {tillLinkStep, tillMethod}}

// MemberLink tells whether a link can be taken, without taking it: those who look into
// mail for viruses open links, too. The error is a *Problem with sign_in_link_over.
func (a *App) MemberLink(ctx context.Context, token string) error {
	for _, l := range memberLinks {
		if _, err := a.taken(ctx, l.kind, token, false); err == nil || AsProblem(err).Code != CodeStepOver {
			return err
		}
	}
	return errLinkOver()
}

// FinishMemberLink takes a link, this once.
func (a *App) FinishMemberLink(ctx context.Context, token string, from Client) (MemberSignedIn, error) {
	for _, l := range memberLinks {
		t, err := a.taken(ctx, l.kind, token, true)
		if err != nil && AsProblem(err).Code == CodeStepOver {
			continue
		}
		if err != nil {
			return MemberSignedIn{}, err
		}
		var s memberStep
		if err := json.Unmarshal(t.Data, &s); err != nil {
			return MemberSignedIn{}, err
		}
		return a.proven(ctx, &s, l.method, from)
	}
	return MemberSignedIn{}, errLinkOver()
}

func onlyDigits(code string) string {
	out := make([]byte, 0, codeDigits)
	for i := range len(code) {
		if c := code[i]; c >= '0' && c <= '9' && len(out) <= codeDigits {
			out = append(out, c)
		}
	}
	return string(out)
}

// randomBelow draws a number below n.
func randomBelow(n int64) int64 {
	drawn, err := rand.Int(rand.Reader, big.NewInt(n))
	if err != nil {
		panic("app: the machine gives no random numbers: " + err.Error())
	}
	return drawn.Int64()
}
