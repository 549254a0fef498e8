-- What bundles need beside the feeds. Owned by bundle/.

-- The public key (age1...) to which bundles for the hub are encrypted. One row.
CREATE TABLE bundle_recipient (
    owner        TEXT    NOT NULL CONSTRAINT bundle_recipient_key PRIMARY KEY,
    recipient    TEXT    NOT NULL,
    pinned_at_us INTEGER NOT NULL
) WITHOUT ROWID;

-- How far the hub has applied each feed, as its return bundles said. made_at_us:
-- when the bundle was made, by the hub's clock.
CREATE TABLE bundle_acknowledged (
    feed       TEXT    NOT NULL,
    epoch      INTEGER NOT NULL,
    cursor     INTEGER NOT NULL,
    made_at_us INTEGER NOT NULL,
    CONSTRAINT bundle_acknowledged_key PRIMARY KEY (feed, epoch)
) WITHOUT ROWID;
