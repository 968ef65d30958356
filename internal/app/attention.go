package app

import (
	"context"
	"net/url"
	"slices"
	"strconv"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/contest"
	"premia/internal/core/mechanic/reward"
	"premia/internal/core/text"
	"premia/internal/journal"
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

// Condition is something that wants somebody's attention, and the one act that settles
// it. Its words are console.attention.<Kind>, and those of the act
// console.attention.<Kind>.do.
type Condition struct {
	Kind     string
	Severity Severity
	// Args are names and values for the words.
	Args []any
	// Path is the page of the act, and Need what somebody must be allowed for it.
	Path string
	Need auth.Permission
}

// The lengths after which a condition begins.
const (
	rewardIdle      = 30 * calendar.Day // without anybody taking a reward
	draftIdle       = 14 * calendar.Day // without a change of a draft
	handoverDue     = 2 * calendar.Day  // from the order to the first step of fulfilment
	drawOverdue     = calendar.Hour     // from the time of a draw to the draw
	contestOver     = 60 * calendar.Day // from the time of a draw until nobody asks any more
	sweepOverdue    = 10 * calendar.Minute
	keyEnds         = 14 * calendar.Day // before an API key expires
	codesEnd        = 7 * calendar.Day  // before a batch of codes does
	subscriberBack  = 10_000            // entries
	budgetNearlyOut = 80                // percent
	stockLow        = 10                // percent
)

// seeker finds conditions.
type seeker struct {
	app *App
	g   *Glance
	now calendar.Instant
	out []Condition
}

func (s *seeker) found(kind string, severity Severity, need auth.Permission, path string, namesAndValues ...any) {
	s.out = append(s.out, Condition{Kind: kind, Severity: severity, Args: namesAndValues, Path: path, Need: need})
}

// attention gives what wants attention, the worst first. It looks at the workspace
// itself, whoever asks.
func (a *App) attention(ctx context.Context, g *Glance) ([]Condition, error) {
	ctx = WithActor(ctx, auth.System("attention"))
	s := seeker{app: a, g: g, now: g.At}
	for _, seek := range []func(context.Context) error{
		s.program, s.budgets, s.rewards, s.fulfilment, s.adjustments, s.drafts, s.contests, s.codes,
		s.payouts, s.webhooks, s.upkeep, s.subscribers, s.owners, s.keys,
	} {
		if err := seek(ctx); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(s.out, func(x, y Condition) int { return int(y.Severity) - int(x.Severity) })
	return s.out, nil
}

// program: there is one, and scenarios hold it.
func (s *seeker) program(ctx context.Context) error {
	if s.g.Program == nil {
		s.found("no_program", Danger, auth.ProgramWrite, "/console/program")
		return nil
	}
	facts, err := s.app.programFacts(ctx)
	if err == nil && facts.scenarios == 0 {
		s.found("no_scenarios", Hint, auth.ProgramWrite, "/console/program")
	}
	return err
}

func (s *seeker) budgets(context.Context) error {
	if s.g.Program == nil {
		return nil
	}
	stocks := map[ledger.Name]bool{}
	for _, r := range reward.Rewards(s.g.Program) {
		stocks[r.Quota] = true
	}
	for i := range s.g.Budgets {
		b := &s.g.Budgets[i]
		switch percent := b.Percent(); {
		case stocks[b.Quota] || b.Windows > 0: // told of as stock; each window is a budget of its own
		case percent >= 100:
			s.found("budget_used", Danger, auth.ProgramWrite, "/console/campaigns", "Title", b.Title, "Budget", b.ID)
		case percent >= budgetNearlyOut:
			s.found("budget_low", Warning, auth.ProgramWrite, "/console/campaigns", "Title", b.Title, "Budget", b.ID, "Percent", text.Percent(strconv.FormatInt(percent, 10)))
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
		path, title := "/console/rewards/"+url.PathEscape(r.Source.ID), s.g.Program.Rules[r.Name].Title
		left := r.Stock - used[r.Quota]
		switch {
		case r.Stock > 0 && left <= 0:
			s.found("reward_gone", Danger, auth.ProgramWrite, path, "Title", title)
		case r.Stock > 0 && left*100 <= r.Stock*stockLow:
			s.found("reward_low", Warning, auth.ProgramWrite, path, "Title", title, "Number", left)
		}
		use := s.g.Rewards[r.Name]
		since := facts.known[r.Name]
		if last := calendar.Instant(use.Last) * calendar.Day; use.Redeemed+use.Given > 0 {
			since = max(since, last)
		}
		if since != calendar.None && s.now-since >= rewardIdle && left >= 0 {
			kind := "reward_idle"
			if use.Redeemed+use.Given == 0 {
				kind = "reward_never"
			}
			s.found(kind, Hint, auth.ProgramWrite, path, "Title", title, "Days", int64((s.now-since)/calendar.Day))
		}
	}
	return nil
}

func (s *seeker) fulfilment(ctx context.Context) error {
	late, err := s.app.Store.OldestTaken(ctx, ledger.Ordered.String(), s.now-handoverDue, 100)
	if err == nil && len(late) > 0 {
		s.found("handover_due", Warning, auth.RedemptionsWrite, "/console/redemptions?state=ordered", "Number", int64(len(late)))
	}
	return err
}

func (s *seeker) adjustments(ctx context.Context) error {
	waiting, err := s.app.WaitingAdjustments(ctx)
	if err == nil && len(waiting) > 0 {
		s.found("adjustments", Warning, auth.ApproveAdjustments, "/console/adjustments", "Number", int64(len(waiting)))
	}
	return err
}

func (s *seeker) drafts(ctx context.Context) error {
	all, err := s.app.Store.Drafts(ctx)
	for i := range all {
		d := &all[i]
		path := "/console/program/drafts/" + url.PathEscape(d.ID)
		switch {
		case d.State == store.DraftRequested:
			s.found("draft_waits", Warning, auth.ProgramPublish, path+"/review", "Draft", d.Title)
		case d.State == store.DraftOpen && s.now-d.Changed >= draftIdle:
			s.found("draft_idle", Hint, auth.ProgramWrite, path, "Draft", d.Title, "Days", int64((s.now-d.Changed)/calendar.Day))
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
		title, path := s.g.Program.Rules[c.Rule].Title, "/console/contests/"+url.PathEscape(c.ID)
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
			s.found("contest_undrawn", Danger, auth.ContestsDraw, path, "Title", title)
		case unclaimed > 0:
			s.found("contest_unclaimed", Hint, auth.MembersSee, path, "Title", title, "Number", unclaimed)
		}
	}
	return nil
}

func (s *seeker) codes(ctx context.Context) error {
	all, err := s.app.CodeBatches(ctx)
	for i := range all {
		b := &all[i]
		path := "/console/codes/" + url.PathEscape(b.ID)
		switch {
		case b.Finished == calendar.None:
			s.found("codes_unfinished", Warning, auth.CodesChange, path, "Batch", b.ID, "Made", b.Made, "Wanted", b.Wanted)
		case b.Until != calendar.Never && s.now < b.Until && b.Until-s.now <= codesEnd:
			s.found("codes_end", Hint, auth.CodesChange, path, "Batch", b.ID, "Days", int64((b.Until-s.now)/calendar.Day)+1)
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
		s.found("payouts_ordered", Warning, auth.PayoutsManage, "/console/payouts", "Number", int64(len(ordered)))
	}
	batches, err := s.app.PayoutBatches(ctx)
	for i := range batches {
		if n, _ := batches[i].Sum(store.PayoutReady, store.PayoutTaken); n > 0 {
			s.found("payouts_unsettled", Warning, auth.PayoutsManage, "/console/payouts/"+url.PathEscape(batches[i].ID), "Batch", batches[i].ID, "Number", n)
		}
	}
	return err
}

func (s *seeker) webhooks(ctx context.Context) error {
	all, err := s.app.Webhooks(ctx)
	for i := range all {
		w := &all[i]
		path := "/console/webhooks/" + url.PathEscape(w.ID)
		switch {
		case w.State == store.EndpointDisabled:
			s.found("webhook_disabled", Danger, auth.WebhooksWrite, path, "URL", w.URL)
		case w.Failing():
			s.found("webhook_failing", Warning, auth.WebhooksWrite, path, "URL", w.URL, "Number", w.Failures)
		}
	}
	return err
}

// upkeep is what the machine needs: backups, the sweeper, room on the disk.
func (s *seeker) upkeep(ctx context.Context) error {
	const path, need = "/console/upkeep", auth.SettingsWrite
	watched := s.app.watched.Load()
	if watched != nil {
		switch err := watched.backupsErr(); {
		case err != nil:
			s.found("backup_failed", Danger, need, path)
		case watched.Backups == nil && s.app.Store.Dialect() == store.SQLite:
			s.found("no_backups", Warning, need, path)
		}
		if watched.Sweeper != nil && watched.Sweeper.Err() != nil {
			s.found("sweeper_stopped", Danger, need, path)
		}
	}
	for _, shard := range s.app.Store.Shards() {
		due, err := s.app.Store.DueMembers(ctx, shard, s.now-sweepOverdue, 1)
		if err != nil {
			return err
		}
		if len(due) > 0 {
			s.found("sweeper_behind", Warning, need, path)
			break
		}
	}
	if s.app.folder != "" {
		if free, err := freeBytes(s.app.folder); err == nil && free < 4*minFree {
			s.found("disk_full", Danger, need, path, "Number", free>>20)
		}
	}
	return nil
}

func (s *seeker) subscribers(ctx context.Context) error {
	parked, err := s.app.Store.ParkedList(ctx, "", 0, 100)
	if err != nil {
		return err
	}
	if len(parked) > 0 {
		s.found("parked", Danger, auth.SettingsWrite, "/console/upkeep", "Number", int64(len(parked)))
	}
	for _, name := range Subscribers() {
		lag, err := s.app.Journal.Lag(ctx, name)
		if err != nil {
			return err
		}
		if lag > subscriberBack {
			s.found("subscriber_behind", Warning, auth.SettingsWrite, "/console/upkeep", "Subscriber", name, "Number", lag)
		}
	}
	return nil
}

// owners: whoever can do everything has a second factor.
func (s *seeker) owners(ctx context.Context) error {
	users, err := s.app.Users(ctx)
	for i := range users {
		u := &users[i]
		if u.Role == string(auth.Owner) && u.Disabled == calendar.None && !u.HasCode && len(u.Passkeys) == 0 && !u.HasProvider {
			s.found("owner_factor", Warning, auth.UsersRead, "/console/users/"+url.PathEscape(u.ID), "Name", u.Name)
		}
	}
	return err
}

func (s *seeker) keys(ctx context.Context) error {
	all, err := s.app.Keys(ctx)
	for i := range all {
		k := &all[i]
		if k.Revoked == calendar.None && k.Expires != calendar.None && s.now < k.Expires && k.Expires-s.now <= keyEnds {
			s.found("key_ends", Warning, auth.KeysWrite, "/console/keys", "Name", k.Name, "Days", int64((k.Expires-s.now)/calendar.Day)+1)
		}
	}
	return err
}

// Watched is what a server runs that conditions speak of; nil for what it does not run.
type Watched struct {
	Sweeper *journal.Sweeper
	Backups *Backups
}

func (w *Watched) backupsErr() error {
	if w.Backups == nil {
		return nil
	}
	return w.Backups.Err()
}

// Watch tells the workspace what the server runs.
func (a *App) Watch(w Watched) { a.watched.Store(&w) }

// programFacts are what conditions need of published documents. They are read again
// only when another version is there.
type programFacts struct {
	newest    uint32
	scenarios int
	// known is when each reward was published first.
	known map[ledger.Name]calendar.Instant
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
	if len(all) > 0 {
		f.scenarios = a.Read(all[len(all)-1].Document).Scenarios
	}
	a.facts.Store(f)
	return f, nil
}
