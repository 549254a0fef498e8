-- Made-up rows: no real company, site or person.

INSERT INTO site_register VALUES
 ('KGL-01', 'UG-+0.3476+30.0211-501', 'Demonstration Reef', 'C1', '2017-06-30', 'Y', 0.3476, 30.0211, 3950, 'AU', 'IND', 85, 'Kasese', 'Kyarumba', 'ML', 'DGSM/ML/501', '2010-01-01', '2030-12-31', 'AU', NULL, NULL, NULL, NULL, NULL, 'UG-R-55', 'Demonstration Gold Refinery', '1000000055', 'UG', 'Entebbe', 'Representative Gold', '+256770000055', 'refinery@example.ug', 'I-16-12', '2016-06-28', 'C1', 'Inspector K', 'Inspector of mines', 'I-17-09', '2017-06-30', 'C1', 'Inspector K', 'Inspector of mines'),
 ('KGL-02', 'UG--0.9121+30.2004-502', 'Southern Vein', 'C1', '2016-11-15', 'Y', -0.9121, 30.2004, 4800, 'SN;W', 'ASM', 40, 'Ntungamo', 'Ruhaama', 'AP', 'DGSM/AP/502', '2016-01-01', '2018-12-31', 'SN;W', NULL, NULL, NULL, NULL, NULL, 'UG-C-12', 'Southern Vein Cooperative', '1000000012', 'UG', 'Ntungamo', 'Representative Vein', '+256770000012', 'vein@example.ug', 'I-16-30', '2016-11-15', 'C1', 'Inspector L', 'Inspector of mines', NULL, NULL, NULL, NULL, NULL),
 ('KGL-03', 'UG--1.1203+29.9305-503', 'Twin Pits', 'C2', '2017-09-01', 'Y', -1.1203, 29.9305, 5120.5, 'W', 'ASM', 22, 'Kabale', 'Kamuganguzi', 'AP', 'DGSM/AP/503', '2016-05-01', '2018-04-30', 'W', 'XP', 'DGSM/EP/77', '2013-05-01', '2016-04-30', 'W', 'UG-C-13', 'Twin Pits Association', NULL, 'UG', 'Kabale', 'Representative Twin', NULL, NULL, 'I-17-21', '2017-09-01', 'C2', 'Inspector L', 'Inspector of mines', NULL, NULL, NULL, NULL, NULL),
 ('KGL-04', 'UG-+1.4402+32.0117-504', 'River Bend', 'C0', '2015-02-01', 'Y', 1.4402, 32.0117, 3610, 'AU', 'ASM', 130, 'Buliisa', 'Kigwera', 'NO', NULL, NULL, NULL, 'AU', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 ('KGL-05', 'UG--0.5502+30.6000-505', 'Closed Adit', 'C3', '2017-03-10', 'X', -0.5502, 30.6, NULL, 'SN', 'IND', 0, 'Isingiro', 'Mwizi', 'ML', 'DGSM/ML/505', '2005-01-01', '2025-12-31', 'SN', NULL, NULL, NULL, NULL, NULL, 'UG-C-14', 'Adit Ltd', '1000000014', 'UG', 'Mbarara', 'Representative Adit', '+256770000014', 'adit@example.ug', 'I-17-02', '2017-03-10', 'C3', 'Inspector K', 'Inspector of mines', NULL, NULL, NULL, NULL, NULL),
 ('KGL-06', 'UG-+0.1000+30.1000-506', 'Far Point', 'C0', '2017-12-01', 'Y', 95.1, 30.1, NULL, 'AU', 'ASM', 5, 'Kasese', NULL, 'NO', NULL, NULL, NULL, 'AU', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 ('KGL-07', 'UG-+0.2210+30.3120-507', 'Short Tunnel', 'C0', '2016-08-01', 'Y', 0.221, 30.312, 4100, 'SN', 'ASM', 9, 'Rubirizi', 'Katerera', 'AP', 'DGSM/AP/507', '2016-08-01', '2019-07-31', 'SN', NULL, NULL, NULL, NULL, NULL, 'UG-C-15', 'Short Tunnel Group', '1000000015', 'UG', 'Rubirizi', 'Representative Short', '+256770000015', 'short@example.ug', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

INSERT INTO lot_register VALUES
 ('UL-0001', 'UG-C-12', 'Southern Vein Cooperative', '1000000012', 'UG', 'Ntungamo', 'Representative Vein', '+256770000012', 'vein@example.ug', '2017-10-20', '09:15:00', 'SN', '58.4', '0.7405', 't', 'MIN', 'PROD', 'UG--0.9121+30.2004-502', 15, '2017-10-20', '2017-10-21', 'UG700001', 'UG700002', 'UG-DGSM', '2017-10-20', '09:20:00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '450000', '2017-10-22', 'UR-1', NULL),
 ('UL-0002', 'UG-R-55', 'Demonstration Gold Refinery', '1000000055', 'UG', 'Entebbe', 'Representative Gold', '+256770000055', 'refinery@example.ug', '2017-10-11', '15:00:00', 'AU', '92', '1248.6', 'g', 'IMP,REF', 'IMPO', NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'CD', 'CD-EXP-03', 'NK-2017-0902', '1250', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 ('UL-0003', 'UG-R-55', 'Demonstration Gold Refinery', '1000000055', 'UG', 'Entebbe', 'Representative Gold', '+256770000055', 'refinery@example.ug', '2017-10-12', '08:00:00', 'AU', '89.5', '640.25', 'g', 'MIN', 'PROD', 'UG-+0.3476+30.0211-501', 1, '2017-10-12', NULL, 'UG700003', NULL, 'UG-DGSM', '2017-10-12', '08:10:00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '1200000', '2017-10-13', 'UR-2', NULL),
 ('UL-0004', 'UG-R-55', 'Demonstration Gold Refinery', '1000000055', 'UG', 'Entebbe', 'Representative Gold', '+256770000055', 'refinery@example.ug', '2017-10-30', '10:30:00', 'AU', '99.5', '1725.0', 'g', 'REF,EXP', 'COMB,PROC,EXPO', NULL, 2, '2017-10-30', '2017-11-02', NULL, NULL, NULL, NULL, NULL, 'UG', 'UG-R-55', 'UL-0002', '1248.6', 'UG', 'UG-R-55', 'UL-0003', '640.25', NULL, NULL, NULL, 'UG000077'),
 ('UL-0005', 'UG-C-13', 'Twin Pits Association', NULL, 'UG', 'Kabale', 'Representative Twin', NULL, NULL, '2017-11-05', '12:00:00', 'W', '61.25', '0.3', 't', 'MIN', 'PROD', 'UG--1.1203+29.9305-503', 6, NULL, NULL, 'UG700010', NULL, 'UG-DGSM', '2017-11-05', '12:05:00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 ('UL-0006', 'UG-C-13', 'Twin Pits Association', NULL, 'UG', 'Kabale', 'Representative Twin', NULL, NULL, '2017-11-06', '12:00:00', 'ZN', '61.25', '0.3', 't', 'MIN', 'PROD', 'UG--1.1203+29.9305-503', 6, NULL, NULL, 'UG700011', NULL, 'UG-DGSM', '2017-11-06', '12:05:00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

INSERT INTO certificate_register VALUES
 ('UG000077', 'UG-R-55', 'Demonstration Gold Refinery', '1000000055', 'Entebbe', 'Representative Gold', '+256770000055', 'refinery@example.ug', 'AE-G-9', 'Demonstration Bullion FZE', 'AE', 'Dubai', 'Representative Bullion', '+971500000009', 'bullion@example.ae', 'UL-0004', 'AU', '1725.0', 'g', '99.5 % Au', '99.5', 'UG;CD', '71300.25', '2017-11-02', 'Entebbe - Dubai', 'Directorate of Geological Survey and Mines', 'Checker One', 'Principal inspector', '2017-10-31', 'Signer One', '2017-10-31', '2018-01-29', 'ug000077.pdf', 'AE');

INSERT INTO customs_register VALUES
 (1, 'IMP', 'UG-M-2017-901', 1, 'UG-R-55', 'AU', '1248.6', 'g', '170500000', 'CD', 'CD', 'Entebbe Airport', '2017-10-10', 'N', 'CD', 'CD0000124'),
 (2, 'EXP', 'UG-X-2017-318', 1, 'UG-R-55', 'AU', '1725.0', 'g', '259000000', 'AE', 'UG;CD', 'Entebbe Airport', '2017-11-02', 'N', 'UG', 'UG000077'),
 (3, 'IMP', 'UG-M-2017-955', 1, 'UG-C-12', 'SN', '0.015', 't', '520000', 'CD', 'CD', 'Mpondwe', '2017-10-10', 'T', NULL, NULL),
 (4, 'EXP', 'UG-X-2017-320', 1, 'UG-C-12', 'SN', '0.015', 't', '520000', 'AE', 'CD', 'Malaba', '2017-10-14', 'T', NULL, NULL);

INSERT INTO month_register VALUES
 ('2017-10', 7, '2017-11-12 09:00:00'), ('2017-11', 3, '2017-12-14 09:00:00');

INSERT INTO output_register VALUES
 (1, 'UG--0.9121+30.2004-502', '2017-10', 'SN', '0.7405', 't', '58.4', 40),
 (2, 'UG-+0.3476+30.0211-501', '2017-10', 'AU', '640.25', 'g', '89.5', 85),
 (3, 'UG--1.1203+29.9305-503', '2017-11', 'W', '0.3', 't', '61.25', 22),
 (4, 'UG--0.5502+30.6000-505', '2017-11', 'SN', '0', 't', NULL, 0);
