-- How many records there are to list, so that no list counts them again.

-- record_tally: one row a node and record type. Its node alone writes it, in
-- the transaction of the frame, so that no two feeds wait for one another.
CREATE TABLE record_tally (
    node_id TEXT NOT NULL,
    entity TEXT NOT NULL,
    country TEXT NOT NULL,
    -- Records of the node that are shown and not void: op upsert, not in shadow.
    shown BIGINT NOT NULL,
    -- Goes up when a record appears, goes, or becomes void; lists change their places then.
    members BIGINT NOT NULL,
    -- Goes up with every frame that changed a record of the type.
    revisions BIGINT NOT NULL,
    CONSTRAINT record_tally_pk PRIMARY KEY (node_id, entity)
);
INSERT INTO record_tally (node_id, entity, country, shown, members, revisions)
SELECT node_id, entity, country, COUNT(*), 1, 1
FROM record
WHERE op = 'upsert' AND shadow = 0
GROUP BY node_id, entity, country;

-- The few records that their owner declared void: lists look at them apart.
CREATE INDEX mine_site_void ON mine_site (record_key) WHERE void = 1;
CREATE INDEX lot_void ON lot (record_key) WHERE void = 1;
CREATE INDEX export_certificate_void ON export_certificate (issuing_country, record_key) WHERE void = 1;
