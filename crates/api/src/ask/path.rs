//! The name of a record in a path.
//!
//! A segment that is no text is no name of ours: it is refused before a store
//! sees it. A mine-site id in any spelling leads to its key.

use axum::extract::{FromRequestParts, Path, rejection::PathRejection};
use axum::http::request::Parts;

use super::{Complaint, parameters::is_text};
use crate::answer::problem::Problem;

/// The last segment of the path, decoded.
#[derive(Debug)]
pub(crate) struct Segment(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path: Result<Path<String>, PathRejection> =
            Path::from_request_parts(parts, state).await;
        match path {
            Ok(Path(name)) if is_text(&name) => Ok(Self(name)),
            Ok(Path(name)) => Err(unreadable(&name)),
            Err(_undecodable) => Err(unreadable("")),
        }
    }
}

fn unreadable(value: &str) -> Problem {
    let complaint = Complaint {
        rule: "PATH-TEXT",
        path: "path",
        value,
        wrong: [
            "is not UTF-8, is longer than 256 characters, or holds a control character",
            "n'est pas de l'UTF-8, dépasse 256 caractères ou contient un caractère de contrôle",
        ],
        remedy: ["Give the identifier as issued", "Donnez l'identifiant comme attribué"],
    };
    Problem::invalid(vec![complaint.finding()])
}
