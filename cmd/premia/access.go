package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/channel/mail"
	"premia/internal/channel/sms"
	"premia/internal/outbound"
)

// accessOptions say how people get to the pages, and in.
type accessOptions struct {
	URL          string            `name:"url" help:"Where browsers find this server, such as https://loyalty.example.com; links in messages begin with it."`
	Proxies      []string          `help:"The addresses or networks of proxies whose X-Forwarded-For is believed, such as 127.0.0.1."`
	SMTP         string            `name:"smtp" help:"The mail server: smtp://USER:PASSWORD@HOST:PORT, or smtps:// for port 465. Without one messages stay in the outbox."`
	MailFrom     string            `default:"Premia <premia@localhost>" help:"The sender of messages (${default})."`
	SMSURL       string            `name:"sms-url" help:"Where a request sends a text message; {to} and {text} may stand in its query. Without one nobody signs in by telephone."`
	SMSBody      string            `name:"sms-body" help:"The body of that request, with {to} and {text} in it: JSON or a form."`
	SMSADay      int64             `name:"sms-a-day" default:"1000" help:"How many text messages are sent in a day at most, so that nobody can have the business pay for more."`
	SMSHeaders   []string          `name:"sms-headers" sep:"none" help:"A header of that request, such as \"Authorization: Bearer …\"; better set in the environment."`
	Issuer       string            `name:"oidc-issuer" help:"Let users sign in with this identity provider, by OpenID Connect."`
	ClientID     string            `name:"oidc-client-id" help:"What the identity provider calls this server."`
	ClientSecret string            `name:"oidc-client-secret" help:"The secret that they share; better set in the environment."`
	ProviderName string            `name:"oidc-name" default:"single sign-on" help:"What the button says (${default})."`
	Scopes       []string          `name:"oidc-scopes" help:"What to ask of the provider beside openid, email and profile; some tell groups only so."`
	RoleClaim    string            `name:"oidc-role-claim" default:"groups" help:"The claim that has a user's groups (${default})."`
	Roles        map[string]string `name:"oidc-roles" help:"The roles of groups there, such as staff=cashier;heads=manager."`
	SessionIdle  time.Duration     `default:"30m" help:"After how long without use a session ends (${default})."`
	SessionLong  time.Duration     `name:"session-longest" default:"12h" help:"After how long a session ends at the latest (${default})."`
}

// provider reads what identity provider there is; nil for none.
func (o *accessOptions) provider() (*auth.ProviderConfig, error) {
	if o.Issuer == "" {
		return nil, nil
	}
	if o.ClientID == "" {
		return nil, usagef("an identity provider knows this server by a name: give --oidc-client-id")
	}
	out := &auth.ProviderConfig{Name: o.ProviderName, Issuer: o.Issuer, ClientID: o.ClientID, ClientSecret: o.ClientSecret, Scopes: o.Scopes, RoleClaim: o.RoleClaim, Roles: make(map[string]auth.Role)}
	for group, name := range o.Roles {
		role, err := auth.ParseRole(name)
		if err != nil {
			return nil, usagef("--oidc-roles: %v", err)
		}
		out.Roles[group] = role
	}
	return out, nil
}

// fill adds the options to a workspace's configuration. Address is where the server
// listens, as browsers write it.
func (o *accessOptions) fill(c *app.Config, address string) (err error) {
	if o.URL != "" && !strings.HasPrefix(o.URL, "https://") && !strings.HasPrefix(o.URL, "http://") {
		return usagef("--url begins with https:// or http://, such as https://loyalty.example.com")
	}
	if o.SessionIdle <= 0 || o.SessionLong <= 0 {
		return usagef("sessions last for some time: --session-idle %s --session-longest %s", o.SessionIdle, o.SessionLong)
	}
	if o.SMSADay <= 0 {
		return usagef("--sms-a-day %d: say how many text messages may be sent in a day, 1 or more; without --sms-url none is", o.SMSADay)
	}
	c.TextsADay = o.SMSADay
	c.URL, c.Sessions = o.URL, app.SessionBounds{Idle: o.SessionIdle, Longest: o.SessionLong}
	if c.URL == "" {
		c.URL = address
	}
	c.Provider, err = o.provider()
	return err
}

// secure tells whether browsers come by TLS, which a proxy may speak for this server.
func (o *accessOptions) secure() bool { return strings.HasPrefix(o.URL, "https://") }

// senders gives what sends messages, by channel.
func (o *accessOptions) senders(policy outbound.Policy) (map[string]app.Sender, error) {
	senders := make(map[string]app.Sender)
	if o.SMTP != "" {
		server, err := mail.Parse(o.SMTP, o.MailFrom)
		if err != nil {
			return nil, usagef("--smtp: %v", err)
		}
		senders[app.EmailChannel] = server.Sender()
	}
	if o.SMSURL != "" {
		gateway, err := sms.New(sms.Options{URL: o.SMSURL, Body: o.SMSBody, Headers: o.SMSHeaders}, outbound.New(policy))
		if err != nil {
			return nil, usagef("--sms-url: %v", err)
		}
		senders[app.SMSChannel] = gateway.Sender()
	}
	return senders, nil
}

// behind has requests that come through a trusted proxy count as those of the browser
// that the proxy names. What others say of themselves is not believed.
func (o *accessOptions) behind(h http.Handler) (http.Handler, error) {
	var trusted []netip.Prefix
	for _, one := range o.Proxies {
		p, err := netip.ParsePrefix(one)
		if err != nil {
			address, err := netip.ParseAddr(one)
			if err != nil {
				return nil, usagef("--proxies: %q is no address or network", one)
			}
			p = netip.PrefixFrom(address, address.BitLen())
		}
		trusted = append(trusted, p.Masked())
	}
	if len(trusted) == 0 {
		return h, nil
	}
	is := func(address string) bool {
		ip, err := netip.ParseAddr(strings.TrimSpace(address))
		for _, p := range trusted {
			if err == nil && p.Contains(ip.Unmap()) {
				return true
			}
		}
		return false
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, port, err := net.SplitHostPort(r.RemoteAddr)
		if err == nil && is(host) {
			// The last address that is no proxy of ours: those before it anybody may write.
			hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
			for i := len(hops) - 1; i >= 0 && is(host); i-- {
				if ip, err := netip.ParseAddr(strings.TrimSpace(hops[i])); err == nil {
					host = ip.Unmap().String()
				} else {
					break
				}
			}
			r.RemoteAddr = net.JoinHostPort(host, port)
		}
		h.ServeHTTP(w, r)
	}), nil
}

// offerOwner prints the link by which somebody becomes the owner, where there is none.
func offerOwner(ctx context.Context, t *terminal, a *app.App) error {
	owned, err := a.HasOwner(ctx)
	if err != nil || owned {
		return err
	}
	link, err := a.OwnerLink(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "\nNobody owns this workspace yet. Become the owner here; the link is good once, for a day:\n\n  %s\n\n", link)
	return err
}
