-- Made-up rows. Each fault that such a database has stands in one row of its own;
-- expected.toml says what becomes of it. Texts with Ã are no slip: an import once
-- wrote UTF-8 into these latin1 columns, and so they stand there.
SET sql_mode = '';

INSERT INTO T_EXPLOITANT VALUES
 ('E-001', 'Coopérative des creuseurs de Kalimba', 'COOPERATIVE', 'A0701234B', '12, avenue du Marché', 'Goma', 'Kahindo Étoilée', '0810 000 001', 'contact@kalimba.example'),
 -- Entities of HTML, an address without a street, a phone as dialled from abroad, a word for nothing.
 ('E-002', 'Société minière du Rift S&eacute;lect', 'COMPTOIR', 'A0705678C', '-', 'Bukavu', 'Mwamba J.-P.', '00243 81 000 00 02', 'NEANT'),
 -- Almost nothing is known.
 ('E-003', 'NEANT', 'NEGOCIANT', '', '-', 'Kindu', '', 'Néant', ''),
 -- A telephone that is none.
 ('E-004', 'Comptoir de l&#39;Est', 'COMPTOIR', 'A0709999D', 'Route de l''aéroport', 'Bukavu', 'Zawadi M.', 'voir le gérant', 'est@comptoir.example'),
 -- Without a primary key the same operator could be typed in twice.
 ('E-005', 'Frères Lukusa', 'NEGOCIANT', 'A0701111E', 'Quartier Katindo', 'Goma', 'Lukusa A.', '0810 000 005', 'lukusa@freres.example'),
 ('E-005', 'Frères Lukusa et fils', 'NEGOCIANT', 'A0701111E', 'Quartier Katindo', 'Goma', 'Lukusa B.', '0810 000 005', 'lukusa@freres.example');

INSERT INTO T_CARRE_MINIER VALUES
 ('CAMI/0101', 'Kalimba-Nord',  '28°42''45,6"E', '1°25''30,0"S', '1 480 m', 'Nord-Kivu', 'Walikale', 'Kalimba', 'Cassitérite;Coltan', 'VERT',   '2017-03-14', 'EN ACTIVITE', '120', 'E-001'),
 ('CAMI/0102', 'Rubonga',       '28°51''00"E',   '0°19''54"N',   '1 100',   'Nord-Kivu', 'Lubero',   'Rubonga', 'Or',                 'JAUNE',  '2017-06-02', 'EN ACTIVITE', '1 045', 'E-002'),
 -- Decimal degrees with a comma among degrees, minutes and seconds; no altitude.
 ('CAMI/0103', 'Mine  du Pont ','29,1234',       '-2,0456',      NULL,      'Sud-Kivu',  'Kalehe',   'Pont',    'Wolframite',         'ROUGE',  '2016-11-21', 'SUSPENDU',    '0',   'E-001'),
 -- A zero date, and words for nothing.
 ('CAMI/0104', 'Ancien puits',  '28°30''E',      '2°10''S',      'néant',   'Sud-Kivu',  'Mwenga',   'Puits',   'Cassitérite',        'BLEU',   '0000-00-00', 'ABANDONNE',   'NEANT', 'E-003'),
 -- No point: the record cannot be placed.
 ('CAMI/0105', 'Sans point',    NULL,            NULL,           NULL,      'Maniema',   'Kailo',    'Kailo',   'Cassitérite',        'VERT',   '2017-01-10', 'EN ACTIVITE', '30',  'E-001'),
 -- A colour that is no status.
 ('CAMI/0106', 'Couleur fausse','27°10''E',      '3°05''S',      '700',     'Maniema',   'Pangi',    'Pangi',   'Cassitérite',        'ORANGE', '2017-01-10', 'EN ACTIVITE', '30',  'E-001'),
 -- Minutes beyond 59.
 ('CAMI/0107', 'Minutes fausses','27°75''E',     '3°05''S',      '700',     'Maniema',   'Pangi',    'Pangi',   'Cassitérite',        'VERT',   '2017-01-10', 'EN ACTIVITE', '30',  'E-001'),
 -- UTF-8 that was read as latin1, once and twice.
 ('CAMI/0108', 'BisiÃ©-Est',    '27°44''10"E',   '1°02''33"S',   '812',     'Nord-Kivu', 'Walikale', 'ColÃƒÂ©riÃƒÂ¨re', 'CassitÃ©rite', 'VERT',   '2017-05-09', 'EN ACTIVITE', '210', 'E-001'),
 -- O is Ouest, and west of Greenwich there is no site of this state.
 ('CAMI/0109', 'Ouest pour Est','28°30''O',      '2°10''S',      '950',     'Sud-Kivu',  'Mwenga',   'Mwana',   'Or',                 'VERT',   '2017-01-10', 'EN ACTIVITE', '12',  'E-001'),
 -- A substance that no list has.
 ('CAMI/0110', 'Substance inconnue','28°35''E',  '2°15''S',      '950',     'Sud-Kivu',  'Mwenga',   'Mwana',   'Pierre verte',       'VERT',   '2017-01-10', 'EN ACTIVITE', '12',  'E-001'),
 -- Its operator's telephone cannot be read.
 ('CAMI/0111', 'Kamituga-Bas',  '28°11''E',      '3°04''S',      '1 020',   'Sud-Kivu',  'Mwenga',   'Kamituga','Or',                 'VERT',   '2017-01-10', 'EN ACTIVITE', '80',  'E-004'),
 -- Its operator stands twice.
 ('CAMI/0112', 'Deux maîtres',  '28°12''E',      '3°05''S',      '1 030',   'Sud-Kivu',  'Mwenga',   'Kamituga','Or',                 'VERT',   '2017-01-10', 'EN ACTIVITE', '80',  'E-005'),
 -- No number: such a row cannot be found again.
 (NULL,        'Sans numéro',   '28°13''E',      '3°06''S',      '1 030',   'Sud-Kivu',  'Mwenga',   'Kamituga','Or',                 'VERT',   '2017-01-10', 'EN ACTIVITE', '80',  'E-001');

INSERT INTO T_TITRE VALUES
 ('ZEA-17',  'CAMI/0101', 'ZEA', 'E-001', '2015-02-01', '2020-01-31', 'O', 'Cassitérite;Coltan'),
 ('PE-4402', 'CAMI/0102', 'PE',  'E-002', '2012-05-01', '0000-00-00', 'O', 'Or'),
 ('NEANT',   'CAMI/0103', 'NEANT', '',    '0000-00-00', '0000-00-00', 'N', 'Wolframite'),
 ('ZEA-21',  'CAMI/0108', 'ZEA', 'E-001', '2016-02-01', '2021-01-31', 'O', 'CassitÃ©rite'),
 ('ZEA-33',  'CAMI/0111', 'ZEA', 'E-004', '2016-02-01', '2021-01-31', 'O', 'Or');

INSERT INTO T_MISSION VALUES
 ('M-2017-03', 'CAMI/0101', '14/03/2017', 'VERT',  'Kabila Amani', 'Ingénieur', 'Division des mines', NULL),
 ('M-2015-09', 'CAMI/0101', '30/09/15',   'BLEU',  'Furaha R.',    'Ing&eacute;nieur', 'Division des mines', NULL),
 ('M-2017-06', 'CAMI/0102', '02/06/2017', 'JAUNE', 'Furaha R.',    'Chef de service', 'Division des mines', '02/12/2017'),
 ('M-2016-11', 'CAMI/0103', '21/11/16',   'ROUGE', 'Kabila Amani', 'Ingénieur', 'Division des mines', NULL);

INSERT INTO T_LOT VALUES
 ('L-01', '2017-11-03 08:15:30', 'E-001', 'CAMI/0101', 'Cassitérite', '62,5',  '1 250,5 kg', '25',  'PRODUCTION', 'ET-0001', '2017-11-01', '2017-11-03'),
 -- Grams, and a zero date.
 ('L-02', '2017-11-04 09:00:00', 'E-002', 'CAMI/0102', 'Or',          '91,25', '415 g',      '1',   'PRODUCTION', 'ET-0002', '2017-11-02', '0000-00-00'),
 -- Tonnes, half a package, and a product that UTF-8 went through twice.
 ('L-03', '2017-11-05 10:30:00', 'E-001', 'CAMI/0108', 'CassitÃƒÂ©rite', '31,0', '0,8 t',    '16,5','PRODUCTION', 'ET-0003', '2017-11-02', '2017-11-05'),
 -- A product without a tag yet: published, and told to be incomplete.
 ('L-04', '2017-11-06 10:30:00', 'E-001', 'CAMI/0101', 'Coltan',      '31,0',  '80 kg',      '1',   'PRODUCTION', '',        '0000-00-00', '0000-00-00'),
 -- No mass that can be read.
 ('L-05', '2017-11-06 10:30:00', 'E-001', 'CAMI/0101', 'Coltan',      '31,0',  'un camion',  '1',   'PRODUCTION', 'ET-0005', '2017-11-02', '2017-11-06'),
 -- A little more than a kilogramme, or more than a tonne? Nobody guesses.
 ('L-06', '2017-11-06 10:30:00', 'E-001', 'CAMI/0101', 'Coltan',      '31,0',  '1.250 kg',   '1',   'PRODUCTION', 'ET-0006', '2017-11-02', '2017-11-06'),
 -- A number without its unit.
 ('L-07', '2017-11-06 10:30:00', 'E-001', 'CAMI/0101', 'Coltan',      '31,0',  '80',         '1',   'PRODUCTION', 'ET-0007', '2017-11-02', '2017-11-06'),
 -- More than everything.
 ('L-08', '2017-11-07 10:30:00', 'E-001', 'CAMI/0101', 'Cassitérite', '162,5', '10 kg',      '1',   'PRODUCTION', 'ET-0008', '2017-11-02', '2017-11-07'),
 -- The same number twice: which is it?
 ('L-09', '2017-11-08 10:30:00', 'E-001', 'CAMI/0101', 'Cassitérite', '60,0',  '10 kg',      '1',   'PRODUCTION', 'ET-0009', '2017-11-02', '2017-11-08'),
 ('L-09', '2017-11-09 10:30:00', 'E-001', 'CAMI/0101', 'Cassitérite', '61,0',  '12 kg',      '1',   'PRODUCTION', 'ET-0010', '2017-11-02', '2017-11-09'),
 -- Nobody knows this operator.
 ('L-10', '2017-11-08 10:30:00', 'E-777', 'CAMI/0101', 'Cassitérite', '60,0',  '10 kg',      '1',   'PRODUCTION', 'ET-0011', '2017-11-02', '2017-11-08');

INSERT INTO T_AGREMENT VALUES
 ('AGR-11', 'E-002', 'VERT', '2017-02-01', '2018-12-31', '14/03/2017'),
 -- No day in any format of the mapping.
 ('AGR-12', 'E-004', 'JAUNE', '2017-02-01', '0000-00-00', 'mars 2017'),
 -- Nobody knows this exporter.
 ('AGR-13', 'E-888', 'VERT', '2017-02-01', '2018-12-31', '');
