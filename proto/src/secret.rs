//! `Debug` for the one message that carries a secret.
//!
//! A generated `Debug` shows every field, and whoever logs a request would log the
//! invitation with it.

use std::fmt;

use crate::v1::CertifyRequest;

impl fmt::Debug for CertifyRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertifyRequest")
            .field("feed_vkey", &self.feed_vkey)
            .field("advertise", &self.advertise)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_of_a_request_is_never_shown() {
        let request = CertifyRequest {
            token: "invitation-secret".to_owned(),
            feed_vkey: "rmd.net/COD/cod-mines+1+2".to_owned(),
            ..CertifyRequest::default()
        };
        let shown = format!("{request:?} {request:#?}");
        assert!(!shown.contains("invitation-secret"));
        assert!(shown.contains("cod-mines"));
    }
}
