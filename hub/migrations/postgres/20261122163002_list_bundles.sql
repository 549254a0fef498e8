-- Files that were written for nodes, so that those can be named that hold what was erased
-- later. Owned by bundle/.
CREATE TABLE bundle_file (
    node_id TEXT NOT NULL,
    -- The name in the store, as verdicts/COD/cod-mines.
    feed TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    first_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    -- Its path when it was written.
    file TEXT NOT NULL,
    written_at_us BIGINT NOT NULL,
    -- 1: an entry in it was erased since.
    holds_erased BIGINT NOT NULL,
    CONSTRAINT bundle_file_pk PRIMARY KEY (node_id, feed, epoch, first_seq, file)
);
