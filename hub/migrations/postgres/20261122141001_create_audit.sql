-- Who audits the network from outside, and what auditors were shown. Owned by audit/.

-- auditor: somebody who was invited and enrolled. epoch and cursor: how far it has
-- kept the feed `checkpoints`, as its last call said.
CREATE TABLE auditor (
    name TEXT NOT NULL,
    identity TEXT NOT NULL,
    enrolled_at_us BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    cursor BIGINT NOT NULL,
    seen_at_us BIGINT,
    CONSTRAINT auditor_pk PRIMARY KEY (name)
);

-- auditor_certificate: every certificate that was issued to an auditor. One that is
-- not here, or that was revoked, is not answered; a name that is invited again gets
-- new ones, and the revoked stay so. told: 1 once every node is told of the revocation.
CREATE TABLE auditor_certificate (
    serial TEXT NOT NULL,
    name TEXT NOT NULL,
    issued_at_us BIGINT NOT NULL,
    not_after_us BIGINT NOT NULL,
    revoked_at_us BIGINT,
    revoked_by TEXT,
    reason TEXT,
    told BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT auditor_certificate_pk PRIMARY KEY (serial)
);
CREATE INDEX auditor_certificate_name ON auditor_certificate (name);

-- audit_epoch: the epochs of the feed `checkpoints`, why each began, and how often the
-- hub had been restored by then.
CREATE TABLE audit_epoch (
    epoch BIGINT NOT NULL,
    begun_at_us BIGINT NOT NULL,
    ground TEXT NOT NULL,
    restored BIGINT NOT NULL,
    CONSTRAINT audit_epoch_pk PRIMARY KEY (epoch)
);

-- audit_checkpoint: the checkpoints of nodes that were published, with the right edge
-- of their tree, from which a later one is proven without reading all from the start.
CREATE TABLE audit_checkpoint (
    node_id TEXT NOT NULL,
    feed TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    size BIGINT NOT NULL,
    root BYTEA NOT NULL,
    edge BYTEA NOT NULL,
    published_at_us BIGINT NOT NULL,
    CONSTRAINT audit_checkpoint_pk PRIMARY KEY (node_id, feed, epoch, size)
);

-- audit_evidence: the statements about nodes that were published, by their SHA-256.
CREATE TABLE audit_evidence (
    statement_sha256 TEXT NOT NULL,
    node_id TEXT NOT NULL,
    feed TEXT NOT NULL,
    published_at_us BIGINT NOT NULL,
    CONSTRAINT audit_evidence_pk PRIMARY KEY (statement_sha256)
);
