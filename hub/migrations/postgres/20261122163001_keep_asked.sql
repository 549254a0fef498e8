-- Of what an officer asked last: the own records on which the finding rested then, and their
-- revisions, as SHA-256 in hexadecimal; empty: the state was not asked about it. How far
-- another state's numbers are from its own is told of these alone. Owned by cases/.
ALTER TABLE case_finding ADD COLUMN asked TEXT NOT NULL DEFAULT '';
