//! No notice holds a value of another state: planted values, looked for in the bytes.
//!
//! Whose each planted value is stands here by hand, from what the rules say, and not
//! from the list that the notices go through.

use rmd_feed::{StoredEntry, frame};
use rmd_reconcile::{Measure, SubjectKind, Unit, rules::SENTENCES};

use crate::{
    cases::{
        finding::Known,
        redact,
        testing::{CD, COD, Office, RW, RWA, known, record},
    },
    share::{EPOCH, OwnFeed, log},
    store::testing::on_each_store,
};

/// Whose a planted value is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// Of the state that the finding is about.
    Rw,
    /// Of the other state.
    Cd,
    /// Computed from both, or from states that the finding does not name.
    Nobody,
    /// Either may know it.
    Both,
}
use Whose::{Both, Cd, Nobody, Rw};

/// A finding on two states.
struct Plant {
    finding: Known,
    whose: Vec<Whose>,
    /// Measures that RW is shown as they are.
    shown: &'static [&'static str],
}

fn plant(
    (rule, sentence): (&str, &str),
    (kind, key): (SubjectKind, &str),
    other: (&str, &str),
    measures: Vec<(Measure, Whose)>,
    shown: &'static [&'static str],
) -> Plant {
    let mut finding = known(rule, kind, key);
    finding.finding_id = format!("{:0<64}", hex::encode(sentence));
    finding.sentence = sentence.to_owned();
    if finding.evidence.is_empty() {
        finding.evidence.push(record("Lot", "RW/RW-T-OWN/RW-LOT-OWN", RW));
    }
    let mut of_other = record(other.0, other.1, CD);
    of_other.digest = hex::encode([0xD7; 32]);
    of_other.rev = 91_919;
    finding.evidence.push(of_other);
    let (measures, whose) = measures.into_iter().unzip();
    finding.measures = measures;
    Plant { finding, whose, shown }
}

fn mass(name: &str, milligrams: i64) -> Measure {
    Measure::mass(name, milligrams.into())
}

const LOT: (SubjectKind, &str) = (SubjectKind::Lot, "RW/RW-T-71/RW-LOT-3101");
const PAPER: (SubjectKind, &str) = (SubjectKind::Certificate, "RW/RW-CERT-5501");
const OUT: (SubjectKind, &str) = (SubjectKind::Export, "RW/RW-DECL-6601/4");
const OTHER_LOT: (&str, &str) = ("Lot", "CD/CD-T-93/CD-LOT-8801");
const OTHER_SITE: (&str, &str) = ("MineSite", "CD-1.5057-28.5905-77123");
const OTHER_IN: (&str, &str) = ("ImportDeclaration", "CD/CD-DECL-7701/2");
const OTHER_OUT: (&str, &str) = ("ExportDeclaration", "CD/CD-DECL-7702/6");
const OTHER_PAPER: (&str, &str) = ("ExportCertificate", "CD/CD-CERT-4401");

/// Of the lots.
fn lots() -> Vec<Plant> {
    let text = Measure::text;
    vec![
        plant(
            ("R01", "R01"),
            LOT,
            OTHER_LOT,
            vec![
                (mass("out", 1_734_567_891), Nobody),
                (mass("mass", 1_000_000_007), Rw),
                (mass("abroad", 1_634_567_817), Cd),
                (mass("home", 100_000_074), Rw),
            ],
            &["mass", "home"],
        ),
        plant(
            ("R03", "R03-METAL"),
            LOT,
            OTHER_LOT,
            vec![(mass("metal", 700_123_457), Rw), (mass("inputs", 455_678_912), Nobody)],
            &["metal"],
        ),
        plant(
            ("R03", "R03-RECOVERY"),
            LOT,
            OTHER_LOT,
            vec![
                (mass("metal", 211_123_453), Rw),
                (mass("inputs", 655_678_919), Nobody),
                (Measure::share("share", 321_993), Nobody),
            ],
            &["metal"],
        ),
        // What the lot itself says of its input.
        plant(
            ("R04", "R04"),
            LOT,
            OTHER_LOT,
            vec![(mass("mass", 905_123_456), Rw), (mass("input", 812_345_679), Rw)],
            &["mass", "input"],
        ),
        plant(
            ("R05", "R05"),
            (SubjectKind::Tag, "ITSCI/RW0012345"),
            OTHER_LOT,
            vec![
                (text("tag", "RW0012345"), Both),
                (Measure::number("lots", Unit::Count, 838_383), Nobody),
                (text("one", OTHER_LOT.1), Cd),
                (text("other", "RW/RW-T-OWN/RW-LOT-OWN"), Rw),
            ],
            &["tag", "other"],
        ),
        plant(
            ("R06", "R06-ELSEWHERE"),
            LOT,
            OTHER_SITE,
            vec![
                (text("tag", "RW-TAG-221133"), Rw),
                (text("site", "RW-1.9+30.1-5150"), Rw),
                (text("other", OTHER_SITE.1), Cd),
            ],
            &["tag", "site"],
        ),
        plant(
            ("R06", "R06-COUNT"),
            (SubjectKind::MineSite, "RW-1.9-30.1-5150"),
            OTHER_LOT,
            vec![
                (Measure::number("applied", Unit::Count, 765_123), Nobody),
                (Measure::number("allocated", Unit::Count, 600_457), Rw),
            ],
            &["allocated"],
        ),
        plant(
            ("R07", "R07-SPEED"),
            LOT,
            OTHER_SITE,
            vec![
                (Measure::number("minutes", Unit::Count, 45_671), Rw),
                (text("tag", "RW-TAG-221134"), Rw),
                (Measure::number("distance", Unit::Metres, 233_987), Nobody),
            ],
            &["minutes", "tag"],
        ),
        plant(
            ("R08", "R08-RED"),
            LOT,
            OTHER_SITE,
            vec![
                (text("site", "QUOTED-SITE-1"), Rw),
                (text("day", "2017-11-13"), Rw),
                (text("since", "2017-03-19"), Cd),
            ],
            &["site", "day"],
        ),
        plant(
            ("R25", "R25-ORDER"),
            LOT,
            OTHER_LOT,
            vec![
                (text("day", "2017-10-17"), Rw),
                (text("parent", OTHER_LOT.1), Cd),
                (text("before", "2017-10-29"), Cd),
            ],
            &["day"],
        ),
    ]
}

/// Of certificates and declarations.
fn papers() -> Vec<Plant> {
    let text = Measure::text;
    vec![
        plant(
            ("R09", "R09"),
            PAPER,
            OTHER_LOT,
            vec![
                (Measure::share("share", 381_967), Nobody),
                (mass("mass", 567_812_349), Nobody),
                (text("lot", OTHER_LOT.1), Cd),
            ],
            &[],
        ),
        plant(
            ("R10", "R10"),
            PAPER,
            OTHER_LOT,
            vec![(Measure::share("share", 272_939), Nobody), (mass("mass", 467_812_341), Nobody)],
            &[],
        ),
        plant(
            ("R11", "R11-EXPIRED"),
            PAPER,
            OTHER_OUT,
            vec![(text("exit", "2017-09-23"), Cd), (text("expires", "2017-08-21"), Rw)],
            &["expires"],
        ),
        plant(
            ("R12", "R12-MASS"),
            PAPER,
            OTHER_IN,
            vec![
                (text("country", CD), Both),
                (mass("sum", 1_345_678_123), Cd),
                (mass("mass", 1_000_345_671), Rw),
            ],
            &["country", "mass"],
        ),
        plant(
            ("R12", "R12-FIELDS"),
            PAPER,
            OTHER_IN,
            vec![
                (text("field", "mineral"), Both),
                (text("values", "CD-VALUE-261590, CD-VALUE-260900"), Cd),
            ],
            &["field"],
        ),
        plant(
            ("R13", "R13-MASS"),
            PAPER,
            OTHER_LOT,
            vec![(mass("mass", 2_000_345_677), Rw), (mass("lots", 1_745_678_127), Cd)],
            &["mass"],
        ),
        plant(
            ("R13", "R13-EXPORTER"),
            PAPER,
            OTHER_LOT,
            vec![
                (text("exporter", "RW-EXPORTER-12"), Rw),
                (text("lot", OTHER_LOT.1), Cd),
                (text("custodian", "CD-CUSTODIAN-44"), Cd),
            ],
            &["exporter"],
        ),
        // Of the other state only its country.
        plant(
            ("R14", "R14-OMITTED"),
            PAPER,
            OTHER_LOT,
            vec![(text("found", "CD, RW"), Both), (text("declared", "RW, UNKNOWN-9"), Rw)],
            &["found", "declared"],
        ),
        // The number of the certificate is quoted by the declaration itself.
        plant(
            ("R15", "R15-NOT-VALID"),
            OUT,
            ("ExportCertificate", "CD/CD-CERT-4402"),
            vec![
                (mass("mass", 845_671_239), Rw),
                (text("mineral", "RW-260900"), Rw),
                (text("exit", "2017-07-27"), Rw),
                (text("certificate", "RW-QUOTES-4402"), Rw),
            ],
            &["mass", "mineral", "exit", "certificate"],
        ),
        plant(
            ("R16", "R16-WEIGHT"),
            OUT,
            OTHER_IN,
            vec![
                (mass("out", 1_200_345_679), Rw),
                (text("to", CD), Both),
                (mass("into", 987_654_321), Cd),
                (text("from", RW), Both),
            ],
            &["out", "to", "from"],
        ),
        plant(
            ("R16", "R16-VALUE"),
            OUT,
            OTHER_IN,
            vec![(Measure::share("share", 434_567), Nobody)],
            &[],
        ),
        plant(
            ("R16", "R16-MINERAL"),
            OUT,
            OTHER_IN,
            vec![(text("out", "RW-261100"), Rw), (text("into", "CD-261590"), Cd)],
            &["out"],
        ),
        plant(
            ("R22", "R22-VALUE"),
            PAPER,
            OTHER_PAPER,
            vec![
                (Measure::share("share", 2_734_567), Nobody),
                (Measure::number("peers", Unit::Count, 717_171), Nobody),
            ],
            &[],
        ),
        plant(
            ("R23", "R23-POST"),
            PAPER,
            OTHER_OUT,
            vec![(text("post", "CDGOM-POST"), Cd), (text("route", "RW;UG;KE-ROUTE"), Rw)],
            &["route"],
        ),
    ]
}

/// Of states and sites.
fn states() -> Vec<Plant> {
    let text = Measure::text;
    vec![
        // What the partner says is the partner's.
        plant(
            ("R17", "R17"),
            (SubjectKind::Mirror, "RW/CD/260900/2017"),
            OTHER_IN,
            vec![
                (text("partner", CD), Both),
                (mass("reported", 9_345_671_823), Cd),
                (text("country", RW), Both),
                (text("year", "2017"), Both),
                (mass("exported", 3_145_671_829), Rw),
            ],
            &["partner", "country", "year", "exported"],
        ),
        plant(
            ("R18", "R18-MASS"),
            (SubjectKind::Balance, "RW/260900"),
            OTHER_IN,
            vec![
                (mass("exported", 8_145_671_837), Nobody),
                (text("from", "2017-01"), Both),
                (text("to", "2017-12"), Both),
                (mass("sources", 5_145_671_841), Nobody),
            ],
            &["from", "to"],
        ),
        plant(
            ("R19", "R19-CAPACITY"),
            (SubjectKind::SiteMonth, "RW-1.9-30.1-5151/260900/2017-05"),
            OTHER_SITE,
            vec![
                (mass("mass", 645_671_843), Rw),
                (text("month", "2017-05"), Rw),
                (mass("capacity", 345_671_847), Cd),
            ],
            &["mass", "month"],
        ),
        plant(
            ("R20", "R20-NEAR"),
            (SubjectKind::SiteMonth, "RW-1.9-30.1-5151/260900/2017-06"),
            OTHER_SITE,
            vec![
                (mass("mass", 545_671_853), Rw),
                (text("month", "2017-06"), Rw),
                (Measure::number("months", Unit::Count, 12), Both),
                (mass("median", 145_671_857), Nobody),
            ],
            &["mass", "month", "months"],
        ),
        plant(
            ("R24", "R24-NEAR"),
            (SubjectKind::MineSite, "RW-1.9-30.1-5152"),
            OTHER_SITE,
            vec![
                (Measure::number("distance", Unit::Metres, 87_651), Nobody),
                (text("other", OTHER_SITE.1), Cd),
            ],
            &[],
        ),
    ]
}

fn plants() -> Vec<Plant> {
    let all = lots().into_iter().chain(papers()).chain(states());
    all.collect()
}

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

#[tokio::test]
async fn no_feed_of_verdicts_holds_a_value_of_another_state() {
    on_each_store(async |store| {
        let office = Office::of(&store).await;
        let plants = plants();
        for plant in &plants {
            office.found(&plant.finding, "opened").await;
        }
        office.work().await;
        for country in [RW, CD] {
            for case in office.cases(country).await {
                office.send(&case.case.case_id).await;
            }
        }
        for (node_id, mine, other) in [(RWA, Rw, CD), (COD, Cd, RW)] {
            let bytes = bytes(&office, node_id).await;
            assert!(office.notices(node_id).await.len() > 5);
            for Plant { finding, whose, .. } in &plants {
                let foreign = finding.measures.iter().zip(whose);
                let foreign = foreign.filter(|(_, whose)| ![mine, Both].contains(whose));
                for (measure, _) in foreign {
                    for form in forms(measure) {
                        let (name, sentence) = (&measure.name, &finding.sentence);
                        assert!(!is_in(&bytes, &form), "{node_id}: {sentence} {name} {form:?}");
                    }
                }
                let foreign = finding.evidence.iter().filter(|one| one.is_of(other));
                for form in foreign.flat_map(|one| names(&one.key)) {
                    let text = String::from_utf8_lossy(&form);
                    // Two states quote one number, where each has it in a record of its own.
                    let is_quoted = text.starts_with(&*finding.subject.key) && node_id == RWA;
                    assert!(is_quoted || !is_in(&bytes, &form), "{node_id}: {text}");
                }
                assert!(!is_in(&bytes, finding.finding_id.as_bytes()), "{}", finding.sentence);
            }
            let foreign_digest = if node_id == RWA { [0xD7; 32] } else { [0x5E; 32] };
            assert!(!is_in(&bytes, &foreign_digest[..8]));
            assert!(!is_in(&bytes, hex::encode(foreign_digest).as_bytes()));
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
    let plants = papers();
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
    assert_eq!(
        redact::told(find("R16-VALUE"), RW).en,
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
