-- That somebody refused this node's certificate as revoked. is_proven: the hub itself
-- said so, over a connection that proved who it is; else it is the word of whoever
-- dialled. Taken away by the next certificate.
CREATE TABLE own_revocation (
    id        INTEGER CONSTRAINT own_revocation_key PRIMARY KEY
              CONSTRAINT own_revocation_single CHECK (id = 1),
    since_us  INTEGER NOT NULL,
    last_us   INTEGER NOT NULL,
    is_proven INTEGER NOT NULL
);
