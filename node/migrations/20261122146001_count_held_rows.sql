-- Rows of a file that were taken and whose record waits in the brake; of files that
-- came before this was counted, none is known.
ALTER TABLE sheet_file ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
