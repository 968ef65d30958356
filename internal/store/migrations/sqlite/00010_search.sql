-- +goose Up

-- The words by which members are found, each with the personal value that it is of,
-- so that it goes when that goes.
CREATE TABLE search (
    shard  INTEGER NOT NULL,
    term   TEXT NOT NULL,
    member INTEGER NOT NULL,
    salt   BLOB NOT NULL,
    PRIMARY KEY (shard, term, member, salt)
) WITHOUT ROWID;
CREATE INDEX search_member ON search (shard, member, term);
