-- Which bundle told last of a node's feed is said by the feed itself: epoch and size
-- grow, while the clock of a node may be years ahead. Owned by bundle/.
ALTER TABLE bundle_state ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;
ALTER TABLE bundle_state ADD COLUMN size BIGINT NOT NULL DEFAULT 0;
