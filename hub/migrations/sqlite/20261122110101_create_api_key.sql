-- Who may read the regional view over the API. Owned by api/.

-- api_key: a right to read. Only the SHA-256 of the key is kept. A revoked key
-- keeps its row, so that its name always means the same reader.
CREATE TABLE api_key (
    name TEXT NOT NULL,
    key_sha256 BLOB NOT NULL,
    -- Words of scopes, joined by ';', as lots:read.
    scopes TEXT NOT NULL,
    -- ISO 3166-1 alpha-2 codes of the states whose records it may read, joined by ';'; empty for all.
    countries TEXT NOT NULL,
    created_at_us BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    -- ISO date of the last day on which it is good, counted in UTC+2; NULL for no end.
    expires_on TEXT,
    revoked_at_us BIGINT,
    -- What was read with it: requests and records, written at most once a minute.
    requests BIGINT NOT NULL,
    records BIGINT NOT NULL,
    last_used_us BIGINT,
    CONSTRAINT api_key_pk PRIMARY KEY (name),
    CONSTRAINT api_key_sha256 UNIQUE (key_sha256)
);
