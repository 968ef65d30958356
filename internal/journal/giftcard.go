package journal

import (
	"context"
	"errors"

	"premia/internal/core/code"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/giftcard"
)

// GiftCardKind is the kind of identity by which a gift card is found: its code.
// No caller can name it as a member's, because it is not a word of small letters.
const GiftCardKind = "gift-card"

// defaultCodes are the codes of a kind that no program has any more.
var defaultCodes, _ = code.Parse(giftcard.DefaultPattern)

// codeAttempts is how many codes are tried for one card, should others have them:
// of codes of more than 50 bits, one that is taken is rare already.
const codeAttempts = 4

// carry appends a follow-up. Those about gift cards name no member: the account
// follows from the event that issued the card.
func (j *Journal) carry(ctx context.Context, e *event.Event, to ledger.MemberID) error {
	switch e.Type {
	case event.GiftCardIssue:
		_, _, err := j.IssueGiftCard(ctx, Request{Event: e}, "")
		return err
	case event.GiftCardTakeBack:
		b, err := engine.OpenTakeBackCard(e.Carried)
		if err != nil {
			return err
		}
		to = j.keys.account(j.keys.followUp(b.Cause, b.N))
	}
	_, err := j.Append(ctx, Request{Event: e, Member: to})
	return err
}

// IssueGiftCard decides an issue and binds the card's code: the one given, in
// normal form, or where that is empty one that follows from the event's id. It
// answers with the code that the card has; the journal keeps its keyed hash alone.
// The error is ErrIdentityTaken where another card has the code given.
func (j *Journal) IssueGiftCard(ctx context.Context, r Request, code string) (Answer, string, error) {
	e := r.Event
	if code != "" {
		r.Bind = []Identity{{GiftCardKind, code}}
		answer, err := j.Append(ctx, r)
		return answer, code, err
	}
	pattern := j.patternOf(e)
	for attempt := range codeAttempts {
		code = pattern.Of(j.keys.secret, e.ID, attempt)
		normal, err := giftcard.NormalCode(code)
		if err != nil {
			return Answer{}, "", err
		}
		r.Bind = []Identity{{GiftCardKind, normal}}
		answer, err := j.Append(ctx, r)
		// A code that is another card's is not this one's first attempt alone: sent
		// again, the attempt that was made before differs from it.
		if attempt+1 < codeAttempts && (errors.Is(err, ErrIdentityTaken) || errors.Is(err, ErrIDReused)) {
			continue
		}
		return answer, code, err
	}
	return Answer{}, "", ErrIdentityTaken
}

// patternOf gives the pattern of the codes of the kind that an issue names. A
// kind keeps the pattern under which its first program was published with it, so
// that a code can always be derived again.
func (j *Journal) patternOf(e *event.Event) code.Pattern {
	rules := j.Rules()
	for _, live := range rules.Timeline.All() {
		for i := range live.Program.GiftCards {
			k := &live.Program.GiftCards[i]
			if names(e, k) {
				return k.Codes
			}
		}
	}
	return defaultCodes
}

// names tells whether an issue is of the kind.
func names(e *event.Event, k *engine.GiftCardKind) bool {
	if len(e.Carried) > 0 {
		c, err := engine.OpenIssueCard(e.Carried)
		return err == nil && c.Rule == k.Rule
	}
	for i := range e.Data {
		if e.Data[i].Name == giftcard.KindDatum {
			return e.Data[i].Text == k.ID
		}
	}
	return false
}

// GiftCardCode derives the code of a card that was issued without one, from the
// event that issued it. The error is ErrUnknownMember if the card has another code,
// or there is none.
func (j *Journal) GiftCardCode(ctx context.Context, issue *event.Event) (string, error) {
	pattern := j.patternOf(issue)
	account := j.keys.account(issue.ID)
	for attempt := range codeAttempts {
		code := pattern.Of(j.keys.secret, issue.ID, attempt)
		normal, err := giftcard.NormalCode(code)
		if err != nil {
			return "", err
		}
		found, err := j.Find(ctx, Identity{GiftCardKind, normal})
		if err == nil && found == account {
			return code, nil
		}
		if err != nil && !errors.Is(err, ErrUnknownMember) {
			return "", err
		}
	}
	return "", ErrUnknownMember
}
