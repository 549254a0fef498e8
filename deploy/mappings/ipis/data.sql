-- Made-up visits in the columns of the file; expected.toml says what becomes of each
-- site. No row is taken from the file. Columns that the mapping does not read are left
-- out; in those that it reads an absent value is the empty text, as after an import.
INSERT INTO visites ("vid", "source", "project", "pcode", "name", "visit_date", "visit_onsite", "longitude", "latitude", "province", "territoire", "collectivite", "groupement", "village", "workers_numb", "mineral1", "mineral2", "mineral3", "qualification") VALUES
 -- Two visits: the later one describes the site, the last qualification is its status.
 ('9001', 'Équipe A', 'exemple 2015', 'exemple00001', 'Mont Exemple',      '2015-06-01', '1', '28.51234', '-1.71234', 'Nord-Kivu', 'Walikale', 'Wanianga', 'Exemple', 'Bas-Exemple', '80', 'Cassitérite', '', '', 'Jaune'),
 ('9002', 'Équipe A', 'exemple 2016', 'exemple00001', 'Mont Exemple Haut', '2016-07-02', '1', '28.51240', '-1.71230', 'Nord-Kivu', 'Walikale', 'Wanianga', 'Exemple', 'Bas-Exemple', '120', 'Cassitérite', 'Coltan', '', 'Vert'),
 -- Qualified once, visited again without a word about it; nobody at work any more.
 ('9003', 'Équipe B', 'exemple 2014', 'exemple00002', 'Rivière  Longue',   '2014-03-03', '1', '29.10001', '0.40001', 'Ituri', 'Irumu', 'Bahema', 'Rive', '', '35', 'Or', '', '', 'Rouge'),
 ('9004', 'Équipe B', 'exemple 2017', 'exemple00002', 'Rivière  Longue',   '2017-03-04', '1', '29.10001', '0.40001', 'Ituri', 'Irumu', 'Bahema', 'Rive', '', '0', 'Or', '', '', ''),
 -- Seen from afar: nobody was on the site, so this is no inspection. No number of workers.
 ('9005', 'Équipe B', 'exemple 2017', 'exemple00003', 'Plateau',           '2017-04-04', '0', '28.20002', '-3.20002', 'Sud-Kivu', 'Mwenga', 'Basile', '', 'Plateau', '', 'Wolframite', '', '', 'Vert'),
 -- Never qualified: no status can be told, and none is made up.
 ('9006', 'Équipe C', 'exemple 2016', 'exemple00004', 'Sans qualification','2016-05-05', '1', '28.30003', '-3.30003', 'Sud-Kivu', 'Mwenga', 'Basile', '', 'Vallée', '60', 'Or', '', '', ''),
 -- Looked at and put into no class, which is no status either.
 ('9007', 'Équipe C', 'exemple 2016', 'exemple00005', 'Non classé',        '2016-05-06', '1', '28.40004', '-3.40004', 'Sud-Kivu', 'Mwenga', 'Basile', '', 'Vallée', '60', 'Or', '', '', 'Not class'),
 -- A mineral that the code list does not have.
 ('9008', 'Équipe C', 'exemple 2016', 'exemple00006', 'Pierre rare',       '2016-05-07', '1', '28.50005', '-3.50005', 'Sud-Kivu', 'Mwenga', 'Basile', '', 'Vallée', '5', 'Monazite', '', '', 'Vert'),
 -- No point.
 ('9009', 'Équipe C', 'exemple 2016', 'exemple00007', 'Sans point',        '2016-05-08', '1', '', '', 'Sud-Kivu', 'Mwenga', 'Basile', '', 'Vallée', '5', 'Or', '', '', 'Vert'),
 -- Degrees and decimals of another place on earth.
 ('9010', 'Équipe C', 'exemple 2016', 'exemple00008', 'Trop loin',         '2016-05-09', '1', '-28.50005', '-3.50005', 'Sud-Kivu', 'Mwenga', 'Basile', '', 'Vallée', '5', 'Or', '', '', 'Vert'),
 -- Two visits of one day: the higher number is the later one.
 ('9011', 'Équipe C', 'exemple 2016', 'exemple00009', 'Deux fois le jour', '2016-05-10', '1', '28.60006', '-3.60006', 'Sud-Kivu', 'Mwenga', 'Basile', '', 'Vallée', '5', 'Or', '', '', 'Vert'),
 ('9012', 'Équipe D', 'exemple 2016', 'exemple00009', 'Deux fois le jour', '2016-05-10', '1', '28.60006', '-3.60006', 'Sud-Kivu', 'Mwenga', 'Basile', '', 'Vallée', '7', 'Or', '', '', 'Jaune'),
 -- A visit after the evaluation day.
 ('9013', 'Équipe D', 'exemple 2018', 'exemple00010', 'Demain',            '2018-01-02', '1', '28.70007', '-3.70007', 'Sud-Kivu', 'Mwenga', 'Basile', '', 'Vallée', '7', 'Or', '', '', 'Vert');
