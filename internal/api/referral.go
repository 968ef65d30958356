package api

import (
	"context"
	"net/http"
	"strings"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/mechanic/referral"
	"premia/internal/core/money"
)

// Referral is how a member brings others, and what came of it.
type Referral struct {
	Member     string           `json:"member" example:"mem_1A2B3C4D5E6F7"`
	Code       string           `json:"code" doc:"friends give it as referred_by when they join; it never changes" example:"7K4MX-2PRT9-CHW3Y"`
	Link       string           `json:"link,omitempty" doc:"where friends join, if the program says"`
	Active     bool             `json:"active" doc:"whether the program has rewards for bringing others"`
	ReferredAt *string          `json:"referred_at,omitempty" format:"date-time" doc:"when the member said who had brought them"`
	Joined     int              `json:"joined" doc:"how many friends joined"`
	Bought     int              `json:"bought" doc:"how many of them bought, and kept it"`
	Friends    []ReferredFriend `json:"friends" doc:"the newest first, at most 1000; nothing says who they are"`
}

// ReferredFriend is what a member may know of somebody whom they brought.
type ReferredFriend struct {
	JoinedAt    string           `json:"joined_at" format:"date-time"`
	Bought      bool             `json:"bought" doc:"bought within a year, and kept it"`
	BoughtAgain bool             `json:"bought_again"`
	Rewarded    []ReferralReward `json:"rewarded" doc:"what the member got for this friend, less what was taken back"`
}

// ReferralReward is what a member got for a friend.
type ReferralReward struct {
	Reward string `json:"reward" doc:"the reward's id" example:"first-purchase"`
	Wallet string `json:"wallet" example:"points"`
	Amount string `json:"amount" example:"200"`
}

// mostFriends bounds the list of friends.
const mostFriends = 1000

func (s *Server) referralRoutes() {
	read := operation(http.MethodGet, "/v1/members/{member}/referral", "read-referral", "Members", "Read a member's code for bringing others, and what came of it", auth.MembersRead)
	register(s, read, auth.MembersRead, s.readReferral)
}

func (s *Server) readReferral(ctx context.Context, in *MemberPath) (*struct{ Body Referral }, error) {
	r, err := s.app.Referral(ctx, in.Member)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Referral }{s.referralOf(&r)}, nil
}

func (s *Server) referralOf(r *app.Referral) Referral {
	out := Referral{Member: r.Member.String(), Code: r.Code, Link: r.Link, Active: r.Active, Joined: len(r.Friends), Friends: []ReferredFriend{}}
	if r.ReferredAt != calendar.None {
		at := r.ReferredAt.String()
		out.ReferredAt = &at
	}
	for i := len(r.Friends) - 1; i >= 0; i-- {
		f := &r.Friends[i]
		if f.Bought {
			out.Bought++
		}
		if len(out.Friends) < mostFriends {
			out.Friends = append(out.Friends, s.friendOf(f))
		}
	}
	return out
}

func (s *Server) friendOf(f *referral.Friend) ReferredFriend {
	out := ReferredFriend{JoinedAt: f.JoinedAt.String(), Bought: f.Bought, BoughtAgain: f.BoughtAgain, Rewarded: []ReferralReward{}}
	p, names := s.app.Program(), s.app.Journal.Rules().Names
	for _, r := range f.Rewards {
		if w := p.Wallet(r.Wallet); w != nil && r.Amount != 0 {
			_, id, _ := strings.Cut(names.Name(r.Rule), ".")
			out.Rewarded = append(out.Rewarded, ReferralReward{Reward: id, Wallet: w.ID, Amount: money.Format(r.Amount, w.Unit.Scale)})
		}
	}
	return out
}
