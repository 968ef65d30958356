package app

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/transfer"
	"premia/internal/journal"
	"premia/internal/store"
)

// A present is value that a member means for another: for the member with a card, or for
// whoever opens a link first. Nothing is taken or set aside for it. Accepting it makes the
// transfer, which the giver's state of that moment decides; refusing it, or taking it
// back, gives up the id under which the transfer would stand. So of an acceptance and a
// refusal at once exactly one holds, and a present is given once at most.

// The problems of presents.
const (
	CodeUnknownPresent  = "unknown_present"
	CodeManyPresents    = "too_many_presents"
	CodePresentAccepted = "present_accepted"
	CodeShortSecret     = "short_secret"
)

// The bounds of presents: how long one waits, how many a giver has open, how many are let
// wait for one member, for how many there is room with those of members who were merged
// into them, and how long the secret of a link is at least.
const (
	presentLasts   = 14 * calendar.Day
	presentsOpen   = 10
	presentsWaited = 5
	presentsRoom   = 8 * presentsWaited
	presentSecret  = 24
)

// present is the kind of the tokens that keep presents.
const present = "present"

// Present is value that waits to be accepted.
type Present struct {
	// ID is that of the transfer which accepting it makes.
	ID string `json:"id"`
	// From means it, and To is whom it is meant for; 0 for whoever has the link.
	From ledger.MemberID `json:"from"`
	To   ledger.MemberID `json:"to,omitempty"`
	// Amount is in the smallest units of the wallet, which is named by its id.
	Wallet string `json:"wallet"`
	Amount int64  `json:"amount"`
	// NotGiven tells that it was accepted, and the rules refused it: it stands for its
	// giver to read until it ends, or they have read it.
	NotGiven bool `json:"not_given,omitempty"`
	// Until is when it ends by itself.
	Until calendar.Instant `json:"-"`
	hash  []byte
}

// NewPresent is a present that is to be made.
type NewPresent struct {
	From ledger.MemberID
	// Secret is what a link has in it, of at least 24 characters that nobody can guess;
	// with the same secret again it is the same present.
	Secret string
	// Card is the number of the receiver's card; empty for whoever has the link.
	Card   string
	Wallet string
	Amount int64
}

// Givable gives the wallets of the live program of which members may give to others.
func (a *App) Givable() []*engine.Wallet {
	p := a.program()
	if p == nil {
		return nil
	}
	return transfer.Wallets(p)
}

// Shown gives how a member is shown to others: by the nickname of those who let others
// see it, and otherwise by initials; empty where nothing is to be seen.
func (a *App) Shown(ctx context.Context, id ledger.MemberID) (string, error) {
	return a.winnerName(ctx, id)
}

// TryPresent says whom a present would be for, 0 for whoever has the link, and what giving
// it would come to now. The error is a *Problem where there is no such card.
func (a *App) TryPresent(ctx context.Context, n *NewPresent) (ledger.MemberID, *journal.Answer, error) {
	to := ledger.MemberID(0)
	if n.Card != "" {
		var err error
		if to, err = a.receiver(ctx, n.From.String(), Card+":"+n.Card); err != nil {
			return 0, nil, err
		}
	}
	somebody := to
	if to == 0 {
		somebody = n.From + 1 // whoever it will be: the rules ask for no more than that it is another
	}
	all := []event.Event{{
		Type: event.Transfer, Member: n.From.String(), Wallet: n.Wallet, Amount: n.Amount, Given: event.GivenAmount,
		Data: []event.Datum{{Name: transfer.To, Kind: event.Whole, Whole: int64(somebody)}},
	}}
	decided, _, err := a.Journal.Try(ctx, n.From, all)
	if err != nil {
		return 0, nil, err
	}
	return to, &journal.Answer{Member: n.From, Decision: decided[0], Event: &all[0]}, nil
}

// MakePresent lets a present wait for its receiver. With the same secret again it gives
// the same present. The error is a *Problem with CodeManyPresents where the giver or the
// receiver has too many that wait, and with CodePresentAccepted where it was accepted.
func (a *App) MakePresent(ctx context.Context, n *NewPresent) (Present, error) {
	if len(n.Secret) < presentSecret {
		return Present{}, problem(CodeShortSecret, "", "the secret of a link is too short to be one")
	}
	to, _, err := a.TryPresent(ctx, n)
	if err != nil {
		return Present{}, err
	}
	hash := presentHash(n.Secret)
	p := Present{ID: present + "-" + hex.EncodeToString(hash[:16]), From: n.From, To: to, Wallet: n.Wallet, Amount: n.Amount, Until: a.wall() + presentLasts, hash: hash}
	open, err := a.PresentsOf(ctx, n.From)
	if err != nil {
		return p, err
	}
	open = slices.DeleteFunc(open, func(p Present) bool { return p.NotGiven })
	for i := range open {
		if open[i].ID == p.ID {
			return open[i], nil
		}
	}
	if _, err := a.Event(ctx, p.ID); AsProblem(err).Code != CodeUnknownEvent {
		return p, presentOver(err)
	}
	if len(open) >= presentsOpen {
		return p, errManyPresents()
	}
	if to == 0 {
		return p, a.keepPresent(ctx, &p)
	}
	for slot := range presentsWaited {
		p.hash = presentSlot(to, slot)
		_, err := a.presentAt(ctx, p.hash)
		if AsProblem(err).Code != CodeUnknownPresent {
			continue
		}
		if err = a.keepPresent(ctx, &p); err == nil {
			return p, a.afterMerge(ctx, to)
		}
		if _, taken := a.presentAt(ctx, p.hash); taken != nil {
			return p, err // nobody was faster, so that is not what went wrong
		}
	}
	return p, errManyPresents()
}

// presentOver is the problem of a present that is used up; an error of reading stays.
func presentOver(err error) error {
	if err != nil {
		return err
	}
	return problem(CodePresentAccepted, "", "this present was answered already")
}

func errManyPresents() error {
	return problem(CodeManyPresents, "", "too many presents wait to be accepted; take one back first, or wait until they are answered")
}

func errNoPresent() error {
	return problem(CodeUnknownPresent, "", "there is no such present: it was accepted, refused or taken back, or waited too long")
}

func presentHash(secret string) []byte { return auth.TokenHash(present + ":" + secret) }

// presentSlot is where one of the presents for a member is kept, so that they are found
// without looking through all.
func presentSlot(to ledger.MemberID, slot int) []byte {
	return auth.TokenHash(present + " for " + to.String() + ":" + strconv.Itoa(slot))
}

func (a *App) keepPresent(ctx context.Context, p *Present) error {
	t, err := p.token()
	if err != nil {
		return err
	}
	return a.Store.AddToken(ctx, t, a.wall())
}

func (p *Present) token() (*store.Token, error) {
	data, err := json.Marshal(p)
	return &store.Token{Hash: p.hash, Kind: present, User: p.From.String(), Data: data, Expires: p.Until}, err
}

func presentOf(t *store.Token) (Present, error) {
	p := Present{Until: t.Expires, hash: t.Hash}
	return p, json.Unmarshal(t.Data, &p)
}

func (a *App) presentAt(ctx context.Context, hash []byte) (Present, error) {
	t, err := a.Store.Token(ctx, present, hash)
	if errors.Is(err, store.ErrNotFound) || err == nil && a.wall() >= t.Expires {
		return Present{}, errNoPresent()
	}
	if err != nil {
		return Present{}, err
	}
	return presentOf(&t)
}

// PresentByLink gives the present of a link by its secret. The error is a *Problem with
// CodeUnknownPresent if there is none any more.
func (a *App) PresentByLink(ctx context.Context, secret string) (Present, error) {
	return a.presentAt(ctx, presentHash(secret))
}

// PresentsFor gives the presents that wait for a member, those of members who were merged
// into this one included.
func (a *App) PresentsFor(ctx context.Context, to ledger.MemberID) ([]Present, error) {
	all, err := a.presentsAt(ctx, to)
	return slices.DeleteFunc(all, func(p Present) bool { return p.From == to }), err // giver and receiver are one by now
}

// presentsAt gives what waits in the places of a member, those that end first first.
func (a *App) presentsAt(ctx context.Context, to ledger.MemberID) ([]Present, error) {
	var places [][]byte
	for slot := range presentsRoom {
		places = append(places, presentSlot(to, slot))
	}
	tokens, err := a.Store.TokensAt(ctx, present, places)
	if err != nil {
		return nil, err
	}
	place := func(t store.Token) int {
		return slices.IndexFunc(places, func(hash []byte) bool { return bytes.Equal(hash, t.Hash) })
	}
	slices.SortFunc(tokens, func(x, y store.Token) int {
		return cmp.Or(cmp.Compare(x.Expires, y.Expires), cmp.Compare(place(x), place(y)))
	})
	return a.stillWaiting(tokens)
}

// stillWaiting reads presents, and leaves out those whose time is over.
func (a *App) stillWaiting(tokens []store.Token) ([]Present, error) {
	var out []Present
	for i := range tokens {
		if a.wall() >= tokens[i].Expires {
			continue
		}
		p, err := presentOf(&tokens[i])
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// PresentsOf gives the presents of a giver that nobody has answered, and those that were
// accepted and not given.
func (a *App) PresentsOf(ctx context.Context, from ledger.MemberID) ([]Present, error) {
	all, err := a.Store.TokensOf(ctx, present, from.String())
	if err != nil {
		return nil, err
	}
	return a.stillWaiting(all)
}

// AcceptPresent gives a present to a member: what the giver's transfer came to. Where the
// rules refuse it, or the giver has too little by now, that is the answer for ever. The
// error is a *Problem with CodeUnknownPresent where it is meant for another, was answered
// before, or was taken back.
func (a *App) AcceptPresent(ctx context.Context, p *Present, to ledger.MemberID) (journal.Answer, error) {
	if p.To != 0 && p.To != to || p.From == to {
		return journal.Answer{}, errNoPresent()
	}
	answer, err := a.Transfer(ctx, &event.Event{
		ID: p.ID, Type: event.Transfer, Member: p.From.String(), Wallet: p.Wallet, Amount: p.Amount, Given: event.GivenAmount,
		At: calendar.None, Channel: "portal",
	}, to.String())
	switch code := AsProblem(err).Code; {
	case err == nil:
	case code == CodeIDReused:
		err = errNoPresent()
	default:
		return answer, err
	}
	if err == nil && !Applied(&answer) {
		return answer, a.notGiven(ctx, p)
	}
	return answer, errors.Join(err, a.forgetPresent(ctx, p))
}

// notGiven lets a present that the rules refused wait for its giver to read it.
func (a *App) notGiven(ctx context.Context, p *Present) error {
	now, err := a.presentAt(ctx, p.hash)
	if err != nil || now.ID != p.ID || now.NotGiven {
		return nil // it was done before
	}
	before := now.hash
	now.NotGiven, now.hash = true, presentHash("not given "+p.ID)
	return a.movePresent(ctx, before, &now)
}

// WhyNotGiven says in sentences of a language why a present that was accepted was not given.
func (a *App) WhyNotGiven(ctx context.Context, p *Present, lang string) ([]string, error) {
	answer, err := a.Event(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	return a.WhyNot(&answer, lang), nil
}

// EndPresent refuses a present, or takes it back: who gives it may, and whom it is for. One
// that was not given is forgotten. The error is a *Problem with CodePresentAccepted where it was accepted before.
func (a *App) EndPresent(ctx context.Context, p *Present, by ledger.MemberID) error {
	if by != p.From && p.To != 0 && by != p.To {
		return errNoPresent()
	}
	if p.NotGiven {
		return a.forgetPresent(ctx, p)
	}
	before, err := a.Leave(ctx, p.ID)
	if err != nil {
		return err
	}
	if err := a.forgetPresent(ctx, p); err != nil {
		return err
	}
	if before != nil && !Left(before) {
		return presentOver(nil)
	}
	return nil
}

// forgetPresent forgets a present that was answered. Meanwhile another may have its place.
func (a *App) forgetPresent(ctx context.Context, p *Present) error {
	now, err := a.presentAt(ctx, p.hash)
	if err != nil || now.ID != p.ID {
		return nil
	}
	_, err = a.Store.TakeToken(ctx, present, p.hash)
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return err
}

// PresentByID finds among presents the one with an id. The error is a *Problem with
// CodeUnknownPresent if there is none.
func PresentByID(all []Present, id string) (*Present, error) {
	i := slices.IndexFunc(all, func(p Present) bool { return p.ID == id })
	if i < 0 {
		return nil, errNoPresent()
	}
	return &all[i], nil
}

// Link tells whether whoever has a link may accept it.
func (p *Present) Link() bool { return p.To == 0 }
