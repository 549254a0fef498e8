-- Made-up rows; expected.toml says what becomes of each.
INSERT INTO mine_site (mine_site_id, mine_site_name, country_iso2, national_id, certification_status, activity_status, primary_mineral_hs_code, additional_minerals_hs_codes, latitude, longitude, polygon_geojson, admin1, admin2, license_id, license_type, owner_company_id, operator_company_id, last_inspection_date, notes, updated_at) VALUES
 ('TZ-2.8712+32.2305-10001', 'Mwazi Hill',  'TZ', 'TZ-GTA-10001', 'Green',  'Active',     '7108.12.00', NULL,                    -2.87124, 32.23051, '{"type":"Polygon","coordinates":[[[32.23,-2.87],[32.24,-2.87],[32.24,-2.88],[32.23,-2.87]]]}', 'Geita', 'Geita District', 'ML-10001', 'Mining Licence', 'CO-1', 'CO-2', '2017-05-04', NULL, '2017-05-05T08:00:00Z'),
 ('TZ-1.3045+31.0007-10002', 'Kyerwa East', 'TZ', 'TZ-KGR-10002', 'Yellow', 'Active',     '2609.00.00', '2615.90.00; 2611.00.00', -1.30450, 31.00071, NULL, 'Kagera', 'Kyerwa', 'PML-778', 'Primary Mining Licence', 'CO-1', NULL, '2017-09-30', 'corrective action open', '2017-10-01T08:00:00Z'),
 -- Never inspected, without a licence.
 ('TZ-8.9001+33.4502-10003', 'Lake Ridge',  'TZ', 'TZ-MBY-10003', 'Not inspected', 'Inactive', '7108.12.00', '', -8.90010, 33.45020, NULL, 'Mbeya', 'Chunya', NULL, 'None', 'CO-3', NULL, NULL, NULL, '2017-02-01T08:00:00Z'),
 -- A status that no list knows.
 ('TZ-5.0000+35.0000-10004', 'Pilot Test',  'TZ', 'TZ-TEST-10004', 'Pending', 'Active', '7108.12.00', NULL, -5.00000, 35.00000, NULL, 'Singida', 'Ikungi', 'ML-4', 'Mining Licence', 'CO-3', NULL, NULL, NULL, '2017-02-01T08:00:00Z'),
 -- Latitude and longitude exchanged.
 ('TZ-2.5000+32.0000-10005', 'Swapped',     'TZ', 'TZ-GTA-10005', 'Green', 'Active', '7108.12.00', NULL, 32.00000, -2.50000, NULL, 'Geita', 'Chato', 'ML-5', 'Mining Licence', 'CO-1', NULL, NULL, NULL, '2017-02-01T08:00:00Z'),
 -- A site of another state.
 ('KE-1.0000+34.5000-10006', 'Over there',  'KE', 'KE-10006', 'Green', 'Active', '7108.12.00', NULL, -1.00000, 34.50000, NULL, 'Migori', 'Nyatike', 'ML-6', 'Mining Licence', 'CO-1', NULL, NULL, NULL, '2017-02-01T08:00:00Z'),
 -- A polygon that is not closed.
 ('TZ-3.3000+36.6000-10007', 'Open ring',   'TZ', 'TZ-ARU-10007', 'Blue', 'Active', '2611.00.00', NULL, -3.30000, 36.60000, '{"type":"Polygon","coordinates":[[[36.6,-3.3],[36.7,-3.3],[36.7,-3.4]]]}', 'Arusha', 'Meru', 'ML-7', 'Mining Licence', 'CO-1', NULL, NULL, NULL, '2017-02-01T08:00:00Z'),
 -- No point.
 ('TZ-3.4000+36.6000-10008', 'Nowhere',     'TZ', 'TZ-ARU-10008', 'Green', 'Active', '2611.00.00', NULL, NULL, 36.60000, NULL, 'Arusha', 'Meru', 'ML-8', 'Mining Licence', 'CO-1', NULL, NULL, NULL, '2017-02-01T08:00:00Z'),
 -- A further mineral that is a word and no HS code.
 ('TZ-3.5000+36.6000-10009', 'Tin and word', 'TZ', 'TZ-ARU-10009', 'Green', 'Active', '2609.00.00', 'tin', -3.50000, 36.60000, NULL, 'Arusha', 'Meru', 'ML-9', 'Mining Licence', 'CO-1', NULL, NULL, NULL, '2017-02-01T08:00:00Z');
