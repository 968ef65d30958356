package portal

import (
	"regexp"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/web/page"
)

// Demo adds the page that shows what the demo would have sent. Everybody may read it,
// so that it must not be added to a workspace with real people.
func (p *Portal) Demo() {
	p.area.Handle("GET /demo/outbox", page.Anyone, p.outbox)
}

// messageView is a message with the link that stands in it.
type messageView struct {
	Channel, Recipient, Subject, Body string
	At                                calendar.Instant
	Link                              string
}

// shownMessages are listed.
const shownMessages = 20

// ownLink finds the path of a link of this site in a message.
var ownLink = regexp.MustCompile(`https?://[^/\s]+(/\S+)`)

func (p *Portal) outbox(c *page.Context) error {
	ctx := app.WithActor(c.Ctx(), auth.System("demo"))
	all, err := p.app.Messages(ctx, 0, shownMessages)
	if err != nil {
		return err
	}
	var list []messageView
	for i := range all {
		m := &all[i]
		v := messageView{m.Channel, m.Recipient, m.Subject, m.Body, m.Created, ""}
		if found := ownLink.FindStringSubmatch(m.Body); found != nil {
			v.Link = page.Local(found[1], "")
		}
		list = append(list, v)
	}
	return c.Page("outbox", list)
}
