//! A request that is not carried out, and why.
//!
//! Owns the codes and statuses of errors. The code is the standard's; the status
//! is that of the network's own list of codes where one of them says the same.
//! A client learns code, message in two languages and findings; the cause goes
//! into our log and nowhere else.

use std::{fmt::Write as _, sync::Arc};

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use rmd_proto::Code;
use rmd_standard::Finding;
use serde_json::{Map, Value, json};

use crate::{Cause, Denied, Fault};

/// What went wrong, as one of a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A parameter or a body breaks a rule.
    Invalid,
    /// No credential, or none that is known.
    Unauthorized,
    /// The credential is not cleared for this.
    Forbidden,
    /// There is no such path or record.
    NotFound,
    /// The path does not do that.
    MethodNotAllowed,
    /// The record is there already, or the name fits several.
    Conflict,
    /// The body is longer than the limit.
    TooLarge,
    /// The body is of no media type that we read.
    UnsupportedMedia,
    /// The credential made too many requests.
    TooManyRequests,
    /// A fault of ours.
    Internal,
    /// Not now; the same request may succeed later.
    Unavailable,
}

impl Kind {
    /// Every kind, in the order of the statuses.
    pub(crate) const ALL: [Self; 11] = [
        Self::Invalid,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::TooLarge,
        Self::UnsupportedMedia,
        Self::TooManyRequests,
        Self::Internal,
        Self::Unavailable,
    ];

    /// The word in the member `code`.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Invalid => "VALIDATION_ERROR",
            Self::Unauthorized => "UNAUTHORIZED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Self::Conflict => "CONFLICT",
            Self::TooLarge => "PAYLOAD_TOO_LARGE",
            Self::UnsupportedMedia => "UNSUPPORTED_MEDIA_TYPE",
            Self::TooManyRequests => "TOO_MANY_REQUESTS",
            Self::Internal => "INTERNAL_ERROR",
            Self::Unavailable => "SERVICE_UNAVAILABLE",
        }
    }

    /// The HTTP status.
    pub(crate) const fn status(self) -> u16 {
        match self {
            Self::Invalid => Code::RequestInvalid.http(),
            Self::Unauthorized => Code::CertificateMissing.http(),
            Self::Forbidden => Code::RoleForbidden.http(),
            Self::NotFound => Code::FeedUnknown.http(),
            Self::Conflict => Code::TokenUsed.http(),
            Self::TooLarge => Code::FrameOversized.http(),
            Self::Internal => Code::Internal.http(),
            Self::Unavailable => Code::StoreUnavailable.http(),
            Self::MethodNotAllowed => 405,
            Self::UnsupportedMedia => 415,
            Self::TooManyRequests => 429,
        }
    }
}

/// A request that is not carried out.
#[derive(Debug, Clone)]
pub(crate) struct Problem(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    en: String,
    fr: String,
    findings: Vec<Finding>,
    extra: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<Cause>,
}

impl Problem {
    /// A problem with its message in English and French.
    pub(crate) fn new(kind: Kind, en: impl Into<String>, fr: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            kind,
            en: en.into(),
            fr: fr.into(),
            findings: Vec::new(),
            extra: Map::new(),
            headers: Vec::new(),
            cause: None,
        }))
    }

    /// What was found on a request or a record; all at once.
    pub(crate) fn invalid(findings: Vec<Finding>) -> Self {
        let count = findings.len();
        let mut problem = Self::new(
            Kind::Invalid,
            format!(
                "the request breaks {count} rule(s); details.findings has each with its remedy"
            ),
            format!(
                "la requête enfreint {count} règle(s) ; details.findings donne chacune avec son remède"
            ),
        );
        problem.change(|inner| inner.findings = findings);
        problem
    }

    /// There is no such record.
    pub(crate) fn missing(what: &str) -> Self {
        Self::new(
            Kind::NotFound,
            format!("there is no {what}; check the name, or list the collection"),
            format!("il n'y a pas de {what} ; vérifiez le nom, ou listez la collection"),
        )
    }

    /// Another member of `details`.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: Value) -> Self {
        self.change(|inner| drop(inner.extra.insert(name.to_owned(), value)));
        self
    }

    /// A header of the answer.
    #[must_use]
    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.change(|inner| inner.headers.push((name, value)));
        self
    }

    /// What caused it, for our log.
    #[must_use]
    pub(crate) fn because(mut self, cause: Cause) -> Self {
        self.change(|inner| inner.cause = Some(cause));
        self
    }

    /// Changes a problem that was just made and has one owner.
    fn change(&mut self, change: impl FnOnce(&mut Inner)) {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            change(inner);
        }
    }

    /// What went wrong.
    pub(crate) fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The message in English.
    pub(crate) fn message(&self) -> &str {
        &self.0.en
    }

    /// The causes behind it, the nearest first.
    pub(crate) fn cause(&self) -> Option<String> {
        let cause = self.0.cause.as_deref()?;
        let mut text = cause.to_string();
        let mut source = cause.source();
        while let Some(next) = source {
            // Writing into a String cannot fail.
            let _ = write!(text, ": {next}");
            source = next.source();
        }
        Some(text)
    }

    /// The error in the standard's shape.
    pub(crate) fn body(&self, now: Timestamp) -> Value {
        let mut details = self.0.extra.clone();
        details.insert("messageFr".to_owned(), Value::from(self.0.fr.as_str()));
        if !self.0.findings.is_empty() {
            details.insert("findings".to_owned(), json!(self.0.findings));
        }
        json!({
            "code": self.0.kind.code(),
            "message": self.0.en,
            "details": details,
            "timestamp": now.to_string(),
        })
    }
}

impl IntoResponse for Problem {
    /// Status and headers; the edge of the API writes the body, which holds the time.
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.kind.status());
        let mut response = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response();
        for (name, value) in &self.0.headers {
            response.headers_mut().insert(name.clone(), value.clone());
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Missing => challenge(Self::new(
                Kind::Unauthorized,
                "the request brought no credential; send Authorization: Bearer TOKEN, or X-API-Key: KEY",
                "la requête n'apporte aucun justificatif ; envoyez Authorization: Bearer JETON, ou X-API-Key: CLÉ",
            )),
            Denied::Invalid => challenge(Self::new(
                Kind::Unauthorized,
                "the credential is not valid, or not any more; ask whoever runs this service for another",
                "le justificatif n'est pas ou plus valable ; demandez-en un autre à qui exploite ce service",
            )),
            Denied::Forbidden(scope) => Self::new(
                Kind::Forbidden,
                format!("the credential is not cleared for {scope}; ask for that scope"),
                format!(
                    "le justificatif n'est pas habilité pour {scope} ; demandez cette habilitation"
                ),
            ),
            Denied::Unavailable(cause) => unavailable().because(cause),
        }
    }
}

fn challenge(problem: Problem) -> Problem {
    problem.header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"icglr\""))
}

/// Not now.
pub(crate) fn unavailable() -> Problem {
    Problem::new(
        Kind::Unavailable,
        "the service cannot answer now; send the same request again later",
        "le service ne peut pas répondre à présent ; renvoyez la même requête plus tard",
    )
    .header(header::RETRY_AFTER, HeaderValue::from_static("5"))
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Exists => Self::new(
                Kind::Conflict,
                "a record of this key exists; to correct it, send PUT to its own path",
                "une fiche de cette clé existe ; pour la corriger, envoyez PUT à son propre chemin",
            ),
            Fault::Taken(refusal) => {
                let mut problem = Self::new(
                    Kind::Conflict,
                    "another source has this key; details.findings says which",
                    "une autre source a cette clé ; details.findings dit laquelle",
                );
                problem.change(|inner| inner.findings = refusal.findings);
                problem
            }
            Fault::Missing => Self::missing("such record / telle fiche"),
            Fault::Refused(refusal) => Self::invalid(refusal.findings),
            Fault::Unavailable(cause) => unavailable().because(cause),
            Fault::Internal(cause) => internal().because(cause),
        }
    }
}

/// A fault of ours.
pub(crate) fn internal() -> Problem {
    Problem::new(
        Kind::Internal,
        "a fault of this service, not of the request; name the X-Request-Id to whoever runs it",
        "une défaillance de ce service, non de la requête ; indiquez le X-Request-Id à qui l'exploite",
    )
}
