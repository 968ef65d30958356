package app

import (
	"context"
	"embed"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/text"
	"premia/internal/store"
)

//go:embed words
var words embed.FS

// The bounds of the outbox.
const (
	messagesKept = 7 * calendar.Day
	// givenUp is how often a message counts as tried that somebody gave up: it is not
	// tried again, and wants nobody's attention.
	givenUp = 1_000_000
	// TextsADay bounds the text messages of a day where the configuration doesn't: who
	// has many addresses could have codes sent to any number, for which the business pays.
	TextsADay = 1000
	textsKey  = "text messages of the day"
)

// EmailChannel names messages by e-mail.
const EmailChannel = "email"

// catalogs are the words that this package says.
func catalogs() []fs.FS { return []fs.FS{words} }

// mail puts a message to somebody into the outbox, in their language. Values are the
// message's own; it also knows the Workspace.
func (a *App) mail(ctx context.Context, to, language, id string, namesAndValues ...any) error {
	return a.mailUntil(ctx, 0, to, language, id, namesAndValues...)
}

// mailUntil does so with a message that is sent until a moment at the latest, such as
// that at which the link in it ends.
func (a *App) mailUntil(ctx context.Context, until calendar.Instant, to, language, id string, namesAndValues ...any) error {
	values := append(slices.Clone(namesAndValues), "Workspace", text.Quoted(a.Called(ctx, "")))
	say := func(part string) string { return a.Words.Render(language, text.New(id+"."+part, values...)) }
	return a.send(ctx, &store.Message{Channel: EmailChannel, Recipient: to, Subject: say("subject"), Body: say("body"), Until: until})
}

// send puts a message into the outbox, from which it goes as soon as that can be. The error
// is a *Problem with CodeTooManyAttempts for a text message above the bound of the day.
func (a *App) send(ctx context.Context, m *store.Message) error {
	m.Created = a.wall()
	if m.Channel == SMSChannel {
		if err := a.allow(ctx, textsKey, a.texts, calendar.Day); err != nil {
			return err
		}
	}
	if _, err := a.Store.AddMessage(ctx, m, m.Created-messagesKept); err != nil {
		return err
	}
	a.wakeOutbox()
	return nil
}

// CanSend tells whether messages can be sent by a channel.
func (a *App) CanSend(channel string) bool { return slices.Contains(a.channels, channel) }

// Link gives the address of a path of this workspace's pages.
func (a *App) Link(path string) string { return strings.TrimSuffix(a.url, "/") + path }

// Messages gives up to limit messages of the outbox before a number (0 for the latest),
// the latest first. What a message says may have a link or a code by which one gets in, so
// that nobody reads it but whom it is for: it is empty for all users and keys.
func (a *App) Messages(ctx context.Context, before int64, limit int) ([]store.Message, error) {
	if err := may(ctx, auth.MessagesRead); err != nil {
		return nil, err
	}
	if before <= 0 {
		before = 1 << 62
	}
	all, err := a.Store.Messages(ctx, before, limit)
	if ActorOf(ctx).Kind != auth.KindSystem {
		for i := range all {
			all[i].Body = ""
		}
	}
	return all, err
}

// CodeUnknownMessageOut says that there is no such message that waits.
const CodeUnknownMessageOut = "unknown_unsent_message"

// RetryMessages lets messages that were refused be tried again at once, however often
// they were, and gives how many there are. Those whose links are over are given up.
func (a *App) RetryMessages(ctx context.Context) (int64, error) {
	if err := may(ctx, auth.SettingsWrite); err != nil {
		return 0, err
	}
	again, err := a.Store.RetryMessages(ctx, givenUp, a.wall())
	if err != nil {
		return 0, err
	}
	a.wakeOutbox()
	return again, a.note(ctx, a.audited(ctx, "outbox.retried", "", "messages", again))
}

// GiveUpMessage lets a message that was not sent be tried no more.
func (a *App) GiveUpMessage(ctx context.Context, id int64) error {
	if err := may(ctx, auth.SettingsWrite); err != nil {
		return err
	}
	found, err := a.Store.GiveUpMessage(ctx, id, givenUp)
	if err == nil && !found {
		err = problem(CodeUnknownMessageOut, "message", text.Say("no message {ID} waits to be sent", id), "Key", text.Quoted(strconv.FormatInt(id, 10)))
	}
	if err != nil {
		return err
	}
	return a.note(ctx, a.audited(ctx, "outbox.given_up", strconv.FormatInt(id, 10)))
}

// GivenUp tells whether somebody gave a message up.
func GivenUp(m *store.Message) bool { return m.Sent == calendar.None && m.Tried >= givenUp }

// TooLate tells whether a message was not sent while what it says was good.
func (a *App) TooLate(m *store.Message) bool { return m.Sent == calendar.None && m.Until <= a.wall() }
