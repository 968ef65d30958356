package engine

import (
	"fmt"

	"premia/internal/core/ledger"
)

// Names is the workspace's register of the wallets, rules, campaigns and other
// named parts of all its programs. A name gets its number when it is first
// published and keeps it for ever, so that decisions and postings can carry
// numbers under any version.
type Names struct {
	list   []string // list[0] is unused
	number map[string]ledger.Name
}

// NewNames makes a register of names in the order of their numbers from 1.
func NewNames(known ...string) *Names {
	n := &Names{list: make([]string, 1, len(known)+1), number: make(map[string]ledger.Name, len(known))}
	for _, name := range known {
		n.Number(name)
	}
	return n
}

// Number gives the name's number, a new one if it had none.
func (n *Names) Number(name string) ledger.Name {
	if no, ok := n.number[name]; ok {
		return no
	}
	n.list = append(n.list, name)
	no := ledger.Name(len(n.list) - 1)
	n.number[name] = no
	return no
}

// Find gives the name's number if it has one.
func (n *Names) Find(name string) (ledger.Name, bool) {
	no, ok := n.number[name]
	return no, ok
}

// Name gives the name of a number, such as "earn.spend", or a text that says
// that there is none.
func (n *Names) Name(no ledger.Name) string {
	if no == 0 || int(no) >= len(n.list) {
		return fmt.Sprintf("unknown.%d", no)
	}
	return n.list[no]
}

// Len is the number of names; the numbers are 1 to Len.
func (n *Names) Len() int { return len(n.list) - 1 }

// Since lists the names with numbers above no, in order.
func (n *Names) Since(no int) []string { return append([]string(nil), n.list[no+1:]...) }

// Clone gives a copy that grows on its own.
func (n *Names) Clone() *Names { return NewNames(n.list[1:]...) }
