// Package referral rewards members for bringing others, and those for coming.
//
// A person names who brought them by that member's code, when joining or, if the
// program allows it, shortly after. What the person does then is decided here, in
// the friend's own decisions: joining, and purchases up to a number or a sum. When
// it reaches a reward, the friend's part is given at once, and the referrer's part
// travels as a follow-up event. The referrer's decision gives it under the
// referrer's own limits and the budgets, as of the moment at which the friend
// earned it, however late it arrives.
//
// What always holds:
//   - a member has one referrer at most, for ever, and that one had joined before:
//     nobody is brought by somebody whom they brought themselves, directly or
//     through others. After a merge of friend and referrer nothing new comes of it;
//   - who is the same person is found out before, where personal data is; a
//     decision knows only that, and by what, and keeps it;
//   - what a friend reached is named by a mark: the friend's number when they came,
//     the reward, and how often it had been reached. Each mark is rewarded once at
//     most and taken back once at most, on both sides, in whichever order the two
//     events arrive;
//   - returned goods count no more. Where less remains than a reward asks for, it is
//     taken back on both sides: from the very lots, and what is missing there by the
//     wallet's rule for debt. It can be reached again.
package referral

import (
	"embed"
	"io/fs"
	"strconv"
	"strings"

	"github.com/govalues/decimal"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

//go:embed words
var words embed.FS

// Section is the key referrals of the document.
type Section struct {
	Link       string         `doc:"link" max_len:"300" help:"where friends join; {code} stands for the member's code: https://shop.example/join?from={code}"`
	NameWithin *document.Span `doc:"name within" help:"how long after joining a member may still name who brought them; only when joining if not said"`
	Rewards    []Reward       `doc:"rewards,required" min_len:"1" max_len:"20" help:"what both sides get, and when"`
}

// Reward is what is given for something that a friend does.
type Reward struct {
	ID        string           `doc:"id,required" pattern:"^[a-z0-9][a-z0-9-]*$" max_len:"60" help:"the reward's own name: small letters, digits, hyphens"`
	Name      document.Text    `doc:"name" help:"the reward's name for members"`
	On        string           `doc:"on,required" enum:"sign-up|first purchase|threshold" help:"when the friend joins, buys for the first time, or has bought so much"`
	Least     *decimal.Decimal `doc:"least" help:"only purchases of at least so much count"`
	Purchases int64            `doc:"purchases" min:"1" max:"1000" help:"threshold: so many purchases"`
	Spend     *decimal.Decimal `doc:"spend" help:"threshold: purchases of so much together"`
	Within    *document.Span   `doc:"within" help:"how long after the friend came; for ever if not said"`
	Friend    *Side            `doc:"friend" help:"what the friend gets"`
	Referrer  *Side            `doc:"referrer" help:"what the member who brought the friend gets"`
}

// Side is what one of the two gets.
type Side struct {
	Give    rule.Give                 `doc:"give,required" help:"what it gives"`
	Limits  document.Map[rule.Limits] `doc:"limits" help:"wallet (or times): the most it gives"`
	Pending *rule.Pending             `doc:"pending" help:"how long the award waits; as the wallet if not said"`
	Expires *rule.Expires             `doc:"expires" help:"when the award is gone; as the wallet if not said"`
}

// Mechanic is the door of referrals.
type Mechanic struct{}

// Section gives the key referrals.
func (Mechanic) Section() document.Section {
	return document.Section{Key: "referrals", Into: &Section{}, Help: "rewards for members who bring others, and for those who come"}
}

// Words are the catalogues of referrals.
func (Mechanic) Words() fs.FS { return words }

// stage is there in every program: what was reached under an earlier version
// arrives under this one.
type stage struct {
	on     bool // the program has referrals
	source *Section
	within calendar.Span
	// rewards are what every program notices of friends, and then its own rewards.
	rewards []reward
}

// reward is a reward that is ready to run.
type reward struct {
	// rule names the reward and the referrer's part, own the friend's part.
	rule, own ledger.Name
	// noticed tells that it is no reward but something that the referrer is told.
	noticed bool
	signUp  bool
	// Of count purchases of at least least, or of spend together; in minor units.
	count, spend, least int64
	within              calendar.Span
	referrer, friend    []*engine.Giving
	source              *Reward
}

// What referrers are told of every friend, by the names of rules.
const (
	Joined      = noticeKind + ".joined"
	Bought      = engine.FriendBought
	BoughtAgain = noticeKind + ".bought_again"

	noticeKind = "friend"
)

// ReferrerRules and FriendRules begin the names of the rules that give the two their
// parts.
const (
	ReferrerRules = engine.ReferrerRules
	FriendRules   = "referred."
)

// noticedFor is how long it is noticed what a friend buys.
var noticedFor = calendar.Span{Years: 1}

// Compile checks the rewards.
func (Mechanic) Compile(c *engine.Compiler, section any) engine.Stage {
	from := section.(*Section)
	s := &stage{on: c.Source.Has("referrals"), source: from}
	for _, notice := range [...]struct {
		name  string
		count int64
	}{{Joined, 0}, {Bought, 1}, {BoughtAgain, 2}} {
		no := c.Rule("referrals", noticeKind, strings.TrimPrefix(notice.name, noticeKind+"."), text.Localized{})
		s.rewards = append(s.rewards, reward{rule: no, noticed: true, signUp: notice.count == 0, count: notice.count, within: noticedFor})
	}
	if !s.on {
		return s
	}
	if from.Link != "" && !((strings.HasPrefix(from.Link, "https://") || strings.HasPrefix(from.Link, "http://")) && strings.Contains(from.Link, "{code}")) {
		c.Problem("referrals.link", document.CodeInvalid, text.Say("{Link} is no link with a place for the code", quoted(from.Link)), "write an address with {code} in it, such as https://shop.example/join?from={code}")
	}
	if from.NameWithin != nil {
		s.within = engine.Span(*from.NameWithin)
	}
	for i := range from.Rewards {
		s.rewards = append(s.rewards, compile(c, "referrals.rewards["+strconv.Itoa(i)+"]", &from.Rewards[i]))
	}
	return s
}

func quoted(s string) string { return `"` + s + `"` }

func compile(c *engine.Compiler, path string, from *Reward) reward {
	title := rule.Title(c, from.Name, from.ID)
	r := reward{source: from, signUp: from.On == "sign-up"}
	r.rule = c.Rule(path, strings.TrimSuffix(ReferrerRules, "."), from.ID, title)
	r.own = c.Rule(path, strings.TrimSuffix(FriendRules, "."), from.ID, title)
	if from.Within != nil {
		r.within = engine.Span(*from.Within)
	}
	r.goal(c, path, from)
	if from.Friend == nil && from.Referrer == nil {
		c.Problem(path, "missing", "the reward gives nothing", "write what the friend gets under friend, what the referrer gets under referrer, or both")
	}
	r.friend = r.side(c, path+".friend", r.own, from.Friend)
	r.referrer = r.side(c, path+".referrer", r.rule, from.Referrer)
	if from.Referrer != nil && from.Referrer.Pending != nil && from.Referrer.Pending.Until != "" {
		c.Problem(path+".referrer.pending.until", "never_applies", "the event is the friend's, and never comes to the referrer", "write how long the award waits, such as 14d")
	}
	return r
}

// goal compiles what the friend has to do.
func (r *reward) goal(c *engine.Compiler, path string, from *Reward) {
	if from.Least != nil {
		r.least, _ = rule.MoneyMinor(c, path+".least", *from.Least)
	}
	if from.Spend != nil {
		r.spend, _ = rule.MoneyMinor(c, path+".spend", *from.Spend)
	}
	r.count = from.Purchases
	for _, one := range [...]struct {
		key   string
		given bool
		fits  bool
	}{
		{"least", from.Least != nil, !r.signUp}, {"within", from.Within != nil, !r.signUp},
		{"purchases", from.Purchases != 0, from.On == "threshold"}, {"spend", from.Spend != nil, from.On == "threshold"},
	} {
		if one.given && !one.fits {
			c.Problem(path+"."+one.key, "never_applies", text.Say("{Key} means nothing for {On}", one.key, from.On), "leave it out, or write on: threshold")
		}
	}
	switch from.On {
	case "first purchase":
		r.count = 1
	case "threshold":
		if (from.Purchases == 0) == (from.Spend == nil) {
			c.Problem(path, "missing", "a threshold is a number of purchases or a sum", "write purchases: 3, or spend: 300.00")
		}
	}
}

// side compiles what one of the two gets.
func (r *reward) side(c *engine.Compiler, path string, name ledger.Name, from *Side) []*engine.Giving {
	c.Apart(name)
	if from == nil {
		return nil
	}
	givings := rule.CompileGive(c, path+".give", name, &from.Give, money.Floor, rule.CompileWithout(nil))
	for _, g := range givings {
		g.Terms = rule.CompileTerms(c, path, from.Pending, from.Expires, g.Wallet.Terms)
		c.Program.Slide(g)
		if r.signUp && (g.Measure == engine.ByAmount || g.Measure == engine.ByItems) {
			c.Problem(path+".give."+g.Wallet.ID, "never_applies", "joining costs nothing, so this is a part of nothing", "write a fixed amount, or give it for a purchase")
		}
	}
	rule.CompileLimits(c, path, from.Limits, givings)
	c.Givings(name, givings)
	return givings
}

// open tells whether what happens at the instant still counts.
func (r *reward) open(ref *ledger.Referral, at calendar.Instant, p *engine.Program) bool {
	return at >= ref.At && (r.within.IsZero() || at < calendar.Add(ref.At, r.within, p.Zone))
}

// reached tells whether the purchases that are kept suffice.
func (r *reward) reached(st *ledger.ReferralStage) bool {
	return (r.count == 0 || st.Count >= r.count) && (r.spend == 0 || st.Spend >= r.spend)
}

// counts tells whether a purchase of which so much remains counts.
func (r *reward) counts(total int64, left bool) bool { return left && total >= r.least }

func (s *stage) find(name ledger.Name) *reward {
	for i := range s.rewards {
		if s.rewards[i].rule == name {
			return &s.rewards[i]
		}
	}
	return nil
}

// stageOf gives the stage of a program.
func stageOf(p *engine.Program) *stage {
	if p != nil {
		for _, one := range p.Stages() {
			if s, ok := one.(*stage); ok {
				return s
			}
		}
	}
	return &stage{}
}

// Link gives where friends of the member with the code join; empty if the program
// does not say. On tells whether it has referrals at all.
func Link(p *engine.Program, code string) (link string, on bool) {
	s := stageOf(p)
	return strings.ReplaceAll(s.source.link(), "{code}", code), s.on
}

func (s *Section) link() string {
	if s == nil {
		return ""
	}
	return s.Link
}
