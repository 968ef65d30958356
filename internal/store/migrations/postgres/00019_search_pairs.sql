-- +goose Up

-- Rows of one word stand together whatever their shard, and pairs of words have rows of
-- their own. The table is filled anew from the personal values.
TRUNCATE search;
ALTER TABLE search DROP CONSTRAINT search_pkey;
ALTER TABLE search ADD PRIMARY KEY (term, member, shard, salt);
DELETE FROM settings WHERE key = 'search_filled';
