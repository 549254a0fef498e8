-- The brake: what was counted in the last hours, and the revisions that wait.
-- An hour is the number of hours since 1970 by the node's clock.

-- Counts of each record type by hour. `added` and `ended` are records that came
-- to be published and that ceased to be, so that the number at the start of the
-- window follows from the number now. `deletes` and `changes` are records, not
-- revisions: each counts once, in the hour and as what it was counted last.
CREATE TABLE brake_hour (
    entity  TEXT    NOT NULL,
    hour    INTEGER NOT NULL,
    added   INTEGER NOT NULL,
    ended   INTEGER NOT NULL,
    deletes INTEGER NOT NULL,
    changes INTEGER NOT NULL,
    CONSTRAINT brake_hour_key PRIMARY KEY (entity, hour)
) WITHOUT ROWID;

-- Where each record counts now; none when nobody counted it in the window, or
-- when a person has released it.
CREATE TABLE brake_counted (
    record_id INTEGER CONSTRAINT brake_counted_key PRIMARY KEY,
    hour      INTEGER NOT NULL,
    kind      TEXT    NOT NULL
              CONSTRAINT brake_counted_kind CHECK (kind IN ('delete', 'change'))
);

-- Each time that the brake tripped, for ever: what it saw, and who let it go.
-- `held` is the number of records that wait now, `deletes` how many of those are
-- tombstones. At most one trip of a record type and kind is open.
CREATE TABLE brake_trip (
    trip_id       INTEGER CONSTRAINT brake_trip_key PRIMARY KEY,
    entity        TEXT    NOT NULL,
    kind          TEXT    NOT NULL
                  CONSTRAINT brake_trip_kind CHECK (kind IN ('delete', 'change')),
    state         TEXT    NOT NULL
                  CONSTRAINT brake_trip_state
                  CHECK (state IN ('open', 'released', 'settled', 'withdrawn')),
    held          INTEGER NOT NULL,
    deletes       INTEGER NOT NULL,
    counted       INTEGER NOT NULL,
    allowed       INTEGER NOT NULL,
    base          INTEGER NOT NULL,
    emptied       INTEGER NOT NULL,
    tripped_at_us INTEGER NOT NULL,
    ended_at_us   INTEGER,
    released_by   TEXT,
    reason        TEXT,
    published     INTEGER,
    first_seq     INTEGER,
    last_seq      INTEGER
);
CREATE UNIQUE INDEX brake_trip_open ON brake_trip (entity, kind) WHERE state = 'open';

-- The revisions that would be published, without what may not leave; one a
-- record. `place` is the order in which they came to be held.
CREATE TABLE brake_held (
    record_id     INTEGER CONSTRAINT brake_held_key PRIMARY KEY,
    trip_id       INTEGER NOT NULL,
    place         INTEGER NOT NULL,
    op            INTEGER NOT NULL,
    payload       BLOB    NOT NULL,
    content_hash  BLOB    NOT NULL,
    reason        TEXT    NOT NULL,
    event_time_us INTEGER NOT NULL,
    mapping_id    TEXT    NOT NULL,
    held_at_us    INTEGER NOT NULL,
    CONSTRAINT brake_held_trip FOREIGN KEY (trip_id) REFERENCES brake_trip (trip_id)
);
CREATE INDEX brake_held_place ON brake_held (trip_id, place);

-- Mappings whose changes a person has let through, for each record type until
-- all of its rows were read once with the mapping.
CREATE TABLE mapping_release (
    mapping_id     TEXT    NOT NULL,
    entity         TEXT    NOT NULL,
    released_at_us INTEGER NOT NULL,
    released_by    TEXT    NOT NULL,
    reason         TEXT    NOT NULL,
    ended_at_us    INTEGER,
    CONSTRAINT mapping_release_key PRIMARY KEY (mapping_id, entity)
) WITHOUT ROWID;
