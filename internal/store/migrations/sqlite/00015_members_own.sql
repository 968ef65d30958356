-- +goose Up

-- Passkeys by which members sign in. The handle is what the device knows the member
-- by: it says nothing, and stays when the member is merged into another.
CREATE TABLE member_passkeys (
    id        TEXT PRIMARY KEY,
    handle    TEXT NOT NULL,
    member    INTEGER NOT NULL,
    name      TEXT NOT NULL,
    record    BLOB NOT NULL,
    counter   INTEGER NOT NULL,
    created   INTEGER NOT NULL,
    last_used INTEGER
);
CREATE INDEX member_passkeys_member ON member_passkeys (member);

-- Pictures of what members can get, by the name of what they show, as they were drawn
-- anew from what was sent: large for a page of its own, small for lists. alt says what
-- can be seen, by language, as JSON.
CREATE TABLE pictures (
    about   TEXT PRIMARY KEY,
    digest  TEXT NOT NULL,
    kind    TEXT NOT NULL,
    width   INTEGER NOT NULL,
    height  INTEGER NOT NULL,
    alt     TEXT NOT NULL,
    large   BLOB NOT NULL,
    small   BLOB NOT NULL,
    created INTEGER NOT NULL
);
CREATE INDEX pictures_digest ON pictures (digest);
