-- Whose turn it is to reconcile for longer than a step. Owned by reconcile.

-- reconcile_lease: one row; taken and renewed by one statement, and free when until_us
-- has passed, so that who was killed holds nobody up for long.
CREATE TABLE reconcile_lease (
    lease_id BIGINT NOT NULL,
    -- Drawn for each time it is taken; empty: nobody's.
    token TEXT NOT NULL,
    -- Who holds it, for people.
    holder TEXT NOT NULL,
    since_us BIGINT NOT NULL,
    until_us BIGINT NOT NULL,
    CONSTRAINT reconcile_lease_pk PRIMARY KEY (lease_id),
    CONSTRAINT reconcile_lease_is_one CHECK (lease_id = 1)
);
INSERT INTO reconcile_lease (lease_id, token, holder, since_us, until_us) VALUES (1, '', '', 0, 0);
