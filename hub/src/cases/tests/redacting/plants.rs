//! Findings on two states, with planted values; whose each is, by hand.

mod states;

use rmd_reconcile::{Measure, SubjectKind, Unit};

use crate::cases::{
    finding::Known,
    testing::{CD, RW, known, record},
};

/// Whose a planted value is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// Of the state that the finding is about.
    Rw,
    /// Of the other state.
    Cd,
    /// Computed from both, or from states that the finding does not name.
    Nobody,
    /// Either may know it.
    Both,
}
pub(super) use Whose::{Both, Cd, Nobody, Rw};

/// A finding on two states.
pub(super) struct Plant {
    pub(super) finding: Known,
    pub(super) whose: Vec<Whose>,
    /// Measures that RW is shown as they are.
    pub(super) shown: &'static [&'static str],
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

pub(super) fn mass(name: &str, milligrams: i64) -> Measure {
    Measure::mass(name, milligrams.into())
}

const LOT: (SubjectKind, &str) = (SubjectKind::Lot, "RW/RW-T-71/RW-LOT-3101");
const PAPER: (SubjectKind, &str) = (SubjectKind::Certificate, "RW/RW-CERT-5501");
pub(super) const OUT: (SubjectKind, &str) = (SubjectKind::Export, "RW/RW-DECL-6601/4");
const OTHER_LOT: (&str, &str) = ("Lot", "CD/CD-T-93/CD-LOT-8801");
const OTHER_SITE: (&str, &str) = ("MineSite", "CD-1.5057-28.5905-77123");
const OTHER_IN: (&str, &str) = ("ImportDeclaration", "CD/CD-DECL-7701/2");
const OTHER_OUT: (&str, &str) = ("ExportDeclaration", "CD/CD-DECL-7702/6");
const OTHER_PAPER: (&str, &str) = ("ExportCertificate", "CD/CD-CERT-4401");

/// Of the lots.
fn lots() -> Vec<Plant> {
    vec![
        plant(
            ("R01", "R01"),
            LOT,
            OTHER_LOT,
            vec![
                (mass("out", 1_734_567_891), Nobody),
                (mass("mass", 1_000_000_007), Rw),
                (mass("abroad", 1_634_567_817), Cd),
                (mass("home", 600_000_074), Rw),
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
                (mass("metal", 811_123_453), Rw),
                (mass("inputs", 655_678_919), Nobody),
                (Measure::share("share", 321_993_471_829), Nobody),
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
    ]
}

/// Of tags and sites of lots.
fn tags() -> Vec<Plant> {
    let text = Measure::text;
    vec![
        plant(
            ("R05", "R05"),
            (SubjectKind::Tag, "ITSCI/RW0012345"),
            OTHER_LOT,
            vec![
                (text("tag", "RW0012345"), Both),
                (Measure::number("lots", Unit::Count, 838_383_471_829), Nobody),
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
                (Measure::number("applied", Unit::Count, 765_123_471_829), Nobody),
                (Measure::number("allocated", Unit::Count, 600_457_471_829), Rw),
            ],
            &["allocated"],
        ),
    ]
}

/// Of instants and days of lots.
fn days() -> Vec<Plant> {
    let text = Measure::text;
    vec![
        plant(
            ("R07", "R07-SPEED"),
            LOT,
            OTHER_SITE,
            vec![
                (Measure::number("minutes", Unit::Count, 45_671_471_829), Rw),
                (text("tag", "RW-TAG-221134"), Rw),
                (Measure::number("distance", Unit::Metres, 233_987_471_829), Nobody),
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
                (Measure::share("share", 381_967_471_829), Nobody),
                (mass("mass", 567_812_349), Nobody),
                (text("lot", OTHER_LOT.1), Cd),
            ],
            &[],
        ),
        plant(
            ("R10", "R10"),
            PAPER,
            OTHER_LOT,
            vec![
                (Measure::share("share", 272_939_471_829), Nobody),
                (mass("mass", 467_812_341), Nobody),
            ],
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
    ]
}

/// Of certificates and their lots.
fn covers() -> Vec<Plant> {
    let text = Measure::text;
    vec![
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
    ]
}

/// Of declarations.
fn declarations() -> Vec<Plant> {
    let text = Measure::text;
    vec![
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
            vec![(Measure::share("share", 434_567_471_829), Nobody)],
            &[],
        ),
        plant(
            ("R16", "R16-MINERAL"),
            OUT,
            OTHER_IN,
            vec![(text("out", "RW-261100"), Rw), (text("into", "CD-261590"), Cd)],
            &["out"],
        ),
    ]
}

/// Of values and routes.
fn values() -> Vec<Plant> {
    let text = Measure::text;
    vec![
        plant(
            ("R22", "R22-VALUE"),
            PAPER,
            OTHER_PAPER,
            vec![
                (Measure::share("share", 2_734_567_471_829), Nobody),
                (Measure::number("peers", Unit::Count, 717_171_471_829), Nobody),
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

/// All of them.
pub(super) fn plants() -> Vec<Plant> {
    let all =
        [lots(), tags(), days(), papers(), covers(), declarations(), values(), states::states()];
    all.into_iter().flatten().collect()
}
