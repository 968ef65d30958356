-- +goose Up

-- Addresses that are told what happens: receivers of webhooks (kind 1) and the
-- addresses of ambassadors (kind 2), one of a member. The owner is the server that
-- sends to it now; it raises the beat while it does.
CREATE TABLE webhook_endpoints (
    id            TEXT PRIMARY KEY,
    kind          INTEGER NOT NULL,
    member        INTEGER NOT NULL,
    url           TEXT NOT NULL,
    method        TEXT NOT NULL,
    description   TEXT NOT NULL,
    types         TEXT NOT NULL,
    state         INTEGER NOT NULL,
    reason        TEXT NOT NULL,
    secret        BLOB NOT NULL,
    old_secret    BLOB NOT NULL,
    old_until     INTEGER,
    created       INTEGER NOT NULL,
    generation    INTEGER NOT NULL,
    replayed      INTEGER,
    failures      INTEGER NOT NULL,
    failing_since INTEGER,
    retry_at      INTEGER,
    last_success  INTEGER,
    last_error    TEXT NOT NULL,
    owner         TEXT NOT NULL,
    beat          INTEGER NOT NULL
);
CREATE UNIQUE INDEX webhook_endpoints_member ON webhook_endpoints (member) WHERE kind = 2;

-- What was sent, or is to be: the n-th message of an entry to an endpoint. Those that
-- are queued are sent from here; the others from the journal. Bodies are made of the
-- journal's entries and not kept.
CREATE TABLE webhook_deliveries (
    id        INTEGER PRIMARY KEY,
    endpoint  TEXT NOT NULL,
    shard     INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    n         INTEGER NOT NULL,
    message   TEXT NOT NULL,
    type      TEXT NOT NULL,
    member    INTEGER NOT NULL,
    state     INTEGER NOT NULL,
    queued    INTEGER NOT NULL,
    attempts  INTEGER NOT NULL,
    created   INTEGER NOT NULL,
    last_at   INTEGER NOT NULL,
    next_at   INTEGER,
    status    INTEGER NOT NULL,
    error     TEXT NOT NULL,
    millis    INTEGER NOT NULL,
    UNIQUE (endpoint, shard, seq, n)
);
CREATE INDEX webhook_deliveries_endpoint ON webhook_deliveries (endpoint, id);
CREATE INDEX webhook_deliveries_queued ON webhook_deliveries (endpoint, id) WHERE queued = 1;
CREATE INDEX webhook_deliveries_at ON webhook_deliveries (last_at);
