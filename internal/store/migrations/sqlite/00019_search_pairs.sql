-- +goose Up

-- Rows of one word stand together whatever their shard, and pairs of words have rows of
-- their own. The table is filled anew from the personal values.
DROP TABLE search;
CREATE TABLE search (
    shard  INTEGER NOT NULL,
    term   TEXT NOT NULL,
    member INTEGER NOT NULL,
    salt   BLOB NOT NULL,
    PRIMARY KEY (term, member, shard, salt)
) WITHOUT ROWID;
CREATE INDEX search_member ON search (shard, member, term);
DELETE FROM settings WHERE key = 'search_filled';
