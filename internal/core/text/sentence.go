package text

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Sentence says in English what is wrong or what to do, and can be said in other
// languages: their words are found by the English ones. Whoever reports something
// writes one constant, or [Say] with the values that stand in it:
//
//	"the campaign gives nothing"
//	Say("there is no wallet {Wallet}", id)
//
// A Sentence is comparable, and an error whose text is the English one. Printing it
// gives the English text; [Sentence.In] gives others.
type Sentence string

// ends separates the English words from the values that are packed behind them.
// No sentence that is written in a program has it.
const ends = "\x00"

// place is where a value stands in a sentence: {Wallet}. Braces of documents, such
// as {beans: 120}, begin with a small letter.
var place = regexp.MustCompile(`\{[A-Z][A-Za-z]*\}`)

// Say puts values into the places of an English sentence, in the order in which the
// places come first. A value is a string, shown as it is; an int or int64, whose
// plural form translations may follow; a Sentence, which is translated with the
// whole; an error, of which [Of] makes one; or what has a String method. It panics where there are more or
// fewer values than places, which is a mistake of the caller's.
func Say(english string, values ...any) Sentence {
	if len(Places(english)) != len(values) {
		panic("text.Say: the values are not as many as the places in " + english)
	}
	var b strings.Builder
	b.WriteString(english + ends)
	for _, v := range values {
		kind, shown := byte('s'), ""
		switch v := v.(type) {
		case string:
			shown = v
		case int:
			kind, shown = 'n', strconv.Itoa(v)
		case int64:
			kind, shown = 'n', strconv.FormatInt(v, 10)
		case Sentence:
			kind, shown = 'w', string(v)
		case error:
			kind, shown = 'w', string(Of(v))
		case fmt.Stringer:
			shown = v.String()
		default:
			panic("text.Say: a value of a kind that can't be said in " + english)
		}
		b.WriteByte(kind)
		b.WriteString(strconv.Itoa(len(shown)) + ":" + shown)
	}
	return Sentence(b.String())
}

// Raw is a text from outside, which has no other languages.
func Raw(words string) Sentence { return Say("{Words}", words) }

// Of gives the sentence that an error is, or the words of one that is none or says more.
func Of(err error) Sentence {
	var s Sentence
	if errors.As(err, &s) && s.String() == err.Error() {
		return s
	}
	return Raw(err.Error())
}

// Or joins sentences or words by "or", the last two at least: a, b or c.
func Or(words ...string) Sentence { return joined("{Before} or {Last}", words) }

// And joins them by "and".
func And(words ...string) Sentence { return joined("{Before} and {Last}", words) }

func joined(pattern string, words []string) Sentence {
	if len(words) == 0 {
		return ""
	}
	last := len(words) - 1
	if last == 0 {
		return Raw(words[0])
	}
	return Say(pattern, strings.Join(words[:last], ", "), words[last])
}

// Places lists the names of a sentence's places, each once, in their order.
func Places(english string) []string {
	var names []string
	seen := make(map[string]bool)
	for _, found := range place.FindAllString(english, -1) {
		if name := found[1 : len(found)-1]; !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}

// Pattern is the sentence in English without values, for a Say of its own.
func (s Sentence) Pattern() string {
	english, _, _ := strings.Cut(string(s), ends)
	return english
}

// String is the sentence in English.
func (s Sentence) String() string {
	return s.In(func(english string, _ string) string { return english })
}

// Error is the sentence in English.
func (s Sentence) Error() string { return s.String() }

// In says the sentence by the words of another language: words gives those for the
// English ones, with the same places. Count is the first number that stands in the
// sentence, "" where none does.
func (s Sentence) In(words func(english, count string) string) string {
	english, packed, filled := strings.Cut(string(s), ends)
	if english == "" {
		return ""
	}
	if !filled {
		return words(english, "")
	}
	count := ""
	shown := make(map[string]string)
	for _, name := range Places(english) {
		digits, rest, _ := strings.Cut(packed[1:], ":")
		length, err := strconv.Atoi(digits)
		if err != nil {
			return english
		}
		kind, value := packed[0], rest[:length]
		packed = rest[length:]
		switch {
		case kind == 'w':
			value = Sentence(value).In(words)
		case kind == 'n' && count == "":
			count = value
		}
		shown[name] = value
	}
	return place.ReplaceAllStringFunc(words(english, count), func(found string) string {
		if value, has := shown[found[1:len(found)-1]]; has {
			return value
		}
		return found
	})
}

// Advise gives an error with what to do about it, which [HintOf] finds.
func Advise(message, hint Sentence) error { return advice{message, hint} }

// advice is an error with what to do about it.
type advice struct{ message, hint Sentence }

func (a advice) Error() string { return a.message.String() }

// Unwrap gives the sentence, for [Of].
func (a advice) Unwrap() error { return a.message }

// HintOf gives what to do about an error; "" where nothing is known.
func HintOf(err error) Sentence {
	var a advice
	if errors.As(err, &a) {
		return a.hint
	}
	return ""
}
