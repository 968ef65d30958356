package app

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/i18n"
	"premia/internal/journal"
	"premia/internal/store"
)

// maxAuditPage is the most rows of the audit trail in one page.
const maxAuditPage = 200

// ErrAuditBroken says where the audit trail is not what was written.
var ErrAuditBroken = errors.New("the audit trail was tampered with")

// auditRow is a row of the audit trail in the hands of those who keep it with what they
// do by the journal's clock. Its own time is that of the machine.
type auditRow = store.Audit

// audited makes a row of the audit trail: what the actor of the context does to a
// target. Details are names and values, without secrets and without personal values.
func (a *App) audited(ctx context.Context, action, target string, details ...any) store.Audit {
	if trail, ok := ctx.Value(trailed{}).(*Trail); ok {
		trail.add(action)
	}
	return rowOf(ctx, a.wall(), action, target, details)
}

func rowOf(ctx context.Context, at calendar.Instant, action, target string, details []any) store.Audit {
	who := ActorOf(ctx)
	row := store.Audit{At: at, Kind: string(who.Kind), Actor: who.ID, Address: who.Address, Action: action, Target: target}
	if who.Kind == "" {
		row.Kind = string(auth.KindSystem)
	}
	if len(details) > 0 {
		all := make(map[string]any, len(details)/2)
		for i := 0; i+1 < len(details); i += 2 {
			all[details[i].(string)] = details[i+1]
		}
		// Names, numbers and texts always have a JSON form, in which names are sorted.
		src, _ := json.Marshal(all)
		row.Details = string(src)
	}
	return row
}

// Trail hears what the audit trail is told while a request is answered, so that whoever
// answers it can see that an act is never forgotten there. It may be used by several
// goroutines.
type Trail struct {
	mu      sync.Mutex
	actions []string
}

// trailed is the context's key of the trail.
type trailed struct{}

// WithTrail makes a trail of what is done with the context.
func WithTrail(ctx context.Context) (context.Context, *Trail) {
	t := &Trail{}
	return context.WithValue(ctx, trailed{}, t), t
}

func (t *Trail) add(action string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.actions = append(t.actions, action)
}

// again tells the trail that a request was answered as it was the first time, when the
// audit trail was told of it.
func again(ctx context.Context) {
	if trail, ok := ctx.Value(trailed{}).(*Trail); ok {
		trail.add(toldBefore)
	}
}

// toldBefore stands among a trail's actions for one that was told with the first of
// several same requests.
const toldBefore = ""

// Told tells whether the audit trail was told one of some actions, which stand between
// spaces, now or when the same request came first.
func (t *Trail) Told(actions string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Contains(t.actions, toldBefore) || slices.ContainsFunc(strings.Fields(actions), func(one string) bool { return slices.Contains(t.actions, one) })
}

// change runs fn in a transaction that also keeps what the audit trail says.
func (a *App) change(ctx context.Context, row store.Audit, fn func(*store.Tx) error) error {
	return a.Store.Change(ctx, func(tx *store.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return tx.Audit(ctx, row)
	})
}

// note keeps a row of the audit trail of something that has no transaction of its own.
func (a *App) note(ctx context.Context, row store.Audit) error {
	return a.Store.Change(ctx, func(tx *store.Tx) error { return tx.Audit(ctx, row) })
}

// noteSystem keeps a row of what a command does to a database that is open as no
// workspace.
func noteSystem(ctx context.Context, s *store.Store, action, target string, details ...any) error {
	row := rowOf(ctx, calendar.Of(time.Now()), action, target, details)
	return s.Change(ctx, func(tx *store.Tx) error { return tx.Audit(ctx, row) })
}

// Audited tells whether an event that a key sends is an act of the business's own
// people, which the audit trail keeps; purchases and the like stand in the journal
// alone. What users do is kept always.
func Audited(eventType string) bool {
	switch eventType {
	case event.Profile, event.Merge, event.GiftCardIssue, event.GiftCardTopUp, event.GiftCardBlock:
		return true
	}
	return event.Attributed(eventType)
}

// withAudit lets the journal keep, with the decision, that somebody of the business
// sent the event, or that a member left.
func (a *App) withAudit(ctx context.Context, r *journal.Request) {
	who := ActorOf(ctx)
	erases := len(r.Forget) == 1 && r.Forget[0] == (store.PersonalKey{})
	if who.Kind == auth.KindUser || who.Kind == auth.KindKey && Audited(r.Event.Type) || who.Kind == auth.KindMember && erases {
		action := "event." + r.Event.Type
		if erases {
			action = "personal.erased"
		}
		row := a.audited(ctx, action, "")
		r.Audit = &row
	}
}

// submit puts an event into its writer's queue, and append waits for its decision; both
// keep who of the business sent it.
func (a *App) submit(ctx context.Context, r journal.Request) (*journal.Ticket, error) {
	a.withAudit(ctx, &r)
	return a.Journal.Submit(ctx, r)
}

func (a *App) append(ctx context.Context, r journal.Request) (journal.Answer, error) {
	a.withAudit(ctx, &r)
	return a.Journal.Append(ctx, r)
}

// AuditPage gives up to limit rows of the audit trail that the filter chooses, the
// latest first, and the number before which the next page begins; 0 if there is none.
func (a *App) AuditPage(ctx context.Context, f store.AuditFilter, limit int) (rows []store.Audit, next int64, err error) {
	if err := may(ctx, auth.AuditRead); err != nil {
		return nil, 0, err
	}
	limit = min(max(limit, 1), maxAuditPage)
	rows, err = a.Store.Audits(ctx, f, limit+1)
	if err != nil {
		return nil, 0, err
	}
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].Seq
	}
	return rows, next, nil
}

// AuditPageUp does so with the earliest first; next is the number after which the next page
// begins.
func (a *App) AuditPageUp(ctx context.Context, f store.AuditFilter, limit int) (rows []store.Audit, next int64, err error) {
	if err := may(ctx, auth.AuditRead); err != nil {
		return nil, 0, err
	}
	limit = min(max(limit, 1), maxAuditPage)
	rows, err = a.Store.AuditsForwards(ctx, f, limit+1)
	if err == nil && len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].Seq
	}
	return rows, next, err
}

// TrailNames gives the names of those whom the audit trail names by their ids: users, keys,
// tills and drafts; for whoever may read it. Who was erased has none.
func (a *App) TrailNames(ctx context.Context) (map[string]string, error) {
	if err := may(ctx, auth.AuditRead); err != nil {
		return nil, err
	}
	users, err := a.Store.Users(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for i := range users {
		if users[i].Name != "" {
			names[users[i].ID] = users[i].Name
		}
	}
	keys, err := auth.List(ctx, a.Store)
	if err != nil {
		return nil, err
	}
	for i := range keys {
		names[keys[i].ID] = keys[i].Name
	}
	tills, err := a.Store.Tills(ctx)
	if err != nil {
		return nil, err
	}
	for i := range tills {
		names[tills[i].ID] = tills[i].Name
	}
	drafts, err := a.Store.Drafts(ctx)
	for i := range drafts {
		names[drafts[i].ID] = drafts[i].Title
	}
	return names, err
}

// ActorsCalled gives the ids of users and keys whose name or e-mail address has the words
// in it, beside the words themselves, which may be an id; for a filter of the trail.
func (a *App) ActorsCalled(ctx context.Context, words string) ([]string, error) {
	if err := may(ctx, auth.AuditRead); err != nil || words == "" {
		return nil, err
	}
	users, err := a.Store.Users(ctx)
	if err != nil {
		return nil, err
	}
	keys, err := auth.List(ctx, a.Store)
	wanted, ids := i18n.Fold(words), []string{words}
	for i := range users {
		if strings.Contains(i18n.Fold(users[i].Name), wanted) || strings.Contains(users[i].Email, strings.ToLower(words)) {
			ids = append(ids, users[i].ID)
		}
	}
	for i := range keys {
		if strings.Contains(i18n.Fold(keys[i].Name), wanted) {
			ids = append(ids, keys[i].ID)
		}
	}
	return ids, err
}

// auditColumns head the table of an export.
var auditColumns = []string{"seq", "at", "kind", "actor", "address", "action", "target", "details", "hash"}

// auditLine is a row of the audit trail in NDJSON.
type auditLine struct {
	Seq     int64           `json:"seq"`
	At      string          `json:"at"`
	Kind    string          `json:"kind"`
	Actor   string          `json:"actor,omitempty"`
	Address string          `json:"address,omitempty"`
	Action  string          `json:"action"`
	Target  string          `json:"target,omitempty"`
	Details json.RawMessage `json:"details,omitempty"`
	Hash    string          `json:"hash"`
}

// ExportAudit writes the rows that the filter chooses, the earliest first, as "csv" or
// "ndjson". That somebody did is itself kept.
func (a *App) ExportAudit(ctx context.Context, w io.Writer, format string, f store.AuditFilter) error {
	if err := may(ctx, auth.AuditRead); err != nil {
		return err
	}
	if format != "csv" && format != "ndjson" {
		return problem(event.CodeInvalid, "format", "the format is csv or ndjson")
	}
	if err := a.note(ctx, a.audited(ctx, "audit.exported", "", "format", format)); err != nil {
		return err
	}
	table, lines := csv.NewWriter(w), json.NewEncoder(w)
	if format == "csv" {
		if err := table.Write(auditColumns); err != nil {
			return err
		}
	}
	for {
		rows, err := a.Store.AuditsForwards(ctx, f, maxAuditPage)
		if err != nil {
			return err
		}
		for i := range rows {
			if format == "csv" {
				err = table.Write(auditFields(&rows[i]))
			} else {
				err = lines.Encode(auditLineOf(&rows[i]))
			}
			if err != nil {
				return err
			}
		}
		table.Flush()
		if err := table.Error(); err != nil || len(rows) < maxAuditPage {
			return err
		}
		f.After = rows[len(rows)-1].Seq
	}
}

func auditFields(r *store.Audit) []string {
	return []string{strconv.FormatInt(r.Seq, 10), r.At.String(), r.Kind, r.Actor, r.Address, r.Action, NoFormula(r.Target), r.Details, fmt.Sprintf("%x", r.Hash)}
}

// NoFormula is a text as a cell of a file has it that people open in a spreadsheet:
// what that would take for a formula begins with an apostrophe.
func NoFormula(s string) string {
	if s != "" && strings.ContainsAny(s[:1], "=+-@\t\r") {
		return "'" + s
	}
	return s
}

func auditLineOf(r *store.Audit) auditLine {
	return auditLine{r.Seq, r.At.String(), r.Kind, r.Actor, r.Address, r.Action, r.Target, json.RawMessage(r.Details), fmt.Sprintf("%x", r.Hash)}
}

// VerifyAudit compares every row of the audit trail with its hash and the one before,
// and gives how many there are. The error wraps [ErrAuditBroken] where one was changed,
// or is missing.
func VerifyAudit(ctx context.Context, s *store.Store) (int64, error) {
	return followAudit(func(after int64) ([]store.Audit, error) { return s.AuditFrom(ctx, after, maxAuditPage) })
}

func isBroken(err error) bool { return errors.Is(err, ErrAuditBroken) }

// followAudit follows the rows that are read from one after a number on.
func followAudit(read func(after int64) ([]store.Audit, error)) (int64, error) {
	var before store.Audit
	for {
		rows, err := read(before.Seq)
		if err != nil || len(rows) == 0 {
			return before.Seq, err
		}
		for i := range rows {
			row := &rows[i]
			if row.Seq != before.Seq+1 || row.Hash != store.LinkAudit(before.Hash, row) {
				return before.Seq, fmt.Errorf("%w: row %d does not follow from row %d", ErrAuditBroken, row.Seq, before.Seq)
			}
			before = *row
		}
	}
}

// auditTrail copies the audit trail.
func (m *mover) auditTrail(ctx context.Context) error {
	for after := int64(0); ; {
		rows, err := m.from.Audits(ctx, after, pageOfRows)
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := m.to.KeepAudit(ctx, rows); err != nil {
			return err
		}
		after = rows[len(rows)-1].Seq
	}
}
