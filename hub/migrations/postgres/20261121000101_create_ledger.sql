-- What the hub follows: cursors, the frames as they came, and how each exchange went.
-- Column types of both stores: BIGINT, TEXT and bytes; a yes or no is 1 or 0. Instants are UTC microseconds.

-- One followed feed of one node. The cursor is the seq up to which it is durably applied.
CREATE TABLE feed_cursor (
    -- Node that owns the feed, as COD/cod-mines.
    node_id TEXT NOT NULL,
    feed TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    -- Last seq applied; 0 before the first frame.
    cursor BIGINT NOT NULL,
    -- Right edge of the tree at the cursor: at most 64 hashes of 32 bytes.
    edge BYTEA NOT NULL,
    -- The owner's signed checkpoint at the cursor; NULL at 0.
    checkpoint TEXT,
    -- following or frozen.
    state TEXT NOT NULL,
    -- Why the feed is frozen: code, sentence, both signed checkpoints as text,
    -- and the rmd.v1.Frame that was refused, where it was a frame.
    frozen_code TEXT,
    frozen_message TEXT,
    evidence BYTEA,
    refused_frame BYTEA,
    -- Token of the hub process that follows the feed: a process that lost it cannot commit.
    lease_token TEXT,
    -- Size and epoch that the owner last stated.
    owner_epoch BIGINT NOT NULL,
    owner_size BIGINT NOT NULL,
    -- Sums over all frames applied: frames, bytes of frames, entries, entries refused.
    frames BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    -- Last time that owner and hub agreed about the feed.
    last_exchange_us BIGINT,
    updated_at_us BIGINT NOT NULL,
    CONSTRAINT feed_cursor_pk PRIMARY KEY (node_id, feed),
    CONSTRAINT feed_cursor_state CHECK (state IN ('following', 'frozen'))
);

-- One row a frame, exactly as it came and was verified.
CREATE TABLE ledger (
    node_id TEXT NOT NULL,
    feed TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    first_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    -- Bytes of the rmd.v1.Frame message.
    frame BYTEA NOT NULL,
    received_at_us BIGINT NOT NULL,
    CONSTRAINT ledger_pk PRIMARY KEY (node_id, feed, epoch, first_seq)
);

-- How the exchange with one node goes: the next attempt, the last fault, the peer.
CREATE TABLE exchange (
    node_id TEXT NOT NULL,
    -- Attempts that failed since the last one that succeeded.
    failures BIGINT NOT NULL,
    -- No attempt is made before this instant, also after a restart.
    next_attempt_us BIGINT,
    last_attempt_us BIGINT,
    last_success_us BIGINT,
    -- Cleared by the next success.
    last_error_code TEXT,
    last_error_message TEXT,
    last_error_at_us BIGINT,
    -- The feed that the fault is about; NULL if it is about the whole exchange.
    last_error_feed TEXT,
    -- The identity in the certificate that the peer showed, and the version of TLS.
    peer_identity TEXT,
    tls_version TEXT,
    peer_serial TEXT,
    -- What the peer said in Hello.
    protocol BIGINT,
    software_version TEXT,
    boot_number BIGINT,
    -- Bits of the unsigned number.
    boot_random BIGINT,
    -- Clock of the node minus clock of the hub.
    clock_skew_us BIGINT,
    CONSTRAINT exchange_pk PRIMARY KEY (node_id)
);

-- What an owner says about each entity of a feed: published, refused by rule, held.
CREATE TABLE owner_entity (
    node_id TEXT NOT NULL,
    feed TEXT NOT NULL,
    entity TEXT NOT NULL,
    -- Entitlement in force at the owner: off, shadow or live.
    entitlement TEXT NOT NULL,
    published BIGINT NOT NULL,
    held BIGINT NOT NULL,
    -- Sum over the rules, and JSON {rule: records}.
    refused BIGINT NOT NULL,
    refused_by_rule TEXT NOT NULL,
    updated_at_us BIGINT NOT NULL,
    CONSTRAINT owner_entity_pk PRIMARY KEY (node_id, feed, entity)
);
