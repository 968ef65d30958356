package app

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/contest"
	"premia/internal/core/mechanic/reward"
	"premia/internal/core/text"
	"premia/internal/store"
)

// Severity is how much a condition matters.
type Severity uint8

// The severities, the worst last.
const (
	Hint    Severity = iota + 1 // would be better otherwise
	Warning                     // goes wrong if nobody does anything
	Danger                      // is wrong now
)

// ConditionKind is a kind of condition: what can want somebody's attention, and the one
// act that settles it. Its words are console.attention.<Kind>, and those of the act
// console.attention.<Kind>.do.
type ConditionKind struct {
	Kind     string
	Severity Severity
	// Need is what somebody must be allowed for the act, and Page the pattern of its page.
	Need auth.Permission
	Page string
}

// Condition is something that wants somebody's attention now.
type Condition struct {
	ConditionKind
	// Args are names and values for the words.
	Args []any
	// Path is the page of the act.
	Path string
}

const upkeepPage = "/console/upkeep"

// conditionKinds declares all of them.
var conditionKinds = []ConditionKind{
	{"no_program", Danger, auth.ProgramWrite, "/console/program"},
	{"no_scenarios", Hint, auth.ProgramWrite, "/console/program"},
	{"program_fails", Danger, auth.ProgramPublish, "/console/program/versions/{version}"},
	{"draft_waits", Warning, auth.ProgramPublish, "/console/program/drafts/{draft}/review"},
	{"draft_late", Warning, auth.ProgramWrite, "/console/program/drafts/{draft}/review"},
	{"draft_idle", Hint, auth.ProgramWrite, "/console/program/drafts/{draft}"},
	{"budget_used", Danger, auth.ProgramWrite, "/console/campaigns"},
	{"budget_low", Warning, auth.ProgramWrite, "/console/campaigns"},
	{"prices_missing", Warning, auth.ProgramWrite, "/console/prices"},
	{"reward_gone", Danger, auth.ProgramWrite, "/console/rewards/{reward}"},
	{"reward_low", Warning, auth.ProgramWrite, "/console/rewards/{reward}"},
	{"reward_idle", Hint, auth.ProgramWrite, "/console/rewards/{reward}"},
	{"reward_never", Hint, auth.ProgramWrite, "/console/rewards/{reward}"},
	{"handover_due", Warning, auth.RedemptionsWrite, "/console/redemptions?state=ordered"},
	{"adjustments", Warning, auth.ApproveAdjustments, "/console/adjustments"},
	{"contest_undrawn", Danger, auth.ContestsDraw, "/console/contests/{contest}"},
	{"contest_unclaimed", Hint, auth.RedemptionsWrite, "/console/contests/{contest}"},
	{"codes_unfinished", Warning, auth.CodesChange, "/console/codes/{batch}"},
	{"codes_end", Hint, auth.CodesChange, "/console/codes/{batch}"},
	{"payouts_ordered", Warning, auth.PayoutsManage, "/console/payouts"},
	{"payouts_unsettled", Warning, auth.PayoutsManage, "/console/payouts/{batch}"},
	{"webhook_disabled", Danger, auth.WebhooksWrite, "/console/webhooks/{endpoint}"},
	{"webhook_failing", Warning, auth.WebhooksWrite, "/console/webhooks/{endpoint}"},
	{"messages_failing", Warning, auth.SettingsWrite, "/console/outbox"},
	{"messages_unsent", Warning, auth.SettingsWrite, "/console/outbox"},
	{"backup_failed", Danger, auth.SettingsWrite, upkeepPage},
	{"no_backups", Warning, auth.SettingsWrite, upkeepPage},
	{"clock_behind", Danger, auth.SettingsWrite, upkeepPage},
	{"certificate_failing", Danger, auth.SettingsWrite, upkeepPage},
	{"certificate_ends", Danger, auth.SettingsWrite, upkeepPage},
	{"sweeper_stopped", Danger, auth.SettingsWrite, upkeepPage},
	{"sweeper_behind", Warning, auth.SettingsWrite, upkeepPage},
	{"disk_full", Danger, auth.SettingsWrite, upkeepPage},
	{"parked", Danger, auth.SettingsWrite, upkeepPage},
	{"subscriber_behind", Warning, auth.SettingsWrite, upkeepPage},
	{"owner_factor", Warning, auth.UsersRead, "/console/users/{user}"},
	{"key_ends", Warning, auth.KeysWrite, "/console/keys"},
	{"secrets_locked", Danger, auth.SettingsWrite, upkeepPage},
	{"secrets_unsealed", Warning, auth.SettingsWrite, upkeepPage},
	{"texts_bounded", Danger, auth.SettingsWrite, "/console/outbox"},
	{"adjustment_large", Warning, auth.ApproveAdjustments, "/console/members/{member}"},
}

// ConditionKinds lists everything that can want attention.
func ConditionKinds() []ConditionKind { return slices.Clone(conditionKinds) }

// The lengths after which a condition begins.
const (
	rewardIdle      = 30 * calendar.Day // without anybody taking a reward
	draftIdle       = 14 * calendar.Day // without a change of a draft
	handoverDue     = 2 * calendar.Day  // from the order to the first step of fulfilment
	drawOverdue     = calendar.Hour     // from the time of a draw to the draw
	contestOver     = 60 * calendar.Day // from the time of a draw until nobody asks any more
	keyEnds         = 14 * calendar.Day // before an API key expires
	codesEnd        = 7 * calendar.Day  // before a batch of codes does
	adjustedLately  = 7 * calendar.Day  // from a large adjustment until it is no news
	budgetNearlyOut = 80                // percent
	stockLow        = 10                // percent
)

// seeker finds conditions.
type seeker struct {
	app *App
	g   *Glance
	// now is the workspace's time; keys and messages go by the machine's, which is wall.
	now, wall calendar.Instant
	out       []Condition
}

// found takes up a condition of a kind that is declared, about what its page is asked for
// by: the id of a draft or a batch, or "" where the page is about nothing in particular.
func (s *seeker) found(kind, about string, namesAndValues ...any) {
	at := slices.IndexFunc(conditionKinds, func(k ConditionKind) bool { return k.Kind == kind })
	c := Condition{ConditionKind: conditionKinds[at], Args: namesAndValues}
	c.Path = c.Page
	if before, rest, ok := strings.Cut(c.Page, "{"); ok {
		_, after, _ := strings.Cut(rest, "}")
		c.Path = before + url.PathEscape(about) + after
	}
	s.out = append(s.out, c)
}

// attention gives what wants attention, the worst first. It looks at the workspace
// itself, whoever asks.
func (a *App) attention(ctx context.Context, g *Glance) ([]Condition, error) {
	ctx = WithActor(ctx, auth.System("attention"))
	s := seeker{app: a, g: g, now: g.At, wall: a.wall()}
	for _, seek := range []func(context.Context) error{
		s.program, s.budgets, s.rewards, s.fulfilment, s.adjustments, s.drafts, s.contests, s.codes,
		s.payouts, s.webhooks, s.prices, s.messages, s.upkeep, s.journal, s.certificates, s.subscribers, s.owners, s.keys, s.secrets, s.texts,
	} {
		if err := seek(ctx); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(s.out, func(x, y Condition) int { return int(y.Severity) - int(x.Severity) })
	return s.out, nil
}

// zone is that of the program; UTC without one.
func (s *seeker) zone() *time.Location {
	if s.g.Program == nil {
		return time.UTC
	}
	return s.g.Program.Zone
}

// program: there is one, and scenarios hold it and those that are to follow.
func (s *seeker) program(ctx context.Context) error {
	if s.g.Program == nil {
		s.found("no_program", "")
		return nil
	}
	facts, err := s.app.programFacts(ctx)
	if err != nil {
		return err
	}
	if facts.scenarios == 0 {
		s.found("no_scenarios", "")
	}
	rules := s.app.Journal.Rules()
	for _, f := range facts.failing {
		// A later version for the same time takes the place of one that fails. What is in
		// force may fail on purpose: while a campaign is paused that scenarios expect.
		if p := rules.Timeline.At(f.from); f.from > s.now && p != nil && p.Version == f.version {
			s.found("program_fails", strconv.FormatUint(uint64(f.version), 10), "Version", int64(f.version), "Number", int64(f.scenarios), "From", text.Moment(f.from.In(s.zone())))
		}
	}
	return nil
}

// budgets: one is used up, or nearly so, of a rule that still gives.
func (s *seeker) budgets(ctx context.Context) error {
	if s.g.Program == nil {
		return nil
	}
	stocks := map[ledger.Name]bool{}
	for _, r := range reward.Rewards(s.g.Program) {
		stocks[r.Quota] = true
	}
	for i := range s.g.Budgets {
		b := &s.g.Budgets[i]
		percent := b.Percent()
		if percent < budgetNearlyOut {
			continue
		}
		if over, err := s.app.ruleOver(ctx, s.g.Program.Rules[b.Rule].Path, s.now); err != nil || over {
			if err != nil {
				return err
			}
			continue
		}
		switch {
		case stocks[b.Quota] || b.Windows > 0: // told of as stock; each window is a budget of its own
		case percent >= 100:
			s.found("budget_used", "", "Title", b.Title, "Budget", b.ID)
		default:
			s.found("budget_low", "", "Title", b.Title, "Budget", b.ID, "Percent", text.Percent(strconv.FormatInt(percent, 10)))
		}
	}
	return nil
}

func (s *seeker) rewards(ctx context.Context) error {
	if s.g.Program == nil {
		return nil
	}
	facts, err := s.app.programFacts(ctx)
	if err != nil {
		return err
	}
	used := map[ledger.Name]int64{}
	for i := range s.g.Budgets {
		used[s.g.Budgets[i].Quota] = s.g.Budgets[i].Used
	}
	for _, r := range reward.Rewards(s.g.Program) {
		if r.Window.Until != calendar.Never && r.Window.Until <= s.now || r.Window.From > s.now {
			continue
		}
		title := s.g.Program.Rules[r.Name].Title
		left := r.Stock - used[r.Quota]
		switch {
		case r.Stock > 0 && left <= 0:
			s.found("reward_gone", r.Source.ID, "Title", title)
		case r.Stock > 0 && left*100 <= r.Stock*stockLow:
			s.found("reward_low", r.Source.ID, "Title", title, "Number", left)
		}
		use := s.g.Rewards[r.Name]
		since := facts.known[r.Name]
		if last := calendar.Instant(use.Last) * calendar.Day; use.Redeemed+use.Given > 0 {
			since = max(since, last)
		}
		if since != calendar.None && s.now-since >= rewardIdle && (r.Stock == 0 || left > 0) {
			kind := "reward_idle"
			if use.Redeemed+use.Given == 0 {
				kind = "reward_never"
			}
			s.found(kind, r.Source.ID, "Title", title, "Days", int64((s.now-since)/calendar.Day))
		}
	}
	return nil
}

func (s *seeker) fulfilment(ctx context.Context) error {
	late, err := s.app.Store.OldestTaken(ctx, ledger.Ordered.String(), s.now-handoverDue, 100)
	if err == nil && len(late) > 0 {
		s.found("handover_due", "", "Number", int64(len(late)))
	}
	return err
}

func (s *seeker) adjustments(ctx context.Context) error {
	waiting, err := s.app.WaitingAdjustments(ctx)
	if err != nil {
		return err
	}
	if len(waiting) > 0 {
		s.found("adjustments", "", "Number", int64(len(waiting)))
	}
	return s.adjustedAlone(ctx)
}

// mostAdjusted are the large adjustments that are told of, the latest.
const mostAdjusted = 3

// adjustedAlone: somebody gave or took much, and nobody else looked at it.
func (s *seeker) adjustedAlone(ctx context.Context) error {
	if s.g.Program == nil {
		return nil
	}
	all, err := s.app.largeAdjustments(ctx, s.g.Program, store.AuditFilter{From: s.wall - adjustedLately})
	if err != nil {
		return err
	}
	for _, x := range all[:min(len(all), mostAdjusted)] {
		by, err := s.app.WhoActed(ctx, x.by)
		if err != nil {
			return err
		}
		s.found("adjustment_large", x.answer.Member.String(), "Points", x.wallet.Points(x.minor), "Who", by, "At", text.Moment(x.answer.Recorded.In(s.zone())))
	}
	return nil
}

func (s *seeker) drafts(ctx context.Context) error {
	all, err := s.app.Store.Drafts(ctx)
	for i := range all {
		d := &all[i]
		if d.State != store.DraftOpen && d.State != store.DraftRequested {
			continue
		}
		switch {
		case d.LiveFrom != calendar.None && d.LiveFrom <= s.now:
			s.found("draft_late", d.ID, "Draft", d.Title, "Since", text.Moment(d.LiveFrom.In(s.zone())))
		case d.State == store.DraftRequested:
			s.found("draft_waits", d.ID, "Draft", d.Title)
		case s.now-d.Changed >= draftIdle:
			s.found("draft_idle", d.ID, "Draft", d.Title, "Days", int64((s.now-d.Changed)/calendar.Day))
		}
	}
	return err
}

func (s *seeker) contests(ctx context.Context) error {
	if s.g.Program == nil {
		return nil
	}
	for _, c := range s.app.announced() {
		if s.now < c.DrawAt || s.now-c.DrawAt > contestOver {
			continue
		}
		title := s.g.Program.Rules[c.Rule].Title
		if title.Texts == nil {
			title.Fallback, title.Texts = "en", map[string]string{"en": c.ID}
		}
		p, err := s.app.published(ctx, &c)
		if err != nil {
			return err
		}
		unclaimed := int64(0)
		for i := range p.Winners {
			if p.Winners[i].State == contest.Waits {
				unclaimed++
			}
		}
		switch {
		case p.State == contest.Announced && s.now-c.DrawAt >= drawOverdue:
			s.found("contest_undrawn", c.ID, "Title", title)
		case unclaimed > 0:
			s.found("contest_unclaimed", c.ID, "Title", title, "Number", unclaimed)
		}
	}
	return nil
}

func (s *seeker) codes(ctx context.Context) error {
	all, err := s.app.CodeBatches(ctx)
	for i := range all {
		b := &all[i]
		switch {
		case b.Finished == calendar.None:
			s.found("codes_unfinished", b.ID, "Batch", s.app.BatchCalled(b), "Made", b.Made, "Wanted", b.Wanted)
		case b.Until != calendar.Never && s.now < b.Until && b.Until-s.now <= codesEnd:
			s.found("codes_end", b.ID, "Batch", s.app.BatchCalled(b), "Days", int64((b.Until-s.now)/calendar.Day)+1)
		}
	}
	return err
}

func (s *seeker) payouts(ctx context.Context) error {
	ordered, err := s.app.OrderedPayouts(ctx)
	if err != nil {
		return err
	}
	if len(ordered) > 0 {
		s.found("payouts_ordered", "", "Number", int64(len(ordered)))
	}
	batches, err := s.app.PayoutBatches(ctx)
	for i := range batches {
		if n, _ := batches[i].Sum(store.PayoutReady, store.PayoutTaken); n > 0 {
			s.found("payouts_unsettled", batches[i].ID, "Batch", batches[i].ID, "Number", n)
		}
	}
	return err
}

func (s *seeker) webhooks(ctx context.Context) error {
	all, err := s.app.Webhooks(ctx)
	for i := range all {
		w := &all[i]
		switch {
		case w.State == store.EndpointDisabled:
			s.found("webhook_disabled", w.ID, "URL", w.URL, "Why", w.Why())
		case w.Failing():
			s.found("webhook_failing", w.ID, "URL", w.URL, "Why", w.Why(), "Number", w.Failures)
		}
	}
	return err
}

// programFacts are what conditions need of published documents. They are read again
// only when another version is there.
type programFacts struct {
	newest    uint32
	scenarios int
	// failing are the versions to come whose scenarios fail by the rules as this server
	// reads them.
	failing []failingVersion
	// known is when each reward was published first.
	known map[ledger.Name]calendar.Instant
}

// failingVersion is a version of the program and how many of its scenarios fail.
type failingVersion struct {
	version   uint32
	from      calendar.Instant
	scenarios int
}

func (a *App) programFacts(ctx context.Context) (*programFacts, error) {
	rules := a.Journal.Rules()
	if f := a.facts.Load(); f != nil && f.newest == rules.Newest {
		return f, nil
	}
	all, err := a.Store.Programs(ctx)
	if err != nil {
		return nil, err
	}
	f := &programFacts{newest: rules.Newest, known: map[ledger.Name]calendar.Instant{}}
	for i := range all {
		p := rules.Timeline.Version(uint32(all[i].Version))
		if p == nil {
			continue
		}
		for _, r := range reward.Rewards(p) {
			if _, there := f.known[r.Name]; !there {
				f.known[r.Name] = max(all[i].Published, all[i].LiveFrom)
			}
		}
	}
	now := a.Journal.Now()
	for i := range all {
		v := &all[i]
		if version := uint32(v.Version); i == len(all)-1 || v.LiveFrom > now {
			read := a.Read(v.Document)
			f.scenarios = read.Scenarios
			if n := len(read.Failures) + len(read.Problems); n > 0 && v.LiveFrom > now {
				f.failing = append(f.failing, failingVersion{version, v.LiveFrom, n})
			}
		}
	}
	a.facts.Store(f)
	return f, nil
}
