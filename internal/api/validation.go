package api

import (
	"strings"

	"premia/internal/core/text"
)

// validations are the sentences of the API's framework about values of the wrong form,
// by how they begin and end, with ours in their place. What stands between is the one
// value of ours, if it has a place.
var validations = []struct {
	begin, end string
	said       text.Sentence
}{
	{"unexpected property", "", "there is no field of this name here; check its spelling, or leave it out"},
	{"expected required property ", " to be present", "{Name} is needed"},
	{"expected string to be RFC 3339 date-time", "", "expected string to be RFC 3339 date-time"},
	{"expected string to be RFC 3339 date", "", "expected string to be RFC 3339 date"},
	{"expected string to be RFC 5322 email", "", "expected an e-mail address"},
	{"expected string to be RFC 3986 uri", "", "expected an address of the web"},
	{"expected string to match pattern ", "", "expected string to match pattern {Pattern}"},
	{"expected string to be base64 encoded", "", "expected string to be base64 encoded"},
	{"expected value to be one of \"", "\"", `expected value to be one of "{Values}"`},
	{"expected value to match at least one schema", "", "expected value to match at least one schema but matched none"},
	{"expected value to match exactly one schema", "", "expected value to match exactly one schema but matched none"},
	{"expected array items to be unique", "", "expected array items to be unique"},
	{"expected array length >= ", "", "expected array length >= {Number}"},
	{"expected array length <= ", "", "expected array length <= {Number}"},
	{"expected length >= ", "", "expected length >= {Number}"},
	{"expected length <= ", "", "expected length <= {Number}"},
	{"expected number >= ", "", "expected number >= {Number}"},
	{"expected number <= ", "", "expected number <= {Number}"},
	{"expected number > ", "", "expected number > {Number}"},
	{"expected number < ", "", "expected number < {Number}"},
	{"expected object with at least ", " properties", "expected object with at least {Number} properties"},
	{"expected object with at most ", " properties", "expected object with at most {Number} properties"},
	{"expected boolean", "", "expected boolean"},
	{"expected number", "", "expected number"},
	{"expected integer", "", "expected integer"},
	{"expected string", "", "expected string"},
	{"expected array", "", "expected array"},
	{"expected object", "", "expected object"},
	{"request body is required", "", "request body is required"},
	{"required query parameter is missing", "", "required query parameter is missing"},
	{"required header parameter is missing", "", "required header parameter is missing"},
	{"invalid integer", "", "expected integer"},
	{"invalid boolean", "", "expected boolean"},
	{"invalid float", "", "expected number"},
}

// validation says a sentence of the framework so that it can be said in every language.
func validation(message string) text.Sentence {
	for _, v := range validations {
		rest, begins := strings.CutPrefix(message, v.begin)
		value, ends := strings.CutSuffix(rest, v.end)
		switch {
		case !begins || !ends:
		case len(text.Places(v.said.Pattern())) == 0:
			return v.said
		default:
			return text.Say(v.said.Pattern(), value)
		}
	}
	return text.Raw(message)
}
