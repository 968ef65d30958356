package page

import (
	"encoding/json"
	"io"
	"net/http"

	"premia/internal/app"
)

// MaxPasskey bounds what a browser sends of a passkey, in bytes.
const MaxPasskey = 64 << 10

// JSON answers a script.
func (c *Context) JSON(v any) error { return c.json(http.StatusOK, v) }

func (c *Context) json(status int, v any) error {
	src, err := json.Marshal(v)
	if err != nil {
		return err
	}
	h := c.W.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	c.W.WriteHeader(status)
	_, _ = c.W.Write(src) // nobody reads it any more if this fails
	return nil
}

// Then tells a script where to go on, or what is wrong. What is internal stays an error.
func (c *Context) Then(to string, err error) error {
	if err == nil {
		return c.json(http.StatusOK, map[string]string{"next": to})
	}
	p := app.AsProblem(err)
	if p.Code == app.CodeInternal {
		return err
	}
	return c.json(StatusOf(p), map[string]string{"problem": c.Problem(p)})
}

// Body reads what a script sent, of at most so many bytes.
func (c *Context) Body(most int64) ([]byte, error) {
	return io.ReadAll(http.MaxBytesReader(c.W, c.R.Body, most))
}
