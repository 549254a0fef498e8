//! The credential of a request.
//!
//! `Authorization: Bearer …` or `X-API-Key: …`; of both the first counts. What is
//! in neither form, or stands twice, is no credential: a proxy before us may have
//! looked at the other one. The secret is not looked at here.

use axum::http::{HeaderMap, HeaderName, header};

use crate::Credential;

const KEY: HeaderName = HeaderName::from_static("x-api-key");
/// Longer secrets are nobody's.
const SECRET_BYTES_MAX: usize = 4096;

/// The credential in the headers of a request.
pub(crate) fn of(headers: &HeaderMap) -> Option<Credential> {
    let text = |value: &axum::http::HeaderValue| {
        let text = value.to_str().ok()?.trim();
        (!text.is_empty() && text.len() <= SECRET_BYTES_MAX).then(|| text.to_owned())
    };
    let is_single = |name| headers.get_all(name).iter().nth(1).is_none();
    if !is_single(header::AUTHORIZATION) || !is_single(KEY) {
        return None;
    }
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let text = text(value)?;
        let (scheme, secret) = text.split_once(' ')?;
        let secret = secret.trim();
        let is_bearer = scheme.eq_ignore_ascii_case("bearer") && !secret.is_empty();
        return is_bearer.then(|| Credential::Bearer(secret.to_owned()));
    }
    headers.get(KEY).and_then(text).map(Credential::Key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(&'static str, &'static str)]) -> Option<Credential> {
        of(&headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect())
    }

    #[test]
    fn both_forms_of_a_credential_are_read() {
        assert_eq!(
            read(&[("authorization", "bearer  abc")]),
            Some(Credential::Bearer("abc".into()))
        );
        assert_eq!(read(&[("x-api-key", "abc")]), Some(Credential::Key("abc".into())));
        let both = [("x-api-key", "key"), ("authorization", "Bearer token")];
        assert_eq!(read(&both), Some(Credential::Bearer("token".into())));
    }

    #[test]
    fn other_schemes_and_blank_secrets_are_no_credential() {
        assert_eq!(read(&[]), None);
        assert_eq!(read(&[("authorization", "Basic abc")]), None);
        for name in ["authorization", "x-api-key"] {
            let mut twice = HeaderMap::new();
            for value in ["Bearer abc", "Bearer def"] {
                twice.append(name, value.parse().unwrap());
            }
            assert_eq!(of(&twice), None, "{name}");
        }
        assert_eq!(read(&[("authorization", "Bearer ")]), None);
        assert_eq!(read(&[("authorization", "abc"), ("x-api-key", "key")]), None);
        assert_eq!(read(&[("x-api-key", " ")]), None);
    }
}
