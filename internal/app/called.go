package app

import (
	"context"
	"errors"
	"strings"

	"premia/internal/auth"
	"premia/internal/store"
)

// WhoActed gives the name of who sent an event, as [event.Event.By] has it: a user's,
// a key's, or the id itself where nobody knows it any more.
func (a *App) WhoActed(ctx context.Context, by string) (string, error) {
	switch {
	case strings.HasPrefix(by, "usr_"):
		u, err := a.Store.User(ctx, by)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return "", err
		}
		if err == nil && u.Name != "" {
			return u.Name, nil
		}
	case strings.HasPrefix(by, "key_"):
		keys, err := auth.List(ctx, a.Store)
		if err != nil {
			return "", err
		}
		for i := range keys {
			if keys[i].ID == by {
				return keys[i].Name, nil
			}
		}
	}
	return by, nil
}
