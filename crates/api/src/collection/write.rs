//! Posting and correcting a record.
//!
//! A record is checked whole before the backend sees it, and refused with all its
//! faults at once. Nothing is kept of a record that is refused.

use axum::{
    extract::{RawQuery, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};
use rmd_standard::{Finding, National, Record, Valid, icglr};
use serde_json::Value;

use crate::{
    Backend, Collection, Name, Scope, Verb,
    answer::problem::Problem,
    ask::{
        Complaint,
        body::{Incoming, RECORD_BYTES_MAX},
        media,
        parameters::Parameters,
        path::Segment,
    },
    collection::one,
    linked,
    router::{Api, Shared},
};

/// How many findings a record that was taken has: what the network counts as incomplete.
const INCOMPLETE: HeaderName = HeaderName::from_static("x-incomplete-findings");

/// The member in which regional records name what is kept back.
const WITHHELD: &str = "withheld";

/// `POST /v1/COLLECTION`.
pub(crate) async fn create<B: Backend>(
    State(api): State<Shared<B>>,
    collection: Collection,
    request: Request,
) -> Result<Response, Problem> {
    let named = Parameters::parse(request.uri().query(), &[]).finish().map(|()| None);
    write(&api, collection, named, request).await
}

/// `PUT /v1/COLLECTION/NAME`.
pub(crate) async fn replace<B: Backend>(
    State(api): State<Shared<B>>,
    collection: Collection,
    RawQuery(text): RawQuery,
    Segment(segment): Segment,
    request: Request,
) -> Result<Response, Problem> {
    let named = one::name(collection, &segment, text.as_deref());
    let named = named.map(|name| Some(Target { segment, name }));
    write(&api, collection, named, request).await
}

/// What the path of a PUT names.
struct Target {
    segment: String,
    name: Option<Name>,
}

async fn write<B: Backend>(
    api: &Api<B>,
    collection: Collection,
    named: Result<Option<Target>, Problem>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let mut incoming = Incoming::new(&parts, body);
    let (target, document) = match ask(api, collection, named, &parts, &mut incoming).await {
        Ok(asked) => asked,
        Err(problem) => {
            incoming.drain().await;
            return Err(problem);
        }
    };
    let record = checked(api, collection, &document)?;
    let (status, verb) = match target {
        None => (StatusCode::CREATED, Verb::Create),
        Some(target) => (StatusCode::OK, Verb::Replace(agreed(&target, record.record())?)),
    };
    let media = media::accepted(&parts.headers);
    let mut response = one::record_answer(api, status, record.record(), media);
    let location = linked::path(record.record()).and_then(|path| HeaderValue::try_from(path).ok());
    response.headers_mut().insert(INCOMPLETE, HeaderValue::from(record.finding_count()));
    api.backend.write(verb, record).await?;
    if status == StatusCode::CREATED
        && let Some(location) = location
    {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// What is to be replaced and the document that came, of a caller who may write.
async fn ask<B: Backend>(
    api: &Api<B>,
    collection: Collection,
    named: Result<Option<Target>, Problem>,
    parts: &Parts,
    incoming: &mut Incoming,
) -> Result<(Option<Target>, Value), Problem> {
    api.authorise(&parts.headers, Scope::write(collection)).await?;
    let target = named?;
    let mut document = incoming.json(&parts.headers, RECORD_BYTES_MAX).await?;
    if !document.is_object() {
        return Err(no_object());
    }
    linked::unlink(&mut document);
    Ok((target, document))
}

fn no_object() -> Problem {
    let complaint = Complaint {
        rule: "BODY-OBJECT",
        path: "body",
        value: "",
        wrong: ["is no JSON object", "n'est pas un objet JSON"],
        remedy: ["Send one record a request", "Envoyez une fiche par requête"],
    };
    Problem::invalid(vec![complaint.finding()])
}

/// The record, if it is valid and has what the standard requires.
fn checked<B: Backend>(
    api: &Api<B>,
    collection: Collection,
    document: &Value,
) -> Result<Valid<Record, National>, Problem> {
    let context = api.backend.context();
    let entity = collection.entity();
    let read = icglr::read(entity, document, &context);
    if document.get(WITHHELD).is_some() {
        let others = read.err().map(|refusal| refusal.findings).unwrap_or_default();
        return Err(Problem::invalid([vec![regional()], others].concat()));
    }
    let record = read.map_err(|refusal| Problem::invalid(refusal.findings))?;
    let written = icglr::write(record.record(), api.backend.usage(), &context.zone);
    let missing = api.required.missing(entity, &written, record.findings());
    if missing.is_empty() { Ok(record) } else { Err(Problem::invalid(missing)) }
}

/// A record whose owner keeps something back is an answer, not a record to keep: with
/// that member it would be taken without the fields that it names.
fn regional() -> Finding {
    let complaint = Complaint {
        rule: "BODY-WITHHELD",
        path: WITHHELD,
        value: "",
        wrong: [
            "stands in records of the regional view only",
            "ne figure que dans les fiches de la vue régionale",
        ],
        remedy: [
            "Send the whole record, without this member",
            "Envoyez la fiche entière, sans ce membre",
        ],
    };
    complaint.finding()
}

/// The whole name of the record, if it is the one that the path names.
fn agreed(target: &Target, record: &Record) -> Result<Name, Problem> {
    let own = own_name(record);
    let is_same = match (&target.name, &own) {
        (
            Some(Name::Lot { number, country, creator }),
            Some(Name::Lot { number: own_number, country: own_country, creator: own_creator }),
        ) => {
            number == own_number
                && (country.is_none() || country == own_country)
                && (creator.is_none() || creator == own_creator)
        }
        (named, own) => named.is_some() && named == own,
    };
    match own {
        Some(own) if is_same => Ok(own),
        _ => Err(other_record(&target.segment)),
    }
}

fn own_name(record: &Record) -> Option<Name> {
    match record {
        Record::MineSite(site) => {
            rmd_standard::site_id::key_of(&site.icglr_id).map(|key| Name::MineSite { key })
        }
        Record::ExportCertificate(certificate) => Some(Name::ExportCertificate {
            country: certificate.issuing_country.clone(),
            identifier: certificate.identifier.clone(),
        }),
        Record::Lot(lot) => Some(Name::Lot {
            number: lot.lot_number.clone(),
            country: Some(lot.country.clone()),
            creator: lot.creator.as_ref().map(|creator| creator.identifier.clone()),
        }),
        _ => None,
    }
}

fn other_record(segment: &str) -> Problem {
    let complaint = Complaint {
        rule: "PATH-NAMES-BODY",
        path: "path",
        value: segment,
        wrong: ["names another record than the body", "nomme une autre fiche que le corps"],
        remedy: [
            "Send the record to its own path; a key cannot be changed, post the new record instead",
            "Envoyez la fiche à son propre chemin ; une clé ne se change pas, créez plutôt la nouvelle fiche",
        ],
    };
    Problem::invalid(vec![complaint.finding()])
}
