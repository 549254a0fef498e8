-- judged_record_unjudged: lots of which nothing could be said yet because what is before them
-- was not known. Few at any time; the others are not in it.
CREATE INDEX judged_record_unjudged ON judged_record (record_key)
    WHERE custody IS NULL AND entity = 'Lot';
