//! Made-up lots with one to four tags.
//!
//! Numbers of lots and tags hold 40 random bits each, so that nothing packs better than
//! real numbers would. The rest comes in one of two ways: in turn, as the measurements
//! of the whole network make it with a counter, or drawn, so that nothing follows from
//! the lot before.

use prost::Message as _;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use rmd_feed::NewEntry;
use rmd_proto::v1::{self, Op};

/// 2017-01-01 in UTC microseconds.
const BEGIN_US: i64 = 1_483_228_800_000_000;

const DAY_US: i64 = 86_400_000_000;

/// Where what is not random comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    InTurn,
    Drawn,
}

/// So many lots of a state.
pub(crate) fn entries(count: u64, choice: Choice, seed: u64) -> Vec<NewEntry> {
    let mut rng = StdRng::seed_from_u64(seed);
    (1..=count).map(|number| entry(number, choice, &mut rng)).collect()
}

fn entry(number: u64, choice: Choice, rng: &mut StdRng) -> NewEntry {
    let mut pick = |of: u64, step: u64| match choice {
        Choice::InTurn => number * step % of,
        Choice::Drawn => rng.gen_range(0..of),
    };
    let (creator, recipient, site) = (1 + pick(200, 1), 1 + pick(40, 1), 1 + pick(50, 1));
    let (mineral, tags) = (pick(3, 1), 1 + pick(4, 1));
    let (grade, mass, packages) = (pick(500_000, 7919), pick(1_000_000, 104_729), 1 + pick(40, 1));
    let (day, second, carrier) = (signed(pick(300, 1)), signed(pick(40_000, 1)), pick(9, 1));
    let at = BEGIN_US + 4 * 3_600_000_000 + day * DAY_US + second * 1_000_000;
    let lot_number = format!("L{:010x}-{number}", rng.gen_range(0..1_u64 << 40));
    let lot = v1::Lot {
        country: "RW".to_owned(),
        lot_number,
        registered_at_us: at,
        creator: Some(party(creator)),
        recipient: Some(party(recipient)),
        mineral: ["260900", "261590", "261100"][usize::try_from(mineral).unwrap_or(0)].to_owned(),
        concentration_ppm: u32::try_from(200_000 + grade).ok(),
        mass_mg: 50_000_000 + signed(mass) * 1_000,
        unit_of_measurement: v1::UnitOfMeasurement::Kgm.into(),
        creator_role: vec![v1::CreatorRole::Miner.into()],
        originating_operation: vec![v1::OriginatingOperation::Production.into()],
        nr_of_packages_e3: u32::try_from(packages * 1_000).ok(),
        mine_site_id: format!("RW-1.{}+29.{}-{site}", 7_000 + site, 9_000 + site),
        tag: (0..tags).map(|_| tag(rng.gen_range(0..1_u64 << 40), &date(day))).collect(),
        date_sealed: date(day + 1),
        date_shipped: date(day + 4),
        transport_company: format!("Carrier {carrier}"),
        withheld: withheld(),
        ..v1::Lot::default()
    };
    NewEntry {
        entity: "Lot".to_owned(),
        key: format!("RW/RW-C-{creator:04}/{}", lot.lot_number),
        rev: 1,
        op: Op::Upsert,
        reason: String::new(),
        event_time_us: BEGIN_US + 400 * DAY_US + signed(number) * 50_000,
        captured_at_us: BEGIN_US + 500 * DAY_US + signed(number / 4096) * 731_123,
        mapping_id: "0011223344556677".to_owned(),
        previous_seq: 0,
        payload: lot.encode_to_vec(),
    }
}

fn party(number: u64) -> v1::BusinessEntity {
    v1::BusinessEntity {
        identifier: format!("RW-C-{number:04}"),
        name: format!("Cooperative {number}"),
        legal_address: Some(v1::Address {
            country: "RW".to_owned(),
            address_locality_text: format!("Town {}", number % 30),
            ..v1::Address::default()
        }),
        ..v1::BusinessEntity::default()
    }
}

fn tag(number: u64, day: &str) -> v1::Tag {
    v1::Tag {
        identifier: format!("T{number:010x}"),
        issuer: Some(v1::BusinessEntity {
            identifier: "RW-A-0001".to_owned(),
            ..v1::BusinessEntity::default()
        }),
        issue_date: day.to_owned(),
        scheme: v1::TagScheme::National.into(),
        kind: v1::TagKind::Mine.into(),
        state: v1::TagState::Applied.into(),
        ..v1::Tag::default()
    }
}

/// What the state has and keeps.
fn withheld() -> Vec<String> {
    let fields = [
        "tin",
        "contact_details.legal_representative",
        "contact_details.contact_phone_number",
        "contact_details.contact_email",
    ];
    let of = |party| fields.map(|field| format!("{party}.{field}"));
    ["creator", "recipient"].into_iter().flat_map(of).collect()
}

/// A day of 2017 and later; every month has 28.
fn date(day: i64) -> String {
    format!("{}-{:02}-{:02}", 2017 + day / 336, 1 + day % 336 / 28, 1 + day % 28)
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or_default()
}
