package event

import (
	"strings"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/text"
)

// parseInstant reads RFC 3339 with a zone and at most six decimals of a second.
// Leap seconds are refused, because no instant stands for them.
func parseInstant(s string) (calendar.Instant, *Problem) {
	malformed := func() (calendar.Instant, *Problem) {
		return 0, problem(CodeTimeMalformed, text.Say("{Text} is not a moment", quote(s)),
			`write it in RFC 3339 with its zone, such as "2026-05-01T10:30:00+02:00" or "2026-05-01T08:30:00Z"`)
	}
	const pattern = "0000-00-00T00:00:00"
	if len(s) < len(pattern)+1 || !matches(s, pattern) {
		return malformed()
	}
	micros, rest, ok := fraction(s[len(pattern):])
	if !ok {
		return malformed()
	}
	if micros < 0 {
		return 0, problem(CodeTimeTooPrecise, text.Say("{Text} is finer than a microsecond", quote(s)),
			"leave out the decimals of the second beyond the sixth")
	}
	offset, ok := zoneOffset(rest)
	if !ok {
		return malformed()
	}
	year, month, day := two(s[0:])*100+two(s[2:]), two(s[5:]), two(s[8:])
	hour, minute, second := two(s[11:]), two(s[14:]), two(s[17:])
	if hour > 23 || minute > 59 || second > 59 {
		return malformed()
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	// time.Date turns 30 February into 2 March.
	if t.Day() != day || int(t.Month()) != month {
		return malformed()
	}
	at := calendar.Instant(t.Unix())*calendar.Second + micros - offset
	return at, timeProblem(at)
}

// matches compares with a pattern in which 0 stands for any digit; letters may
// be small.
func matches(s, pattern string) bool {
	for i := range len(pattern) {
		c := s[i]
		if pattern[i] == '0' {
			if c < '0' || c > '9' {
				return false
			}
		} else if c != pattern[i] && (c != 't' || pattern[i] != 'T') {
			return false
		}
	}
	return true
}

// two reads two digits.
func two(s string) int { return int(s[0]-'0')*10 + int(s[1]-'0') }

// fraction reads the decimals of a second, if there are any, in microseconds;
// -1 when they are finer.
func fraction(s string) (micros calendar.Instant, rest string, ok bool) {
	if s[0] != '.' {
		return 0, s, true
	}
	end := 1
	for end < len(s) && '0' <= s[end] && s[end] <= '9' {
		end++
	}
	if end == 1 {
		return 0, s, false
	}
	digits := s[1:end]
	if len(digits) > 6 {
		if strings.Trim(digits[6:], "0") != "" {
			return -1, s[end:], true
		}
		digits = digits[:6]
	}
	for i := range 6 {
		micros *= 10
		if i < len(digits) {
			micros += calendar.Instant(digits[i] - '0')
		}
	}
	return micros, s[end:], true
}

// zoneOffset reads "Z" or "+02:00".
func zoneOffset(s string) (calendar.Instant, bool) {
	if s == "Z" || s == "z" {
		return 0, true
	}
	if len(s) != 6 || (s[0] != '+' && s[0] != '-') || !matches(s[1:], "00:00") {
		return 0, false
	}
	hours, minutes := two(s[1:]), two(s[4:])
	if hours > 23 || minutes > 59 {
		return 0, false
	}
	offset := calendar.Instant(hours)*calendar.Hour + calendar.Instant(minutes)*calendar.Minute
	if s[0] == '-' {
		offset = -offset
	}
	return offset, true
}
