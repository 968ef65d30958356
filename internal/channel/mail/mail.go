// Package mail sends messages by SMTP, one conversation for each.
//
// What always holds: a password goes over a line that is encrypted, or to this very
// machine, and nowhere else; what stands in a message can't add headers to it.
package mail

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"

	"premia/internal/app"
	"premia/internal/store"
)

// timeout bounds a conversation with the server.
const timeout = 30 * time.Second

// Server is an SMTP server, and in whose name it sends.
type Server struct {
	host     string
	port     int
	from     string
	user     string
	password string
	// implicit tells that the line is encrypted from its beginning (port 465); others
	// are by STARTTLS.
	implicit bool
	// TLS changes how the line is encrypted, for tests; nil is the usual.
	TLS *tls.Config
}

// Parse reads a server's address, smtp://USER:PASSWORD@HOST:PORT or smtps:// for a line
// that is encrypted from its beginning. From is the sender, such as
// "Bean Club <club@example.com>".
func Parse(address, from string) (*Server, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") {
		// The address may have a password in it, so it is not said again.
		return nil, fmt.Errorf("write the mail server as smtp://USER:PASSWORD@HOST:PORT, or smtps:// for port 465")
	}
	s := &Server{host: u.Hostname(), port: 587, from: from, implicit: u.Scheme == "smtps"}
	if s.implicit {
		s.port = 465
	}
	if u.Port() != "" {
		if s.port, err = strconv.Atoi(u.Port()); err != nil {
			return nil, fmt.Errorf("the mail server's port is no number")
		}
	}
	s.user = u.User.Username()
	s.password, _ = u.User.Password()
	if err := gomail.NewMsg().From(from); err != nil {
		return nil, fmt.Errorf("the sender of messages, %q, is no e-mail address: %w", from, err)
	}
	return s, nil
}

// local tells whether the server is this machine.
func (s *Server) local() bool {
	ip := net.ParseIP(s.host)
	return s.host == "localhost" || ip != nil && ip.IsLoopback()
}

func (s *Server) options() []gomail.Option {
	options := []gomail.Option{gomail.WithPort(s.port), gomail.WithTimeout(timeout)}
	switch {
	case s.implicit:
		options = append(options, gomail.WithSSL())
	case s.local():
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if s.TLS != nil {
		options = append(options, gomail.WithTLSConfig(s.TLS))
	}
	if s.user != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(s.user), gomail.WithPassword(s.password))
	}
	return options
}

// Send sends one message.
func (s *Server) Send(ctx context.Context, m *store.Message) error {
	out := gomail.NewMsg()
	if err := out.From(s.from); err != nil {
		return err
	}
	if err := out.To(m.Recipient); err != nil {
		return err
	}
	out.Subject(m.Subject)
	out.SetDate()
	out.SetMessageID()
	// Programs that answer by themselves are not to answer this.
	out.SetGenHeader("Auto-Submitted", "auto-generated")
	out.SetBodyString(gomail.TypeTextPlain, m.Body)
	client, err := gomail.NewClient(s.host, s.options()...)
	if err != nil {
		return err
	}
	return client.DialAndSendWithContext(ctx, out)
}

// Sender gives the server as what empties the outbox.
func (s *Server) Sender() app.Sender { return s.Send }
