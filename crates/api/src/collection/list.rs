//! One page of a collection.
//!
//! Records go straight into the bytes of the answer; only the linked form, which
//! adds members inside records, builds values first.

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use jiff::{civil::Date, tz::TimeZone};
use rmd_standard::{code, icglr};
use serde_json::{Value, json};

use crate::{
    Backend, Collection, Listed, Query, Scope,
    answer::{self, LINKED, problem::Problem},
    ask::{media, names, parameters::Parameters},
    linked,
    router::Shared,
};

/// A lot in the standard's JSON has about 3 KiB.
const RECORD_BYTES: usize = 3 * 1024;

/// `GET /v1/COLLECTION`.
pub(crate) async fn list<B: Backend>(
    State(api): State<Shared<B>>,
    collection: Collection,
    headers: HeaderMap,
    RawQuery(text): RawQuery,
) -> Result<Response, Problem> {
    api.authorise(&headers, Scope::read(collection)).await?;
    let zone = api.backend.context().zone;
    let query = read(collection, text.as_deref(), &zone)?;
    let listed = api.backend.list(&query).await?;
    let media = media::accepted(&headers);
    let body = if media == LINKED {
        linked_page(&listed, &query, api.backend.usage(), &zone)
    } else {
        plain_page(&listed, &query, api.backend.usage(), &zone)
    };
    Ok(answer::of(StatusCode::OK, media, body))
}

/// Reads the parameters of a collection.
fn read(collection: Collection, text: Option<&str>, zone: &TimeZone) -> Result<Query, Problem> {
    let known = names::known(names::of_list(collection));
    let mut given = Parameters::parse(text, &known);
    let mut query = Query::of(collection);
    match collection {
        Collection::MineSites => {
            query.country = given.member("addressCountry");
            query.certification_status =
                given.code("certificationStatus", &code::CERTIFICATION_STATUS);
            query.activity_status = given.code("activityStatus", &code::ACTIVITY_STATUS);
            query.mineral = given.mineral("mineral");
        }
        Collection::ExportCertificates => {
            query.country = given.member("issuingCountry");
            query.identifier = given.text("identifier");
            query.lot_number = given.text("lotNumber");
            query.mineral = given.mineral("typeOfOre");
            query.issued_from = given.day("dateOfIssuanceFrom");
            query.issued_to = given.day("dateOfIssuanceTo");
        }
        Collection::Lots => {
            query.mine_site = given.site("mineSiteId");
            query.mineral = given.mineral("mineral");
            query.creator_role = given.code("creatorRole", &code::CREATOR_ROLE);
            query.originating_operation =
                given.code("originatingOperation", &code::ORIGINATING_OPERATION);
            query.lot_number = given.text("lotNumber");
            query.country = given.member("country");
            query.creator_identifier = given.text("creatorIdentifier");
            let from = given.day("dateRegistrationFrom");
            query.registered_from_us = from.and_then(|day| begin(day, zone));
            let to = given.day("dateRegistrationTo").and_then(|day| day.tomorrow().ok());
            query.registered_before_us = to.and_then(|day| begin(day, zone));
        }
    }
    (query.page, query.limit) = (given.page(), given.limit());
    given.finish()?;
    Ok(query)
}

/// The first instant of a day in the zone in which registration is written.
fn begin(day: Date, zone: &TimeZone) -> Option<i64> {
    day.to_zoned(zone.clone()).ok().map(|begin| begin.timestamp().as_microsecond())
}

fn plain_page(listed: &Listed, query: &Query, usage: icglr::Usage, zone: &TimeZone) -> Vec<u8> {
    let mut out = Vec::with_capacity(256 + listed.records.len() * RECORD_BYTES);
    out.extend_from_slice(b"{\"data\":[");
    for (index, record) in listed.records.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        icglr::write_to(record, usage, zone, &mut out);
    }
    out.extend_from_slice(b"],\"pagination\":");
    out.extend_from_slice(pagination(query, listed.total).to_string().as_bytes());
    out.push(b'}');
    out
}

fn linked_page(listed: &Listed, query: &Query, usage: icglr::Usage, zone: &TimeZone) -> Vec<u8> {
    let records: Vec<Value> = listed
        .records
        .iter()
        .map(|record| linked::link(record, icglr::write(record, usage, zone)))
        .collect();
    let page = json!({ "data": records, "pagination": pagination(query, listed.total) });
    linked::with_context(page).to_string().into_bytes()
}

/// Where the page stands among all of them.
pub(crate) fn pagination(query: &Query, total: u64) -> Value {
    let pages = total.div_ceil(u64::from(query.limit.max(1)));
    json!({
        "page": query.page,
        "limit": query.limit,
        "total": total,
        "totalPages": pages,
        "hasNext": query.page < pages,
        "hasPrevious": query.page > 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_knows_its_neighbours() {
        let mut query = Query::of(Collection::Lots);
        query.limit = 20;
        for (page, total, pages, next, previous) in [
            (1, 0, 0, false, false),
            (1, 20, 1, false, false),
            (1, 21, 2, true, false),
            (2, 21, 2, false, true),
            (9, 21, 2, false, true),
        ] {
            query.page = page;
            let value = pagination(&query, total);
            assert_eq!(value["totalPages"], pages);
            assert_eq!(value["hasNext"], next);
            assert_eq!(value["hasPrevious"], previous);
        }
    }

    #[test]
    fn the_days_of_registration_are_those_of_the_zone() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let text = Some("dateRegistrationFrom=2018-01-31&dateRegistrationTo=2018-01-31");
        let query = read(Collection::Lots, text, &zone).unwrap();
        let instant = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_microsecond();
        assert_eq!(query.registered_from_us, Some(instant("2018-01-30T22:00:00Z")));
        assert_eq!(query.registered_before_us, Some(instant("2018-01-31T22:00:00Z")));
    }

    #[test]
    fn each_collection_reads_every_parameter_of_its_table() {
        for collection in Collection::ALL {
            for parameter in names::of_list(collection) {
                let text = format!("{}=%00", parameter.name);
                let problem = read(collection, Some(&text), &TimeZone::UTC).unwrap_err();
                let body = problem.body(jiff::Timestamp::UNIX_EPOCH);
                assert_eq!(body["details"]["findings"][0]["path"], parameter.name);
            }
        }
    }
}
