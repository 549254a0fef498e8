-- What was kept as evidence is never altered and never taken away, by whichever program
-- or person works on the tables: it can only be added to. Erasing needs nothing here:
-- these tables hold signed roots and digests, no content of a record.
-- feed_evidence: what owners signed that cannot all be true. audit_evidence: what was
-- told to auditors.

-- In the words of this store:
CREATE FUNCTION refuse_to_alter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% can only be added to; % ne peut être que complétée',
        TG_TABLE_NAME, TG_TABLE_NAME;
END
$$;
CREATE TRIGGER feed_evidence_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON feed_evidence
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_alter();
CREATE TRIGGER audit_evidence_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_evidence
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_alter();
