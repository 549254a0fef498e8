//! What one state is told of a finding. Pure.
//!
//! Every measure goes through [`side`]: it is shown as it is, told as a band, told as a
//! record of some state, or withheld. Records are listed where they are the state's own;
//! of others the country stands, and no key, no revision and no hash. The finding's own
//! id is a hash over keys of all states, and is left out for that.
//!
//! A band tells on which side of a few edges another state's number lies, and the edges
//! move with the own number. Whoever could publish one own number after another and be
//! told each band would find the other number by halving. So a band is told only of the
//! own records as they were when an officer asked; until the next time the size is left
//! out.

use std::collections::BTreeSet;

use rmd_proto::v1;
use rmd_reconcile::{Measure, Sentence, Unit, rules::SENTENCES};

use super::{
    band::Band,
    finding::{Evidence, Known},
    side::{self, Against, Side},
};

/// Records of the state that are listed.
const RECORDS_MAX: usize = 32;

/// Bytes of a sentence, or of a text in it.
const TEXT_BYTES_MAX: usize = 1_500;

/// How a measure is told.
enum Told {
    Exactly,
    /// Beside the own number.
    Beside(Band),
    /// In the place of a share.
    Share(Band),
    /// A record of another state; empty if it is not known which.
    RecordOf(String),
    Withheld,
}

/// The finding as one state is told it.
pub(super) fn told(known: &Known, country: &str) -> v1::CaseFinding {
    let others: BTreeSet<String> = known
        .evidence
        .iter()
        .filter(|one| !one.is_of(country))
        .map(|one| one.country.clone().unwrap_or_default())
        .chain((known.country != country).then(|| known.country.clone()))
        .collect();
    let measures: Vec<(&Measure, Told)> =
        known.measures.iter().map(|measure| (measure, tell(known, country, measure))).collect();
    let (en, fr) = sentences(known, country, &measures, &others);
    let exactly =
        |(measure, told): &(&Measure, Told)| matches!(told, Told::Exactly).then(|| exact(measure));
    let own = known.evidence.iter().filter(|one| one.is_of(country));
    v1::CaseFinding {
        rule: known.rule.id().to_owned(),
        rule_version: known.rule_version,
        severity: known.severity,
        is_open: known.is_open,
        opened_on: known.opened_on.clone(),
        parameters_version: known.parameters_version,
        en: cut(en),
        fr: cut(fr),
        measure: measures.iter().filter_map(exactly).collect(),
        record: own.take(RECORDS_MAX).map(record).collect(),
        other: of_others(&measures, others),
    }
}

fn record(evidence: &Evidence) -> v1::CaseRecord {
    let Evidence { entity, key, rev, .. } = evidence;
    v1::CaseRecord { entity: entity.clone(), record_key: key.clone(), rev: *rev }
}

fn exact(measure: &Measure) -> v1::CaseMeasure {
    let unit = match measure.unit {
        Unit::Mass => "mass",
        Unit::Share => "share",
        Unit::Days => "days",
        Unit::Metres => "metres",
        Unit::Money => "money",
        Unit::Count => "count",
        Unit::Text => "text",
    };
    v1::CaseMeasure {
        name: measure.name.clone(),
        unit: unit.to_owned(),
        number: measure.number,
        text: cut(measure.text.clone()),
    }
}

/// How the measure of a finding is told to a state. What a record said that is gone,
/// erased perhaps, is not said again.
fn tell(known: &Known, country: &str, measure: &Measure) -> Told {
    if !known.evidence.iter().all(|one| one.is_there) {
        return Told::Withheld;
    }
    let rows = side::of(&known.sentence).unwrap_or_default();
    let Some((_, side, against)) = rows.iter().find(|(name, ..)| *name == measure.name) else {
        return Told::Withheld;
    };
    if is_shown(known, country, *side, measure) {
        return Told::Exactly;
    }
    if *side == Side::Key {
        let named = known.evidence.iter().find(|one| one.key == measure.text);
        return named
            .map_or(Told::Withheld, |one| Told::RecordOf(one.country.clone().unwrap_or_default()));
    }
    match against {
        Against::Nothing => Told::Withheld,
        _ if !known.is_asked => Told::Withheld,
        Against::Whole => Told::Share(Band::of_share(measure.number)),
        Against::Own(name) => {
            let own = known.measures.iter().find(|one| one.name == *name);
            let of = rows.iter().find(|(other, ..)| other == name);
            match (own, of) {
                (Some(own), Some((_, side, _))) if is_shown(known, country, *side, own) => {
                    Told::Beside(Band::between(own.number, measure.number))
                }
                _ => Told::Withheld,
            }
        }
    }
}

/// Whether a measure of that side follows from records of the state alone.
fn is_shown(known: &Known, country: &str, side: Side, measure: &Measure) -> bool {
    let is_subject = known.country == country;
    match side {
        Side::Everybody => true,
        Side::Outside => false,
        Side::Subject => is_subject,
        Side::Key => {
            let mut named = known.evidence.iter().filter(|one| one.key == measure.text).peekable();
            named.peek().is_some() && named.all(|one| one.is_of(country))
        }
        Side::All => is_subject && known.evidence.iter().all(|one| one.is_of(country)),
        Side::Around => {
            is_subject && known.is_domestic && known.evidence.iter().all(|one| one.is_of(country))
        }
        Side::Rest => {
            let entity = known.subject.kind.entity().map(rmd_standard::Entity::name);
            let is_rest = |one: &&Evidence| {
                Some(one.entity.as_str()) != entity || one.key != known.subject.key
            };
            let mut rest = known.evidence.iter().filter(is_rest).peekable();
            if rest.peek().is_none() { is_subject } else { rest.all(|one| one.is_of(country)) }
        }
    }
}

/// What the finding says, in English and French.
fn sentences(
    known: &Known,
    country: &str,
    measures: &[(&Measure, Told)],
    others: &BTreeSet<String>,
) -> (String, String) {
    let info = known.rule.info();
    let is_withheld = measures.iter().any(|(_, told)| matches!(told, Told::Withheld));
    let is_any = measures.iter().any(|(_, told)| matches!(told, Told::Exactly));
    let sentence = sentence(&known.sentence).filter(|_| side::of(&known.sentence).is_some());
    match sentence {
        // A sentence about somebody else's record says too little with gaps in it.
        Some(sentence) if (known.country == country && is_any) || !is_withheld => {
            let filled = |language| {
                let written =
                    measures.iter().map(|(measure, told)| written(measure, told, language));
                written.collect::<Vec<_>>()
            };
            (sentence.english(&filled(Language::En)), sentence.french(&filled(Language::Fr)))
        }
        _ if others.is_empty() => (info.en.to_owned(), info.fr.to_owned()),
        _ => {
            let named = |unknown: &str| {
                let each = others.iter().map(|one| if one.is_empty() { unknown } else { one });
                each.collect::<Vec<_>>().join(", ")
            };
            (
                format!(
                    "{}: it rests on records of this state and of {}",
                    info.en,
                    named("another state")
                ),
                format!(
                    "{} : cela repose sur des fiches de cet État et de {}",
                    info.fr,
                    named("un autre État")
                ),
            )
        }
    }
}

fn sentence(id: &str) -> Option<&'static Sentence> {
    SENTENCES.iter().copied().flatten().find(|sentence| sentence.id == id)
}

#[derive(Clone, Copy)]
enum Language {
    En,
    Fr,
}

/// A measure as it goes into a sentence.
fn written(measure: &Measure, told: &Told, language: Language) -> Measure {
    let (en, fr) = match told {
        Told::Exactly => return measure.clone(),
        Told::Beside(band) => (band.beside_en(), band.beside_fr()),
        Told::Share(band) => (band.share_en(), band.share_fr()),
        Told::RecordOf(country) if country.is_empty() => {
            ("a record of another state".to_owned(), "une fiche d'un autre État".to_owned())
        }
        Told::RecordOf(country) => {
            (format!("a record of {country}"), format!("une fiche de {country}"))
        }
        Told::Withheld => ("(not told)".to_owned(), "(non communiqué)".to_owned()),
    };
    Measure::text(&measure.name, if matches!(language, Language::En) { en } else { fr })
}

/// The other states, with the first size of a difference that is told.
fn of_others(measures: &[(&Measure, Told)], others: BTreeSet<String>) -> Vec<v1::CaseOther> {
    let band = measures.iter().find_map(|(_, told)| match told {
        Told::Beside(band) | Told::Share(band) => Some(*band),
        Told::Exactly | Told::RecordOf(_) | Told::Withheld => None,
    });
    let plain = |country: String| v1::CaseOther { country, ..v1::CaseOther::default() };
    let is_one = others.len() == 1;
    let mut told: Vec<v1::CaseOther> = others
        .into_iter()
        .map(|country| match band.filter(|_| is_one) {
            Some(band) => band.told(country),
            None => plain(country),
        })
        .collect();
    told.extend(band.filter(|_| !is_one).map(|band| band.told(String::new())));
    told
}

fn cut(mut text: String) -> String {
    if text.len() > TEXT_BYTES_MAX {
        text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
        text.push('…');
    }
    text
}
