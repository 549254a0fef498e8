INSERT INTO lots
SELECT n, 'L' || substr(md5('lot' || n), 1, 10) || '-' || n, 1 + n % 200, 1 + n % 7, 1 + n % 50,
       (ARRAY['2609.00.00', '2615.90.00', '2611.00.00'])[1 + n % 3], 20 + (n::bigint * 7919 % 500000) / 10000.0,
       50 + (n::bigint * 104729 % 1000000) / 1000.0,
       TIMESTAMP '2017-01-01 06:00:00' + n % 300 * INTERVAL '1 day' + n % 40000 * INTERVAL '1 second',
       DATE '2017-01-02' + n % 300, DATE '2017-01-05' + n % 300, 1 + n % 40, 'Carrier ' || n % 9, now() - INTERVAL '2 days' + n * INTERVAL '50 milliseconds'
FROM generate_series(FIRST, LAST) n;
INSERT INTO lot_tags
SELECT n, 'T' || substr(md5('tag' || n || '.' || t), 1, 10), DATE '2017-01-01' + n % 300, now() - INTERVAL '2 days' + n * INTERVAL '50 milliseconds'
FROM generate_series(FIRST, LAST) n, generate_series(1, 1 + n % 4) t;
