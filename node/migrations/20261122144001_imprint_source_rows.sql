-- What the source gave of a row, hashed together with how it is read, and the first
-- 8 bytes of the hash of the content that came of it. While that content is what is
-- published, the row need not be mapped again. Never leaves this file.
ALTER TABLE source_row ADD COLUMN imprint BLOB;

-- Makes the imprints of this file comparable with those of no other.
CREATE TABLE imprint_salt (
    one  INTEGER NOT NULL
         CONSTRAINT imprint_salt_key PRIMARY KEY
         CONSTRAINT imprint_salt_one CHECK (one = 1),
    salt BLOB    NOT NULL
);

INSERT INTO imprint_salt (one, salt) VALUES (1, randomblob(32));
