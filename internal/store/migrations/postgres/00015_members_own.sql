-- +goose Up

-- Passkeys by which members sign in. The handle is what the device knows the member
-- by: it says nothing, and stays when the member is merged into another.
CREATE TABLE member_passkeys (
    id        TEXT PRIMARY KEY,
    handle    TEXT NOT NULL,
    member    BIGINT NOT NULL,
    name      TEXT NOT NULL,
    record    BYTEA NOT NULL,
    counter   BIGINT NOT NULL,
    created   BIGINT NOT NULL,
    last_used BIGINT
);
CREATE INDEX member_passkeys_member ON member_passkeys (member);

-- Pictures of what members can get, by the name of what they show, as they were drawn
-- anew from what was sent: large for a page of its own, small for lists. alt says what
-- can be seen, by language, as JSON.
CREATE TABLE pictures (
    about   TEXT PRIMARY KEY,
    digest  TEXT NOT NULL,
    kind    TEXT NOT NULL,
    width   BIGINT NOT NULL,
    height  BIGINT NOT NULL,
    alt     TEXT NOT NULL,
    large   BYTEA NOT NULL,
    small   BYTEA NOT NULL,
    created BIGINT NOT NULL
);
CREATE INDEX pictures_digest ON pictures (digest);
