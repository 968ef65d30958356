-- +goose Up

-- Browsers that members are signed in with; the token is only a hash here.
CREATE TABLE member_sessions (
    id      TEXT PRIMARY KEY,
    hash    BYTEA NOT NULL UNIQUE,
    member  BIGINT NOT NULL,
    method  TEXT NOT NULL,
    address TEXT NOT NULL,
    agent   TEXT NOT NULL,
    created BIGINT NOT NULL,
    seen    BIGINT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX member_sessions_member ON member_sessions (member);
