//! Schemas of what is no record: pages, errors, health, queries.

use serde_json::{Map, Value, json};

/// Each under its name.
pub(super) fn components() -> Map<String, Value> {
    let named = [
        ("Pagination", pagination()),
        ("Error", error()),
        ("ErrorDetails", details()),
        ("Finding", finding()),
        ("Health", health()),
        ("GraphQLRequest", request()),
        ("GraphQLResponse", response()),
    ];
    named.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn pagination() -> Value {
    json!({
        "type": "object",
        "required": ["page", "limit", "total", "totalPages", "hasNext", "hasPrevious"],
        "properties": {
            "page": { "type": "integer", "minimum": 1 },
            "limit": { "type": "integer", "minimum": 1, "maximum": 100 },
            "total": { "type": "integer", "minimum": 0 },
            "totalPages": { "type": "integer", "minimum": 0 },
            "hasNext": { "type": "boolean" },
            "hasPrevious": { "type": "boolean" },
        },
    })
}

fn error() -> Value {
    json!({
        "type": "object",
        "required": ["code", "message", "timestamp"],
        "properties": {
            "code": { "type": "string", "example": "VALIDATION_ERROR" },
            "message": { "type": "string" },
            "details": { "$ref": "#/components/schemas/ErrorDetails" },
            "timestamp": { "type": "string", "format": "date-time" },
            "errors": {
                "type": "array",
                "description": "Of a GraphQL query that was not carried out",
                "items": { "type": "object" },
            },
        },
    })
}

fn details() -> Value {
    json!({
        "type": "object",
        "properties": {
            "messageFr": { "type": "string" },
            "findings": { "type": "array", "items": { "$ref": "#/components/schemas/Finding" } },
            "candidates": { "type": "array", "items": { "type": "object" } },
        },
    })
}

fn finding() -> Value {
    json!({
        "type": "object",
        "required": ["rule", "severity", "path", "value", "en", "fr"],
        "properties": {
            "rule": { "type": "string" },
            "severity": { "type": "string", "enum": ["refuse", "incomplete"] },
            "path": { "type": "string" },
            "value": { "type": "string" },
            "en": { "type": "string" },
            "fr": { "type": "string" },
        },
    })
}

fn health() -> Value {
    json!({
        "type": "object",
        "required": ["status", "version", "timestamp"],
        "properties": {
            "status": { "type": "string", "enum": ["healthy"] },
            "version": { "type": "string" },
            "timestamp": { "type": "string", "format": "date-time" },
        },
    })
}

fn request() -> Value {
    json!({
        "type": "object",
        "required": ["query"],
        "properties": {
            "query": { "type": "string", "minLength": 1 },
            "variables": { "type": "object", "nullable": true },
            "operationName": { "type": "string", "nullable": true },
        },
    })
}

fn response() -> Value {
    json!({
        "type": "object",
        "properties": {
            "data": { "type": "object", "nullable": true },
            "errors": { "type": "array", "items": { "type": "object" } },
        },
    })
}
