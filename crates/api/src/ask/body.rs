//! The body of a request: bounded bytes, then JSON.
//!
//! A body that is declared or found too long is refused without being kept; what
//! the client still sends is read and thrown away within limits, so that a client
//! that reads its answer only after it has sent everything gets one.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream},
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use futures_util::StreamExt as _;
use rmd_standard::icglr;
use serde_json::Value;

use super::{Complaint, media};
use crate::{
    answer::problem::{Kind, Problem},
    edge::Place,
};

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
    /// The place of the request among those that are worked on.
    place: Option<Place>,
}

impl Incoming {
    /// The body of a request.
    pub(crate) fn new(parts: &Parts, body: Body) -> Self {
        Self {
            stream: body.into_data_stream(),
            is_waiting: parts.headers.contains_key(header::EXPECT),
            place: parts.extensions.get::<Place>().cloned(),
        }
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
        icglr::parse(&bytes).map_err(|finding| Problem::invalid(vec![finding]))
    }

    /// Reads what the client still sends, within limits, and throws it away. That
    /// takes no place from requests that are worked on.
    pub(crate) async fn drain(mut self) {
        if let Some(place) = self.place.take() {
            place.leave();
        }
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

fn broken() -> Problem {
    let complaint = Complaint {
        rule: "BODY-BROKEN",
        path: "body",
        value: "",
        wrong: ["ended before it was whole", "s'est interrompu avant la fin"],
        remedy: ["Send it again", "Renvoyez-le"],
    };
    Problem::invalid(vec![complaint.finding()])
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
        "the body is neither application/json nor application/ld+json in UTF-8, not packed; set Content-Type",
        "le corps n'est ni application/json ni application/ld+json en UTF-8, non compressé ; indiquez Content-Type",
    )
}
