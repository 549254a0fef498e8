//! Made-up lots with one to four tags, as complete as a good registry has them.
//!
//! Numbers of lots and tags hold 40 random bits each, so that nothing packs
//! better than real numbers would; parties and sites repeat, as they do at a
//! state. The numbers rise as a registry gives them.

use rand::{Rng as _, rngs::StdRng};
use rmd_proto::v1;
use rmd_standard::{Record, site_id};

/// 2017-01-01 in UTC microseconds.
const BEGIN_US: i64 = 1_483_228_800_000_000;

/// A lot each five seconds makes a million in two months.
const STEP_US: i64 = 5_000_000;

const MINERALS: [&str; 4] = ["260900", "261590", "261100", "710812"];

/// One lot, as it left the state.
pub(super) fn lot(index: u64, rng: &mut StdRng) -> Record {
    let number = format!("CD-{index:08}-{:010x}", rng.gen_range(0..1_u64 << 40));
    let signed = i64::try_from(index).unwrap_or(0);
    let at = BEGIN_US + (signed * STEP_US) % 28_000_000_000_000;
    let day = jiff::Timestamp::from_microsecond(at)
        .map(|instant| instant.to_zoned(jiff::tz::TimeZone::UTC).date().to_string())
        .unwrap_or_default();
    let site = index % 3_000;
    let tags = 1 + index % 4;
    let tag = (0..tags).map(|_| tag(rng.gen_range(0..1_u64 << 40), &day)).collect();
    Record::Lot(Box::new(v1::Lot {
        country: "CD".to_owned(),
        lot_number: number,
        registered_at_us: at,
        creator: Some(party(index % 400)),
        recipient: Some(party(400 + index % 50)),
        mineral: MINERALS[usize::try_from(index % 4).unwrap_or(0)].to_owned(),
        concentration_ppm: Some(300_000 + rng.gen_range(0..300_000)),
        mass_mg: rng.gen_range(1..30_000) * 100_000,
        unit_of_measurement: v1::UnitOfMeasurement::Kgm.into(),
        creator_role: vec![v1::CreatorRole::Miner.into()],
        originating_operation: vec![v1::OriginatingOperation::Production.into()],
        package_type: "bag".to_owned(),
        nr_of_packages_e3: Some(rng.gen_range(1..20) * 1_000),
        mine_site_id: mine_site(site),
        tag,
        date_sealed: day,
        withheld: withheld(),
        ..Default::default()
    }))
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

fn tag(number: u64, day: &str) -> v1::Tag {
    v1::Tag {
        identifier: format!("CD{number:010x}"),
        issuer: Some(v1::BusinessEntity {
            identifier: "CD-ITSCI".to_owned(),
            ..Default::default()
        }),
        issue_date: day.to_owned(),
        scheme: v1::TagScheme::National.into(),
        kind: v1::TagKind::Mine.into(),
        state: v1::TagState::Applied.into(),
        ..Default::default()
    }
}

fn party(number: u64) -> v1::BusinessEntity {
    v1::BusinessEntity {
        identifier: format!("CD-PARTY-{number:04}"),
        name: format!("Coopérative minière numéro {number}"),
        legal_address: Some(v1::Address {
            country: "CD".to_owned(),
            subnational_division_l1: "CD-NK".to_owned(),
            address_locality_text: format!("Avenue du Port {number}"),
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn mine_site(number: u64) -> String {
    let number32 = i32::try_from(number).unwrap_or(0);
    let point = v1::GeoPoint {
        latitude_e7: -25_000_000 + number32 * 1_000,
        longitude_e7: 285_000_000 + number32 * 1_000,
    };
    site_id::mint("CD", point, &number.to_string())
}
