//! Text as a person means it: without case, accents, blanks and signs.
//!
//! Headers, sheet names and words of code lists are compared in this form, so
//! that `Numéro du lot *`, `numero du lot` and `NUMERO_DU_LOT` are one.

/// The letters and digits of a text, lower-case, accents removed.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match plain(letter) {
            Some(pair) => folded.push_str(pair),
            None if letter.is_alphanumeric() => folded.push(letter),
            None => {}
        }
    }
    folded
}

/// The plain letters of one that has an accent or is two.
fn plain(letter: char) -> Option<&'static str> {
    Some(match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => "a",
        'ç' => "c",
        'è' | 'é' | 'ê' | 'ë' => "e",
        'ì' | 'í' | 'î' | 'ï' => "i",
        'ñ' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' => "o",
        'ù' | 'ú' | 'û' | 'ü' => "u",
        'ý' | 'ÿ' => "y",
        'œ' => "oe",
        'æ' => "ae",
        '²' => "2",
        '³' => "3",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_blanks_and_signs_do_not_count() {
        for text in ["Numéro du lot *", "numero du lot", "NUMERO_DU_LOT", "Nume\u{301}ro-du-Lot"] {
            assert_eq!(fold(text), "numerodulot", "{text}");
        }
        assert_eq!(fold("Œuvre n° 2"), "oeuvren2");
        assert_eq!(fold(" *-/ "), "");
    }
}
