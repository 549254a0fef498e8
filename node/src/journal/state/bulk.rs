//! Statements that write many rows, put together while the program is compiled.
//!
//! Owns the two sizes: as many rows as one statement takes, and the rest one by
//! one. Values are bound; a statement's text is a constant, so that it is
//! prepared once for the life of a connection.

/// Rows of a statement of many rows. At a dozen values each they stay far below
/// the 32 766 that SQLite binds.
pub(crate) const MANY: usize = 128;

/// The same statement for one row and for [`MANY`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bulk {
    pub(crate) one: &'static str,
    pub(crate) many: &'static str,
}

impl Bulk {
    /// The statement for a part that [`parts`] gave.
    pub(crate) const fn of(self, rows: usize) -> &'static str {
        if rows == MANY { self.many } else { self.one }
    }
}

/// Rows in parts of [`MANY`], then in parts of one.
pub(crate) fn parts<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let (many, rest) = rows.split_at(rows.len() - rows.len() % MANY);
    many.chunks(MANY).chain(rest.chunks(1))
}

/// Bytes of [`text`].
pub(crate) const fn length(head: &str, row: &str, rows: usize, tail: &str) -> usize {
    head.len() + rows * (row.len() + 1) - 1 + tail.len()
}

/// `head`, `row` so many times with commas between, and `tail`.
pub(crate) const fn text<const LENGTH: usize>(
    head: &str,
    row: &str,
    rows: usize,
    tail: &str,
) -> [u8; LENGTH] {
    let mut bytes = [b','; LENGTH];
    let mut at = put(&mut bytes, 0, head);
    let mut done = 0;
    while done < rows {
        // The comma behind a row is there already.
        at = put(&mut bytes, at, row) + 1;
        done += 1;
    }
    put(&mut bytes, at - 1, tail);
    bytes
}

const fn put<const LENGTH: usize>(bytes: &mut [u8; LENGTH], at: usize, text: &str) -> usize {
    let text = text.as_bytes();
    let mut index = 0;
    while index < text.len() {
        bytes[at + index] = text[index];
        index += 1;
    }
    at + text.len()
}

/// Bytes of [`text`] as what they are.
pub(crate) const fn as_text(bytes: &'static [u8]) -> &'static str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("texts put end to end are text"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_between_commas() {
        const LENGTH: usize = length("VALUES ", "(?)", 3, ";");
        static BYTES: [u8; LENGTH] = text("VALUES ", "(?)", 3, ";");
        assert_eq!(as_text(&BYTES), "VALUES (?),(?),(?);");
    }

    #[test]
    fn every_row_is_in_one_part() {
        for rows in [0, 1, MANY - 1, MANY, MANY + 1, 3 * MANY + 2] {
            let rows: Vec<usize> = (0..rows).collect();
            let parts: Vec<&[usize]> = parts(&rows).collect();
            assert_eq!(parts.concat(), rows);
            assert!(parts.iter().all(|part| [1, MANY].contains(&part.len())));
        }
    }
}
