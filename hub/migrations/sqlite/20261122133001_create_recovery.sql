-- What the hub must know to give entries back, to get its own back, and to tell
-- two copies of a node apart. Owned by recover/.

-- node_boot: the starts of each node that said hello. state: current, the one
-- that is followed; past, an earlier start; retired, one that was behind a lost
-- store; rival, one of several that cannot be told apart; dropped, a copy that an
-- officer turned away. decided_by and reason: the officer's word.
CREATE TABLE node_boot (
    node_id TEXT NOT NULL,
    boot_random BIGINT NOT NULL,
    boot_number BIGINT NOT NULL,
    previous_random BIGINT NOT NULL,
    state TEXT NOT NULL,
    first_seen_us BIGINT NOT NULL,
    last_seen_us BIGINT NOT NULL,
    decided_by TEXT,
    reason TEXT,
    CONSTRAINT node_boot_pk PRIMARY KEY (node_id, boot_random),
    CONSTRAINT node_boot_state CHECK (state IN ('current', 'past', 'retired', 'rival', 'dropped'))
);

-- feed_recovery: a feed of a node whose history does not go on from what the hub
-- verified, or did not. common_size: the last size at which both agree. state:
-- diverged until an officer confirmed that the node gave way, then confirmed.
CREATE TABLE feed_recovery (
    node_id TEXT NOT NULL,
    feed TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    held_size BIGINT NOT NULL,
    held_checkpoint TEXT NOT NULL,
    common_size BIGINT NOT NULL,
    offered_checkpoint TEXT NOT NULL,
    prefix_root BLOB NOT NULL,
    proof BLOB NOT NULL,
    state TEXT NOT NULL,
    since_us BIGINT NOT NULL,
    CONSTRAINT feed_recovery_pk PRIMARY KEY (node_id, feed),
    CONSTRAINT feed_recovery_state CHECK (state IN ('diverged', 'confirmed'))
);

-- recovery_event: what happened, in the order of the instants: returned, diverged,
-- confirmed, clone, kept, epoch, recalled, released. node_id is hub for the hub.
CREATE TABLE recovery_event (
    node_id TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    feed TEXT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL,
    decided_by TEXT,
    reason TEXT,
    CONSTRAINT recovery_event_pk PRIMARY KEY (node_id, at_us, feed, what)
);

-- epoch_end: where an epoch of a node's feed ended, with the key that signed it.
CREATE TABLE epoch_end (
    node_id TEXT NOT NULL,
    feed TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    size BIGINT NOT NULL,
    edge BLOB NOT NULL,
    checkpoint TEXT NOT NULL,
    feed_vkey TEXT NOT NULL,
    ended_at_us BIGINT NOT NULL,
    CONSTRAINT epoch_end_pk PRIMARY KEY (node_id, feed, epoch)
);

-- hub_mark: the mark file in the state directory as the last start left it; a
-- restored store or folder has another.
CREATE TABLE hub_mark (
    mark_id BIGINT NOT NULL,
    random BIGINT NOT NULL,
    file TEXT NOT NULL,
    CONSTRAINT hub_mark_pk PRIMARY KEY (mark_id),
    CONSTRAINT hub_mark_is_one CHECK (mark_id = 1)
);

-- publishing_hold: a restored hub publishes nothing until each of these nodes has
-- said what it holds of the hub's feeds, or an officer released it.
CREATE TABLE publishing_hold (
    node_id TEXT NOT NULL,
    since_us BIGINT NOT NULL,
    CONSTRAINT publishing_hold_pk PRIMARY KEY (node_id)
);

-- Whether the invitation lets the node come with a new feed key.
ALTER TABLE invitation ADD COLUMN new_epoch BIGINT NOT NULL DEFAULT 0;
