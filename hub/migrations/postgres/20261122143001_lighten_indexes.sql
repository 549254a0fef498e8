-- Lots come by the hundred thousand: an index is kept where a question needs it, and
-- holds no more than that.

-- lot: the key begins with the state, so pages go through the primary key.
DROP INDEX lot_paged;
-- What these find is few or is sorted by key in any case.
DROP INDEX lot_number;
CREATE INDEX lot_number ON lot (LOWER(lot_number));
DROP INDEX lot_mineral;
CREATE INDEX lot_mineral ON lot (mineral);
DROP INDEX lot_registration;
CREATE INDEX lot_registration ON lot (registered_at_us);
-- No question asks for a tag or for an input by its number.
DROP INDEX lot_tag_identifier;
DROP INDEX lot_input_number;

-- record.findings: rule and path of what is missing, see regional/findings; a list of
-- whole findings where an earlier version wrote it.
