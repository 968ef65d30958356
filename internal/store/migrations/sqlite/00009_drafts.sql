-- +goose Up

-- The version that a draft began from, 0 for none, and who changed it last.
ALTER TABLE drafts ADD COLUMN base BIGINT NOT NULL DEFAULT 0;
ALTER TABLE drafts ADD COLUMN editor TEXT NOT NULL DEFAULT '';
