package app

import "context"

// EraseUnchanged is eraseUnchanged, as retention calls it.
func (a *App) EraseUnchanged(ctx context.Context, eventID, ref string, last int64) error {
	_, err := a.eraseUnchanged(ctx, eventID, ref, last)
	return err
}

// Contrast measures two colours, in hundredths.
func Contrast(a, b string) int64 {
	x, err := parseColour(a)
	if err != nil {
		return 0
	}
	y, err := parseColour(b)
	if err != nil {
		return 0
	}
	return contrast(x, y)
}
