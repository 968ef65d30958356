package access

import (
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/text"
	"premia/internal/store"
	"premia/internal/web/page"
)

const (
	auditPath  = "/console/audit"
	outboxPath = "/console/outbox"
	accessPath = "/console/access"
	auditPage  = 50
)

func (x *Access) auditRoutes() {
	x.area.Handle("GET "+auditPath, need(auth.AuditRead), x.audit)
	x.area.Handle("GET "+auditPath+"/export", need(auth.AuditRead), x.exportAudit)
	x.area.Handle("GET "+outboxPath, need(auth.MessagesRead), x.outbox)
	x.area.Handle("POST "+outboxPath+"/retry", need(auth.SettingsWrite), x.retryMessages)
	x.area.Handle("POST "+outboxPath+"/{message}/give-up", need(auth.SettingsWrite), x.giveUpMessage)
	x.area.Handle("GET "+accessPath, need(auth.SettingsWrite), page.Proving(x.settingsForm))
	x.area.Handle("POST "+accessPath, need(auth.SettingsWrite), x.settings)
}

// auditData is a page of the audit trail.
type auditData struct {
	Form *page.Form
	// Actions are those to choose from.
	Actions []choice
	Rows    []auditRow
	// Older is the address of the next page; empty on the last.
	Older string
	// Up tells that the earliest stand first, and Other is the address of the other order.
	Up    bool
	Other string
	// Export are the addresses of the trail as files.
	CSV, NDJSON string
}

// auditFields are those of the form by which rows are chosen.
var auditFields = []string{"actor", "action", "target", "address", "from", "until"}

func (x *Access) auditFilter(r *page.Context) (*page.Form, store.AuditFilter, error) {
	f := page.NewForm()
	query := r.R.URL.Query()
	for _, name := range auditFields {
		f.Values[name] = strings.TrimSpace(query.Get(name))
	}
	out := store.AuditFilter{Action: f.Get("action"), Target: f.Get("target"), Address: f.Get("address")}
	out.From, out.Until = x.dayOf(r, f, "from", 0), x.dayOf(r, f, "until", 1)
	var err error
	out.Actors, err = x.app.ActorsCalled(r.Ctx(), f.Get("actor"))
	return f, out, err
}

// dayOf reads a day of the form as the moment of its beginning, or so many days later.
func (x *Access) dayOf(r *page.Context, f *page.Form, name string, later int) calendar.Instant {
	if f.Get(name) == "" {
		return calendar.None
	}
	day, err := time.ParseInLocation(time.DateOnly, f.Get(name), x.zone())
	if err != nil {
		f.Wrong(name, r.Say("access.audit.day.wrong"))
		return calendar.None
	}
	return calendar.Of(day.AddDate(0, 0, later))
}

// zone is that of the program.
func (x *Access) zone() *time.Location {
	if p := x.app.Program(); p != nil {
		return p.Zone
	}
	return time.UTC
}

func (x *Access) audit(r *page.Context) error {
	f, filter, err := x.auditFilter(r)
	if err != nil {
		return err
	}
	filter.Before, _ = strconv.ParseInt(r.Form("before"), 10, 64) // anything else is the latest
	filter.After, _ = strconv.ParseInt(r.Form("after"), 10, 64)
	up := r.Form("dir") == "up"
	read := x.app.AuditPage
	if up {
		read = x.app.AuditPageUp
	}
	rows, older, err := read(r.Ctx(), filter, auditPage)
	if err != nil {
		return err
	}
	names, err := x.app.TrailNames(r.Ctx())
	if err != nil {
		return err
	}
	d := auditData{Form: f, Up: up, Actions: x.actions(r, f.Get("action"))}
	for i := range rows {
		d.Rows = append(d.Rows, x.auditRow(r, &rows[i], names))
	}
	query := url.Values{}
	for _, name := range auditFields {
		if f.Get(name) != "" {
			query.Set(name, f.Get(name))
		}
	}
	d.CSV, d.NDJSON = exportPath(query, "csv"), exportPath(query, "ndjson")
	if d.Other = auditPath + "?" + query.Encode(); !up {
		query.Set("dir", "up")
		d.Other = auditPath + "?" + query.Encode()
		query.Del("dir")
	}
	if older > 0 {
		from := "before"
		if up {
			from = "after"
			query.Set("dir", "up")
		}
		query.Set(from, strconv.FormatInt(older, 10))
		d.Older = auditPath + "?" + query.Encode()
	}
	return r.Page("audit", d)
}

func exportPath(query url.Values, format string) string {
	query.Set("format", format)
	defer query.Del("format")
	return auditPath + "/export?" + query.Encode()
}

func (x *Access) exportAudit(r *page.Context) error {
	_, filter, err := x.auditFilter(r)
	if err != nil {
		return err
	}
	format := r.Form("format")
	kind := "application/x-ndjson"
	if format == "csv" {
		kind = "text/csv; charset=utf-8"
	}
	return r.File(kind, "audit."+url.PathEscape(format), func(w io.Writer) error { return x.app.ExportAudit(r.Ctx(), w, format, filter) })
}

// outboxData is a page of messages.
type outboxData struct {
	Messages []outboxMessage
	Older    string
	// Failing tells that some were refused, and MayMend that the visitor may have them
	// tried again.
	Failing, MayMend bool
}

// outboxMessage is a message and where it stands: "sent", "given_up", "late", "failed" or "waits".
type outboxMessage struct {
	store.Message
	State string
	// Why says what kept it from being sent.
	Why text.Sentence
}

func (x *Access) stateOfMessage(m *store.Message) string {
	switch {
	case m.Sent != calendar.None:
		return "sent"
	case app.GivenUp(m):
		return "given_up"
	case x.app.TooLate(m):
		return "late"
	case m.Error != "":
		return "failed"
	}
	return "waits"
}

func (x *Access) outbox(r *page.Context) error {
	before, _ := strconv.ParseInt(r.Form("before"), 10, 64)
	all, err := x.app.Messages(r.Ctx(), before, auditPage+1)
	if err != nil {
		return err
	}
	d := outboxData{MayMend: r.Visitor.Meets(need(auth.SettingsWrite))}
	for i := range all[:min(len(all), auditPage)] {
		state := x.stateOfMessage(&all[i])
		d.Messages, d.Failing = append(d.Messages, outboxMessage{all[i], state, app.NotSent(all[i].Error)}), d.Failing || state == "failed" || state == "late"
	}
	if len(all) > auditPage {
		d.Older = outboxPath + "?before=" + strconv.FormatInt(all[auditPage-1].ID, 10)
	}
	return r.Page("outbox", d)
}

func (x *Access) retryMessages(r *page.Context) error {
	again, err := x.app.RetryMessages(r.Ctx())
	if err != nil {
		return err
	}
	return r.Done(outboxPath, "access.outbox.retried", "Number", again)
}

func (x *Access) giveUpMessage(r *page.Context) error {
	id, err := strconv.ParseInt(r.R.PathValue("message"), 10, 64)
	if err != nil {
		return page.ErrNotFound
	}
	if err := x.app.GiveUpMessage(r.Ctx(), id); err != nil {
		return err
	}
	return r.Done(outboxPath, "access.outbox.was_given_up")
}

func (x *Access) settingsForm(r *page.Context) error {
	s, err := x.app.AccessSettings(r.Ctx())
	if err != nil {
		return err
	}
	return r.Page("settings", page.NewForm("second_factor", onOff(s.SecondFactor), "two_publish", onOff(s.TwoPublish), "scenarios_bind", onOff(s.ScenariosBind)))
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return ""
}

func (x *Access) settings(r *page.Context) error {
	f, err := r.ReadForm("second_factor", "two_publish", "scenarios_bind")
	if err != nil {
		return err
	}
	err = x.app.SetAccessSettings(r.Ctx(), app.AccessSettings{
		SecondFactor: f.Get("second_factor") == "on", TwoPublish: f.Get("two_publish") == "on",
		ScenariosBind: f.Get("scenarios_bind") == "on",
	})
	if err != nil {
		return err
	}
	return r.Done(accessPath, "access.settings.saved")
}
