//! One record by its name.
//!
//! A lot number is unique for its creator only. If it fits several lots, the
//! answer is a conflict that lists them, never one of them at random.

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use rmd_standard::{Record, icglr, site_id};
use serde_json::{Value, json};

use crate::{
    Backend, Collection, Name, Scope,
    answer::{
        self, LINKED,
        problem::{Kind, Problem},
    },
    ask::{media, names, parameters::Parameters, path::Segment},
    linked,
    router::{Api, Shared},
};

/// `GET /v1/COLLECTION/NAME`.
pub(crate) async fn one<B: Backend>(
    State(api): State<Shared<B>>,
    collection: Collection,
    headers: HeaderMap,
    RawQuery(text): RawQuery,
    Segment(segment): Segment,
) -> Result<Response, Problem> {
    api.authorise(&headers, Scope::read(collection)).await?;
    let Some(name) = name(collection, &segment, text.as_deref())? else {
        return Err(missing(collection));
    };
    let record = find(&api.backend, &name, collection).await?;
    Ok(record_answer(&api, StatusCode::OK, &record, media::accepted(&headers)))
}

/// The one record of that name.
pub(crate) async fn find<B: Backend>(
    backend: &B,
    name: &Name,
    collection: Collection,
) -> Result<Record, Problem> {
    let mut records = backend.get(name).await?;
    match (records.pop(), records.is_empty()) {
        (None, _) => Err(missing(collection)),
        (Some(record), true) => Ok(record),
        (Some(record), false) => {
            records.push(record);
            Err(ambiguous(&records))
        }
    }
}

/// A record as an answer.
pub(crate) fn record_answer<B: Backend>(
    api: &Api<B>,
    status: StatusCode,
    record: &Record,
    media: &'static str,
) -> Response {
    let (usage, zone) = (api.backend.usage(), api.backend.context().zone);
    if media == LINKED {
        let linked = linked::link(record, icglr::write(record, usage, &zone));
        return answer::value(status, media, &linked::with_context(linked));
    }
    let mut out = Vec::new();
    icglr::write_to(record, usage, &zone, &mut out);
    answer::of(status, media, out)
}

/// What a path names; none if it can name no record of the collection.
pub(crate) fn name(
    collection: Collection,
    segment: &str,
    query: Option<&str>,
) -> Result<Option<Name>, Problem> {
    let known = names::known(names::of_one(collection));
    let mut given = Parameters::parse(query, &known);
    let name = match collection {
        Collection::MineSites => site_id::key_of(segment).map(|key| Name::MineSite { key }),
        Collection::ExportCertificates => {
            given.required("issuingCountry");
            given
                .member("issuingCountry")
                .map(|country| Name::ExportCertificate { country, identifier: segment.to_owned() })
        }
        Collection::Lots => Some(Name::Lot {
            number: segment.to_owned(),
            country: given.member("country"),
            creator: given.text("creatorIdentifier"),
        }),
    };
    given.finish()?;
    Ok(name)
}

fn missing(collection: Collection) -> Problem {
    Problem::missing(match collection {
        Collection::MineSites => "mine site / site minier",
        Collection::ExportCertificates => "export certificate / certificat d'exportation",
        Collection::Lots => "lot",
    })
}

fn ambiguous(records: &[Record]) -> Problem {
    let candidates: Vec<Value> = records.iter().map(candidate).collect();
    Problem::new(
        Kind::Conflict,
        "several lots have this number; add country and creatorIdentifier, details.candidates lists them",
        "plusieurs lots portent ce numéro ; ajoutez country et creatorIdentifier, details.candidates les énumère",
    )
    .with("candidates", Value::from(candidates))
}

fn candidate(record: &Record) -> Value {
    let creator = match record {
        Record::Lot(lot) => lot.creator.as_ref().map(|creator| creator.identifier.as_str()),
        _ => None,
    };
    json!({
        "country": record.country(),
        "creatorIdentifier": creator,
        "href": linked::path(record),
    })
}
