package api

import (
	"context"
	"net/http"
	"sort"

	"github.com/danielgtaylor/huma/v2"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/money"
	"premia/internal/journal"
)

// Profile is what is known of a person. It is kept apart from the journal, and
// erased on demand. An empty text removes a value.
type Profile struct {
	GivenName  *string `json:"given_name,omitempty"`
	FamilyName *string `json:"family_name,omitempty"`
	BirthDate  *string `json:"birth_date,omitempty" doc:"rules see only the age band and the month, and the day where the program has a rule about birthdays" example:"1990-05-31"`
	Gender     *string `json:"gender,omitempty"`
	Email      *string `json:"email,omitempty" doc:"for messages; to be known by it, the member needs it as an identity"`
	Phone      *string `json:"phone,omitempty" doc:"for messages; kept in E.164"`
	Language   *string `json:"language,omitempty" doc:"en, pl, cs or ru"`
	Street     *string `json:"street,omitempty"`
	PostalCode *string `json:"postal_code,omitempty"`
	City       *string `json:"city,omitempty"`
	Country    *string `json:"country,omitempty" doc:"ISO 3166, two letters" example:"PL"`
	Nickname   *string `json:"nickname,omitempty" maxLength:"30" doc:"what others may call the member on leaderboards, if the member consents to leaderboard_name"`
	Device     *string `json:"device,omitempty" doc:"what tells the member's device, as an app knows it; who invites themselves is found out by it"`
}

// fields pairs the names of a profile with its values.
func (p *Profile) fields() map[string]**string {
	return map[string]**string{
		"given_name": &p.GivenName, "family_name": &p.FamilyName, "birth_date": &p.BirthDate, "gender": &p.Gender,
		"email": &p.Email, "phone": &p.Phone, "language": &p.Language, "street": &p.Street,
		"postal_code": &p.PostalCode, "city": &p.City, "country": &p.Country, "device": &p.Device, "nickname": &p.Nickname,
	}
}

func (p *Profile) values() map[string]string {
	values := make(map[string]string)
	if p == nil {
		return values
	}
	for name, value := range p.fields() {
		if *value != nil {
			values[name] = **value
		}
	}
	return values
}

func profileOf(values map[string]string) *Profile {
	p := &Profile{}
	for name, field := range p.fields() {
		if value, ok := values[name]; ok {
			*field = &value
		}
	}
	return p
}

// MemberChange is what is to become of a member.
type MemberChange struct {
	ID         string            `json:"id,omitempty" maxLength:"128" doc:"makes the change happen once; the Idempotency-Key is as good"`
	Identities []string          `json:"identities,omitempty" maxItems:"20" doc:"by which the member is known, too: kind:value, such as card:2900000000001, email:anna@example.com, phone:+48600100200, customer:17"`
	Profile    *Profile          `json:"profile,omitempty"`
	Facts      map[string]string `json:"facts,omitempty" doc:"what the business says of the member, for rules; an empty text removes a fact"`
	Consents   map[string]bool   `json:"consents,omitempty" doc:"by channel or purpose"`
	Channel    string            `json:"channel,omitempty" maxLength:"100" doc:"where it happened, such as app or store"`
	Store      string            `json:"store,omitempty" maxLength:"100" doc:"the shop's branch"`
	ReferredBy string            `json:"referred_by,omitempty" maxLength:"60" doc:"the code of the member who brought this one; whether it counts, the rules decide" example:"7K4MX-2PRT9-CHW3Y"`
	Click      string            `json:"click,omitempty" maxLength:"128" doc:"the click on an ambassador's link by which the member came; for enrolments" example:"clk_1A2B3C4D5E6F7"`
}

// MemberPatch is a change of a member who is there already.
type MemberPatch struct {
	MemberChange
	Blocked *bool `json:"blocked,omitempty" doc:"a blocked member keeps all value and earns nothing"`
}

func (c *MemberChange) change(key string) app.Change {
	if c.ID == "" {
		c.ID = key
	}
	return app.Change{
		EventID: c.ID, Identities: c.Identities, Profile: c.Profile.values(), Facts: c.Facts, Consents: c.Consents,
		Channel: c.Channel, Store: c.Store, ReferredBy: c.ReferredBy, Click: c.Click,
	}
}

// Member is a member as the API shows them.
type Member struct {
	ID              string            `json:"id" example:"mem_1A2B3C4D5E6F7"`
	Status          string            `json:"status" enum:"active,blocked,merged,erased"`
	EnrolledAt      *string           `json:"enrolled_at,omitempty" format:"date-time"`
	Identities      []string          `json:"identities"`
	Profile         *Profile          `json:"profile"`
	Facts           map[string]string `json:"facts" doc:"what rules may know of the member"`
	Consents        map[string]bool   `json:"consents"`
	Purchases       int64             `json:"purchases" doc:"how many purchases there were"`
	Spend           Money             `json:"spend" doc:"the sum of their totals"`
	FirstPurchaseAt *string           `json:"first_purchase_at,omitempty" format:"date-time"`
	LastPurchaseAt  *string           `json:"last_purchase_at,omitempty" format:"date-time"`
	Wallets         []Balance         `json:"wallets" doc:"settled to now"`
	Leaderboards    []Standing        `json:"leaderboards,omitempty" doc:"the member's places on leaderboards whose rankings are not fixed yet"`
	Family          *Family           `json:"family,omitempty" doc:"the family that the member belongs to, with the wallets that it shares"`
}

// Money is an amount of the program's currency.
type Money struct {
	Amount   string `json:"amount" example:"120.50"`
	Currency string `json:"currency" example:"PLN"`
}

// MemberEvent is a member after a change, and the event that it was.
type MemberEvent struct {
	Event  EventAnswer `json:"event"`
	Member Member      `json:"member"`
}

// Members is what a search found.
type Members struct {
	Members []Member `json:"members"`
}

// MemberPath is how a path names a member.
type MemberPath struct {
	Member string `path:"member" maxLength:"300" doc:"mem_… or an identity such as card:2900000000001"`
}

// KeyHeader makes a write happen once.
type KeyHeader struct {
	Key string `header:"Idempotency-Key" doc:"the id of the change, if its body has none"`
}

type memberOutput struct{ Body Member }

type memberEventOutput struct {
	Status int
	Body   MemberEvent
}

func (s *Server) memberRoutes() {
	enrol := operation(http.MethodPost, "/v1/members", "enrol-member", "Members", "Enrol a member", auth.MembersWrite)
	enrol.DefaultStatus = http.StatusCreated
	register(s, withExample(enrol, exampleEnrolment), auth.MembersWrite, s.enrol)
	find := operation(http.MethodGet, "/v1/members", "find-members", "Members", "Find a member by an identity", auth.MembersRead)
	register(s, find, auth.MembersRead, s.findMembers)
	read := operation(http.MethodGet, "/v1/members/{member}", "read-member", "Members", "Read a member", auth.MembersRead)
	register(s, read, auth.MembersRead, s.readMember)
	change := operation(http.MethodPatch, "/v1/members/{member}", "change-member", "Members", "Change a member's profile, facts, consents, identities or standing", auth.MembersWrite)
	register(s, withExample(change, exampleChange), auth.MembersWrite, s.changeMember)
	identity := operation(http.MethodPost, "/v1/members/{member}/identities", "add-identity", "Members", "Make an identity the member's, too", auth.MembersWrite)
	identity.DefaultStatus = http.StatusCreated
	register(s, withExample(identity, exampleIdentity), auth.MembersWrite, s.addIdentity)
	merge := operation(http.MethodPost, "/v1/members/{member}/merge", "merge-member", "Members", "Merge the member into another, who gets all value, identities and history of limits", auth.MembersWrite)
	merge.DefaultStatus = http.StatusCreated
	register(s, withExample(merge, exampleMerge), auth.MembersWrite, s.mergeMember)
	erase := operation(http.MethodDelete, "/v1/members/{member}", "erase-member", "Members", "Erase who the member is: profile, identities and facts", auth.MembersErase)
	erase.DefaultStatus = http.StatusOK
	register(s, erase, auth.MembersErase, s.eraseMember)
}

// withExample documents an example of an operation's body.
func withExample(op huma.Operation, example any) huma.Operation {
	op.RequestBody = &huma.RequestBody{Content: map[string]*huma.MediaType{"application/json": {Example: example}}}
	return op
}

func (s *Server) enrol(ctx context.Context, in *struct {
	KeyHeader
	Body MemberChange
}) (*memberEventOutput, error) {
	answer, err := s.app.Enrol(ctx, in.Body.change(in.Key))
	if err != nil {
		return nil, err
	}
	return s.memberEvent(ctx, &answer)
}

func (s *Server) findMembers(ctx context.Context, in *struct {
	Identity string `query:"identity" required:"true" maxLength:"300" doc:"kind:value, such as email:anna@example.com"`
}) (*struct{ Body Members }, error) {
	out := &struct{ Body Members }{Members{Members: []Member{}}}
	m, err := s.app.Member(ctx, in.Identity)
	switch {
	case err == nil:
		out.Body.Members = append(out.Body.Members, s.memberOf(&m))
	case app.AsProblem(err).Code != app.CodeUnknownIdentity && app.AsProblem(err).Code != app.CodeUnknownMember:
		return nil, err
	}
	return out, nil
}

func (s *Server) readMember(ctx context.Context, in *MemberPath) (*memberOutput, error) {
	m, err := s.app.Member(ctx, in.Member)
	if err != nil {
		return nil, err
	}
	return &memberOutput{s.memberOf(&m)}, nil
}

func (s *Server) changeMember(ctx context.Context, in *struct {
	MemberPath
	KeyHeader
	Body MemberPatch
}) (*memberEventOutput, error) {
	c := in.Body.change(in.Key)
	c.Blocked = in.Body.Blocked
	answer, err := s.app.Change(ctx, in.Member, c)
	if err != nil {
		return nil, err
	}
	out, err := s.memberEvent(ctx, &answer)
	if err == nil {
		out.Status = http.StatusOK
	}
	return out, err
}

// NewIdentity is one more identity of a member.
type NewIdentity struct {
	ID       string `json:"id,omitempty" maxLength:"128" doc:"makes the change happen once; the Idempotency-Key is as good"`
	Identity string `json:"identity" maxLength:"300" doc:"kind:value"`
}

func (s *Server) addIdentity(ctx context.Context, in *struct {
	MemberPath
	KeyHeader
	Body NewIdentity
}) (*memberEventOutput, error) {
	c := MemberChange{ID: in.Body.ID, Identities: []string{in.Body.Identity}}
	answer, err := s.app.Change(ctx, in.Member, c.change(in.Key))
	if err != nil {
		p := problemOf(err)
		if p.Path == "identities[0]" || p.Path == "identities" {
			p.Path = "identity"
		}
		return nil, p
	}
	return s.memberEvent(ctx, &answer)
}

// MergeInto names the member who remains.
type MergeInto struct {
	ID   string `json:"id,omitempty" maxLength:"128" doc:"makes the merge happen once; the Idempotency-Key is as good"`
	Into string `json:"into" maxLength:"300" doc:"the member who remains: mem_… or an identity"`
}

func (s *Server) mergeMember(ctx context.Context, in *struct {
	MemberPath
	KeyHeader
	Body MergeInto
}) (*memberEventOutput, error) {
	if in.Body.ID == "" {
		in.Body.ID = in.Key
	}
	answer, err := s.app.Merge(ctx, in.Body.ID, in.Member, in.Body.Into)
	if err != nil {
		return nil, err
	}
	return s.memberEvent(ctx, &answer)
}

func (s *Server) eraseMember(ctx context.Context, in *struct {
	MemberPath
	KeyHeader
}) (*struct{ Body EventAnswer }, error) {
	answer, err := s.app.Erase(ctx, in.Key, in.Member)
	if err != nil {
		return nil, err
	}
	return &struct{ Body EventAnswer }{s.answerOf(&answer)}, nil
}

// memberEvent shows a change's event and the member after it.
func (s *Server) memberEvent(ctx context.Context, answer *journal.Answer) (*memberEventOutput, error) {
	s.metrics.decided(answer)
	m, err := s.app.Member(ctx, answer.Member.String())
	if err != nil {
		return nil, err
	}
	out := &memberEventOutput{Status: statusOfAnswer(answer), Body: MemberEvent{s.answerOf(answer), s.memberOf(&m)}}
	// The member beside it has the balances.
	out.Body.Event.Balances = nil
	return out, nil
}

var statusNames = map[ledger.Status]string{ledger.Active: "active", ledger.Blocked: "blocked", ledger.Merged: "merged", ledger.Erased: "erased"}

func (s *Server) memberOf(m *app.Member) Member {
	out := Member{
		ID: m.ID.String(), Status: statusNames[m.Status], EnrolledAt: moment(m.EnrolledAt), Identities: []string{},
		Profile: profileOf(m.Profile), Facts: m.Facts, Consents: m.Consents, Purchases: m.Purchases,
		FirstPurchaseAt: moment(m.FirstPurchaseAt), LastPurchaseAt: moment(m.LastPurchaseAt), Wallets: []Balance{},
	}
	if p := s.app.Program(); p != nil {
		out.Spend = Money{money.Format(m.Spend, p.Currency.Scale), p.Currency.Code}
	}
	for _, id := range m.Identities {
		out.Identities = append(out.Identities, id.String())
	}
	sort.Strings(out.Identities)
	out.Leaderboards = s.standings(m.Standings, "")
	for i := range m.Wallets {
		out.Wallets = append(out.Wallets, balance(m.Wallets[i].Wallet, m.Wallets[i].Balance))
	}
	if m.Family != nil {
		out.Family = familyOf(m.Family)
	}
	return out
}

// Claim is a purchase made as a guest that the member claims.
type Claim struct {
	ID    string `json:"id,omitempty" maxLength:"128" doc:"makes the claim happen once; the Idempotency-Key is as good"`
	Order string `json:"order" minLength:"1" maxLength:"128" doc:"the shop's number of the purchase"`
}

// Adjustment gives or takes value by hand.
type Adjustment struct {
	ID        string `json:"id,omitempty" maxLength:"128" doc:"makes the adjustment happen once; the Idempotency-Key is as good"`
	Wallet    string `json:"wallet" doc:"the wallet's id" example:"points"`
	Amount    string `json:"amount" doc:"what is given, or taken if it is negative" example:"-20"`
	Reason    string `json:"reason" minLength:"1" maxLength:"500" doc:"why, for the journal"`
	Reference string `json:"reference,omitempty" maxLength:"500"`
}

// record decides an event that a route makes of its own body.
func (s *Server) record(ctx context.Context, e *event.Event) (*eventAnswerOutput, error) {
	answer, err := s.app.Record(ctx, e)
	if err != nil {
		s.metrics.refused(problemOf(err).Code)
		return nil, err
	}
	s.metrics.decided(&answer)
	out := s.answerOf(&answer)
	if answer.Repeated {
		out.Balances = s.balancesNow(ctx, answer.Member)
	}
	return &eventAnswerOutput{statusOfAnswer(&answer), out}, nil
}

type eventAnswerOutput struct {
	Status int
	Body   EventAnswer
}
