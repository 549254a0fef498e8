//! Every filter against the same filter by hand.

use rmd_api::{Backend as _, Collection, Mineral, Name, Query};
use rmd_proto::v1;
use rmd_standard::{Record, mineral::hs6, site_id::key_of};

use super::{Region, by_hand, caller, certificates, every, keys, lots, of, sites};
use crate::store::testing::on_each_store;

fn lot(record: &Record) -> &v1::Lot {
    let Record::Lot(lot) = record else { panic!("a lot is listed") };
    lot
}

fn certificate(record: &Record) -> &v1::ExportCertificate {
    let Record::ExportCertificate(certificate) = record else { panic!("a certificate is listed") };
    certificate
}

fn site(record: &Record) -> &v1::MineSite {
    let Record::MineSite(site) = record else { panic!("a site is listed") };
    site
}

type Case = (Query, Box<dyn Fn(&Record) -> bool>);

fn case(query: Query, meets: impl Fn(&Record) -> bool + 'static) -> Case {
    (query, Box::new(meets))
}

async fn compare(region: &Region, records: &[Record], cases: Vec<Case>) {
    for (query, meets) in cases {
        let expected = by_hand(records, &meets);
        let listed = region.all(&[], &query).await;
        assert_eq!(keys(&listed), keys(&expected), "{query:?}");
        assert_eq!(listed, expected, "{query:?}");
        let own = by_hand(records, |record| meets(record) && record.country() == "RW");
        assert_eq!(keys(&region.all(&["RW"], &query).await), keys(&own), "{query:?} of RW");
    }
}

fn lot_cases() -> Vec<Case> {
    let all = || every(Collection::Lots);
    let (from, before) = (1_513_800_000_000_000, 1_514_000_000_000_000);
    let tin = |record: &Record| hs6(&lot(record).mineral).as_deref() == Some("260900");
    vec![
        case(all(), |_| true),
        case(Query { country: Some("CD".into()), ..all() }, |lot| lot.country() == "CD"),
        case(Query { country: Some("KE".into()), ..all() }, |_| false),
        case(Query { mineral: Some(Mineral::Hs6("260900".into())), ..all() }, tin),
        case(Query { mineral: Some(Mineral::Text("ima1960-001".into())), ..all() }, |record| {
            lot(record).mineral == "IMA1960-001"
        }),
        case(Query { mineral: Some(Mineral::Hs6("999999".into())), ..all() }, |_| false),
        case(Query { lot_number: Some("lOT-12".into()), ..all() }, |record| {
            lot(record).lot_number.eq_ignore_ascii_case("lot-12")
        }),
        case(Query { lot_number: Some("%".into()), ..all() }, |_| false),
        case(Query { lot_number: Some("a\0b".into()), ..all() }, |_| false),
        case(Query { lot_number: Some("x".repeat(5000)), ..all() }, |_| false),
        case(Query { mine_site: key_of("CD-+2.5000+28.5000-7"), ..all() }, |record| {
            key_of(&lot(record).mine_site_id) == key_of("CD-2.5000+28.5000-7")
        }),
        case(Query { creator_identifier: Some("TRADER-3".into()), ..all() }, |record| {
            lot(record).creator.as_ref().unwrap().identifier == "Trader-3"
        }),
        case(Query { creator_role: Some(3), ..all() }, |r| lot(r).creator_role.contains(&3)),
        case(Query { creator_role: Some(99), ..all() }, |_| false),
        case(Query { originating_operation: Some(7), ..all() }, |record| {
            lot(record).originating_operation.contains(&7)
        }),
        case(Query { registered_from_us: Some(from), ..all() }, move |record| {
            lot(record).registered_at_us >= from
        }),
        case(
            Query { registered_from_us: Some(from), registered_before_us: Some(before), ..all() },
            move |record| (from..before).contains(&lot(record).registered_at_us),
        ),
        case(
            Query {
                mineral: Some(Mineral::Hs6("260900".into())),
                creator_role: Some(4),
                country: Some("CD".into()),
                registered_from_us: Some(from),
                ..all()
            },
            move |record| {
                tin(record)
                    && lot(record).creator_role.contains(&4)
                    && record.country() == "CD"
                    && lot(record).registered_at_us >= from
            },
        ),
    ]
}

#[tokio::test]
async fn lots_are_filtered_as_by_hand() {
    on_each_store(async |store| {
        let mut region = Region::make(store).await;
        let records = lots(150);
        region.land_all(&records).await;
        compare(&region, &records, lot_cases()).await;
    })
    .await;
}

#[tokio::test]
async fn sites_are_filtered_as_by_hand() {
    on_each_store(async |store| compare_sites(Region::make(store).await).await).await;
}

async fn compare_sites(mut region: Region) {
    let records = sites(60);
    region.land_all(&records).await;
    let all = || every(Collection::MineSites);
    let mut cases = vec![
        case(all(), |_| true),
        case(Query { country: Some("RW".into()), ..all() }, |site| site.country() == "RW"),
        case(Query { mineral: Some(Mineral::Hs6("260900".into())), ..all() }, |record| {
            site(record).mineral.iter().any(|code| hs6(code).as_deref() == Some("260900"))
        }),
        case(Query { mineral: Some(Mineral::Hs6("2609".into())), ..all() }, |_| false),
    ];
    for number in 1..=4 {
        cases.push(case(Query { certification_status: Some(number), ..all() }, move |record| {
            site(record).certification_status == number
        }));
        let both = Query { activity_status: Some(2), certification_status: Some(number), ..all() };
        cases.push(case(both, move |record| {
            site(record).activity_status == 2 && site(record).certification_status == number
        }));
    }
    compare(&region, &records, cases).await;
}

#[tokio::test]
async fn certificates_are_filtered_as_by_hand() {
    on_each_store(async |store| compare_certificates(Region::make(store).await).await).await;
}

async fn compare_certificates(mut region: Region) {
    let records = certificates(80);
    region.land_all(&records).await;
    let all = || every(Collection::ExportCertificates);
    let day = |day: i8| Some(jiff::civil::date(2017, 11, day));
    let has_lot = |number: &'static str| {
        move |record: &Record| {
            certificate(record).lot_number.iter().any(|own| own.eq_ignore_ascii_case(number))
        }
    };
    let cases = vec![
        case(all(), |_| true),
        case(Query { country: Some("CD".into()), ..all() }, |own| own.country() == "CD"),
        case(Query { identifier: Some("ce-17".into()), ..all() }, |record| {
            certificate(record).identifier.eq_ignore_ascii_case("ce-17")
        }),
        case(Query { lot_number: Some("LOT-5".into()), ..all() }, has_lot("lot-5")),
        case(Query { lot_number: Some("50%_3".into()), ..all() }, has_lot("50%_3")),
        case(Query { lot_number: Some("5%".into()), ..all() }, |_| false),
        case(Query { mineral: Some(Mineral::Hs6("260900".into())), ..all() }, |record| {
            hs6(&certificate(record).type_of_ore).as_deref() == Some("260900")
        }),
        case(Query { issued_from: day(9), issued_to: day(12), ..all() }, |record| {
            ("2017-11-09".."2017-11-13").contains(&certificate(record).date_of_issuance.as_str())
        }),
        case(Query { issued_to: day(3), ..all() }, |record| {
            certificate(record).date_of_issuance.as_str() <= "2017-11-03"
        }),
    ];
    compare(&region, &records, cases).await;
}

#[tokio::test]
async fn a_record_is_found_by_its_name_alone() {
    on_each_store(async |store| find_by_name(Region::make(store).await).await).await;
}

async fn find_by_name(mut region: Region) {
    let (lots, sites, certificates) = (lots(30), sites(6), certificates(6));
    for records in [&lots, &sites, &certificates] {
        region.land_all(records).await;
    }
    let get = async |countries: &[&str], name: &Name| {
        caller::as_caller(of(countries), region.api.get(name)).await.unwrap()
    };
    for record in sites.iter().chain(&certificates).chain(&lots) {
        let name = match record {
            Record::MineSite(_) => Name::MineSite { key: record.key().unwrap() },
            Record::ExportCertificate(own) => Name::ExportCertificate {
                country: own.issuing_country.clone(),
                identifier: own.identifier.clone(),
            },
            _ => Name::Lot {
                number: lot(record).lot_number.clone(),
                country: Some(record.country().to_owned()),
                creator: lot(record).creator.as_ref().map(|own| own.identifier.clone()),
            },
        };
        assert_eq!(get(&[], &name).await, std::slice::from_ref(record));
        let is_own = record.country() == "RW";
        assert_eq!(get(&["RW"], &name).await.len(), usize::from(is_own), "{name:?}");
    }
    let number = |number: &str| Name::Lot { number: number.into(), country: None, creator: None };
    let same = |record: &Record| lot(record).lot_number == "LOT-3";
    assert_eq!(get(&[], &number("LOT-3")).await, by_hand(&lots, same));
    for unknown in ["LOT-999", "", "\0", "lot-3"] {
        assert_eq!(get(&[], &number(unknown)).await, [], "{unknown:?}");
    }
}
