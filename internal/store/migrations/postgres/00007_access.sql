-- +goose Up

-- People of the business. An e-mail address is in its normal form. Whoever is
-- disabled can't sign in; rows stay, since the audit trail names them.
CREATE TABLE users (
    id       TEXT PRIMARY KEY,
    email    TEXT NOT NULL UNIQUE,
    name     TEXT NOT NULL,
    role     TEXT NOT NULL,
    language TEXT NOT NULL,
    created  BIGINT NOT NULL,
    disabled BIGINT
);

-- What a user proves who they are by: a password's hash, a secret of one-time
-- codes, recovery codes as hashes, passkeys, accounts at an identity provider.
-- A counter says how far a credential was used, so that none is used twice.
CREATE TABLE credentials (
    id       TEXT PRIMARY KEY,
    user_id  TEXT NOT NULL,
    kind     TEXT NOT NULL,
    name     TEXT NOT NULL,
    secret   BYTEA NOT NULL,
    counter  BIGINT NOT NULL,
    created  BIGINT NOT NULL,
    last_used BIGINT
);
CREATE INDEX credentials_user ON credentials (user_id, kind);

-- Browsers that are signed in; the token is only a hash here.
CREATE TABLE sessions (
    id      TEXT PRIMARY KEY,
    hash    BYTEA NOT NULL UNIQUE,
    user_id TEXT NOT NULL,
    method  TEXT NOT NULL,
    address TEXT NOT NULL,
    agent   TEXT NOT NULL,
    created BIGINT NOT NULL,
    seen    BIGINT NOT NULL,
    proved  BIGINT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

-- Who may become a user, by a link that is only a hash here.
CREATE TABLE invitations (
    id       TEXT PRIMARY KEY,
    hash     BYTEA NOT NULL UNIQUE,
    email    TEXT NOT NULL,
    name     TEXT NOT NULL,
    role     TEXT NOT NULL,
    by_id    TEXT NOT NULL,
    created  BIGINT NOT NULL,
    expires  BIGINT NOT NULL,
    ended    BIGINT,
    user_id  TEXT NOT NULL
);

-- Steps under way that can be taken once: the second step of signing in, a
-- passkey's challenge, a way to an identity provider and back, a new password.
CREATE TABLE tokens (
    hash    BYTEA PRIMARY KEY,
    kind    TEXT NOT NULL,
    user_id TEXT NOT NULL,
    data    BYTEA NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX tokens_expires ON tokens (expires);

-- Failed attempts to sign in, by account and by network address, as keyed hashes.
CREATE TABLE attempts (
    key      BYTEA PRIMARY KEY,
    failures BIGINT NOT NULL,
    last     BIGINT NOT NULL,
    until    BIGINT NOT NULL
);

-- Who did what, to what, from where, when. Rows are chained by hashes, and are
-- never changed or deleted.
CREATE TABLE audit (
    seq     BIGINT PRIMARY KEY,
    at      BIGINT NOT NULL,
    kind    TEXT NOT NULL,
    actor   TEXT NOT NULL,
    address TEXT NOT NULL,
    action  TEXT NOT NULL,
    target  TEXT NOT NULL,
    details TEXT NOT NULL,
    hash    BYTEA NOT NULL
);
CREATE INDEX audit_actor ON audit (actor, seq);
CREATE INDEX audit_target ON audit (target, seq);
CREATE INDEX audit_action ON audit (action, seq);
CREATE INDEX audit_at ON audit (at, seq);

-- +goose StatementBegin
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();

-- Programs that are being written, and what became of them.
CREATE TABLE drafts (
    id        TEXT PRIMARY KEY,
    title     TEXT NOT NULL,
    document  BYTEA NOT NULL,
    comment   TEXT NOT NULL,
    live_from BIGINT,
    author    TEXT NOT NULL,
    created   BIGINT NOT NULL,
    changed   BIGINT NOT NULL,
    state     BIGINT NOT NULL,
    requester TEXT NOT NULL,
    requested BIGINT,
    answerer  TEXT NOT NULL,
    answered  BIGINT,
    reason    TEXT NOT NULL,
    version   BIGINT NOT NULL
);

-- Messages to people, until they are sent, and a while after.
CREATE TABLE outbox (
    id        BIGINT PRIMARY KEY,
    channel   TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject   TEXT NOT NULL,
    body      TEXT NOT NULL,
    created   BIGINT NOT NULL,
    tried     BIGINT NOT NULL,
    sent      BIGINT,
    error     TEXT NOT NULL
);
CREATE INDEX outbox_created ON outbox (created);
