-- month_feed.levels: record types of the feed that counted when the month was closed,
-- joined by ';'. Owned by calendar/.
ALTER TABLE month_feed ADD COLUMN levels TEXT NOT NULL DEFAULT '';
