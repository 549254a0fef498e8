//! What a column is called in the two languages.
//!
//! Owns the table of words for the parts of an alias; a label is the words of
//! its parts. Invariant: every part of every alias has its words, and no two
//! columns of one sheet have the same label, which tests hold.

mod table;

use rmd_standard::Entity;

use self::table::{ENTITIES, PARTS, WHOLE};

/// A language of sheets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Language {
    /// English.
    #[default]
    English,
    /// French.
    French,
}

impl Language {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::English, Self::French];

    /// The tag, `en` or `fr`.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    /// One of two texts.
    pub(crate) const fn pick<'t>(self, en: &'t str, fr: &'t str) -> &'t str {
        match self {
            Self::English => en,
            Self::French => fr,
        }
    }
}

/// The label of an alias: its parts, from the whole to the detail.
pub(super) fn of_alias(alias: &str, language: Language) -> String {
    if let Some((_, en, fr)) = WHOLE.iter().find(|(whole, ..)| *whole == alias) {
        return language.pick(en, fr).to_owned();
    }
    let parts: Vec<String> = alias.split('.').map(|part| of_part(part, language)).collect();
    parts.join(" – ")
}

/// The label of a list, which is also the name of its sheet.
pub(super) fn of_list(list: &str, language: Language) -> String {
    of_part(list, language)
}

/// The name of a record type.
pub(super) fn of_entity(entity: Entity, language: Language) -> String {
    let name = entity.name();
    let known = ENTITIES.iter().find(|(known, ..)| *known == name);
    known.map_or(name, |(_, en, fr)| language.pick(en, fr)).to_owned()
}

fn of_part(part: &str, language: Language) -> String {
    match words_of(part) {
        Some((en, fr)) => language.pick(en, fr).to_owned(),
        // A part that is not in the table is still readable.
        None => part.replace('_', " "),
    }
}

fn words_of(part: &str) -> Option<(&'static str, &'static str)> {
    PARTS.iter().find(|(known, ..)| *known == part).map(|(_, en, fr)| (*en, *fr))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rmd_standard::aliases;

    use super::*;
    use crate::sheets::fold::fold;

    #[test]
    fn every_part_of_every_alias_has_its_words() {
        let mut missing = BTreeSet::new();
        for entity in Entity::ALL {
            assert!(ENTITIES.iter().any(|(known, ..)| *known == entity.name()), "{entity}");
            let lists = entity.lists().iter().map(|list| Some(*list));
            for list in lists.chain([None]) {
                let parts = aliases(entity, list).into_iter().flat_map(|alias| alias.split('.'));
                missing.extend(parts.chain(list).filter(|part| words_of(part).is_none()));
            }
        }
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn no_two_columns_of_a_sheet_have_one_label() {
        for entity in Entity::ALL {
            let lists = entity.lists().iter().map(|list| Some(*list));
            for list in lists.chain([None]) {
                let aliases = aliases(entity, list);
                are_told_apart(&aliases, Language::English);
                are_told_apart(&aliases, Language::French);
            }
        }
    }

    fn are_told_apart(aliases: &[&str], language: Language) {
        let labels = aliases.iter().map(|alias| fold(&of_alias(alias, language)));
        let labels: BTreeSet<String> = labels.collect();
        assert_eq!(labels.len(), aliases.len(), "{aliases:?} {language:?}");
    }

    #[test]
    fn a_label_goes_from_the_whole_to_the_detail() {
        let alias = "creator.contact_details.contact_email";
        assert_eq!(of_alias(alias, Language::English), "Creator – Contact – E-mail");
        assert_eq!(of_alias(alias, Language::French), "Créateur – Contact – Courriel");
    }
}
