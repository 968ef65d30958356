package app

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/ambassador"
	"premia/internal/core/mechanic/member"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// ProfileFields are the personal values that Premia keeps of a member, apart
// from identities. The facts that rules may read are derived from them.
var ProfileFields = []string{
	"given_name", "family_name", "birth_date", "gender", "email", "phone",
	"language", "street", "postal_code", "city", "country", Device, Nickname,
}

// ConsentPrefix begins the names of the facts that hold consents.
const ConsentPrefix = "consent_"

const maxProfileValue = 200

// maxNickname is how many characters a nickname has at most.
const maxNickname = 30

// Change is what is to become of a member. Empty values in the maps remove.
type Change struct {
	// EventID makes the change happen once; empty for a new id.
	EventID string
	// Identities are to be the member's, too.
	Identities []string
	// Profile values by the names of ProfileFields.
	Profile map[string]string
	// Facts that the business declares of the member, by names of small letters
	// and underscores.
	Facts map[string]string
	// Consents by channel or purpose.
	Consents map[string]bool
	// Blocked members keep their value and earn nothing.
	Blocked *bool
	// Channel and Store say where it happened.
	Channel, Store string
	// ReferredBy is the code of the member who brought this one; empty for nobody.
	ReferredBy string
	// Click is the click on an ambassador's link by which somebody enrols; empty for none.
	Click string
	// Ambassador makes the member an ambassador, or none any more.
	Ambassador *bool
}

// Enrol makes a member. The error is a *Problem if an identity is somebody's.
func (a *App) Enrol(ctx context.Context, c Change) (journal.Answer, error) {
	r, err := a.changeRequest(&c, event.Enrolment)
	if err != nil {
		return journal.Answer{}, err
	}
	r.Unknown = engine.EnrolUnknown
	if len(r.Bind) > 0 {
		// All that is done under the first identity is done in one order.
		r.Identity, r.Bind = r.Bind[0], r.Bind[1:]
	}
	if err := a.named(ctx, &c, 0, &r); err != nil {
		return journal.Answer{}, err
	}
	if err := a.clicked(ctx, &r); err != nil {
		return journal.Answer{}, err
	}
	return a.appendChange(ctx, r, c.Identities)
}

// sinceDecided is how long ago the journal decided an event, by its own clock.
func (a *App) sinceDecided(answer *journal.Answer) calendar.Instant {
	return a.Journal.Now() - answer.Recorded
}

// Change changes a member's profile, facts, consents, standing or identities.
func (a *App) Change(ctx context.Context, ref string, c Change) (journal.Answer, error) {
	id, err := a.Find(ctx, ref)
	if err != nil {
		return journal.Answer{}, err
	}
	r, err := a.changeRequest(&c, event.Profile)
	if err != nil {
		return journal.Answer{}, err
	}
	r.Member = id
	if err := a.named(ctx, &c, id, &r); err != nil {
		return journal.Answer{}, err
	}
	answer, err := a.appendChange(ctx, r, c.Identities)
	if err == nil && c.Blocked != nil && *c.Blocked {
		err = a.EndMemberSessions(ctx, answer.Member, "")
	}
	return answer, err
}

// named adds who brought the member, if the change says so.
func (a *App) named(ctx context.Context, c *Change, id ledger.MemberID, r *journal.Request) error {
	if c.ReferredBy == "" {
		return nil
	}
	return a.refer(ctx, c.ReferredBy, id, r)
}

func (a *App) appendChange(ctx context.Context, r journal.Request, identities []string) (journal.Answer, error) {
	answer, err := a.append(ctx, r)
	if err == nil {
		return answer, nil
	}
	err = refused(err, r.Event)
	if p := AsProblem(err); p.Code == CodeIdentityTaken {
		a.nameTaken(ctx, p, r.Member, identities)
	}
	return journal.Answer{}, err
}

// nameTaken says in a problem which of the identities is somebody else's.
func (a *App) nameTaken(ctx context.Context, p *Problem, mine ledger.MemberID, identities []string) {
	for i, s := range identities {
		id, err := a.Find(ctx, s)
		if err == nil && id != mine {
			p.Path = fmt.Sprintf("identities[%d]", i)
			p.Detail = text.Say("the identity {Text} is another member's; to join the two, merge them", strconv.Quote(s))
			p.Args = text.New("", "Identity", text.Quoted(s)).Args
			return
		}
	}
}

// changeRequest checks a change and makes the journal's request of it.
func (a *App) changeRequest(c *Change, eventType string) (journal.Request, error) {
	p := a.program()
	e := &event.Event{ID: c.EventID, Type: eventType, Channel: c.Channel, Store: c.Store, Click: c.Click}
	if p == nil {
		return journal.Request{}, refused(journal.ErrNoProgram, e)
	}
	if e.ID == "" {
		e.ID = NewEventID()
	}
	r := journal.Request{Event: e}
	var err error
	if r.Bind, err = a.identities(c.Identities, "identities"); err != nil {
		return r, err
	}
	for _, id := range r.Bind {
		r.Personal = append(r.Personal, store.Personal{Kind: store.Identity, Name: id.Kind, Value: id.Value})
	}
	facts := make(map[string]string)
	if err := a.profile(c, &r, facts); err != nil {
		return r, err
	}
	if err := declaredFacts(c, facts); err != nil {
		return r, err
	}
	for name, value := range facts {
		e.Data = append(e.Data, event.Datum{Name: name, Kind: event.Text, Text: value})
	}
	if c.Ambassador != nil {
		e.Data = append(e.Data, event.Datum{Name: ambassador.Active, Kind: event.Truth, Whole: map[bool]int64{true: 1}[*c.Ambassador]})
	}
	if c.Blocked != nil {
		e.Data = append(e.Data, event.Datum{Name: member.Blocked, Kind: event.Truth, Whole: map[bool]int64{true: 1}[*c.Blocked]})
	}
	return r, e.Check(p.Currency.Code, p.Currency.Scale)
}

// profile turns personal values into side records, and facts derived from them.
func (a *App) profile(c *Change, r *journal.Request, facts map[string]string) error {
	for name := range c.Profile {
		if !slices.Contains(ProfileFields, name) {
			return problem(event.CodeUnknownKey, "profile."+name, text.Say("there is no such field; known are {Known}", strings.Join(ProfileFields, ", ")))
		}
	}
	for _, name := range ProfileFields { // in one order, so that a request has one digest
		value, given := c.Profile[name]
		if !given {
			continue
		}
		value, err := a.profileValue(name, strings.TrimSpace(value))
		if err != nil {
			return problem(event.CodeInvalid, "profile."+name, text.Of(err))
		}
		r.Forget = append(r.Forget, store.PersonalKey{Kind: store.Profile, Name: name})
		if value != "" {
			r.Personal = append(r.Personal, store.Personal{Kind: store.Profile, Name: name, Value: value})
		}
		a.derive(name, value, facts)
		a.tellBirthday(name, value, r)
	}
	return nil
}

// profileValue gives a personal value in its normal form.
func (a *App) profileValue(name, value string) (string, error) {
	if value == "" {
		return "", nil
	}
	if !utf8.ValidString(value) || utf8.RuneCountInString(value) > maxProfileValue || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' }) {
		return "", text.Say("the value is at most {Most} characters on one line", maxProfileValue)
	}
	switch name {
	case "birth_date":
		born, err := time.Parse(time.DateOnly, value)
		now := a.Journal.Now().In(time.UTC)
		if err != nil || born.After(now) || born.Before(now.AddDate(-130, 0, 0)) {
			return "", text.Say("{Value} is no date of birth; write it as 1990-05-31", strconv.Quote(value))
		}
	case Nickname:
		if utf8.RuneCountInString(value) > maxNickname {
			return "", text.Say("a nickname is at most {Most} characters", maxNickname)
		}
	case "email":
		return normalEmail(value)
	case "phone":
		return normalPhone(value, countryOf(a.program()))
	case "language":
		if !slices.Contains(a.Words.Languages(), value) {
			return "", text.Say("{Value} is none of the languages {Languages}", strconv.Quote(value), strings.Join(a.Words.Languages(), ", "))
		}
	case "country":
		if value = strings.ToUpper(value); len(value) != 2 || strings.Trim(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			return "", text.Say("{Value} is no country; write its code of two letters, such as PL", strconv.Quote(value))
		}
	}
	return value, nil
}

// derive gives the facts that follow from a personal value. Those from a date of
// birth are as of now, and made again with the next change of the profile.
func (a *App) derive(name, value string, facts map[string]string) {
	switch name {
	case "language", "city", "country", "gender":
		facts[name] = value
	case "birth_date":
		facts["age_band"], facts["birthday_month"] = "", ""
		if born, err := time.Parse(time.DateOnly, value); err == nil {
			facts["age_band"] = ageBand(born, a.Journal.Now().In(time.UTC))
			facts["birthday_month"] = born.Format("01")
		}
	}
}

// ageBand says how old a person is in full years, roughly.
func ageBand(born, now time.Time) string {
	age := now.Year() - born.Year()
	if now.Month() < born.Month() || (now.Month() == born.Month() && now.Day() < born.Day()) {
		age--
	}
	for _, band := range []struct {
		below int
		name  string
	}{{18, "under 18"}, {25, "18-24"}, {35, "25-34"}, {45, "35-44"}, {55, "45-54"}, {65, "55-64"}} {
		if age < band.below {
			return band.name
		}
	}
	return "65+"
}

// declaredFacts adds the facts that the business says and the consents.
func declaredFacts(c *Change, facts map[string]string) error {
	for name, value := range c.Facts {
		switch {
		case !isKind(name):
			return problem(event.CodeInvalid, "facts."+name, "a fact's name is small letters and underscores, at most 32")
		case !DeclaredFact(name):
			return problem(event.CodeNotAllowed, "facts."+name, "this fact follows from the profile or the consents; change it there")
		}
		facts[name] = value
	}
	for name, given := range c.Consents {
		if !isKind(name) {
			return problem(event.CodeInvalid, "consents."+name, "a consent's name is small letters and underscores, at most 32")
		}
		facts[ConsentPrefix+name] = "no"
		if given {
			facts[ConsentPrefix+name] = "yes"
		}
	}
	return nil
}

// DeclaredFact tells whether the business itself says a fact of a member; others follow
// from the profile, the consents or what happened.
func DeclaredFact(name string) bool {
	for _, taken := range [...]string{ConsentPrefix, member.Digest, member.Referral, member.Click, member.Ambassador} {
		if strings.HasPrefix(name, taken) {
			return false
		}
	}
	return !derived(name)
}

func derived(name string) bool {
	switch name {
	case "language", "city", "country", "gender", "age_band", "birthday_month", engine.BirthdayFact, member.Blocked, member.Erased:
		return true
	}
	return false
}

// Member is what is known of a member now.
type Member struct {
	ID     ledger.MemberID
	Status ledger.Status
	// Language is the first in which the member reads; empty if not known.
	Language        string
	EnrolledAt      calendar.Instant
	Identities      []journal.Identity
	Profile         map[string]string
	Facts           map[string]string
	Consents        map[string]bool
	Purchases       int64
	Spend           int64
	FirstPurchaseAt calendar.Instant
	LastPurchaseAt  calendar.Instant
	// Wallets are all of the program's, settled to now.
	Wallets []WalletOf
	// Family is the family that the member belongs to; nil if there is none.
	Family *Family
	// Standings are the member's places on leaderboards whose rankings are not fixed.
	Standings []Standing
}

// Member reads a member by id or identity.
func (a *App) Member(ctx context.Context, ref string) (Member, error) {
	state, id, err := a.stateNow(ctx, ref)
	if err != nil {
		return Member{}, err
	}
	m := Member{
		ID: id, Status: state.Status, EnrolledAt: state.EnrolledAt,
		Profile: map[string]string{}, Facts: map[string]string{}, Consents: map[string]bool{},
		Purchases: state.Purchases, Spend: state.Spend, FirstPurchaseAt: state.FirstPurchaseAt, LastPurchaseAt: state.LastPurchaseAt,
		Wallets: a.walletsOf(state),
	}
	for _, f := range state.Facts {
		if name, ok := strings.CutPrefix(f.Name, ConsentPrefix); ok {
			m.Consents[name] = f.Text == "yes"
			continue
		}
		m.Facts[f.Name] = f.Text
	}
	values, err := a.Store.PersonalOf(ctx, id)
	if err != nil {
		return Member{}, err
	}
	for i := range values {
		v := &values[i]
		if v.Kind == store.Identity {
			m.Identities = append(m.Identities, journal.Identity{Kind: v.Name, Value: v.Value})
			continue
		}
		if v.Kind != store.Profile {
			continue
		}
		m.Profile[v.Name] = v.Value
	}
	slices.SortFunc(m.Identities, func(x, y journal.Identity) int { return strings.Compare(x.String(), y.String()) })
	m.Identities = slices.Compact(m.Identities)
	m.Language = m.Profile["language"]
	m.Family, err = a.familyOf(ctx, state)
	if err != nil {
		return Member{}, err
	}
	if p := a.program(); p != nil {
		m.Standings, err = a.standingsOf(ctx, p, state, id, 0)
	}
	return m, err
}
