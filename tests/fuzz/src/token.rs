//! The line that invites a node, and the names in certificates.

use rmd_link::{Identity, enrol::Token};

use crate::Answer;

/// An invitation as somebody pastes it.
pub fn token(bytes: &[u8]) -> Answer {
    let Ok(text) = std::str::from_utf8(bytes) else { return Answer::Refused };
    match text.parse::<Token>() {
        Ok(token) => {
            assert_eq!(token.to_string().parse::<Token>().as_ref(), Ok(&token), "it was written");
            if let Ok(identity) = token.identity() {
                assert_eq!(identity.to_string().parse::<Identity>().as_ref(), Ok(&identity));
            }
            Answer::Taken
        }
        Err(error) => {
            let told = error.to_string();
            assert!(!told.is_empty() && told.len() < 200, "{told}");
            Answer::Refused
        }
    }
}

/// A SPIFFE URI out of a certificate: one spelling for each identity.
pub fn identity(bytes: &[u8]) -> Answer {
    let Ok(text) = std::str::from_utf8(bytes) else { return Answer::Refused };
    match text.parse::<Identity>() {
        Ok(identity) => {
            assert_eq!(identity.to_string(), text);
            Answer::Taken
        }
        Err(error) => {
            assert!(!error.rule.is_empty());
            Answer::Refused
        }
    }
}
