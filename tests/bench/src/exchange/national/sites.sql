INSERT INTO companies
SELECT n, 'RW-C-' || lpad(n::text, 4, '0'), 'Cooperative ' || n, '1' || lpad(n::text, 8, '0'), 'Town ' || n % 30,
       'Representative ' || n, '+25078' || lpad(n::text, 7, '0'), 'office' || n || '@example.rw'
FROM generate_series(1, 200) n;
INSERT INTO sites
SELECT n, 'RW-1.' || (7000 + n) || '+29.' || (9000 + n) || '-' || n, 'S' || n, -1.7 - n / 10000.0, 29.9 + n / 10000.0, n
FROM generate_series(1, 50) n;
