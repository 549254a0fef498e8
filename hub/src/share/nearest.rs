//! Which ids resemble the one that nobody knows.

/// How many ids a message about an unknown one names.
const NEAREST_MAX: usize = 3;

/// The ids that look most like the one that was asked for.
pub(crate) fn nearest(id: &str, ids: Vec<String>) -> Vec<String> {
    // More than half of the letters wrong is no misspelling.
    let limit = id.chars().count() / 2;
    let mut near: Vec<(usize, String)> = ids
        .into_iter()
        .map(|other| (distance(id, &other), other))
        .filter(|(distance, _)| *distance <= limit)
        .collect();
    near.sort();
    near.into_iter().take(NEAREST_MAX).map(|(_, id)| id).collect()
}

/// Letters to insert, delete or replace, whatever their case.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.to_lowercase().chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_ids_come_first() {
        let ids = ["CD-1", "CD-000-12", "CD-000-22", "RW-999-99"].map(str::to_owned).to_vec();
        assert_eq!(nearest("cd-000-13", ids), ["CD-000-12", "CD-000-22"]);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
