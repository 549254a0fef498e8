-- Who belongs to the network: its name, the invitations, the nodes and what
-- the hub wants to receive of each. Owned by registry/.

-- network: the one network that this store belongs to.
CREATE TABLE network (
    network_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    hub_feed_vkey TEXT NOT NULL,
    root_fingerprint TEXT NOT NULL,
    enrol_address TEXT NOT NULL,
    created_at_us BIGINT NOT NULL,
    CONSTRAINT network_pk PRIMARY KEY (network_id),
    CONSTRAINT network_is_one CHECK (network_id = 1)
);

-- invitation: a single-use right to enrol one node of one state. Only the
-- SHA-256 of the secret is kept. The answer of the Certify that used it is
-- kept with the SHA-256 of its request, so that a repeated request gets it again.
CREATE TABLE invitation (
    secret_sha256 BYTEA NOT NULL,
    node_id TEXT NOT NULL,
    country TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at_us BIGINT NOT NULL,
    expires_at_us BIGINT NOT NULL,
    used_at_us BIGINT,
    request_sha256 BYTEA,
    response BYTEA,
    CONSTRAINT invitation_pk PRIMARY KEY (secret_sha256)
);
CREATE INDEX invitation_node_id ON invitation (node_id);

-- node: an enrolled node with its pinned feed key. node_id is ALPHA-3/name.
CREATE TABLE node (
    node_id TEXT NOT NULL,
    country TEXT NOT NULL,
    name TEXT NOT NULL,
    identity TEXT NOT NULL,
    feed_vkey TEXT NOT NULL,
    address TEXT NOT NULL,
    certificate_serial TEXT NOT NULL,
    certificate_not_after_us BIGINT NOT NULL,
    enrolled_at_us BIGINT NOT NULL,
    renewed_at_us BIGINT,
    CONSTRAINT node_pk PRIMARY KEY (node_id),
    CONSTRAINT node_identity_key UNIQUE (identity)
);

-- node_entitlement: the hub's copy of the entitlement; the lesser of it and
-- the node's own is in force. entity '' stands for every record type of the feed.
CREATE TABLE node_entitlement (
    node_id TEXT NOT NULL,
    feed TEXT NOT NULL,
    entity TEXT NOT NULL,
    level TEXT NOT NULL,
    set_at_us BIGINT NOT NULL,
    CONSTRAINT node_entitlement_pk PRIMARY KEY (node_id, feed, entity),
    CONSTRAINT node_entitlement_level CHECK (level IN ('off', 'shadow', 'live'))
);
