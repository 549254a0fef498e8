-- Months that the Secretariat closed, with what they rest on, and what was made public of
-- them. Owned by calendar/ and statistics/. Rows are only ever inserted: closing again
-- makes another edition.

-- month_closing: one edition of a closed month. closed_on: the evaluation day. digest:
-- SHA-256, in hexadecimal, over the edition with its feeds, reports and figures.
CREATE TABLE month_closing (
    month TEXT NOT NULL,
    edition BIGINT NOT NULL,
    closed_at_us BIGINT NOT NULL,
    closed_on TEXT NOT NULL,
    closed_by TEXT NOT NULL,
    parameters_version BIGINT NOT NULL,
    digest TEXT NOT NULL,
    CONSTRAINT month_closing_pk PRIMARY KEY (month, edition)
);

-- month_feed: a followed feed as it stood, with the checkpoint that its owner signed and
-- the key that was pinned. country is alpha-2.
CREATE TABLE month_feed (
    month TEXT NOT NULL,
    edition BIGINT NOT NULL,
    node_id TEXT NOT NULL,
    feed TEXT NOT NULL,
    country TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    size BIGINT NOT NULL,
    root BYTEA NOT NULL,
    checkpoint TEXT NOT NULL,
    feed_vkey TEXT NOT NULL,
    CONSTRAINT month_feed_pk PRIMARY KEY (month, edition, node_id, feed)
);

-- month_report: records of the month by state, and whether its own statement that the
-- month is complete was there (1) or not (0).
CREATE TABLE month_report (
    month TEXT NOT NULL,
    edition BIGINT NOT NULL,
    country TEXT NOT NULL,
    feed TEXT NOT NULL,
    records BIGINT NOT NULL,
    stated BIGINT NOT NULL,
    CONSTRAINT month_report_pk PRIMARY KEY (month, edition, country, feed)
);

-- month_figure: the figures. few: JSON list of who is behind it, where that is fewer
-- than three.
CREATE TABLE month_figure (
    month TEXT NOT NULL,
    edition BIGINT NOT NULL,
    country TEXT NOT NULL,
    flow TEXT NOT NULL,
    mineral TEXT NOT NULL,
    mass_mg BIGINT NOT NULL,
    metal_mg BIGINT,
    records BIGINT NOT NULL,
    contributors BIGINT NOT NULL,
    few TEXT NOT NULL,
    CONSTRAINT month_figure_pk PRIMARY KEY (month, edition, country, flow, mineral)
);

-- publication: each public edition of a year's table of one flow of one mineral, whole,
-- with what it holds back: later editions are held against all of them.
CREATE TABLE publication (
    year TEXT NOT NULL,
    flow TEXT NOT NULL,
    mineral TEXT NOT NULL,
    edition BIGINT NOT NULL,
    published_at_us BIGINT NOT NULL,
    grid TEXT NOT NULL,
    CONSTRAINT publication_pk PRIMARY KEY (year, flow, mineral, edition)
);

-- Figures are summed by the day on which goods crossed the border.
CREATE INDEX export_declaration_exit ON export_declaration (exit_date);
CREATE INDEX import_declaration_entry ON import_declaration (entry_date);
