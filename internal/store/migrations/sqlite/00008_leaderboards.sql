-- +goose Up

-- What counts for members on leaderboards, as their states have it; the states keep
-- the newest periods alone. board names a leaderboard by what it counts, since is the
-- first instant of the period.
CREATE TABLE leaderboard_scores (
    shard      INTEGER NOT NULL,
    member     INTEGER NOT NULL,
    board      INTEGER NOT NULL,
    since      INTEGER NOT NULL,
    group_name TEXT NOT NULL,
    value      INTEGER NOT NULL,
    reached    INTEGER NOT NULL,
    PRIMARY KEY (shard, member, board, since, group_name)
) WITHOUT ROWID;
CREATE INDEX leaderboard_ranking ON leaderboard_scores (board, since, group_name, value DESC, reached, member);

-- A ranking is fixed once: by whoever writes its row here.
CREATE TABLE leaderboard_endings (
    board INTEGER NOT NULL,
    since INTEGER NOT NULL,
    ends  INTEGER NOT NULL,
    fixed INTEGER NOT NULL,
    PRIMARY KEY (board, since)
) WITHOUT ROWID;

-- The first places of each group, written with the ending, and what became of their
-- prizes.
CREATE TABLE leaderboard_places (
    board      INTEGER NOT NULL,
    since      INTEGER NOT NULL,
    group_name TEXT NOT NULL,
    place      INTEGER NOT NULL,
    member     INTEGER NOT NULL,
    value      INTEGER NOT NULL,
    reached    INTEGER NOT NULL,
    prize      INTEGER NOT NULL,
    PRIMARY KEY (board, since, group_name, place)
) WITHOUT ROWID;
