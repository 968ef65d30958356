-- +goose Up

-- When an unsent message is tried next, and until when what it says is good, such as the
-- link in it; the largest number where that is for ever.
ALTER TABLE outbox ADD COLUMN next_try BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN good_until BIGINT NOT NULL DEFAULT 9223372036854775807;
