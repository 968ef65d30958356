package ledger

import "cmp"

// Quota names a limit that spans members: a budget, a stock, the uses of a code.
// One that has several windows, such as one for each store, day, code or place in
// a calendar, is named with the window; Window is 0 where there is only one.
type Quota struct {
	Name   Name
	Window int64
}

// Compare orders quotas by name, and windows within it.
func (q Quota) Compare(o Quota) int {
	return cmp.Or(cmp.Compare(q.Name, o.Name), cmp.Compare(q.Window, o.Window))
}
