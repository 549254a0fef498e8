-- Whether a node is taken, and which certificates are not. Owned by registry/standing.

-- node_standing: an officer's word about a node; no row: active. revoked_at_us: the
-- last revocation, also after the node was invited again: certificates from before it
-- stay refused.
CREATE TABLE node_standing (
    node_id TEXT NOT NULL,
    state TEXT NOT NULL,
    since_us BIGINT NOT NULL,
    decided_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    revoked_at_us BIGINT,
    CONSTRAINT node_standing_pk PRIMARY KEY (node_id),
    CONSTRAINT node_standing_state CHECK (state IN ('active', 'suspended', 'revoked'))
);

-- issued_certificate: every certificate of a node; several are good at a time.
CREATE TABLE issued_certificate (
    serial TEXT NOT NULL,
    node_id TEXT NOT NULL,
    issued_at_us BIGINT NOT NULL,
    not_after_us BIGINT NOT NULL,
    CONSTRAINT issued_certificate_pk PRIMARY KEY (serial)
);
CREATE INDEX issued_certificate_node_id ON issued_certificate (node_id);
INSERT INTO issued_certificate (serial, node_id, issued_at_us, not_after_us)
SELECT certificate_serial, node_id, enrolled_at_us, certificate_not_after_us FROM node WHERE true;

-- denied_certificate: the deny-list of the TLS acceptors and of the dials.
CREATE TABLE denied_certificate (
    serial TEXT NOT NULL,
    node_id TEXT NOT NULL,
    denied_at_us BIGINT NOT NULL,
    CONSTRAINT denied_certificate_pk PRIMARY KEY (serial)
);
