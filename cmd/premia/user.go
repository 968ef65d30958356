package main

import (
	"fmt"
	"text/tabwriter"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
)

// userCommand is what can be done with the people of the business.
type userCommand struct {
	Add     userAdd     `cmd:"" help:"Invite somebody, and print the link by which they come in."`
	List    userList    `cmd:"" help:"List the users."`
	Link    userLink    `cmd:"" help:"Print a link: to become the owner where there is none, or to a new password."`
	Disable userDisable `cmd:"" help:"Let a user sign in no more, and end their sessions."`
	Enable  userEnable  `cmd:"" help:"Let a disabled user sign in again."`
	Erase   userErase   `cmd:"" help:"Forget a user for good: name, address, and what they signed in by. Only the id stays, in the audit trail."`
	Factors userFactors `cmd:"" help:"Take the codes and passkeys from a user who has lost them; they sign in by their password."`
}

// userPlace says which workspace, and where browsers find it.
type userPlace struct {
	DB  string `name:"db" default:"sqlite:premia.db" help:"The workspace's database (${default})."`
	URL string `name:"url" help:"Where browsers find the server; links begin with it (as it was last started, or http://localhost:8080)."`
}

func (p *userPlace) open(t *terminal, fn func(*app.App) error) (err error) {
	a, err := app.Open(t.ctx, app.Config{DB: p.DB, URL: p.URL, ElseURL: "http://localhost:8080", Secrets: secretsOfEnvironment()})
	if err != nil {
		return err
	}
	defer func() {
		if closing := a.Close(); err == nil {
			err = closing
		}
	}()
	return fn(a)
}

// userAdd invites somebody.
type userAdd struct {
	userPlace
	Email    string `required:"" help:"Their e-mail address."`
	Name     string `help:"Their name; they can change it."`
	Role     string `required:"" help:"owner, manager, marketer, analyst, support or cashier."`
	Language string `default:"en" help:"The language of the message: en, pl, cs or ru (${default})."`
}

// Run invites and prints the link.
func (c *userAdd) Run(t *terminal) error {
	return c.open(t, func(a *app.App) error {
		_, token, err := a.Invite(t.ctx, app.NewInvitation{Email: c.Email, Name: c.Name, Role: auth.Role(c.Role), Language: c.Language})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(t.out, "%s\n", a.Link(app.InvitationPath+token))
		return err
	})
}

// userList lists users.
type userList struct{ userPlace }

// Run prints a table.
func (c *userList) Run(t *terminal) error {
	return c.open(t, func(a *app.App) error {
		users, err := a.Users(t.ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tE-MAIL\tNAME\tROLE\tSECOND FACTOR\tSTATE")
		for i := range users {
			u := &users[i]
			factor, state := "no", "active"
			if u.HasCode || len(u.Passkeys) > 0 {
				factor = "yes"
			}
			if u.Disabled != calendar.None {
				state = "disabled"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", u.ID, u.Email, u.Name, u.Role, factor, state)
		}
		return w.Flush()
	})
}

// userLink prints a link.
type userLink struct {
	userPlace
	Email string `help:"Whose new password it is; without it, the link is to become the owner."`
}

// Run prints the link.
func (c *userLink) Run(t *terminal) error {
	return c.open(t, func(a *app.App) (err error) {
		link := ""
		if c.Email == "" {
			link, err = a.OwnerLink(t.ctx)
		} else {
			link, err = a.PasswordLink(t.ctx, c.Email)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(t.out, link)
		return err
	})
}

// userDisable disables a user.
type userDisable struct {
	userPlace
	Email string `arg:"" help:"The user's e-mail address or id."`
}

// Run disables.
func (c *userDisable) Run(t *terminal) error {
	return c.open(t, func(a *app.App) error {
		id, err := userID(t, a, c.Email)
		if err != nil {
			return err
		}
		return a.DisableUser(t.ctx, id)
	})
}

// userEnable enables a user.
type userEnable struct {
	userPlace
	Email string `arg:"" help:"The user's e-mail address or id."`
}

// Run enables.
func (c *userEnable) Run(t *terminal) error {
	return c.open(t, func(a *app.App) error {
		id, err := userID(t, a, c.Email)
		if err != nil {
			return err
		}
		return a.EnableUser(t.ctx, id)
	})
}

// userErase forgets a user.
type userErase struct {
	userPlace
	Email string `arg:"" help:"The user's e-mail address or id."`
	Yes   bool   `help:"Do it; there is no way back."`
}

// Run erases.
func (c *userErase) Run(t *terminal) error {
	return c.open(t, func(a *app.App) error {
		id, err := userID(t, a, c.Email)
		if err != nil {
			return err
		}
		if !c.Yes {
			return usagef("%s would be forgotten for good, with no way back; add --yes to do it", c.Email)
		}
		if err := a.EraseUser(t.ctx, id); err != nil {
			return err
		}
		_, err = fmt.Fprintf(t.out, "%s is forgotten; the audit trail says %s.\n", c.Email, id)
		return err
	})
}

// userFactors takes a user's second factors.
type userFactors struct {
	userPlace
	Email string `arg:"" help:"The user's e-mail address or id."`
}

// Run takes them.
func (c *userFactors) Run(t *terminal) error {
	return c.open(t, func(a *app.App) error {
		id, err := userID(t, a, c.Email)
		if err != nil {
			return err
		}
		return a.RemoveFactors(t.ctx, id)
	})
}

// userID gives the id of a user whom somebody named by address or id.
func userID(t *terminal, a *app.App, name string) (string, error) {
	users, err := a.Users(t.ctx)
	if err != nil {
		return "", err
	}
	for i := range users {
		if users[i].Email == name || users[i].ID == name {
			return users[i].ID, nil
		}
	}
	return "", fmt.Errorf("there is no user %q; premia user list shows them", name)
}
