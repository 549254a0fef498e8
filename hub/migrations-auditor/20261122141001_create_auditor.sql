-- What an auditor keeps in a folder of its own. It belongs to no hub.

-- enrolment: who this auditor is, and the keys and addresses of the hub.
CREATE TABLE enrolment (
    id            INTEGER CONSTRAINT enrolment_key PRIMARY KEY
                  CONSTRAINT enrolment_single CHECK (id = 1),
    identity      TEXT    NOT NULL,
    hub_identity  TEXT    NOT NULL,
    hub_feed_vkey TEXT    NOT NULL,
    hub_address   TEXT    NOT NULL,
    audit_address TEXT    NOT NULL,
    enrolled_at_us INTEGER NOT NULL
);

-- hub_epoch: each epoch of the hub's feed `checkpoints` that was followed, with the
-- right edge of its tree and the last signed checkpoint. Frozen where the hub signed
-- something that does not go on from it.
CREATE TABLE hub_epoch (
    epoch         INTEGER NOT NULL CONSTRAINT hub_epoch_key PRIMARY KEY,
    size          INTEGER NOT NULL,
    edge          BLOB    NOT NULL,
    checkpoint    TEXT    NOT NULL,
    frozen        INTEGER NOT NULL,
    updated_at_us INTEGER NOT NULL
);

-- entry: the leaf of each entry of `checkpoints`, so that two auditors can compare
-- what they were shown at any size.
CREATE TABLE entry (
    epoch INTEGER NOT NULL,
    seq   INTEGER NOT NULL,
    leaf  BLOB    NOT NULL,
    key   TEXT    NOT NULL,
    CONSTRAINT entry_key PRIMARY KEY (epoch, seq)
) WITHOUT ROWID;

-- seen: every checkpoint of a node that the hub has shown. proven: 0 until it is
-- known how it stands to the largest one of its origin.
CREATE TABLE seen (
    origin     TEXT    NOT NULL,
    size       INTEGER NOT NULL,
    root       BLOB    NOT NULL,
    node_id    TEXT    NOT NULL,
    feed       TEXT    NOT NULL,
    epoch      INTEGER NOT NULL,
    note       TEXT    NOT NULL,
    seen_at_us INTEGER NOT NULL,
    proven     INTEGER NOT NULL,
    CONSTRAINT seen_key PRIMARY KEY (origin, size, root)
) WITHOUT ROWID;
CREATE INDEX seen_pending ON seen (origin, size) WHERE proven = 0;

-- owner_key: the key that was first seen for each origin.
CREATE TABLE owner_key (
    origin        TEXT    NOT NULL CONSTRAINT owner_key_key PRIMARY KEY,
    vkey          TEXT    NOT NULL,
    first_seen_us INTEGER NOT NULL
) WITHOUT ROWID;

-- finding: what was found, once. grave: whether it contradicts what was signed.
-- evidence: a statement that others can check; empty where there is none.
CREATE TABLE finding (
    finding_id  INTEGER CONSTRAINT finding_key PRIMARY KEY,
    what        TEXT    NOT NULL,
    grave       INTEGER NOT NULL,
    origin      TEXT    NOT NULL,
    en          TEXT    NOT NULL,
    fr          TEXT    NOT NULL,
    evidence    TEXT    NOT NULL,
    found_at_us INTEGER NOT NULL,
    CONSTRAINT finding_once UNIQUE (what, origin, en)
);
