package main

import (
	"fmt"

	"premia/internal/app"
	"premia/internal/auth"
)

// shopKeyCommand makes the key by which a shop hands over its customers.
type shopKeyCommand struct {
	secretsPlace
}

// Run prints the key alone on the standard output, so that scripts can take it.
func (c *shopKeyCommand) Run(t *terminal) error {
	return c.open(t, func(a *app.App) error {
		key, err := a.NewShopKey(app.WithActor(t.ctx, auth.System("premia shop-key")))
		if err != nil {
			return err
		}
		fmt.Fprintln(t.err, "Made the key by which a shop signs the tokens of its customers; the one before is good no more. It is shown this once; keep it safe:")
		fmt.Fprintln(t.out, key)
		return nil
	})
}
