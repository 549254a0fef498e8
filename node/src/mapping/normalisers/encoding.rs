//! Text whose bytes were read in another encoding than they were written in.
//!
//! Two accidents, one remedy each: bytes of a legacy encoding in a column that
//! says UTF-8 reach us as bytes and are read as what they are; UTF-8 that was
//! read as the legacy encoding (`CassitÃ©rite`) is turned back. Refuses text in
//! which a replacement character shows that something is lost for good.

use encoding_rs::Encoding;
use rmd_standard::{Cell, Misread};

use super::{Outcome, text_of};

static LOST: Misread = Misread {
    rule: "NORMALISE-LEGACY-ENCODING",
    en: [
        "holds replacement characters, what stood there is lost (normaliser legacy_encoding)",
        "Write the text again at the source",
    ],
    fr: [
        "contient des caractères de remplacement, ce qui s'y trouvait est perdu (normaliseur legacy_encoding)",
        "Réécrivez le texte à la source",
    ],
};

/// How often a text may have been misread in a row.
const ROUNDS_MAX: usize = 3;

/// The encoding in which the source's texts were written, or misread.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Legacy(&'static Encoding);

impl Legacy {
    /// An encoding by the name that web pages give it; none if it is unknown or
    /// has more than one byte a letter, which cannot be turned back.
    pub(crate) fn of_label(label: &str) -> Option<Self> {
        Encoding::for_label(label.as_bytes()).filter(|found| found.is_single_byte()).map(Self)
    }

    /// Bytes that are no UTF-8.
    pub(super) fn text_of(self, bytes: &[u8]) -> Cell {
        Cell::Text(self.0.decode_without_bom_handling(bytes).0.into_owned())
    }

    pub(super) fn read(self, cell: &Cell) -> Outcome {
        let Some(text) = text_of(cell) else { return Ok(cell.clone()) };
        if text.contains(char::REPLACEMENT_CHARACTER) {
            return Err(&LOST);
        }
        let mut text = text.to_owned();
        for _ in 0..ROUNDS_MAX {
            match self.turned_back(&text) {
                Some(better) => text = better,
                None => break,
            }
        }
        Ok(Cell::Text(text))
    }

    /// The text as it was before UTF-8 was read as this encoding; none if it was not.
    fn turned_back(self, text: &str) -> Option<String> {
        if text.is_ascii() {
            return None;
        }
        let (bytes, _, unmappable) = self.0.encode(text);
        if unmappable {
            return None;
        }
        // Bytes of a real legacy text are UTF-8 by chance only where a capital with
        // an accent stands before a sign such as © or ¼, which no name has.
        String::from_utf8(bytes.into_owned()).ok().filter(|better| better != text)
    }
}
