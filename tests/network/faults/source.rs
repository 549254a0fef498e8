//! More rows for the database of COD.

/// Sites numbered from 1, one visit each.
pub(super) fn sites(count: usize) -> String {
    format!(
        "INSERT INTO visites (vid, pcode, name, visit_date, longitude, latitude, province, territoire,
                              workers_numb, mineral1, mineral2, mineral3, qualification, source, project)
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         SELECT 100000 + i, printf('fault%06d', i), 'Site ' || i, '2016-05-01', 27.5 + i * 0.0007,
                -2.0 - i * 0.0003, 'Maniema', 'Kailo', '10', 'Or', '', '', 'Vert', 'Ministère des Mines', 'Faults'
         FROM n WHERE {count} > 0;"
    )
}

/// Lots numbered from 1, with a tag each. Numbers and tags look drawn, as those of
/// ministries do, and do not compress to nothing.
pub(super) fn lots(count: usize) -> String {
    format!(
        "INSERT INTO lots
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         SELECT 100000 + i, printf('F-%010x', (i * 672390845713) % 1099511627776), 'CD-COOP-01',
                '2017-09-04 08:15:00', 'Cassitérite', '62.5', printf('%d.5', 100 + (i * 7919) % 2000),
                'Exploitant', 'Production', 'demo00001', 'CD-NEG-07', 'sac', 1 + i % 40, '2017-09-04',
                '2017-09-05', 'Agent Un', 'moto', NULL, '2017-09-05 10:00:00'
         FROM n WHERE {count} > 0;
         INSERT INTO etiquettes
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         SELECT 100000 + i, printf('T-%010x', (i * 927340128547) % 1099511627776), 'CD-SAEMAPE',
                '2017-09-04', '08:20:00', '2017-09-04 10:00:00'
         FROM n WHERE {count} > 0;"
    )
}

/// The local time of the ministry, as its software writes it.
pub(super) const NOW: &str = "strftime('%Y-%m-%d %H:%M:%S', 'now', '+2 hours')";

/// Another mass for the lots from `first` to `last`.
pub(super) fn masses(kilograms: u64, (first, last): (usize, usize)) -> String {
    let (first, last) = (100_000 + first, 100_000 + last);
    format!(
        "UPDATE lots SET poids_kg = '{kilograms}', modifie_le = {NOW}
         WHERE id BETWEEN {first} AND {last};"
    )
}

/// More lots, from one number to another.
pub(super) fn lots_from(first: usize, last: usize) -> String {
    format!(
        "INSERT INTO lots
         WITH RECURSIVE n (i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last})
         SELECT 100000 + i, printf('F-%010x', (i * 672390845713) % 1099511627776), 'CD-COOP-01',
                '2017-09-04 08:15:00', 'Cassitérite', '62.5', '150.5', 'Exploitant', 'Production',
                'demo00001', 'CD-NEG-07', 'sac', 1 + i % 40, '2017-09-04', '2017-09-05', 'Agent Un',
                'moto', NULL, {NOW}
         FROM n;"
    )
}
