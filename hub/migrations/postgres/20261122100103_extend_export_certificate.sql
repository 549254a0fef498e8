-- Export certificates: what a concentration counts, what has become of the
-- certificate, and where the parties receive lots.
ALTER TABLE export_certificate ADD COLUMN analyte TEXT;
ALTER TABLE export_certificate ADD COLUMN state TEXT;
ALTER TABLE export_certificate ADD COLUMN exporter_premises_latitude_e7 BIGINT;
ALTER TABLE export_certificate ADD COLUMN exporter_premises_longitude_e7 BIGINT;
ALTER TABLE export_certificate ADD COLUMN importer_premises_latitude_e7 BIGINT;
ALTER TABLE export_certificate ADD COLUMN importer_premises_longitude_e7 BIGINT;
-- What lists are filtered by, in the order of their pages. Letters count in
-- either case there.
CREATE INDEX export_certificate_paged ON export_certificate (issuing_country, record_key);
CREATE INDEX export_certificate_identifier ON export_certificate (LOWER(identifier), record_key);
CREATE INDEX export_certificate_ore ON export_certificate (type_of_ore, record_key);
CREATE INDEX export_certificate_issued ON export_certificate (date_of_issuance, record_key);
