//! The invitation as one line of text.
//!
//! The line is base64url without padding over a short check and a protobuf
//! message. The check finds a line that was cut or mistyped before anything is
//! sent. Neither the line nor the secret is ever printed by `Debug`.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use prost::Message as _;
use rand::{RngCore as _, rngs::OsRng};
use sha2::{Digest as _, Sha256};

use crate::Identity;

const SECRET_BYTES: usize = 32;
const CHECK_BYTES: usize = 4;
/// A token has about 250 characters; a pasted file is no token.
const TEXT_BYTES_MAX: usize = 2048;

/// The part of a token that proves the invitation. Never shown by `Debug`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Secret([u8; SECRET_BYTES]);

/// An invitation of one node, or of one auditor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The network, without `rmd.`.
    pub network: String,
    /// Where the hub's enrolment listener is, host:port.
    pub hub_address: String,
    /// SHA-256 of the network's root certificate (DER).
    pub root_sha256: [u8; 32],
    /// The state that is invited, alpha-3; empty for an auditor.
    pub country: String,
    /// The name of its node, or of the auditor.
    pub name: String,
    /// The proof of the invitation.
    pub secret: Secret,
}

/// Why a text is no token. Does not repeat the text, which may hold a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It is no base64url, or too long.
    #[error("the token is not one line of base64url; copy it whole, as the hub printed it")]
    NotText,
    /// The check does not hold.
    #[error("the token was cut or changed; copy it whole, as the hub printed it")]
    Damaged,
    /// It was made by another version.
    #[error("the token's {0} cannot be read; ask for a new one")]
    Field(&'static str),
}

#[derive(Clone, PartialEq, prost::Message)]
#[prost(skip_debug)]
struct Wire {
    #[prost(string, tag = "1")]
    network: String,
    #[prost(string, tag = "2")]
    hub_address: String,
    #[prost(bytes = "vec", tag = "3")]
    root_sha256: Vec<u8>,
    #[prost(string, tag = "4")]
    country: String,
    #[prost(string, tag = "5")]
    name: String,
    #[prost(bytes = "vec", tag = "6")]
    secret: Vec<u8>,
}

impl Secret {
    /// A new secret from the system's source of randomness.
    pub fn generate() -> Self {
        let mut bytes = [0; SECRET_BYTES];
        OsRng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// The text that `CertifyRequest.token` carries.
    pub fn to_text(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The secret behind a `CertifyRequest.token`; none if the text is no secret.
    pub fn from_text(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// SHA-256 of the secret: what the hub keeps of an invitation. The secret has
    /// 256 random bits, so its hash needs no salt.
    pub fn sha256(self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Token {
    /// The identity that the invited node will have.
    pub fn identity(&self) -> Result<Identity, crate::identity::Malformed> {
        if self.country.is_empty() {
            return Identity::auditor(&self.network, &self.name);
        }
        Identity::node(&self.network, &self.country, &self.name)
    }
}

impl fmt::Display for Token {
    /// The whole token, secret included: for the officer, never for a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = Wire {
            network: self.network.clone(),
            hub_address: self.hub_address.clone(),
            root_sha256: self.root_sha256.to_vec(),
            country: self.country.clone(),
            name: self.name.clone(),
            secret: self.secret.0.to_vec(),
        }
        .encode_to_vec();
        let mut bytes = check(&body).to_vec();
        bytes.extend_from_slice(&body);
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for Token {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let text = text.trim();
        if text.len() > TEXT_BYTES_MAX {
            return Err(Malformed::NotText);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Malformed::NotText)?;
        let (found, body) = bytes.split_at_checked(CHECK_BYTES).ok_or(Malformed::Damaged)?;
        if found != check(body) {
            return Err(Malformed::Damaged);
        }
        let wire = Wire::decode(body).map_err(|_| Malformed::Damaged)?;
        let fixed = |bytes: Vec<u8>, field| bytes.try_into().map_err(|_| Malformed::Field(field));
        let token = Self {
            root_sha256: fixed(wire.root_sha256, "root fingerprint")?,
            secret: Secret(fixed(wire.secret, "secret")?),
            network: wire.network,
            hub_address: wire.hub_address,
            country: wire.country,
            name: wire.name,
        };
        token.identity().map_err(|_| Malformed::Field("identity"))?;
        if token.hub_address.rsplit_once(':').is_none_or(|(_, port)| port.parse::<u16>().is_err()) {
            return Err(Malformed::Field("hub address"));
        }
        Ok(token)
    }
}

fn check(body: &[u8]) -> [u8; CHECK_BYTES] {
    let digest: [u8; 32] = Sha256::digest(body).into();
    std::array::from_fn(|index| digest[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> Token {
        Token {
            network: "net".to_owned(),
            hub_address: "hub.example.org:7443".to_owned(),
            root_sha256: [7; 32],
            country: "COD".to_owned(),
            name: "cod-mines".to_owned(),
            secret: Secret::generate(),
        }
    }

    #[test]
    fn a_token_survives_its_line() {
        let token = token();
        let line = token.to_string();
        assert!(line.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
        assert_eq!(line.parse(), Ok(token.clone()));
        assert_eq!(format!("  {line}\n").parse(), Ok(token));
    }

    #[test]
    fn a_token_is_found_damaged_before_anything_is_sent() {
        let line = token().to_string();
        for end in 0..line.len() {
            assert!(line[..end].parse::<Token>().is_err(), "cut at {end}");
        }
        for index in 0..line.len() {
            let mut changed = line.clone().into_bytes();
            changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(changed.parse::<Token>().is_err(), "changed at {index}");
        }
        assert_eq!("no token!".parse::<Token>(), Err(Malformed::NotText));
        assert_eq!("A".repeat(4096).parse::<Token>(), Err(Malformed::NotText));
    }

    #[test]
    fn a_token_must_make_sense() {
        let parse = |token: Token| token.to_string().parse::<Token>();
        let country = Token { country: "cod".to_owned(), ..token() };
        assert_eq!(parse(country), Err(Malformed::Field("identity")));
        let address = Token { hub_address: "hub".to_owned(), ..token() };
        assert_eq!(parse(address), Err(Malformed::Field("hub address")));
    }

    #[test]
    fn a_token_of_no_state_invites_an_auditor() {
        let token = Token { country: String::new(), name: "audit-1".to_owned(), ..token() };
        let read: Token = token.to_string().parse().unwrap();
        assert_eq!(read.identity().unwrap().to_string(), "spiffe://rmd.net/auditor/audit-1");
    }

    #[test]
    fn debug_never_shows_the_secret() {
        let token = token();
        let shown = format!("{token:?} {token:#?}");
        assert!(shown.contains("cod-mines"));
        assert!(!shown.contains(&token.secret.to_text()));
        assert!(!shown.contains(&token.to_string()));
        assert!(!shown.contains(&format!("{:?}", token.secret.0)));
    }

    #[test]
    fn a_secret_survives_its_text() {
        let secret = Secret::generate();
        assert_eq!(Secret::from_text(&secret.to_text()), Some(secret));
        assert_eq!(Secret::from_text("short"), None);
        assert_ne!(Secret::generate(), secret);
    }
}
