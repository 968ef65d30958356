package console

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/text"
	"premia/internal/store"
	"premia/internal/web/page"
)

const webhooksPath = "/console/webhooks"

func (c *Console) webhookRoutes() {
	need := page.Need(auth.WebhooksWrite)
	c.area.Handle("GET /console/webhooks", need, c.webhooks)
	c.area.Handle("GET /console/webhooks/new", need, page.Proving(c.newWebhook))
	c.area.Handle("POST /console/webhooks/new", need, c.makeWebhook)
	c.area.Handle("GET /console/webhooks/{endpoint}", need, c.webhook)
	c.area.Handle("GET /console/webhooks/{endpoint}/edit", need, page.Proving(c.editWebhook))
	c.area.Handle("POST /console/webhooks/{endpoint}/edit", need, c.changeWebhook)
	c.area.Handle("POST /console/webhooks/{endpoint}/{act}", need, c.actOnWebhook)
	c.area.Handle("POST /console/webhooks/{endpoint}/deliveries/{delivery}", need, c.resend)
}

func webhookState(r *page.Context, w *app.Webhook) page.Cell {
	switch {
	case w.State == store.EndpointDisabled:
		return page.Cell{Text: r.Say("console.webhook.state.disabled"), Badge: "red"}
	case w.State == store.EndpointPaused:
		return page.Cell{Text: r.Say("console.webhook.state.paused"), Badge: "secondary"}
	case w.Failing():
		return page.Cell{Text: r.Say("console.webhook.state.failing"), Badge: "yellow"}
	}
	return page.Cell{Text: r.Say("console.webhook.state.active"), Badge: "green"}
}

func (c *Console) webhooks(r *page.Context) error {
	all, err := c.app.Webhooks(r.Ctx())
	if err != nil {
		return err
	}
	l := &page.List{
		ID: "webhooks", Path: webhooksPath, Query: r.Query(), Search: r.Say("console.webhooks.search"),
		Empty: r.Say("console.webhooks.none"), StartPath: webhooksPath + "/new",
		StartLabel: r.Say("console.webhook.new"),
		Columns: []page.Column{
			{ID: "url", Label: r.Say("console.webhook.url"), Sorted: true},
			{ID: "about", Label: r.Say("console.webhook.description"), Sorted: true},
			{ID: "state", Label: r.Say("console.list.state"), Sorted: true, Filter: true},
			{ID: "last", Label: r.Say("console.webhook.last"), Sorted: true},
		},
	}
	for i := range all {
		w := &all[i]
		l.Rows = append(l.Rows, page.Row{Cells: []page.Cell{
			{Text: w.URL, Link: webhooksPath + "/" + w.ID}, plainCell(w.Description), webhookState(r, w),
			moment(w.LastSuccess, r.Say("console.reward.never")),
		}})
	}
	l.Arrange()
	return r.List("listing", l, listing{
		Title: r.Say("console.webhooks"), About: r.Say("console.webhooks.about"), List: l,
		Acts: []act{{Label: r.Say("console.webhook.new"), Path: webhooksPath + "/new", Icon: "plus", Primary: true}},
	})
}

var deliveryStates = map[store.DeliveryState]struct{ id, colour string }{
	store.DeliveryWaiting: {"waiting", "azure"}, store.DeliveryFailing: {"failing", "yellow"},
	store.DeliveryDone: {"done", "green"}, store.DeliveryGivenUp: {"given_up", "red"},
}

func (c *Console) webhook(r *page.Context) error {
	w, err := c.app.Webhook(r.Ctx(), r.R.PathValue("endpoint"))
	if err != nil {
		return err
	}
	return c.showWebhook(r, &w, "")
}

// deliveriesPage is how many deliveries are listed at a time.
const deliveriesPage = 50

// showWebhook shows a receiver with its deliveries, and a secret, this once.
func (c *Console) showWebhook(r *page.Context, w *app.Webhook, secret string) error {
	path, none, q := webhooksPath+"/"+w.ID, r.Say("console.list.none"), r.Query()
	d := record{Title: w.URL, Secret: secret, Facts: []recordFact{
		{r.Say("console.list.state"), webhookState(r, w)}, {r.Say("console.webhook.description"), plainCell(firstOf(w.Description, none))},
		{r.Say("console.webhook.types"), plainCell(firstOf(strings.Join(w.Types, ", "), r.Say("console.webhook.types.all")))},
		{r.Say("console.webhook.last"), moment(w.LastSuccess, r.Say("console.reward.never"))}, {r.Say("console.list.created"), page.Cell{At: w.Created}},
	}}
	for _, more := range []recordFact{{r.Say("console.list.why"), plainCell(whole(r, w.Why()))}, {r.Say("console.webhook.old_until"), moment(w.OldUntil, "")}} {
		if more.Value.Text != "" || more.Value.At != 0 && more.Value.At != calendar.None {
			d.Facts = append(d.Facts, more)
		}
	}
	d.Acts = webhookActs(r, w, path)
	state, up := deliveryState(q.Filters.Get("state")), q.Sort == "created" && !q.Down
	if q.Sort == "" {
		q.Sort, q.Down = "created", true
	}
	rows := func(after string) ([]page.Row, string, error) { return c.deliveryRows(r, w.ID, state, up, after) }
	first, next, err := rows(q.After)
	if err != nil {
		return err
	}
	l := &page.List{
		ID: "deliveries", Path: path, Query: q, Total: -1, Rows: first, Next: next, More: rows,
		Empty: r.Say("console.webhook.deliveries.none"),
		Columns: []page.Column{
			{ID: "type", Label: r.Say("console.webhook.message")},
			{ID: "state", Label: r.Say("console.list.state")},
			{ID: "status", Label: r.Say("console.webhook.answer")},
			{ID: "attempts", Label: r.Say("console.webhook.attempts"), Number: true},
			{ID: "created", Label: r.Say("console.list.when"), Sorted: true},
			{ID: "last", Label: r.Say("console.webhook.tried")},
			{ID: "actions"},
		},
	}
	choice := page.Choice{ID: "state", Label: r.Say("console.list.state"), Value: deliveryStates[state].id}
	for _, one := range []store.DeliveryState{store.DeliveryWaiting, store.DeliveryFailing, store.DeliveryDone, store.DeliveryGivenUp} {
		choice.Options = append(choice.Options, page.Option{Value: deliveryStates[one].id, Label: r.Say("console.webhook.delivery." + deliveryStates[one].id)})
	}
	l.Choices = []page.Choice{choice}
	d.Lists = []titledList{titled(r.Say("console.webhook.deliveries"), l)}
	return r.List("record", l, &d)
}

// whole says a sentence that stands alone; nothing where it is empty.
func whole(r *page.Context, words text.Sentence) string {
	if words == "" {
		return ""
	}
	return r.Say("console.sentence", "What", words)
}

// deliveryState gives the state of a name; 0, which is all, where there is none.
func deliveryState(id string) store.DeliveryState {
	for state, known := range deliveryStates {
		if known.id == id {
			return state
		}
	}
	return 0
}

// deliveryRows are rows of a receiver's deliveries, the latest or the oldest first, from a
// place on.
func (c *Console) deliveryRows(r *page.Context, endpoint string, state store.DeliveryState, up bool, after string) ([]page.Row, string, error) {
	from, _ := strconv.ParseInt(after, 10, 64) // anything else is the beginning
	read := c.app.Deliveries
	if up {
		read = c.app.DeliveriesAfter
	}
	list, err := read(r.Ctx(), endpoint, from, state, deliveriesPage)
	if err != nil {
		return nil, "", err
	}
	rows, none := make([]page.Row, len(list)), r.Say("console.list.none")
	for i := range list {
		x := &list[i]
		shown, answer := deliveryStates[x.State], whole(r, app.WentWrong(x.Error))
		if x.Status != 0 {
			answer = strconv.FormatInt(x.Status, 10)
		}
		row := []page.Cell{
			plainCell(x.Type), {Text: r.Say("console.webhook.delivery." + shown.id), Badge: shown.colour},
			plainCell(firstOf(answer, "–")), number(r, x.Attempts), moment(x.Created, none), {}, {},
		}
		if x.Attempts > 0 {
			row[5] = moment(x.Last, none)
		}
		if x.State == store.DeliveryDone || x.State == store.DeliveryGivenUp {
			path := webhooksPath + "/" + endpoint + "/deliveries/" + strconv.FormatInt(x.ID, 10)
			row[6].Actions = []page.Action{{Label: r.Say("console.webhook.resend"), Path: path, Icon: "send", Post: true}}
		}
		rows[i] = page.Row{Cells: row}
	}
	next := ""
	if len(list) == deliveriesPage {
		next = strconv.FormatInt(list[len(list)-1].ID, 10)
	}
	return rows, next, nil
}

func webhookActs(r *page.Context, w *app.Webhook, path string) []act {
	post := func(word, icon string) act {
		return act{Label: r.Say("console.webhook.do." + word), Path: path + "/" + word, Icon: icon, Post: true}
	}
	confirmed := func(a act, id string, danger bool) act {
		a.Confirm, a.Danger = r.Say(id), danger
		return a
	}
	test := post("test", "send")
	test.Hidden = newID()
	acts := []act{test, {Label: r.Say("console.list.edit"), Path: path + "/edit", Icon: "edit"}}
	if w.State == store.EndpointActive {
		acts = append(acts, post("pause", "player-pause"))
	} else {
		resume := post("resume", "player-play")
		resume.Primary = true
		acts = append(acts, resume)
	}
	return append(
		acts, confirmed(post("rotate", "refresh"), "console.webhook.rotate.confirm", false),
		confirmed(post("remove", "trash"), "console.webhook.remove.confirm", true),
	)
}

func (c *Console) webhookForm(r *page.Context, path, title string, form *page.Form) *record {
	chosen := splitWords(form.Get("types"))
	var types []map[string]any
	for _, t := range app.WebhookTypes() {
		types = append(types, map[string]any{"Value": t.Name, "On": slices.Contains(chosen, t.Name)})
	}
	return &record{
		Title: title,
		Form: &formCard{Path: path, Submit: r.Say("console.save"), Form: form, Hidden: []hidden{{"key", firstOf(form.Get("key"), app.NewEventID())}}, Fields: []field{
			{
				Name: "url", Label: r.Say("console.webhook.url"), Type: "url", Required: true,
				Hint: r.Say("console.webhook.url.hint"),
			}, {Name: "description", Label: r.Say("console.webhook.description")},
			{Name: "types", Label: r.Say("console.webhook.types"), Type: "checks", Hint: r.Say("console.webhook.types.hint"), Options: types},
		}},
	}
}

func (c *Console) newWebhook(r *page.Context) error {
	return r.Page("record", c.webhookForm(r, webhooksPath+"/new", r.Say("console.webhook.new"), page.NewForm("url", "", "description", "", "types", "")))
}

// splitWords gives the words of a text, however they are separated.
func splitWords(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' || r == '\r' || r == '\t' })
}

// readWebhook reads the form of a receiver; its types are words of one value.
func readWebhook(r *page.Context) (*page.Form, error) {
	form, err := r.ReadForm("key", "url", "description")
	if err == nil {
		form.Values["types"] = strings.Join(r.R.PostForm["types"], "\n")
	}
	return form, err
}

func (c *Console) makeWebhook(r *page.Context) error {
	form, err := readWebhook(r)
	if err != nil {
		return err
	}
	w, secret, err := c.app.CreateWebhook(r.Ctx(), app.NewWebhook{
		Key: form.Get("key"), URL: form.Get("url"), Description: form.Get("description"),
		Types: splitWords(form.Get("types")),
	})
	if err != nil {
		if app.AsProblem(err).Code == app.CodeProveAgain || !r.Refuse(form, err) {
			return err
		}
		return mend(r, c.webhookForm(r, webhooksPath+"/new", r.Say("console.webhook.new"), form))
	}
	return c.showWebhook(r, &w, secret)
}

func (c *Console) editWebhook(r *page.Context) error {
	w, err := c.app.Webhook(r.Ctx(), r.R.PathValue("endpoint"))
	if err != nil {
		return err
	}
	form := page.NewForm("url", w.URL, "description", w.Description, "types", strings.Join(w.Types, "\n"))
	return r.Page("record", c.webhookForm(r, webhooksPath+"/"+w.ID+"/edit", w.URL, form))
}

func (c *Console) changeWebhook(r *page.Context) error {
	form, err := readWebhook(r)
	if err != nil {
		return err
	}
	id := r.R.PathValue("endpoint")
	address, about, types := form.Get("url"), form.Get("description"), splitWords(form.Get("types"))
	_, err = c.app.ChangeWebhook(r.Ctx(), id, app.WebhookChange{URL: &address, Description: &about, Types: &types})
	if err == nil {
		return r.Done(webhooksPath+"/"+url.PathEscape(id), "console.saved")
	}
	if app.AsProblem(err).Code == app.CodeProveAgain || !r.Refuse(form, err) {
		return err
	}
	return mend(r, c.webhookForm(r, webhooksPath+"/"+url.PathEscape(id)+"/edit", address, form))
}

func (c *Console) actOnWebhook(r *page.Context) error {
	form, err := r.ReadForm("id")
	if err != nil {
		return err
	}
	id, word := r.R.PathValue("endpoint"), r.R.PathValue("act")
	to, yes, no := webhooksPath+"/"+url.PathEscape(id), true, false
	switch word {
	case "test":
		_, err = c.app.TestWebhook(r.Ctx(), id, form.Get("id"))
	case "pause":
		_, err = c.app.ChangeWebhook(r.Ctx(), id, app.WebhookChange{Paused: &yes})
	case "resume":
		_, err = c.app.ChangeWebhook(r.Ctx(), id, app.WebhookChange{Paused: &no})
	case "remove":
		err, to = c.app.RemoveWebhook(r.Ctx(), id), webhooksPath
	case "rotate":
		w, secret, err := c.app.RotateWebhook(r.Ctx(), id, app.DefaultOverlap)
		if err != nil {
			return refuse(r, to, err)
		}
		return c.showWebhook(r, &w, secret)
	default:
		return page.ErrNotFound
	}
	if err != nil {
		return refuse(r, to, err)
	}
	return r.Done(to, "console.webhook.done."+word)
}

func (c *Console) resend(r *page.Context) error {
	to := webhooksPath + "/" + url.PathEscape(r.R.PathValue("endpoint"))
	number, err := strconv.ParseInt(r.R.PathValue("delivery"), 10, 64)
	if err != nil {
		return page.ErrNotFound
	}
	if _, err := c.app.ResendTo(r.Ctx(), r.R.PathValue("endpoint"), number); err != nil {
		return refuse(r, to, err)
	}
	return r.Done(to, "console.webhook.resent")
}
