-- Made-up rows; expected.toml says what becomes of each.
INSERT INTO province VALUES
 ('RW-02', 'Eastern', '2017-01-01T06:00:00Z'),
 ('RW-03', 'Northern', '2017-01-01T06:00:00Z'),
 ('RW-05', 'Southern', '2017-01-01T06:00:00Z');
INSERT INTO party VALUES
 (1, 'RW-C-0001', 'Ikirezi Mining Ltd',     '100000001', 'limited company', 'RW-03', 'Rulindo', 'Base',   'Uwase Anonyme',  '+250788000001', 'office@ikirezi.example', -1.7001, 29.9002, '2017-10-01T06:00:00Z'),
 (2, 'RW-C-0002', 'Umurava Traders Coop',   'N/A',       'cooperative',     'RW-05', 'Kamonyi', 'Gacurabwenge', 'Mugisha Anonyme', '+250788000002', 'office@umurava.example', NULL, NULL, '2017-10-01T06:00:00Z'),
 (3, 'RW-A-0001', 'Mineral Tag Authority',  '100000003', 'authority',       'RW-02', 'Kayonza', 'Mukarange', 'Keza Anonyme', '+250788000003', 'tags@authority.example', NULL, NULL, '2017-10-01T06:00:00Z');
INSERT INTO site_status VALUES
 (0, 'Blue', '2017-01-01T06:00:00Z'),
 (1, 'Green', '2017-01-01T06:00:00Z'),
 (2, 'Yellow', '2017-01-01T06:00:00Z'),
 (3, 'Red', '2017-01-01T06:00:00Z'),
 (9, 'Under discussion', '2017-01-01T06:00:00Z');
INSERT INTO site VALUES
 (11, 'RW/RUL/011', 'RW-1.7203+29.9105-11', 'Base Hill',  -1.72030, 29.91050, 2100, 1, '2017-04-03', TRUE,  85, 1, 'RW-03', 'Rulindo', 'Base', 'Rwamahwa', 400, '2017-10-02T06:00:00Z'),
 -- No regional id yet: the node makes one.
 (12, 'RW/KAM/012', NULL,                    'Rukoma',    -2.02010, 29.85040, 1850, 2, '2017-08-20', TRUE,  40, 2, 'RW-05', 'Kamonyi', 'Rukoma', 'Taba', 150, '2017-10-02T06:00:00Z'),
 -- A status that is none of the four.
 (13, 'RW/KAY/013', NULL,                    'Rwinkwavu', -1.95990, 30.60010, 1500, 9, '2017-08-20', FALSE, 0, 1, 'RW-02', 'Kayonza', 'Rwinkwavu', 'Nkondo', 0, '2017-10-02T06:00:00Z'),
 -- An id as issued whose state is another.
 (14, 'RW/KAY/014', 'TZ-1.9599+30.6001-14',  'Borderline',-1.95990, 30.60010, 1500, 0, '2017-08-20', TRUE, 12, 1, 'RW-02', 'Kayonza', 'Mwiri', 'Nyawera', 50, '2017-10-02T06:00:00Z'),
 -- Its licence ends before it begins.
 (15, 'RW/KAY/015', 'RW-1.9700+30.6200-15',  'Backwards', -1.97000, 30.62000, 1510, 1, '2017-08-20', TRUE, 20, 1, 'RW-02', 'Kayonza', 'Mwiri', 'Nyawera', 50, '2017-10-02T06:00:00Z'),
 -- Inspected tomorrow.
 (16, 'RW/KAY/016', 'RW-1.9800+30.6300-16',  'Tomorrow',  -1.98000, 30.63000, 1520, 1, '2017-08-20', TRUE, 20, 1, 'RW-02', 'Kayonza', 'Mwiri', 'Nyawera', 50, '2017-10-02T06:00:00Z');
INSERT INTO site_mineral VALUES
 (11, '2609.00.00', 1500.0, '2017-10-02T06:00:00Z'),
 (11, '2615.90.00', 200.0, '2017-10-02T06:00:00Z'),
 (12, '2611.00.00', NULL, '2017-10-02T06:00:00Z'),
 (13, '2609.00.00', NULL, '2017-10-02T06:00:00Z'),
 (14, '2609.00.00', NULL, '2017-10-02T06:00:00Z'),
 (15, '2609.00.00', NULL, '2017-10-02T06:00:00Z'),
 (16, '2609.00.00', NULL, '2017-10-02T06:00:00Z');
INSERT INTO tag_range VALUES
 (1, 11, '0110001', '0110400', 400, '2017-10-02T06:00:00Z'),
 -- From and to exchanged: published, and told.
 (2, 12, '0120150', '0120001', 150, '2017-10-02T06:00:00Z');
INSERT INTO licence VALUES
 ('ML-011', 11, 'mining', 1, '2015-01-15', '2020-01-14', TRUE, '2609.00.00;2615.90.00', '2017-10-02T06:00:00Z'),
 ('AP-012', 12, 'artisanal', 2, '2017-01-01', '2017-12-31', TRUE, '2611.00.00', '2017-10-02T06:00:00Z'),
 ('ML-015', 15, 'mining', 1, '2017-01-01', '2016-12-31', FALSE, '2609.00.00', '2017-10-02T06:00:00Z');
INSERT INTO inspection VALUES
 ('IN-2017-041', 11, '2017-04-03', 1, 'Ineza Anonyme', 'Senior inspector', 'Mines Board', NULL, '2017-10-02T06:00:00Z'),
 -- Yellow without a day until which it has to be mended.
 ('IN-2017-082', 12, '2017-08-20', 2, 'Ineza Anonyme', 'Senior inspector', 'Mines Board', NULL, '2017-10-02T06:00:00Z'),
 ('IN-2018-001', 16, '2018-01-02', 1, 'Ineza Anonyme', 'Senior inspector', 'Mines Board', NULL, '2017-10-02T06:00:00Z');
INSERT INTO lot VALUES
 (101, 'B-0101', '2017-10-10T08:30:00Z', 1, 2, '2609.00.00', 62.500, 48.250, 'miner', 'production', 11, 'Team lead one', 11.40, '2017-10-10', '2017-10-12', NULL, NULL, '2017-10-12T06:00:00Z'),
 (102, 'B-0102', '2017-10-11T08:30:00Z', 1, 2, '2609.00.00', 60.000, 51.000, 'miner', 'production', 12, 'Team lead two', 11.10, '2017-10-11', '2017-10-12', NULL, NULL, '2017-10-12T06:00:00Z'),
 (103, 'C-0001', '2017-10-15T14:00:00Z', 2, NULL, '2609.00.00', 61.200, 99.000, 'trader', 'combination', NULL, NULL, NULL, '2017-10-15', NULL, NULL, NULL, '2017-10-15T14:00:00Z'),
 -- Declared void.
 (104, 'B-0103', '2017-10-16T08:30:00Z', 1, NULL, '2609.00.00', 60.000, 50.000, 'miner', 'production', 11, 'Team lead one', 11.10, '2017-10-16', NULL, '2017-10-17', 'weighed twice', '2017-10-17T06:00:00Z'),
 -- No mass.
 (105, 'B-0104', '2017-10-17T08:30:00Z', 1, NULL, '2609.00.00', 60.000, NULL, 'miner', 'production', 11, 'Team lead one', 11.10, '2017-10-17', NULL, NULL, NULL, '2017-10-17T06:00:00Z'),
 -- Shipped before it was sealed.
 (106, 'B-0105', '2017-10-18T08:30:00Z', 1, 2, '2609.00.00', 60.000, 50.000, 'miner', 'production', 11, 'Team lead one', 11.10, '2017-10-20', '2017-10-18', NULL, NULL, '2017-10-18T06:00:00Z'),
 -- A trader's number may be one that a miner has as well: lots are told apart by both.
 (107, 'B-0101', '2017-10-19T08:30:00Z', 2, NULL, '2609.00.00', 62.500, 48.250, 'trader', 'purchase', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2017-10-19T06:00:00Z');
INSERT INTO lot_source VALUES
 (103, 101, 48.250, 62.500, '2017-10-15T14:00:00Z'),
 (103, 102, 51.000, 60.000, '2017-10-15T14:00:00Z'),
 (107, 101, 48.250, 62.500, '2017-10-19T06:00:00Z');
INSERT INTO tag VALUES
 ('0110001', 101, 3, '2017-09-01T07:00:00Z', '2017-10-10T08:31:00Z', '2017-10-12T06:00:00Z'),
 ('0120002', 102, 3, '2017-09-01T22:30:00Z', '2017-10-11T08:31:00Z', '2017-10-12T06:00:00Z'),
 ('0110003', 104, 3, '2017-09-01T07:00:00Z', '2017-10-16T08:31:00Z', '2017-10-17T06:00:00Z'),
 ('0110004', 105, 3, '2017-09-01T07:00:00Z', NULL, '2017-10-17T06:00:00Z'),
 ('0110005', 106, 3, '2017-09-01T07:00:00Z', NULL, '2017-10-18T06:00:00Z');
INSERT INTO tax VALUES
 (1, 101, 'royalty', 22.10, 'USD', '2017-10-12', 'R-0001', '2017-10-12T06:00:00Z'),
 (2, 103, 'processing fee', 8500, 'RWF', '2017-10-15', 'R-0002', '2017-10-15T14:00:00Z');
