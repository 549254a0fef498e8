-- What the Secretariat decided, the feed that carries it to the nodes, and
-- how far each node is. Owned by share/.

-- decision: a decision of the Secretariat about one site, in force until a
-- later one replaces it. lifts is 0 or 1.
CREATE TABLE decision (
    decision_id TEXT NOT NULL,
    record_key TEXT NOT NULL,
    icglr_id TEXT NOT NULL,
    status TEXT NOT NULL,
    decided_on TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    ground TEXT NOT NULL,
    document_name TEXT NOT NULL,
    document_sha256 BYTEA NOT NULL,
    lifts BIGINT NOT NULL,
    recorded_at_us BIGINT NOT NULL,
    CONSTRAINT decision_pk PRIMARY KEY (decision_id),
    CONSTRAINT decision_status CHECK (status IN ('green', 'blue', 'yellow', 'red')),
    CONSTRAINT decision_lifts CHECK (lifts IN (0, 1))
);
CREATE INDEX decision_record_key ON decision (record_key, recorded_at_us);

-- shared_log: one of the hub's own feeds: its size and the right edge of its tree.
CREATE TABLE shared_log (
    feed TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    size BIGINT NOT NULL,
    edge BYTEA NOT NULL,
    checkpoint TEXT NOT NULL,
    CONSTRAINT shared_log_pk PRIMARY KEY (feed)
);

-- shared_block: the entries of the hub's own feeds, as they are pushed.
-- hash_first is the stored-hash index of the first of the hashes.
CREATE TABLE shared_block (
    feed TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    first_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    body BYTEA NOT NULL,
    checkpoint TEXT NOT NULL,
    hash_first BIGINT NOT NULL,
    hashes BYTEA NOT NULL,
    appended_at_us BIGINT NOT NULL,
    CONSTRAINT shared_block_pk PRIMARY KEY (feed, epoch, first_seq)
);
CREATE INDEX shared_block_last_seq ON shared_block (feed, epoch, last_seq);

-- bulletin: every revision of every bulletin with its exact payload, so that
-- the bulletin of a site whose bytes did not change is not appended again.
CREATE TABLE bulletin (
    record_key TEXT NOT NULL,
    rev BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    payload BYTEA NOT NULL,
    published_at_us BIGINT NOT NULL,
    CONSTRAINT bulletin_pk PRIMARY KEY (record_key, rev)
);
CREATE UNIQUE INDEX bulletin_seq_key ON bulletin (epoch, seq);

-- delivery: how far a node is in one of the hub's feeds, and when the hub
-- tries again. delivered_seq: bytes that the node answered to; cursor: bytes
-- that it durably applied.
CREATE TABLE delivery (
    node_id TEXT NOT NULL,
    feed TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    delivered_seq BIGINT NOT NULL,
    cursor BIGINT NOT NULL,
    attempted_at_us BIGINT,
    next_attempt_us BIGINT,
    attempts BIGINT NOT NULL,
    error_code TEXT,
    error_message TEXT,
    CONSTRAINT delivery_pk PRIMARY KEY (node_id, feed)
);

-- delivery_range: when a node got and applied which bulletins: one row for
-- each run of consecutive seqs that went over in one push.
CREATE TABLE delivery_range (
    node_id TEXT NOT NULL,
    feed TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    first_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    delivered_at_us BIGINT NOT NULL,
    applied_at_us BIGINT,
    CONSTRAINT delivery_range_pk PRIMARY KEY (node_id, feed, epoch, first_seq)
);
