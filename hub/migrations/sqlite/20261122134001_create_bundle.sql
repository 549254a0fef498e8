-- What bundles need beside the feeds. Owned by bundle/.

-- bundle_recipient: public keys (age1...) to which bundles are encrypted. owner
-- is the id of a node, or 'hub' for the hub's own.
CREATE TABLE bundle_recipient (
    owner TEXT NOT NULL,
    recipient TEXT NOT NULL,
    pinned_at_us BIGINT NOT NULL,
    CONSTRAINT bundle_recipient_pk PRIMARY KEY (owner)
);

-- bundle_state: when the newest bundle was made out of which the counts of a
-- node's feed were taken, by the node's clock; an older one changes them no more.
CREATE TABLE bundle_state (
    node_id TEXT NOT NULL,
    feed TEXT NOT NULL,
    made_at_us BIGINT NOT NULL,
    CONSTRAINT bundle_state_pk PRIMARY KEY (node_id, feed)
);
