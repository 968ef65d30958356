-- +goose Up

-- Adjustments that waited for a second person, and the answers to them.
CREATE INDEX journal_approvals ON journal (recorded) WHERE (mask & 24) <> 0;
