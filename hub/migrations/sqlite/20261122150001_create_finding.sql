-- What records of several states say about each other, and what the engine must know
-- to say it again when a record changes. Owned by reconcile/.

-- finding: one discrepancy, by the SHA-256 of rule, subject, sentence and evidence
-- keys; the same one keeps its row while its numbers change, closes and opens again.
CREATE TABLE finding (
    -- Lower case hexadecimal.
    finding_id TEXT NOT NULL,
    -- R01 to R28.
    rule TEXT NOT NULL,
    rule_version BIGINT NOT NULL,
    -- 1 information, 2 warning, 3 serious.
    severity BIGINT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_key TEXT NOT NULL,
    -- The state that may answer, alpha-2.
    country TEXT NOT NULL,
    -- Id of the sentence, as R16-WEIGHT.
    sentence TEXT NOT NULL,
    -- JSON list of the numbers and texts of the sentence.
    measures TEXT NOT NULL,
    -- JSON list of entity, key, rev and digest of the records that it rests on.
    evidence TEXT NOT NULL,
    parameters_version BIGINT NOT NULL,
    state TEXT NOT NULL,
    -- Days of evaluation: the first opening, the last one, and the closing.
    first_opened_on TEXT NOT NULL,
    opened_on TEXT NOT NULL,
    closed_on TEXT,
    changed_at_us BIGINT NOT NULL,
    CONSTRAINT finding_pk PRIMARY KEY (finding_id),
    CONSTRAINT finding_severity CHECK (severity IN (1, 2, 3)),
    CONSTRAINT finding_state CHECK (state IN ('open', 'closed'))
);
CREATE INDEX finding_subject ON finding (subject_key, subject_kind);
CREATE INDEX finding_listed ON finding (state, rule, country, finding_id);

-- finding_event: the history of findings; event_id counts up by one over all of them.
CREATE TABLE finding_event (
    event_id BIGINT NOT NULL,
    finding_id TEXT NOT NULL,
    change TEXT NOT NULL,
    -- Day of evaluation.
    day TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    severity BIGINT NOT NULL,
    measures TEXT NOT NULL,
    evidence TEXT NOT NULL,
    parameters_version BIGINT NOT NULL,
    CONSTRAINT finding_event_pk PRIMARY KEY (event_id),
    CONSTRAINT finding_event_change CHECK (change IN ('opened', 'changed', 'closed', 'reopened'))
);
CREATE INDEX finding_event_finding ON finding_event (finding_id, event_id);

-- evaluation: the last completed evaluation; no row before the first.
CREATE TABLE evaluation (
    evaluation_id BIGINT NOT NULL,
    day TEXT NOT NULL,
    parameters_version BIGINT NOT NULL,
    at_us BIGINT NOT NULL,
    CONSTRAINT evaluation_pk PRIMARY KEY (evaluation_id),
    CONSTRAINT evaluation_is_one CHECK (evaluation_id = 1)
);

-- reconcile_turn: one row; steps is raised by each step, so that of two processes on
-- one store one does a step.
CREATE TABLE reconcile_turn (
    turn_id BIGINT NOT NULL,
    steps BIGINT NOT NULL,
    -- 1: everything is to be judged: for the first time, again, or because a run over
    -- everything was cut short.
    whole BIGINT NOT NULL,
    -- SHA-256 of limits, coverage and clocks under which everything was judged last.
    ground TEXT NOT NULL,
    -- Levels in force of each node's record types when everything was judged last.
    levels TEXT NOT NULL,
    -- How many decisions about sites were taken into account.
    decisions BIGINT NOT NULL,
    -- SHA-256 of what states and feeds as wholes were judged by.
    states TEXT NOT NULL,
    CONSTRAINT reconcile_turn_pk PRIMARY KEY (turn_id),
    CONSTRAINT reconcile_turn_is_one CHECK (turn_id = 1)
);
INSERT INTO reconcile_turn (turn_id, steps, whole, ground, levels, decisions, states)
VALUES (1, 0, 1, '', '', 0, '');

-- reconcile_cursor: up to which seq a followed feed was taken into account. The rows of
-- record after it are the queue.
CREATE TABLE reconcile_cursor (
    node_id TEXT NOT NULL,
    feed TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    CONSTRAINT reconcile_cursor_pk PRIMARY KEY (node_id, feed)
);

-- judged_record: a record as it was judged last: what it answered to and mentioned then,
-- one name a line, and, of a lot, what it inherits.
CREATE TABLE judged_record (
    entity TEXT NOT NULL,
    record_key TEXT NOT NULL,
    names TEXT NOT NULL,
    custody BLOB,
    CONSTRAINT judged_record_pk PRIMARY KEY (entity, record_key)
);

-- judged_name: where a name of judged_record leads, of all records but lots, whose own
-- tables answer that.
CREATE TABLE judged_name (
    name TEXT NOT NULL,
    entity TEXT NOT NULL,
    record_key TEXT NOT NULL,
    CONSTRAINT judged_name_pk PRIMARY KEY (name, entity, record_key)
);

-- judged_subject: what rules said of a subject beside findings; no row where all of them
-- were tested and the clock alone changes nothing.
CREATE TABLE judged_subject (
    kind TEXT NOT NULL,
    subject_key TEXT NOT NULL,
    -- One bit a rule, R01 the lowest: not testable, in part at least.
    untested BIGINT NOT NULL,
    -- First day on which the clock alone may change what is said.
    due TEXT,
    CONSTRAINT judged_subject_pk PRIMARY KEY (subject_key, kind)
);
CREATE INDEX judged_subject_due ON judged_subject (due) WHERE due IS NOT NULL;

-- parameter_change: limits of rules that were set; the last row of a scope counts, and
-- the highest version is that of the table.
CREATE TABLE parameter_change (
    version BIGINT NOT NULL,
    parameter TEXT NOT NULL,
    -- Alpha-2 and HS6; NULL: every state, every mineral.
    country TEXT,
    mineral TEXT,
    value BIGINT NOT NULL,
    decided_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    CONSTRAINT parameter_change_pk PRIMARY KEY (version)
);

-- partner_statistic: what a partner outside the region says that it imported.
CREATE TABLE partner_statistic (
    country TEXT NOT NULL,
    partner TEXT NOT NULL,
    -- HS6.
    mineral TEXT NOT NULL,
    year BIGINT NOT NULL,
    mass_mg BIGINT NOT NULL,
    source_file TEXT NOT NULL,
    source_sha256 TEXT NOT NULL,
    loaded_at_us BIGINT NOT NULL,
    CONSTRAINT partner_statistic_pk PRIMARY KEY (country, partner, mineral, year)
);

-- A lot is reached from those that carry its tags and from those that took of it.
CREATE INDEX lot_input_number ON lot_input (lot_number);
CREATE INDEX lot_tag_identifier ON lot_tag (identifier) WHERE identifier IS NOT NULL;
