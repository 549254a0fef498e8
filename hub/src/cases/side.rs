//! From whose records each measure of each sentence comes: the list of what may be told.
//!
//! A state is shown a number exactly where the number follows from its own records.
//! What stands in no row here is told to nobody; a test holds the rows against the
//! sentences of the rules, so that a new measure is withheld until it is decided.

use self::{
    Against::{Nothing, Own, Whole},
    Side::{All, Around, Everybody, Key, Outside, Rest, Subject},
};

/// Where a measure comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Records of the state that the finding is about: shown to that state.
    Subject,
    /// The records that the finding rests on, the subject left out: shown to a state that
    /// owns all of them.
    Rest,
    /// All records that the finding rests on: shown where one state owns all of them.
    All,
    /// All of them, and others that the finding does not name: shown where one state owns
    /// those as well.
    Around,
    /// Records that the finding does not name: shown to nobody.
    Outside,
    /// The key of a record that the finding rests on: shown to its owner.
    Key,
    /// A country, a limit, or what stands on a record of each state: shown to everybody.
    Everybody,
}

/// With what a measure that is not shown is compared, so that its band can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Against {
    /// With nothing: no band.
    Nothing,
    /// With another measure, where that one is shown.
    Own(&'static str),
    /// It is a share of a whole: with that.
    Whole,
}

/// A measure of a sentence.
pub(super) type Row = (&'static str, Side, Against);

/// The measures of a sentence; none of one that is not known here.
pub(super) fn of(sentence: &str) -> Option<&'static [Row]> {
    TABLE.iter().find(|(id, _)| *id == sentence).map(|(_, rows)| *rows)
}

const TABLE: &[(&str, &[Row])] = &[
    (
        "R01",
        &[
            ("out", All, Own("mass")),
            ("mass", Subject, Nothing),
            ("abroad", All, Own("mass")),
            ("home", Subject, Nothing),
        ],
    ),
    // What went in is what the lot itself says of its inputs.
    ("R02", &[("mass", Subject, Nothing), ("inputs", Subject, Nothing)]),
    ("R03-MASS", &[("mass", Subject, Nothing), ("inputs", Subject, Nothing)]),
    // A concentration that the lot does not say is that of the input's own record.
    ("R03-METAL", &[("metal", Subject, Nothing), ("inputs", All, Own("metal"))]),
    (
        "R03-RECOVERY",
        &[("metal", Subject, Nothing), ("inputs", All, Own("metal")), ("share", All, Whole)],
    ),
    ("R04", &[("mass", Subject, Nothing), ("input", Subject, Nothing)]),
    (
        "R05",
        &[
            ("tag", Everybody, Nothing),
            ("lots", All, Nothing),
            ("one", Key, Nothing),
            ("other", Key, Nothing),
        ],
    ),
    ("R06-OUTSIDE", &[("tag", Subject, Nothing), ("site", Subject, Nothing)]),
    (
        "R06-ELSEWHERE",
        &[("tag", Subject, Nothing), ("site", Subject, Nothing), ("other", Key, Nothing)],
    ),
    // The lots of a site may be registered in another state.
    ("R06-COUNT", &[("applied", Outside, Own("allocated")), ("allocated", Subject, Nothing)]),
    (
        "R07-ISSUED",
        &[("tag", Subject, Nothing), ("applied", Subject, Nothing), ("issued", Subject, Nothing)],
    ),
    (
        "R07-ENDED",
        &[
            ("tag", Subject, Nothing),
            ("applied", Subject, Nothing),
            ("ended", Subject, Nothing),
            ("state", Subject, Nothing),
        ],
    ),
    // The tag may have been applied at a site of another state.
    (
        "R07-SPEED",
        &[("minutes", Subject, Nothing), ("tag", Subject, Nothing), ("distance", Around, Nothing)],
    ),
    ("R08-UNKNOWN", &[("site", Subject, Nothing)]),
    ("R08-RED", &[("site", Subject, Nothing), ("day", Subject, Nothing), ("since", Rest, Nothing)]),
    ("R08-INACTIVE", &[("site", Subject, Nothing), ("day", Subject, Nothing)]),
    // What a lot inherits comes down a line of lots that may lead through other states.
    ("R09", &[("share", Around, Whole), ("mass", Around, Nothing), ("lot", Key, Nothing)]),
    ("R10", &[("share", Around, Whole), ("mass", Around, Nothing)]),
    (
        "R11-LONG",
        &[("issued", Subject, Nothing), ("expires", Subject, Nothing), ("days", Subject, Nothing)],
    ),
    ("R11-VERIFIED", &[("issued", Subject, Nothing), ("verified", Subject, Nothing)]),
    ("R11-EXPIRED", &[("exit", Rest, Nothing), ("expires", Subject, Nothing)]),
    ("R11-EARLY", &[("exit", Rest, Nothing), ("issued", Subject, Nothing)]),
    ("R11-MISSING", &[("fields", Subject, Nothing)]),
    (
        "R12-MASS",
        &[
            ("country", Everybody, Nothing),
            ("sum", Rest, Own("mass")),
            ("mass", Subject, Own("sum")),
        ],
    ),
    ("R12-FIELDS", &[("field", Everybody, Nothing), ("values", Rest, Nothing)]),
    ("R13-MASS", &[("mass", Subject, Own("lots")), ("lots", Rest, Own("mass"))]),
    (
        "R13-MINERAL",
        &[("stated", Subject, Nothing), ("lot", Key, Nothing), ("other", Rest, Nothing)],
    ),
    (
        "R13-EXPORTER",
        &[("exporter", Subject, Nothing), ("lot", Key, Nothing), ("custodian", Rest, Nothing)],
    ),
    // Countries of sites, and of the other side only that.
    ("R14-OMITTED", &[("found", Everybody, Nothing), ("declared", Subject, Nothing)]),
    ("R14-ADDED", &[("declared", Subject, Nothing), ("found", Everybody, Nothing)]),
    ("R15-NONE", &[("mass", Subject, Nothing), ("mineral", Subject, Nothing)]),
    // The number of the certificate is what the declaration itself quotes.
    (
        "R15-UNKNOWN",
        &[
            ("mass", Subject, Nothing),
            ("mineral", Subject, Nothing),
            ("certificate", Subject, Nothing),
        ],
    ),
    (
        "R15-NOT-VALID",
        &[
            ("mass", Subject, Nothing),
            ("mineral", Subject, Nothing),
            ("exit", Subject, Nothing),
            ("certificate", Subject, Nothing),
        ],
    ),
    (
        "R16-WEIGHT",
        &[
            ("out", Subject, Own("into")),
            ("to", Everybody, Nothing),
            ("into", Rest, Own("out")),
            ("from", Everybody, Nothing),
        ],
    ),
    ("R16-VALUE", &[("share", All, Whole)]),
    ("R16-MINERAL", &[("out", Subject, Nothing), ("into", Rest, Nothing)]),
    (
        "R16-EXPORT",
        &[("out", Subject, Nothing), ("to", Everybody, Nothing), ("day", Subject, Nothing)],
    ),
    (
        "R16-IMPORT",
        &[("into", Subject, Nothing), ("from", Everybody, Nothing), ("day", Subject, Nothing)],
    ),
    ("R17", MIRROR),
    ("R17-NIOBIUM", MIRROR),
    ("R18-MASS", BALANCE),
    ("R18-METAL", BALANCE),
    (
        "R19-CAPACITY",
        &[("mass", Subject, Nothing), ("month", Subject, Nothing), ("capacity", Rest, Own("mass"))],
    ),
    (
        "R19-PEERS",
        &[
            ("mass", Subject, Nothing),
            ("month", Subject, Nothing),
            ("peers", Outside, Nothing),
            ("most", Outside, Own("mass")),
        ],
    ),
    ("R20", SPIKE),
    ("R20-NEAR", SPIKE),
    (
        "R21-LICENCE",
        &[("site", Subject, Nothing), ("mineral", Subject, Nothing), ("when", Subject, Nothing)],
    ),
    ("R21-UNLICENSED", &[("site", Subject, Nothing)]),
    ("R21-WORKERS", &[("site", Subject, Nothing)]),
    // The median is made of certificates of every state that has any of the mineral.
    ("R22-VALUE", &[("share", Around, Whole), ("peers", Around, Nothing)]),
    ("R22-CEILING", &[("share", Subject, Nothing), ("limit", Everybody, Nothing)]),
    (
        "R22-BAND",
        &[("share", Subject, Nothing), ("least", Everybody, Nothing), ("most", Everybody, Nothing)],
    ),
    ("R23-TRANSIT", &[("route", Subject, Nothing), ("country", Everybody, Nothing)]),
    (
        "R23-LEG",
        &[("route", Subject, Nothing), ("one", Subject, Nothing), ("other", Subject, Nothing)],
    ),
    ("R23-POST", &[("post", Rest, Nothing), ("route", Subject, Nothing)]),
    ("R24-OUTSIDE", &[("distance", Subject, Nothing), ("country", Everybody, Nothing)]),
    ("R24-ID", &[("distance", Subject, Nothing)]),
    ("R24-NEAR", &[("distance", All, Nothing), ("other", Key, Nothing)]),
    ("R24-NATIONAL", &[("other", Key, Nothing), ("national", Subject, Nothing)]),
    ("R24-POLYGON", &[]),
    ("R25-RING", &[]),
    (
        "R25-ORDER",
        &[("day", Subject, Nothing), ("parent", Key, Nothing), ("before", Rest, Nothing)],
    ),
    (
        "R25-PARENT",
        &[("parent", Subject, Nothing), ("days", Everybody, Nothing), ("day", Subject, Nothing)],
    ),
    ("R25-UNUSED", &[("day", Subject, Nothing)]),
    (
        "R26-MISSING",
        &[
            ("country", Subject, Nothing),
            ("month", Subject, Nothing),
            ("feed", Subject, Nothing),
            ("due", Subject, Nothing),
        ],
    ),
    (
        "R26-REWRITTEN",
        &[
            ("country", Subject, Nothing),
            ("changed", Subject, Nothing),
            ("records", Subject, Nothing),
            ("month", Subject, Nothing),
        ],
    ),
    ("R26-FROZEN", &[("feed", Subject, Nothing), ("node", Subject, Nothing)]),
    (
        "R26-REFUSED",
        &[
            ("refused", Subject, Nothing),
            ("captured", Subject, Nothing),
            ("node", Subject, Nothing),
        ],
    ),
    ("R26-BULLETIN", &[("node", Subject, Nothing), ("since", Subject, Nothing)]),
    ("R27-DUE", &[("status", Subject, Nothing), ("until", Subject, Nothing)]),
    ("R27-GROUND", &[("status", Subject, Nothing), ("day", Subject, Nothing)]),
    ("R27-CLEARED", &[("since", Subject, Nothing), ("day", Subject, Nothing)]),
    ("R28-RED", EXPORTER),
    ("R28-SUSPENDED", EXPORTER),
    ("R28-LICENCE", EXPORTER),
    ("R28-AUDIT", EXPORTER),
];

const MIRROR: &[Row] = &[
    ("partner", Everybody, Nothing),
    ("reported", Outside, Own("exported")),
    ("country", Everybody, Nothing),
    ("year", Everybody, Nothing),
    ("exported", Subject, Nothing),
];

/// Sums of a state's own declarations.
const BALANCE: &[Row] = &[
    ("exported", All, Nothing),
    ("from", Everybody, Nothing),
    ("to", Everybody, Nothing),
    ("sources", All, Own("exported")),
];

const SPIKE: &[Row] = &[
    ("mass", Subject, Nothing),
    ("month", Subject, Nothing),
    ("months", Subject, Nothing),
    ("median", All, Own("mass")),
];

const EXPORTER: &[Row] =
    &[("day", Subject, Nothing), ("exporter", Subject, Nothing), ("since", Rest, Nothing)];

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use rmd_reconcile::{Sentence, rules::SENTENCES};

    use super::*;

    fn measures(sentence: &Sentence) -> BTreeSet<&'static str> {
        sentence.en.split('{').skip(1).filter_map(|part| part.split('}').next()).collect()
    }

    #[test]
    fn every_measure_of_every_sentence_has_a_side_and_no_other_has() {
        let told: BTreeMap<&str, BTreeSet<&str>> = TABLE
            .iter()
            .map(|(id, rows)| (*id, rows.iter().map(|(name, ..)| *name).collect()))
            .collect();
        assert_eq!(told.len(), TABLE.len(), "a sentence stands here twice");
        let sentences = SENTENCES.iter().copied().flatten();
        let said: BTreeMap<&str, BTreeSet<&str>> =
            sentences.map(|sentence| (sentence.id, measures(sentence))).collect();
        assert_eq!(told, said);
    }

    #[test]
    fn a_band_is_taken_against_a_measure_of_the_same_sentence_that_may_be_shown() {
        let rows = TABLE.iter().flat_map(|(id, rows)| rows.iter().map(move |row| (id, *rows, row)));
        for (id, rows, (name, _, against)) in rows {
            let Own(own) = against else { continue };
            let side = rows.iter().find(|(other, ..)| other == own).map(|(_, side, _)| *side);
            assert!(side.is_some_and(|side| side != Outside), "{id} {name}");
            assert_ne!(name, own, "{id}");
        }
    }
}
