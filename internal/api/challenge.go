package api

import (
	"context"
	"net/http"

	"premia/internal/auth"
	"premia/internal/core/mechanic/challenge"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// Challenges are how far a member is towards goals over several events.
type Challenges struct {
	Member     string           `json:"member"`
	Challenges []ChallengeState `json:"challenges" doc:"challenges, stamp cards and streaks, in the order of the program"`
	Badges     []BadgeState     `json:"badges" doc:"the badges that the member has"`
}

// ChallengeState is how far a member is towards one goal over several events.
type ChallengeState struct {
	ID      string  `json:"id" example:"ten-coffees"`
	Kind    string  `json:"kind" enum:"challenge,card,streak"`
	Name    string  `json:"name"`
	Counted string  `json:"counted" doc:"what counts in the window at hand; the stamps on a card, the length of a streak" example:"9"`
	Have    string  `json:"have" doc:"the way to the next goal" example:"9"`
	Want    string  `json:"want" doc:"what the next goal needs; the same as have when nothing more can be reached" example:"10"`
	Prize   string  `json:"prize,omitempty" doc:"what the next goal gives, in the language asked for"`
	Words   string  `json:"words" doc:"how far it is, in the language asked for"`
	Since   *string `json:"since,omitempty" format:"date-time" doc:"when the window began"`
	Until   *string `json:"until,omitempty" format:"date-time" doc:"the first moment after the window; absent if it does not end"`
	Reached []int64 `json:"reached" doc:"for each goal, how often it was reached in the window"`
}

// BadgeState is a badge that a member has.
type BadgeState struct {
	ID          string         `json:"id" example:"coffee_lover"`
	Level       int            `json:"level" doc:"1 where the badge has no levels"`
	Name        string         `json:"name" doc:"the level's name, or the badge's"`
	Description string         `json:"description,omitempty"`
	Picture     *RewardPicture `json:"picture,omitempty"`
}

func (s *Server) challengeRoutes() {
	read := operation(http.MethodGet, "/v1/members/{member}/challenges", "read-challenges", "Challenges", "Read how far a member is with challenges, stamp cards and streaks, and the member's badges", auth.MembersRead)
	register(s, read, auth.MembersRead, s.readChallenges)
}

func (s *Server) readChallenges(ctx context.Context, in *struct {
	MemberPath
	Lang           string `query:"lang" enum:"en,pl,cs,ru" doc:"the language; that of Accept-Language if not said"`
	AcceptLanguage string `header:"Accept-Language"`
}) (*struct{ Body Challenges }, error) {
	standings, badges, id, err := s.app.Challenges(ctx, in.Member)
	if err != nil {
		return nil, err
	}
	lang := languageOf(in.Lang, in.AcceptLanguage)
	out := Challenges{Member: id.String(), Challenges: []ChallengeState{}, Badges: []BadgeState{}}
	for i := range standings {
		out.Challenges = append(out.Challenges, s.challengeOf(&standings[i], lang))
	}
	for i := range badges {
		b := &badges[i]
		state := BadgeState{ID: b.ID, Level: b.Level, Name: s.app.Words.Render(lang, text.New("badge.about", "Text", b.Name)), Description: said(s.app.Program(), b.Description, lang)}
		if b.Picture != nil {
			state.Picture = &RewardPicture{b.Picture.URL, said(s.app.Program(), b.Picture.Alt, lang)}
		}
		out.Badges = append(out.Badges, state)
	}
	return &struct{ Body Challenges }{out}, nil
}

func (s *Server) challengeOf(x *challenge.Standing, lang string) ChallengeState {
	rule := s.app.Program().Rules[x.Rule]
	render := func(m text.Message) string { return s.app.Words.Render(lang, m) }
	out := ChallengeState{
		ID: x.ID, Kind: x.Kind, Name: render(text.New("badge.about", "Text", rule.Title)),
		Counted: money.Format(x.Counted, x.Scale), Have: money.Format(x.Have, x.Scale), Want: money.Format(x.Want, x.Scale),
		Words: render(x.Words(s.app.Program())), Reached: x.Times,
		Since: moment(x.Since), Until: moment(x.Until),
	}
	if x.Have < x.Want {
		out.Prize = render(text.New("badge.about", "Text", rule.Goal.Prize(x.Next)))
	}
	return out
}
