-- +goose Up

-- A batch of codes that were made or imported together. It is written first and
-- says how far its codes have got: finished is when all were there.
CREATE TABLE code_batches (
    batch       INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    reward      INTEGER NOT NULL,
    pattern     TEXT NOT NULL,
    series      TEXT NOT NULL,
    wanted      INTEGER NOT NULL,
    made        INTEGER NOT NULL,
    first       INTEGER NOT NULL,
    next        INTEGER NOT NULL,
    ends        INTEGER NOT NULL,
    valid_from  INTEGER NOT NULL,
    valid_until INTEGER NOT NULL,
    uses        INTEGER NOT NULL,
    digest      BLOB NOT NULL,
    created     INTEGER NOT NULL,
    finished    INTEGER
);

-- A code is found by its key. batch 0 is that of vouchers, which have no number
-- but the redemption that they came from. The rows lie in the order of their making,
-- so that only the tree of the keys is written all over.
CREATE TABLE codes (
    shard       INTEGER NOT NULL,
    key         BLOB NOT NULL,
    code        TEXT NOT NULL,
    reward      INTEGER NOT NULL,
    batch       INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    member      INTEGER NOT NULL,
    bearer      INTEGER NOT NULL,
    valid_from  INTEGER NOT NULL,
    valid_until INTEGER NOT NULL,
    uses        INTEGER NOT NULL,
    blocked     INTEGER NOT NULL,
    redemption  TEXT NOT NULL,
    PRIMARY KEY (shard, key)
);
CREATE INDEX codes_batch ON codes (batch, number) WHERE batch <> 0;
CREATE INDEX codes_member ON codes (member) WHERE member <> 0;
