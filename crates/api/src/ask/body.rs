//! The body of a request: bounded bytes, then JSON.
//!
//! A body that is declared or found too long is refused without being kept; what
//! the client still sends is read and thrown away within limits, so that a client
//! that reads its answer only after it has sent everything gets one.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream},
    http::{HeaderMap, HeaderValue, header},
};
use futures_util::StreamExt as _;
use serde_json::Value;

use super::{Complaint, media, unique::Unique};
use crate::answer::problem::{Kind, Problem};

/// A record in the standard's JSON has about 3 KiB; 1 MiB has room for a site with
/// hundreds of inspections.
pub(crate) const RECORD_BYTES_MAX: usize = 1 << 20;
/// A query with its variables.
pub(crate) const QUERY_BYTES_MAX: usize = 1 << 16;
/// How much of a refused body is read, and for how long.
const DRAIN_BYTES_MAX: usize = 16 << 20;
const DRAIN_TIME_MAX: Duration = Duration::from_secs(5);

/// A body that may have been read in part.
pub(crate) struct Incoming {
    stream: BodyDataStream,
    /// The client waits for our word before it sends.
    is_waiting: bool,
}

impl Incoming {
    /// The body of a request with those headers.
    pub(crate) fn new(headers: &HeaderMap, body: Body) -> Self {
        Self { stream: body.into_data_stream(), is_waiting: headers.contains_key(header::EXPECT) }
    }

    /// The body as JSON, if it is of a media type that we read and not too long.
    pub(crate) async fn json(
        &mut self,
        headers: &HeaderMap,
        limit: usize,
    ) -> Result<Value, Problem> {
        if !media::is_json(headers) {
            return Err(unsupported());
        }
        let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        let declared = declared.and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
        if declared > limit as u64 {
            return Err(too_large(limit));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(declared).unwrap_or_default());
        while let Some(chunk) = self.stream.next().await {
            let chunk = chunk.map_err(|_broken| broken())?;
            if bytes.len() + chunk.len() > limit {
                return Err(too_large(limit));
            }
            bytes.extend_from_slice(&chunk);
        }
        parse(&bytes)
    }

    /// Reads what the client still sends, within limits, and throws it away.
    pub(crate) async fn drain(mut self) {
        if self.is_waiting {
            return;
        }
        let mut left = DRAIN_BYTES_MAX;
        let drained = async {
            while left > 0
                && let Some(Ok(chunk)) = self.stream.next().await
            {
                left = left.saturating_sub(chunk.len());
            }
        };
        // What is not sent by then stays unread, and the connection closes.
        let _ = tokio::time::timeout(DRAIN_TIME_MAX, drained).await;
    }
}

/// JSON text in which each member stands once.
fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        malformed(
            "BODY-UTF8",
            &format!("byte {at}"),
            "",
            ["is not UTF-8", "n'est pas de l'UTF-8"],
            ["Encode the text in UTF-8", "Encodez le texte en UTF-8"],
        )
    })?;
    let value = serde_json::from_str(text).map_err(|error| unreadable(&error))?;
    serde_json::from_str::<Unique>(text).map_err(|error| unreadable(&error))?;
    Ok(value)
}

/// Where the text stops being JSON that we read. The parser's own words name the place again.
fn unreadable(error: &serde_json::Error) -> Problem {
    let place = format!("line {} column {}", error.line(), error.column());
    let words = error.to_string();
    let words = words.strip_suffix(&format!(" at {place}")).unwrap_or(&words);
    malformed(
        if words.contains("stands twice") { "BODY-MEMBER-TWICE" } else { "BODY-JSON" },
        &place,
        words,
        ["is no JSON that can be read", "n'est pas du JSON lisible"],
        ["Correct the text at that place", "Corrigez le texte à cet endroit"],
    )
}

fn malformed(rule: &str, path: &str, value: &str, wrong: [&str; 2], remedy: [&str; 2]) -> Problem {
    Problem::invalid(vec![Complaint { rule, path, value, wrong, remedy }.finding()])
}

fn broken() -> Problem {
    malformed(
        "BODY-BROKEN",
        "body",
        "",
        ["ended before it was whole", "s'est interrompu avant la fin"],
        ["Send it again", "Renvoyez-le"],
    )
}

fn too_large(limit: usize) -> Problem {
    Problem::new(
        Kind::TooLarge,
        format!("the body is longer than {limit} bytes; send one record a request"),
        format!("le corps dépasse {limit} octets ; envoyez une fiche par requête"),
    )
    .header(header::CONNECTION, HeaderValue::from_static("close"))
}

fn unsupported() -> Problem {
    Problem::new(
        Kind::UnsupportedMedia,
        "the body is neither application/json nor application/ld+json in UTF-8; set Content-Type",
        "le corps n'est ni application/json ni application/ld+json en UTF-8 ; indiquez Content-Type",
    )
}
