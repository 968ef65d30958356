-- +goose Up

-- The list of members, of each state by itself: one index that has all of a line's
-- order in it. No event touches it but those that move a member to another state or
-- another day of enrolment.
CREATE INDEX members_list ON members (shard, status, enrolled_at, member);
