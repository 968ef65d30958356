-- +goose Up

-- The shards, in the order of idx, over which members and keys are spread. A row
-- is locked by whoever writes its shard, and never changed.
CREATE TABLE shards (
    shard INTEGER PRIMARY KEY,
    idx   INTEGER NOT NULL UNIQUE
);

-- prev is the member's entry before this one, 0 for the first: history is read
-- backwards from members.seq, without an index that every entry would touch at
-- another place. Its rows are large: they lie in the tree of rowids, which grows
-- at one end and whose inner pages hold numbers alone.
CREATE TABLE journal (
    shard    INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    member   INTEGER NOT NULL,
    prev     INTEGER NOT NULL,
    kind     INTEGER NOT NULL,
    mask     INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    recorded INTEGER NOT NULL,
    event    BLOB NOT NULL,
    decision BLOB NOT NULL,
    hash     BLOB NOT NULL,
    PRIMARY KEY (shard, seq)
);

CREATE TABLE directory (
    shard     INTEGER NOT NULL,
    key       BLOB NOT NULL,
    member    INTEGER NOT NULL,
    seq_shard INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    digest    BLOB,
    PRIMARY KEY (shard, key)
) WITHOUT ROWID;

CREATE TABLE postings (
    shard  INTEGER NOT NULL,
    seq    INTEGER NOT NULL,
    n      INTEGER NOT NULL,
    kind   INTEGER NOT NULL,
    wallet INTEGER NOT NULL,
    source INTEGER NOT NULL,
    target INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    lot    INTEGER NOT NULL,
    rule   INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (shard, seq, n)
) WITHOUT ROWID;

-- A member's number is the rowid: one search finds the row, and the shard, which
-- follows from the number, need not be in the key.
CREATE TABLE members (
    shard       INTEGER NOT NULL,
    member      INTEGER PRIMARY KEY,
    status      INTEGER NOT NULL,
    enrolled_at INTEGER NOT NULL,
    merged_into INTEGER,
    due_at      INTEGER,
    seq         INTEGER NOT NULL,
    state       BLOB NOT NULL
);
CREATE INDEX members_due ON members (shard, due_at) WHERE due_at IS NOT NULL;

CREATE TABLE personal (
    shard    INTEGER NOT NULL,
    member   INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    name     TEXT NOT NULL,
    salt     BLOB NOT NULL,
    value    TEXT NOT NULL,
    recorded INTEGER NOT NULL,
    PRIMARY KEY (shard, member, kind, name, salt)
) WITHOUT ROWID;

CREATE TABLE quotas (
    quota        INTEGER NOT NULL,
    window_start INTEGER NOT NULL,
    used         INTEGER NOT NULL,
    cap          INTEGER NOT NULL,
    PRIMARY KEY (quota, window_start)
) WITHOUT ROWID;

CREATE TABLE programs (
    version   INTEGER PRIMARY KEY,
    document  BLOB NOT NULL,
    live_from INTEGER NOT NULL,
    published INTEGER NOT NULL,
    digest    BLOB NOT NULL,
    comment   TEXT NOT NULL
);

CREATE TABLE names (
    no   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE cursors (
    subscriber TEXT NOT NULL,
    shard      INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    PRIMARY KEY (subscriber, shard)
) WITHOUT ROWID;

CREATE TABLE parked (
    id         INTEGER PRIMARY KEY,
    subscriber TEXT NOT NULL,
    shard      INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    n          INTEGER NOT NULL,
    attempts   INTEGER NOT NULL,
    error      TEXT NOT NULL,
    recorded   INTEGER NOT NULL,
    event      BLOB NOT NULL,
    UNIQUE (subscriber, shard, seq, n)
);

CREATE TABLE api_keys (
    id        TEXT PRIMARY KEY,
    name      TEXT NOT NULL,
    hash      BLOB NOT NULL UNIQUE,
    scopes    TEXT NOT NULL,
    created   INTEGER NOT NULL,
    expires   INTEGER,
    revoked   INTEGER,
    last_used INTEGER
);
