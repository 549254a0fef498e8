-- What the Secretariat asks the states about findings, and what came of it. Owned by
-- cases/.

-- case_cursor: one row. event_id is the last finding_event that was taken into account;
-- steps is raised by each step, so that of two processes on one store one does a step.
CREATE TABLE case_cursor (
    cursor_id BIGINT NOT NULL,
    event_id BIGINT NOT NULL,
    steps BIGINT NOT NULL,
    CONSTRAINT case_cursor_pk PRIMARY KEY (cursor_id),
    CONSTRAINT case_cursor_is_one CHECK (cursor_id = 1)
);
INSERT INTO case_cursor (cursor_id, event_id, steps) VALUES (1, 0, 0);

-- case_file: one discrepancy of one entity of one state.
CREATE TABLE case_file (
    -- Lower case hexadecimal, from country, subject and cause.
    case_id TEXT NOT NULL,
    -- The state that is asked, alpha-2.
    country TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_key TEXT NOT NULL,
    cause TEXT NOT NULL,
    state TEXT NOT NULL,
    -- Gravest of the open findings, else of all: 1 information, 2 warning, 3 serious.
    severity BIGINT NOT NULL,
    open_findings BIGINT NOT NULL,
    findings BIGINT NOT NULL,
    -- The last opening; sent_at_us the first sending.
    opened_at_us BIGINT NOT NULL,
    sent_at_us BIGINT,
    -- ISO day until which an answer is awaited.
    due TEXT,
    -- What was decided last, as JSON; NULL: nothing, or it was reopened since.
    decision TEXT,
    changed_at_us BIGINT NOT NULL,
    -- 1: its state is to be told.
    is_due BIGINT NOT NULL,
    CONSTRAINT case_file_pk PRIMARY KEY (case_id),
    CONSTRAINT case_file_severity CHECK (severity IN (1, 2, 3)),
    CONSTRAINT case_file_state CHECK (state IN (
        'open', 'sent', 'answered', 'explained', 'confirmed', 'false_alarm', 'resolved'))
);
CREATE INDEX case_file_listed ON case_file (state, severity, country);
CREATE INDEX case_file_due ON case_file (case_id) WHERE is_due = 1;

-- case_finding: the findings of a case. One that rests on records of several states is in
-- a case of each.
CREATE TABLE case_finding (
    case_id TEXT NOT NULL,
    finding_id TEXT NOT NULL,
    state TEXT NOT NULL,
    severity BIGINT NOT NULL,
    CONSTRAINT case_finding_pk PRIMARY KEY (case_id, finding_id),
    CONSTRAINT case_finding_state CHECK (state IN ('open', 'closed'))
);
CREATE INDEX case_finding_finding ON case_finding (finding_id);

-- case_event: who did what when; rows are only added.
CREATE TABLE case_event (
    case_id TEXT NOT NULL,
    event_no BIGINT NOT NULL,
    at_us BIGINT NOT NULL,
    -- The hub itself, an officer by name, or a node.
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    reason TEXT NOT NULL,
    document_name TEXT NOT NULL,
    document_sha256 TEXT NOT NULL,
    CONSTRAINT case_event_pk PRIMARY KEY (case_id, event_no)
);

-- case_notice: the last entry about a case in the feed of verdicts of a node.
CREATE TABLE case_notice (
    case_id TEXT NOT NULL,
    node_id TEXT NOT NULL,
    rev BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    -- Empty once it was erased.
    payload BYTEA NOT NULL,
    published_at_us BIGINT NOT NULL,
    -- JSON list of seq and rev of entries that lost their payload and whose erasing is to
    -- be told; empty: nothing is.
    erased TEXT NOT NULL,
    -- On which ground.
    ground TEXT NOT NULL,
    CONSTRAINT case_notice_pk PRIMARY KEY (case_id, node_id)
);

-- case_named: records that an entry about a case ever named.
CREATE TABLE case_named (
    node_id TEXT NOT NULL,
    entity TEXT NOT NULL,
    record_key TEXT NOT NULL,
    case_id TEXT NOT NULL,
    CONSTRAINT case_named_pk PRIMARY KEY (entity, record_key, node_id, case_id)
);

-- case_reply: what states answered, as it came.
CREATE TABLE case_reply (
    node_id TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    reply_key TEXT NOT NULL,
    case_id TEXT NOT NULL,
    replied_by TEXT NOT NULL,
    -- Empty once it was erased.
    text TEXT NOT NULL,
    -- JSON list of name, sha256 and bytes.
    attachments TEXT NOT NULL,
    replied_at_us BIGINT NOT NULL,
    received_at_us BIGINT NOT NULL,
    -- 0: not taken into account; 1: taken; 2: of no case of the node's state.
    noted BIGINT NOT NULL,
    CONSTRAINT case_reply_pk PRIMARY KEY (node_id, epoch, seq)
);
CREATE INDEX case_reply_case ON case_reply (case_id, received_at_us);
CREATE INDEX case_reply_waiting ON case_reply (received_at_us) WHERE noted = 0;
