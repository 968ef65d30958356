package condition

import "regexp"

// Compared is a plain number in an expression's source with which the values of a field
// are compared.
type Compared struct {
	// Offset and Length are in bytes of the source.
	Offset, Length int
	// Field is how people read what is compared with it.
	Field any
	// Said is how people read it, by the field; nil where that says nothing of its values.
	Said any
}

var writtenNumber = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?`)

// Compared lists the plain numbers with which fields are compared.
func (x *Expression) Compared() (out []Compared) {
	x.root.visit(func(n *node) {
		if comparisonPhrases[n.op] == "" || len(n.args) != 2 {
			return
		}
		subject, number := n.args[0], n.args[1]
		if subject.constant != nil {
			subject, number = number, subject
		}
		f := sayingField(subject)
		if number.constant == nil || f == nil || f.Say == nil {
			return
		}
		field, _ := (describer{zone: x.env.zone}).subject(subject)
		offset := x.source.at(number.char, "", "").Offset
		if written := writtenNumber.FindString(x.source.text[offset:]); written != "" {
			out = append(out, Compared{offset, len(written), field, f.Say(*number.constant)})
		}
	})
	return out
}

func (n *node) visit(f func(*node)) {
	f(n)
	for _, arg := range n.args {
		arg.visit(f)
	}
}
