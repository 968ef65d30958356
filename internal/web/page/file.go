package page

import (
	"io"
	"net/http"
	"time"
)

// longestFile is how long somebody may take to get a file; the server's own deadline is
// for pages.
const longestFile = 30 * time.Minute

// File answers with a file to be kept, of a kind and with a name that needs no escaping,
// which write fills. An error before anything was written is shown as that of any page;
// after that the answer is cut off, so that nobody takes a part for the whole.
func (c *Context) File(kind, name string, write func(io.Writer) error) error {
	// Where the connection knows no deadlines the server's own holds.
	_ = http.NewResponseController(c.W).SetWriteDeadline(time.Now().Add(longestFile))
	h := c.W.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	err := write(c.W)
	if err != nil {
		h.Del("Content-Disposition")
	}
	return err
}

// Content answers with a file of which all is there.
func (c *Context) Content(kind, name string, content []byte) error {
	return c.File(kind, name, func(w io.Writer) error {
		_, _ = w.Write(content) // who does not take the whole file sees that it is cut
		return nil
	})
}
