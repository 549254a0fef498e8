-- What owners signed that cannot all be true. Owned by recover/evidence.

-- feed_evidence: both signed checkpoints, byte by byte, with the key that was in
-- force when they were seen. Rows are only ever inserted: a second divergence, a
-- confirmation and a new epoch take none away. evidence_id: SHA-256 over everything
-- but the instant, in hexadecimal, so that the same sighting is one row. node_id is
-- hub for the hub's own feeds. kind: the code of the freeze, or two-histories for what
-- the inquiry found after it. frame_sha256: of the rmd.v1.Frame that was refused,
-- where it was one; not the frame, which may hold what is erased later. prefix_root and
-- proof: RFC 9162 consistency, where the sizes differ and it is known.
CREATE TABLE feed_evidence (
    evidence_id TEXT NOT NULL,
    node_id TEXT NOT NULL,
    feed TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    found_at_us BIGINT NOT NULL,
    kind TEXT NOT NULL,
    feed_vkey TEXT NOT NULL,
    held BLOB NOT NULL,
    offered BLOB NOT NULL,
    frame_sha256 BLOB,
    prefix_root BLOB,
    proof BLOB,
    CONSTRAINT feed_evidence_pk PRIMARY KEY (evidence_id)
);
CREATE INDEX feed_evidence_feed ON feed_evidence (node_id, feed, found_at_us);
