package app

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/text"
	"premia/internal/store"
)

//go:embed words
var words embed.FS

// The bounds of the outbox: messages have secrets in them, so they go after a while.
const (
	messagesKept = 7 * calendar.Day
	// mostTries is how often a message is tried to be sent.
	mostTries = 8
	// givenUp is how often a message counts as tried that somebody gave up: it is not
	// tried again, and wants nobody's attention.
	givenUp     = 1_000_000
	outboxPage  = 50
	outboxEvery = time.Minute
)

// EmailChannel names messages by e-mail.
const EmailChannel = "email"

// Sender sends a message; its error is kept, and the message is tried again.
type Sender func(ctx context.Context, m *store.Message) error

// catalogs are the words that this package says.
func catalogs() []fs.FS { return []fs.FS{words} }

// mail puts a message to somebody into the outbox, in their language. Values are the
// message's own; it also knows the Workspace.
func (a *App) mail(ctx context.Context, to, language, id string, namesAndValues ...any) error {
	values := append(slices.Clone(namesAndValues), "Workspace", text.Quoted(a.Called(ctx, "")))
	say := func(part string) string { return a.Words.Render(language, text.New(id+"."+part, values...)) }
	return a.send(ctx, &store.Message{Channel: EmailChannel, Recipient: to, Subject: say("subject"), Body: say("body")})
}

// send puts a message into the outbox, from which it goes as soon as that can be.
func (a *App) send(ctx context.Context, m *store.Message) error {
	m.Created = a.wall()
	if _, err := a.Store.AddMessage(ctx, m, m.Created-messagesKept); err != nil {
		return err
	}
	select {
	case a.outbox <- struct{}{}:
	default: // somebody knows already
	}
	return nil
}

// CanSend tells whether messages can be sent by a channel.
func (a *App) CanSend(channel string) bool { return slices.Contains(a.channels, channel) }

// Link gives the address of a path of this workspace's pages.
func (a *App) Link(path string) string { return strings.TrimSuffix(a.url, "/") + path }

// Messages gives up to limit messages of the outbox before a number (0 for the latest),
// the latest first. They have links in them by which one gets in, so only whoever may
// read them sees them.
func (a *App) Messages(ctx context.Context, before int64, limit int) ([]store.Message, error) {
	if err := may(ctx, auth.MessagesRead); err != nil {
		return nil, err
	}
	if before <= 0 {
		before = 1 << 62
	}
	return a.Store.Messages(ctx, before, limit)
}

// CodeUnknownMessageOut says that there is no such message that waits.
const CodeUnknownMessageOut = "unknown_unsent_message"

// RetryMessages lets messages that were refused be tried again at once, however often
// they were, and gives how many there are.
func (a *App) RetryMessages(ctx context.Context) (int64, error) {
	if err := may(ctx, auth.SettingsWrite); err != nil {
		return 0, err
	}
	again, err := a.Store.RetryMessages(ctx, givenUp)
	if err != nil {
		return 0, err
	}
	select {
	case a.outbox <- struct{}{}:
	default: // somebody knows already
	}
	return again, a.note(ctx, a.audited(ctx, "outbox.retried", "", "messages", again))
}

// GiveUpMessage lets a message that was not sent be tried no more.
func (a *App) GiveUpMessage(ctx context.Context, id int64) error {
	if err := may(ctx, auth.SettingsWrite); err != nil {
		return err
	}
	found, err := a.Store.GiveUpMessage(ctx, id, givenUp)
	if err == nil && !found {
		err = problem(CodeUnknownMessageOut, "message", fmt.Sprintf("no message %d waits to be sent", id), "Key", text.Quoted(strconv.FormatInt(id, 10)))
	}
	if err != nil {
		return err
	}
	return a.note(ctx, a.audited(ctx, "outbox.given_up", strconv.FormatInt(id, 10)))
}

// GivenUp tells whether somebody gave a message up.
func GivenUp(m *store.Message) bool { return m.Sent == calendar.None && m.Tried >= givenUp }

// Outbox sends what is in the outbox, until it is stopped.
type Outbox struct {
	stop chan struct{}
	done chan struct{}
}

// StartOutbox sends messages by their channels: those that wait, and from then on each
// as it comes. Channels without a sender keep theirs. Now and then it also forgets
// sessions and steps that have ended.
func (a *App) StartOutbox(ctx context.Context, senders map[string]Sender) *Outbox {
	o := &Outbox{stop: make(chan struct{}), done: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	go func() { <-o.stop; cancel() }()
	go func() {
		defer close(o.done)
		again := time.NewTicker(outboxEvery)
		defer again.Stop()
		for {
			if err := errors.Join(a.SendWaiting(ctx, senders), a.ForgetOldAccess(ctx)); err != nil && ctx.Err() == nil {
				a.Log.Error("the outbox could not be emptied", "error", err)
			}
			select {
			case <-a.outbox:
			case <-again.C:
			case <-o.stop:
				return
			}
		}
	}()
	return o
}

// Stop lets the message under way end, and waits for that.
func (o *Outbox) Stop() {
	close(o.stop)
	<-o.done
}

// SendWaiting tries each message that was not sent yet, once.
func (a *App) SendWaiting(ctx context.Context, senders map[string]Sender) error {
	waiting, err := a.Store.UnsentMessages(ctx, mostTries, outboxPage)
	if err != nil {
		return err
	}
	for i := range waiting {
		m := &waiting[i]
		send, ok := senders[m.Channel]
		if !ok {
			continue
		}
		m.Tried, m.Error, m.Sent = m.Tried+1, "", a.wall()
		if err := send(ctx, m); err != nil {
			m.Error, m.Sent = err.Error(), calendar.None
			a.Log.Warn("a message could not be sent", "message", m.ID, "channel", m.Channel, "error", err)
		}
		if err := a.Store.NoteMessage(context.WithoutCancel(ctx), m); err != nil {
			return err
		}
	}
	return nil
}
