-- What was kept as evidence is never altered and never taken away, by whichever program
-- or person works on the tables: it can only be added to. Erasing needs nothing here:
-- these tables hold signed roots and digests, no content of a record.
-- feed_evidence: what owners signed that cannot all be true. audit_evidence: what was
-- told to auditors.

-- In the words of this store:
CREATE TRIGGER feed_evidence_kept BEFORE UPDATE ON feed_evidence
BEGIN
    SELECT RAISE(ABORT, 'feed_evidence can only be added to; feed_evidence ne peut être que complétée');
END;
CREATE TRIGGER feed_evidence_stays BEFORE DELETE ON feed_evidence
BEGIN
    SELECT RAISE(ABORT, 'feed_evidence can only be added to; feed_evidence ne peut être que complétée');
END;
CREATE TRIGGER audit_evidence_kept BEFORE UPDATE ON audit_evidence
BEGIN
    SELECT RAISE(ABORT, 'audit_evidence can only be added to; audit_evidence ne peut être que complétée');
END;
CREATE TRIGGER audit_evidence_stays BEFORE DELETE ON audit_evidence
BEGIN
    SELECT RAISE(ABORT, 'audit_evidence can only be added to; audit_evidence ne peut être que complétée');
END;
