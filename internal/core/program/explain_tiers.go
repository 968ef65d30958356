package program

import (
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
)

// level adds what the words of a step on a ladder say.
func (x *explainer) level(s *engine.Step, add func(string, any)) {
	add("Date", x.day(calendar.Instant(s.Base)))
	if s.By == 0 {
		return // the program does not have the ladder any more
	}
	add("Level", x.title(s.By))
	_, ladder, _ := strings.Cut(x.names.Name(s.Rule), ".")
	if before, known := x.names.Find("level." + ladder + "." + s.Read); known && s.Result == engine.LevelLost {
		add("Before", x.title(before))
	}
}
