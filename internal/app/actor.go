package app

import (
	"context"

	"premia/internal/auth"
	"premia/internal/core/event"
	"premia/internal/core/text"
)

// The codes of problems with who may do what.
const (
	CodeNotPermitted = "not_permitted"
	CodeProveAgain   = "prove_again"
)

// actor is the context's key of who acts.
type actor struct{}

// WithActor says who does what is done with the context. What it changes is kept with
// who it was, in the audit trail and in the events in which that matters.
func WithActor(ctx context.Context, who auth.Actor) context.Context {
	return context.WithValue(ctx, actor{}, who)
}

// ActorOf gives who acts; nobody, who may do nothing that is asked for, if it was not
// said.
func ActorOf(ctx context.Context) auth.Actor {
	who, _ := ctx.Value(actor{}).(auth.Actor)
	return who
}

// attribute says in an event who sent it, where that matters.
func attribute(ctx context.Context, e *event.Event) {
	if !event.Attributed(e.Type) {
		return
	}
	if who := ActorOf(ctx); who.Kind != auth.KindSystem {
		e.By = who.ID
	}
}

// may refuses who acts if they may not do something.
func may(ctx context.Context, permission auth.Permission) error {
	if ActorOf(ctx).Allows(permission) {
		return nil
	}
	return problem(CodeNotPermitted, "", text.Say("this needs the permission {Permission}; ask an owner for a role that has it", string(permission)), "Permission", text.Quoted(string(permission)))
}

// proved refuses a user who has not proved lately who they are: what is dangerous asks
// for it once more, so that a browser left alone is worth little.
func proved(ctx context.Context) error {
	if who := ActorOf(ctx); who.Kind == auth.KindUser && !who.Proved {
		return problem(CodeProveAgain, "", "say once more who you are, by your password, a passkey or your identity provider, and send this again")
	}
	return nil
}

// self gives the id of the user who acts.
func self(ctx context.Context) (string, error) {
	who := ActorOf(ctx)
	if who.Kind != auth.KindUser {
		return "", problem(CodeNotPermitted, "", "only a user who is signed in can do this for themselves", "Permission", text.Quoted(string(auth.AccountUse)))
	}
	return who.ID, nil
}
