-- +goose Up

-- What counts for members on leaderboards, as their states have it; the states keep
-- the newest periods alone. board names a leaderboard by what it counts, since is the
-- first instant of the period.
CREATE TABLE leaderboard_scores (
    shard      INTEGER NOT NULL,
    member     BIGINT NOT NULL,
    board      BIGINT NOT NULL,
    since      BIGINT NOT NULL,
    group_name TEXT COLLATE "C" NOT NULL,
    value      BIGINT NOT NULL,
    reached    BIGINT NOT NULL,
    PRIMARY KEY (shard, member, board, since, group_name)
);
CREATE INDEX leaderboard_ranking ON leaderboard_scores (board, since, group_name, value DESC, reached, member);

-- A ranking is fixed once: by whoever writes its row here.
CREATE TABLE leaderboard_endings (
    board BIGINT NOT NULL,
    since BIGINT NOT NULL,
    ends  BIGINT NOT NULL,
    fixed BIGINT NOT NULL,
    PRIMARY KEY (board, since)
);

-- The first places of each group, written with the ending, and what became of their
-- prizes.
CREATE TABLE leaderboard_places (
    board      BIGINT NOT NULL,
    since      BIGINT NOT NULL,
    group_name TEXT COLLATE "C" NOT NULL,
    place      BIGINT NOT NULL,
    member     BIGINT NOT NULL,
    value      BIGINT NOT NULL,
    reached    BIGINT NOT NULL,
    prize      BIGINT NOT NULL,
    PRIMARY KEY (board, since, group_name, place)
);
