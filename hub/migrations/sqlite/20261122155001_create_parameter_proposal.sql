-- Changes of limits on their way. Owned by parameter.

-- parameter_proposal: what somebody asked for, and what another person decided. A row
-- is never taken out; approved ones have their version in parameter_change.
CREATE TABLE parameter_proposal (
    -- Counts up by one.
    proposal_id BIGINT NOT NULL,
    parameter TEXT NOT NULL,
    -- ISO 3166-1 alpha-2; NULL for every state.
    country TEXT,
    -- HS6; NULL for every mineral.
    mineral TEXT,
    -- In the unit of the limit.
    value BIGINT NOT NULL,
    proposed_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    proposed_at_us BIGINT NOT NULL,
    -- proposed, approved or refused.
    state TEXT NOT NULL,
    decided_by TEXT,
    decided_reason TEXT,
    decided_at_us BIGINT,
    -- Version that it became.
    version BIGINT,
    CONSTRAINT parameter_proposal_pk PRIMARY KEY (proposal_id),
    CONSTRAINT parameter_proposal_state CHECK (state IN ('proposed', 'approved', 'refused'))
);
