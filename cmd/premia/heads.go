package main

import (
	"context"

	"premia/internal/app"
)

// headsKeySuffix makes the name of the key from that of the signed heads.
const headsKeySuffix = ".key"

// startHeads begins to sign the journal's heads into the file, with the key
// beside it, which is made at first use. Without a file there is nothing to do,
// and the answer is nil.
func startHeads(ctx context.Context, a *app.App, file string) (*app.Heads, error) {
	if file == "" {
		return nil, nil
	}
	key, err := app.HeadsKey(file + headsKeySuffix)
	if err != nil {
		return nil, err
	}
	return a.StartHeads(ctx, file, key), nil
}
