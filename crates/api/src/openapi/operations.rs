//! The paths of the document.

use rmd_standard::{code, code::List, country};
use serde_json::{Map, Value, json};

use super::{
    common_headers, examples,
    schemas::{answer_name, list_name, reference},
};
use crate::{
    Collection,
    answer::{JSON, LINKED, problem::Kind},
    ask::{
        names::{self, Kind as ParameterKind, Parameter},
        parameters::{LIMIT_DEFAULT, LIMIT_MAX, PAGE_MAX, TEXT_CHARS_MAX},
    },
};

/// What any request may meet.
const ALWAYS: [Kind; 3] = [Kind::TooManyRequests, Kind::Internal, Kind::Unavailable];
/// What a request for records may meet.
const GUARDED: [Kind; 3] = [Kind::Invalid, Kind::Unauthorized, Kind::Forbidden];
/// What a request with a body may meet.
const BODY: [Kind; 2] = [Kind::TooLarge, Kind::UnsupportedMedia];

/// Every path.
pub(super) fn paths(writes: bool) -> Map<String, Value> {
    let mut paths = Map::new();
    for collection in Collection::ALL {
        let name = collection.as_str();
        let mut all = json!({ "get": list(collection) });
        let mut single = json!({ "get": one(collection) });
        if writes {
            all["post"] = create(collection);
            single["put"] = replace(collection);
        }
        paths.insert(format!("/{name}"), all);
        paths.insert(format!("/{name}/{{{}}}", names::segment(collection)), single);
    }
    paths.insert("/graphql".to_owned(), json!({ "post": query() }));
    paths.insert("/health".to_owned(), json!({ "get": health() }));
    paths.insert(
        "/openapi.json".to_owned(),
        json!({ "get": document("openapi", "This document", JSON) }),
    );
    paths.insert(
        "/context.jsonld".to_owned(),
        json!({ "get": document("context", "The JSON-LD context", LINKED) }),
    );
    paths.insert(
        "/docs".to_owned(),
        json!({ "get": document("docs", "The interactive page", "text/html") }),
    );
    paths
}

/// The name of the entity in summaries.
const fn noun(collection: Collection) -> &'static str {
    match collection {
        Collection::MineSites => "mine site",
        Collection::ExportCertificates => "export certificate",
        Collection::Lots => "lot",
    }
}

fn list(collection: Collection) -> Value {
    let entity = collection.entity();
    let schema = reference(&list_name(entity));
    let page = examples::page(collection);
    let ok = json!({
        "description": "One page, in the order of the keys",
        "headers": common_headers(),
        "content": { JSON: { "schema": schema, "example": page }, LINKED: { "schema": schema } },
    });
    json!({
        "tags": [collection.as_str()],
        "operationId": format!("list{}s", entity.name()),
        "summary": format!("List {}s", noun(collection)),
        "parameters": parameters(names::of_list(collection), false),
        "responses": responses("200", &ok, &[&GUARDED]),
    })
}

fn one(collection: Collection) -> Value {
    let entity = collection.entity();
    json!({
        "tags": [collection.as_str()],
        "operationId": format!("get{}", entity.name()),
        "summary": format!("Get one {}", noun(collection)),
        "parameters": path_parameters(collection),
        "responses": responses("200", &record(collection, "The record"), &[&GUARDED, &[Kind::NotFound], ambiguity(collection)]),
    })
}

fn create(collection: Collection) -> Value {
    let mut created = record(collection, "The record as it was taken");
    created["headers"]["Location"] =
        json!({ "description": "Path of the record", "schema": { "type": "string" } });
    count_findings(&mut created);
    json!({
        "tags": [collection.as_str()],
        "operationId": format!("create{}", collection.entity().name()),
        "summary": format!("Post a new {}", noun(collection)),
        "requestBody": body(collection),
        "responses": responses("201", &created, &[&GUARDED, &BODY, &[Kind::Conflict]]),
    })
}

fn replace(collection: Collection) -> Value {
    let mut replaced = record(collection, "The record as it was taken");
    count_findings(&mut replaced);
    let summary = match collection {
        Collection::MineSites => "Correct a mine site".to_owned(),
        _ => format!("Correct one {}; an addition to the standard", noun(collection)),
    };
    json!({
        "tags": [collection.as_str()],
        "operationId": format!("update{}", collection.entity().name()),
        "summary": summary,
        "parameters": path_parameters(collection),
        "requestBody": body(collection),
        "responses": responses("200", &replaced, &[&GUARDED, &BODY, &[Kind::NotFound, Kind::Conflict]]),
    })
}

/// A lot number may fit several lots.
const fn ambiguity(collection: Collection) -> &'static [Kind] {
    match collection {
        Collection::Lots => &[Kind::Conflict],
        _ => &[],
    }
}

fn record(collection: Collection, text: &str) -> Value {
    let schema = reference(&answer_name(collection.entity().name()));
    json!({
        "description": text,
        "headers": common_headers(),
        "content": {
            JSON: { "schema": schema, "example": examples::record(collection) },
            LINKED: { "schema": schema },
        },
    })
}

fn count_findings(response: &mut Value) {
    response["headers"]["X-Incomplete-Findings"] = json!({
        "description": "What the network's rules count as incomplete on the record",
        "schema": { "type": "integer" },
    });
}

fn body(collection: Collection) -> Value {
    let schema = reference(collection.entity().name());
    json!({
        "required": true,
        "description": "One record, at most 1 MiB",
        "content": {
            JSON: { "schema": schema, "example": examples::record(collection) },
            LINKED: { "schema": schema },
        },
    })
}

fn query() -> Value {
    let ok = json!({
        "description": "Data, with errors of single fields",
        "headers": common_headers(),
        "content": { JSON: { "schema": reference("GraphQLResponse") } },
    });
    json!({
        "tags": ["query"],
        "operationId": "graphqlQuery",
        "summary": "Ask in GraphQL, read only",
        "requestBody": {
            "required": true,
            "content": { JSON: {
                "schema": reference("GraphQLRequest"),
                "example": { "query": "{ mineSites(limit: 1) { data { icglrId } pagination { total } } }" },
            } },
        },
        "responses": responses("200", &ok, &[&GUARDED, &BODY]),
    })
}

fn health() -> Value {
    let ok = json!({
        "description": "The API answers",
        "headers": common_headers(),
        "content": { JSON: { "schema": reference("Health") } },
    });
    json!({
        "tags": ["service"],
        "operationId": "healthCheck",
        "summary": "Whether the API answers",
        "security": [],
        "responses": responses("200", &ok, &[]),
    })
}

fn document(id: &str, text: &str, media: &str) -> Value {
    let schema = if media == "text/html" {
        json!({ "type": "string" })
    } else {
        json!({ "type": "object" })
    };
    let ok = json!({
        "description": text,
        "headers": common_headers(),
        "content": { media: { "schema": schema } },
    });
    json!({
        "tags": ["service"],
        "operationId": id,
        "summary": text,
        "security": [],
        "responses": responses("200", &ok, &[]),
    })
}

fn responses(status: &str, ok: &Value, kinds: &[&[Kind]]) -> Value {
    let mut responses = Map::from_iter([(status.to_owned(), ok.clone())]);
    for kind in kinds.iter().copied().chain([ALWAYS.as_slice()]).flatten() {
        let reference = json!({ "$ref": format!("#/components/responses/{}", kind.code()) });
        responses.insert(kind.status().to_string(), reference);
    }
    Value::Object(responses)
}

fn path_parameters(collection: Collection) -> Vec<Value> {
    let segment = json!({
        "name": names::segment(collection),
        "in": "path",
        "required": true,
        "schema": text(),
    });
    // A certificate's serial names nothing without its state.
    let is_required = collection == Collection::ExportCertificates;
    let mut all = vec![segment];
    all.extend(parameters(names::of_one(collection), is_required));
    all
}

fn parameters(parameters: &[Parameter], is_required: bool) -> Vec<Value> {
    let one = |parameter: &Parameter| {
        json!({
            "name": parameter.name,
            "in": "query",
            "required": is_required,
            "description": parameter.text,
            "schema": schema(parameter.kind),
        })
    };
    parameters.iter().map(one).collect()
}

fn schema(kind: ParameterKind) -> Value {
    match kind {
        ParameterKind::Member => {
            let members = country::MEMBERS.map(|member| member.0);
            json!({ "type": "string", "enum": members })
        }
        ParameterKind::CertificationStatus => codes(&code::CERTIFICATION_STATUS),
        ParameterKind::ActivityStatus => codes(&code::ACTIVITY_STATUS),
        ParameterKind::CreatorRole => codes(&code::CREATOR_ROLE),
        ParameterKind::OriginatingOperation => codes(&code::ORIGINATING_OPERATION),
        ParameterKind::Mineral | ParameterKind::Text => text(),
        ParameterKind::Site => json!({
            "type": "string",
            "pattern": "^[A-Z]{2}-[+-]?[0-9]{1,3}\\.[0-9]{4}[+-][0-9]{1,3}\\.[0-9]{4}-[0-9]{1,20}$",
            "example": "CD-1.9403+29.8739-00001",
        }),
        ParameterKind::Day => json!({ "type": "string", "format": "date" }),
        ParameterKind::Page => {
            json!({ "type": "integer", "minimum": 1, "maximum": PAGE_MAX, "default": 1 })
        }
        ParameterKind::Limit => {
            json!({ "type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT })
        }
    }
}

fn text() -> Value {
    json!({
        "type": "string",
        "minLength": 1,
        "maxLength": TEXT_CHARS_MAX,
        "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]+$",
    })
}

fn codes(list: &List) -> Value {
    let numbers: Vec<u8> = list.codes.iter().filter_map(|code| code.standard).collect();
    json!({ "type": "integer", "enum": numbers })
}
