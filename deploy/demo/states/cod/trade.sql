-- Papers of the trade for the demonstration: made up, on whatever sites the
-- table of visits holds. SITE_1 and SITE_2 stand for two of its pcodes.

INSERT INTO entites VALUES
 ('CD-COOP-01', 'Coopérative minière de démonstration n° 1', 'A1000001X', 'CD', 'Nord-Kivu', 'Route principale 1', 'Représentant Un', '+243990000001', 'coop1@exemple.cd'),
 ('CD-NEG-07', 'Négociant de démonstration n° 7', 'A1000007X', 'CD', 'Nord-Kivu', 'Avenue du Marché 7', 'Représentant Sept', '+243990000007', 'neg7@exemple.cd'),
 ('CD-EXP-03', 'Comptoir de démonstration n° 3', 'A1000003X', 'CD', 'Nord-Kivu', 'Boulevard du Comptoir 3', 'Représentant Trois', '+243990000003', 'exp3@exemple.cd'),
 ('RW-P-1002', 'Demonstration Smelting Ltd', 'N/A', 'RW', NULL, 'KN 2 Street 10', 'Representative Two', '+250780000002', 'smelting@example.rw'),
 ('UG-R-55', 'Demonstration Gold Refinery', 'N/A', 'UG', NULL, 'Plot 55 Factory Road', 'Representative Gold', '+256770000055', 'refinery@example.ug');

INSERT INTO lots VALUES
 (1, 'NK-2017-0001', 'CD-COOP-01', '2017-09-04 08:15:00', 'Cassitérite', '62.5', '1250.5', 'Exploitant', 'Production', 'SITE_1', 'CD-NEG-07', 'sac', 25, '2017-09-04', '2017-09-05', 'Agent Un', 'moto', NULL, '2017-09-05 10:00:00'),
 (2, 'NK-2017-0002', 'CD-COOP-01', '2017-09-05 09:30:00', 'Cassitérite', '61', '980', 'Exploitant', 'Production', 'SITE_1', 'CD-NEG-07', 'sac', 20, '2017-09-05', '2017-09-06', 'Agent Un', 'moto', NULL, '2017-09-06 10:00:00'),
 (3, 'NK-2017-0101', 'CD-NEG-07', '2017-09-08 14:00:00', 'Cassitérite', '61.84', '2230.5', 'Négociant', 'Achat;Mélange', NULL, 'CD-EXP-03', 'fût', 5, '2017-09-09', '2017-09-10', 'Agent Deux', 'camion', NULL, '2017-09-10 10:00:00'),
 (4, 'NK-2017-0901', 'CD-EXP-03', '2017-09-12 11:00:00', 'Cassitérite', '61.84', '2230.5', 'Exportateur', 'Achat;Exportation', NULL, 'RW-P-1002', 'fût', 5, '2017-09-13', '2017-09-20', 'Agent Trois', 'camion', 'CD0000123', '2017-09-20 10:00:00'),
 (5, 'NK-2017-0003', 'CD-COOP-01', '2017-10-02 07:45:00', 'Or', '92', '1.25', 'Exploitant', 'Production', 'SITE_2', 'CD-EXP-03', 'sachet', 1, '2017-10-02', '2017-10-03', 'Agent Un', 'moto', NULL, '2017-10-03 10:00:00'),
 (6, 'NK-2017-0902', 'CD-EXP-03', '2017-10-05 16:20:00', 'Or', '92', '1.25', 'Exportateur', 'Achat;Exportation', NULL, 'UG-R-55', 'coffret', 1, '2017-10-05', '2017-10-09', 'Agent Trois', 'avion', 'CD0000124', '2017-10-09 10:00:00'),
 (7, 'NK-2017-0004', 'CD-COOP-01', '2017-11-14 08:00:00', 'Coltan', '31,5', '640', 'Exploitant', 'Production', 'SITE_1', NULL, 'sac', 13, NULL, NULL, 'Agent Un', NULL, NULL, '2017-11-14 10:00:00'),
 (8, 'NK-2017-0005', 'CD-COOP-01', '2017-11-15 08:00:00', 'Coltan', '31.5', '610', 'Exploitant', 'Production', NULL, NULL, 'sac', 12, NULL, NULL, 'Agent Un', NULL, NULL, '2017-11-15 10:00:00');

INSERT INTO etiquettes VALUES
 (1, 'ET-0000101', 'CD-SAEMAPE', '2017-09-04', '08:20:00', '2017-09-04 10:00:00'),
 (1, 'ET-0000102', 'CD-SAEMAPE', '2017-09-04', '08:21:00', '2017-09-04 10:00:00'),
 (2, 'ET-0000103', 'CD-SAEMAPE', '2017-09-05', '09:35:00', '2017-09-05 10:00:00'),
 (3, 'ET-0000501', 'CD-SAEMAPE', '2017-09-09', '07:00:00', '2017-09-09 10:00:00'),
 (4, 'ET-0000901', 'CD-CEEC', '2017-09-13', '10:00:00', '2017-09-13 10:00:00'),
 (5, 'ET-0000104', 'CD-SAEMAPE', '2017-10-02', '07:50:00', '2017-10-02 10:00:00'),
 (6, 'ET-0000902', 'CD-CEEC', '2017-10-05', '16:30:00', '2017-10-05 16:40:00'),
 (7, 'ET-0000105', 'CD-SAEMAPE', '2017-11-14', '08:05:00', '2017-11-14 10:00:00'),
 (8, 'ET-0000106', 'CD-SAEMAPE', '2017-11-15', '08:05:00', '2017-11-15 10:00:00');

INSERT INTO lots_entrants VALUES
 (3, 'NK-2017-0001', 'CD-COOP-01', '1250.5', '62.5', '2017-09-08 15:00:00'),
 (3, 'NK-2017-0002', 'CD-COOP-01', '980', '61', '2017-09-08 15:00:00'),
 (4, 'NK-2017-0101', 'CD-NEG-07', '2230.5', '61.84', '2017-09-12 12:00:00'),
 (6, 'NK-2017-0003', 'CD-COOP-01', '1.25', '92', '2017-10-05 17:00:00');

INSERT INTO taxes VALUES
 (1, 'Redevance minière', '125.05', 'USD', 'Division des mines', '2017-09-05', 'Q-1001', '2017-09-05 11:00:00'),
 (4, 'Frais CEEC', '223.05', 'USD', 'CEEC', '2017-09-13', 'Q-1002', '2017-09-13 11:00:00'),
 (4, 'Taxe à l''exportation', '1500000', 'CDF', 'DGDA', '2017-09-18', 'Q-1003', '2017-09-18 11:00:00'),
 (6, 'Frais CEEC', '480.5', 'USD', 'CEEC', '2017-10-05', 'Q-1004', '2017-10-05 18:00:00');

INSERT INTO certificats VALUES
 ('CD0000123', 'CD-EXP-03', 'RW-P-1002', 'NK-2017-0901', 'Cassitérite', '2230.5', '61,84 % Sn', '61.84', 'CD', '21500.75', '2017-09-20', 'Goma - Gisenyi - Kigali', 'CEEC', 'Vérificateur Un', 'Chef de bureau', '2017-09-14', 'Validateur Un', '2017-09-15', '2017-12-14', 'cd0000123.pdf', 'RW', '2017-09-15 12:00:00'),
 ('CD0000124', 'CD-EXP-03', 'UG-R-55', 'NK-2017-0902', 'Or', '1.25', '92 % Au', '92', 'CD', '46200', '2017-10-09', 'Bunia - Entebbe', 'CEEC', 'Vérificateur Un', 'Chef de bureau', '2017-10-06', 'Validateur Un', '2017-10-06', '2018-01-04', 'cd0000124.pdf', 'UG', '2017-10-06 12:00:00'),
 ('CD0000125', 'CD-EXP-03', 'RW-P-1002', 'NK-2017-0903', 'Coltan', '600', '31 % Ta2O5', '31', 'CD', '30000', '2017-12-01', NULL, 'CEEC', 'Vérificateur Un', 'Chef de bureau', '2017-11-20', 'Validateur Un', '2017-11-21', '2018-03-21', NULL, 'RW', '2017-11-21 12:00:00');

INSERT INTO exportations VALUES
 (1, 'E-2017-4411', 1, 'CD-EXP-03', 'Cassitérite', '2230.5', '21500.75', 'RW', 'Grande Barrière', '2017-09-20', 'définitive', 'CD0000123', '2017-09-20 18:00:00'),
 (2, 'E-2017-4502', 1, 'CD-EXP-03', 'Or', '1.25', '46200', 'UG', 'Bunia Aéroport', '2017-10-09', 'définitive', 'CD0000124', '2017-10-09 18:00:00'),
 (3, 'E-2017-4502', 2, 'CD-EXP-03', 'Cassitérite', '15', '140.5', 'UG', 'Bunia Aéroport', '2017-10-09', 'transit', NULL, '2017-10-09 18:00:00');

INSERT INTO periodes VALUES
 ('2017-09', 8, '2017-10-10 12:00:00', '2017-10-10 12:00:00'),
 ('2017-10', 6, '2017-11-09 12:00:00', '2017-11-09 12:00:00'),
 ('2017-12', 0, '2017-12-31 12:00:00', '2017-12-31 12:00:00');

INSERT INTO agrements VALUES
 ('CD-EXP-03', 'CAMI/EXP/2016/03', 'Vert', '2016-05-02', '2019-05-01', NULL, '2017-03-21', '2017-03-22 09:00:00'),
 ('CD-NEG-07', 'CAMI/EXP/2015/07', 'Jaune', '2017-08-14', '2018-02-28', '2017-08-14', NULL, '2017-08-14 16:00:00');

INSERT INTO stocks VALUES
 (1, 'CD-EXP-03', '2017-09', 'Cassitérite', '0', NULL, '2017-10-10 12:00:00'),
 (2, 'CD-EXP-03', '2017-10', 'Cassitérite', '412.5', '60.2', '2017-11-09 12:00:00'),
 (3, 'CD-NEG-07', '2017-10', 'Coltan', '88.75', '31', '2017-11-09 12:00:00'),
 (4, 'CD-NEG-07', '2017-11', 'Pierre verte', '12', NULL, '2017-12-11 12:00:00');

INSERT INTO incidents VALUES
 ('INC-2017-014', 'Groupes armés', 3, '2017-07-03', 'SITE_2', NULL, 'Confirmé', 'Taxation illégale signalée sur la route du site', 'Récit complet du témoin de démonstration', '2017-07-20 10:00:00'),
 ('INC-2017-021', 'Corruption', 1, '2017-10-18', NULL, 'CD-NEG-07', 'En examen', NULL, 'Récit complet d''un second témoin', '2017-10-25 10:00:00');
