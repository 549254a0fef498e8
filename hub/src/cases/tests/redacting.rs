//! No notice holds a value of another state: planted values, looked for in the bytes.
//!
//! Whose each planted value is stands here by hand, from what the rules say, and not
//! from the list that the notices go through.

mod plants;

use rmd_feed::{StoredEntry, frame};
use rmd_reconcile::{Measure, SubjectKind, Unit, rules::SENTENCES};

use self::plants::{Both, Cd, OUT, Plant, Rw, Whose, mass, plants};
use crate::{
    cases::{
        redact,
        testing::{CD, COD, Office, RW, RWA, known},
    },
    share::{EPOCH, OwnFeed, log},
    store::testing::on_each_store,
};

/// Every way in which a value may stand in bytes.
fn forms(measure: &Measure) -> Vec<Vec<u8>> {
    if measure.unit == Unit::Text {
        return vec![measure.text.clone().into_bytes()];
    }
    let number = measure.number;
    let mut varint = Vec::new();
    prost::encoding::encode_varint(number.unsigned_abs(), &mut varint);
    let mut zigzag = Vec::new();
    prost::encoding::encode_varint(number.unsigned_abs() << 1, &mut zigzag);
    let mut forms = vec![number.to_string().into_bytes(), varint, zigzag];
    forms.extend([number.to_le_bytes().to_vec(), number.to_be_bytes().to_vec()]);
    let places = match measure.unit {
        Unit::Mass => Some(6),
        Unit::Share => Some(4),
        _ => None,
    };
    for (places, comma) in places.into_iter().flat_map(|places| [(places, '.'), (places, ',')]) {
        let unit = 10_i64.pow(places);
        let rest = format!("{:0width$}", number % unit, width = places as usize);
        let rest = rest.trim_end_matches('0');
        forms.push(format!("{}{comma}{rest}", number / unit).into_bytes());
    }
    forms
}

/// Names in a key that are one state's own; minerals and months are everybody's.
fn names(key: &str) -> Vec<Vec<u8>> {
    let is_name = |part: &&str| part.len() > 4 && part.contains(|one: char| one.is_alphabetic());
    let parts = key.split('/').filter(is_name);
    parts.chain([key]).map(|part| part.as_bytes().to_vec()).collect()
}

fn is_in(bytes: &[u8], form: &[u8]) -> bool {
    bytes.windows(form.len()).any(|window| window == form)
}

/// The bytes of a node's feed as entries and as frames.
async fn bytes(office: &Office, node_id: &str) -> Vec<u8> {
    let entries = office.entries(node_id).await;
    let of_entry = |entry: &StoredEntry| {
        let payload = entry.payload().unwrap_or_default();
        [entry.header_bytes.as_slice(), payload].concat()
    };
    let mut bytes: Vec<u8> = entries.iter().flat_map(of_entry).collect();
    let feed = OwnFeed::verdicts(node_id);
    let mut connection = office.store.acquire().await.unwrap();
    let blocks = log::blocks_after(&mut connection, &feed, 0).await.unwrap();
    bytes.extend(frame::build(feed.name(), EPOCH, &blocks, 0).unwrap().body);
    bytes
}

/// What must not stand in the feed of a state's node, each with where it is from. Nothing
/// so short that keys and signatures, which are drawn, might hold it.
fn foreign(plants: &[Plant], mine: Whose, other: &str) -> Vec<(String, Vec<u8>)> {
    let mut foreign = Vec::new();
    for Plant { finding, whose, .. } in plants {
        let sentence = &finding.sentence;
        let measures = finding.measures.iter().zip(whose);
        let others = measures.filter(|(_, whose)| ![mine, Both].contains(whose));
        foreign.extend(others.flat_map(|(measure, _)| {
            let from = format!("{sentence} {}", measure.name);
            forms(measure).into_iter().map(move |form| (from.clone(), form))
        }));
        let records = finding.evidence.iter().filter(|one| one.is_of(other));
        foreign.extend(records.flat_map(|one| {
            names(&one.key).into_iter().map(move |name| (format!("{sentence} {}", one.key), name))
        }));
        foreign.push((sentence.clone(), finding.finding_id.clone().into_bytes()));
    }
    let digest = if mine == Rw { [0xD7; 32] } else { [0x5E; 32] };
    foreign.push(("digest".to_owned(), digest[..8].to_vec()));
    foreign.push(("digest".to_owned(), hex::encode(digest).into_bytes()));
    assert!(foreign.iter().all(|(_, form)| form.len() >= 5), "too short: {foreign:?}");
    foreign
}

async fn ask_all(office: &Office) {
    for country in [RW, CD] {
        for case in office.cases(country).await {
            office.send(&case.case.case_id).await;
        }
    }
}

#[tokio::test]
async fn no_feed_of_verdicts_holds_a_value_of_another_state() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        let plants = plants();
        for plant in &plants {
            office.found(&plant.finding, "opened").await;
        }
        office.work().await;
        ask_all(&office).await;
        for (node_id, mine, other) in [(RWA, Rw, CD), (COD, Cd, RW)] {
            let bytes = bytes(&office, node_id).await;
            assert!(office.notices(node_id).await.len() > 5);
            let foreign = foreign(&plants, mine, other);
            let found: Vec<_> = foreign.iter().filter(|(_, form)| is_in(&bytes, form)).collect();
            assert!(foreign.len() > 200 && found.is_empty(), "{node_id}: {found:?}");
        }
        assert!(!is_in(&bytes(&office, RWA).await, b"91919"), "the other's revision");
    })
    .await;
}

#[test]
fn a_state_is_shown_what_is_its_own_and_the_other_only_by_country() {
    for Plant { finding, shown, .. } in plants() {
        let told = redact::told(&finding, RW);
        let names: Vec<&str> = told.measure.iter().map(|measure| measure.name.as_str()).collect();
        assert_eq!(names, shown, "{}", finding.sentence);
        assert_eq!(told.record.len(), 1, "{}", finding.sentence);
        assert!(told.record[0].record_key.starts_with(RW));
        assert!(told.other.iter().any(|other| other.country == CD), "{}", finding.sentence);
        let other = redact::told(&finding, CD);
        assert!(other.record.iter().all(|record| record.record_key.starts_with(CD)));
        assert_eq!(other.record.len(), 1, "{}", finding.sentence);
        for text in [&told.en, &told.fr, &other.en, &other.fr] {
            assert!(!text.is_empty() && !text.contains('{'), "{text}");
        }
    }
}

#[test]
fn sizes_are_told_in_bands_to_both_sides_of_a_pair() {
    let plants = plants();
    let find = |sentence: &str| {
        let plant = plants.iter().find(|plant| plant.finding.sentence == sentence).unwrap();
        &plant.finding
    };
    let pair = find("R16-WEIGHT");
    let (out, into) = (redact::told(pair, RW), redact::told(pair, CD));
    assert_eq!(out.en, "1200.345679 kg left for CD, 10 to 25 % less arrived from RW");
    assert_eq!(out.fr, "1200,345679 kg sont partis pour CD, 10 à 25 % de moins sont arrivés de RW");
    assert_eq!(into.en, "10 to 25 % more left for CD, 987.654321 kg arrived from RW");
    assert_eq!(
        (out.other[0].direction.as_str(), out.other[0].difference_from_ppm),
        ("less", 100_000)
    );
    let mut value = find("R16-VALUE").clone();
    value.measures[0].number = 434_567;
    assert_eq!(
        redact::told(&value, RW).en,
        "the value on entry is 25 to 50 % of the value on exit"
    );
    let sum = redact::told(find("R12-MASS"), CD);
    assert_eq!(
        sum.en,
        "the declarations of CD that quote the certificate add up to 1345.678123 kg; it covers 25 to 50 % less"
    );
    assert_eq!(
        redact::told(find("R09"), CD).en,
        "Certificate that leads back to such a site: it rests on records of this state and of RW"
    );
}

#[test]
fn within_one_state_nothing_is_kept_back_but_what_others_took_part_in() {
    let mut finding = plants().swap_remove(0).finding;
    finding.evidence.retain(|one| one.is_of(RW));
    let told = redact::told(&finding, RW);
    assert_eq!(told.measure.len(), 4);
    assert!(told.other.is_empty());
    assert!(told.en.starts_with("1734.567891 kg leave the lot"), "{}", told.en);
    // A record that is gone, erased perhaps: nothing that was measured on it.
    finding.evidence[0].is_there = false;
    let told = redact::told(&finding, RW);
    assert!(told.measure.is_empty());
    assert_eq!(told.en, "More leaves a lot than it holds");
}

#[test]
fn a_sentence_and_a_measure_that_are_not_known_are_told_to_nobody() {
    let mut finding = known("R16", SubjectKind::Export, OUT.1);
    finding.sentence = "R16-LATER".to_owned();
    finding.measures = vec![mass("out", 1_200_345_679)];
    let told = redact::told(&finding, RW);
    assert_eq!((told.en.as_str(), told.measure.len()), ("Exports against imports", 0));
    finding.sentence = "R16-WEIGHT".to_owned();
    finding.measures.push(mass("later", 333_444_555));
    let told = redact::told(&finding, RW);
    assert_eq!(told.measure.len(), 1);
    assert!(SENTENCES.iter().copied().flatten().any(|sentence| sentence.id == "R16-WEIGHT"));
}
