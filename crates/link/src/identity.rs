//! The names in certificates.
//!
//! An identity is a SPIFFE URI of this network: `spiffe://rmd.<network>/node/<ALPHA-3>/<name>`,
//! `…/hub` or `…/auditor/<name>`. It comes from a verified certificate or from
//! configuration, never from a message. Parsing is strict: one spelling per
//! identity, so that equal identities are equal texts.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A label of a DNS name has at most 63 bytes; names are kept as short.
const NAME_BYTES_MAX: usize = 63;
const SCHEME: &str = "spiffe://rmd.";

/// Who somebody is, in which network.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Identity {
    /// The network, without `rmd.`: lower-case letters, digits, `-` and `.`.
    pub network: String,
    /// The part that it plays there.
    pub role: Role,
}

/// The part that somebody plays in the network.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The node of a state; a state may run several.
    Node {
        /// ISO 3166-1 alpha-3.
        country: String,
        /// Unique within the state.
        name: String,
    },
    /// The Secretariat's hub.
    Hub,
    /// Somebody who checks proofs.
    Auditor {
        /// Unique within the network.
        name: String,
    },
}

/// Why a text is no identity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{value}` is no identity: {rule}; expected spiffe://rmd.NETWORK/node/COD/NAME, …/hub or …/auditor/NAME"
)]
pub struct Malformed {
    /// The text.
    pub value: String,
    /// The rule that it breaks.
    pub rule: &'static str,
}

impl Identity {
    /// The identity of a node; `country` is alpha-3.
    pub fn node(network: &str, country: &str, name: &str) -> Result<Self, Malformed> {
        format!("{SCHEME}{network}/node/{country}/{name}").parse()
    }

    /// The identity of a network's hub.
    pub fn hub(network: &str) -> Result<Self, Malformed> {
        format!("{SCHEME}{network}/hub").parse()
    }

    /// The identity of an auditor.
    pub fn auditor(network: &str, name: &str) -> Result<Self, Malformed> {
        format!("{SCHEME}{network}/auditor/{name}").parse()
    }

    /// The short name used on command lines and in tables: `COD/cod-mines`, `hub`
    /// or `auditor/name`.
    pub fn node_id(&self) -> String {
        match &self.role {
            Role::Node { country, name } => format!("{country}/{name}"),
            Role::Hub => "hub".to_owned(),
            Role::Auditor { name } => format!("auditor/{name}"),
        }
    }

    /// The name that feeds and their keys carry: `rmd.net/COD/cod-mines`, `rmd.net/hub`.
    pub fn owner(&self) -> String {
        format!("rmd.{}/{}", self.network, self.node_id())
    }

    /// Whether this is the hub.
    pub fn is_hub(&self) -> bool {
        self.role == Role::Hub
    }

    /// Whether this is a node.
    pub fn is_node(&self) -> bool {
        matches!(self.role, Role::Node { .. })
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}", self.network)?;
        match &self.role {
            Role::Node { country, name } => write!(f, "/node/{country}/{name}"),
            Role::Hub => f.write_str("/hub"),
            Role::Auditor { name } => write!(f, "/auditor/{name}"),
        }
    }
}

impl FromStr for Identity {
    type Err = Malformed;

    fn from_str(value: &str) -> Result<Self, Malformed> {
        let malformed = |rule| Malformed { value: value.to_owned(), rule };
        let rest = value.strip_prefix(SCHEME).ok_or(malformed("it begins with spiffe://rmd."))?;
        let (network, path) = rest.split_once('/').ok_or(malformed("a path follows"))?;
        if !network.split('.').all(is_name) || network.len() > NAME_BYTES_MAX {
            return Err(malformed("a network is lower-case letters, digits, - and ."));
        }
        let role = match path.split('/').collect::<Vec<_>>().as_slice() {
            ["hub"] => Role::Hub,
            ["auditor", name] if is_name(name) => Role::Auditor { name: (*name).to_owned() },
            ["node", country, _] if !is_alpha3(country) => {
                return Err(malformed("a country is three capital letters"));
            }
            ["node", country, name] if is_name(name) => {
                Role::Node { country: (*country).to_owned(), name: (*name).to_owned() }
            }
            ["node", _, _] | ["auditor", _] => {
                return Err(malformed("a name is at most 63 lower-case letters, digits and -"));
            }
            _ => return Err(malformed("the role is node, hub or auditor")),
        };
        Ok(Self { network: network.to_owned(), role })
    }
}

impl TryFrom<String> for Identity {
    type Error = Malformed;

    fn try_from(value: String) -> Result<Self, Malformed> {
        value.parse()
    }
}

impl From<Identity> for String {
    fn from(identity: Identity) -> Self {
        identity.to_string()
    }
}

fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let inner = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    (1..=NAME_BYTES_MAX).contains(&bytes.len())
        && bytes.iter().all(inner)
        && bytes.first() != Some(&b'-')
        && bytes.last() != Some(&b'-')
}

fn is_alpha3(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_survives_its_text() {
        for (text, owner) in [
            ("spiffe://rmd.net/node/COD/cod-mines", "rmd.net/COD/cod-mines"),
            ("spiffe://rmd.great-lakes.test/hub", "rmd.great-lakes.test/hub"),
            ("spiffe://rmd.net/auditor/audit-1", "rmd.net/auditor/audit-1"),
        ] {
            let identity: Identity = text.parse().unwrap();
            assert_eq!(identity.to_string(), text);
            assert_eq!(identity.owner(), owner);
        }
    }

    #[test]
    fn an_identity_has_one_spelling() {
        for text in [
            "",
            "spiffe://rmd.net",
            "spiffe://rmd.net/",
            "spiffe://rmd.net/hub/",
            "spiffe://rmd.net//hub",
            "spiffe://rmd./hub",
            "spiffe://rmd.Net/hub",
            "spiffe://rmd.net/Hub",
            "spiffe://rmd.net/hub?x=1",
            "spiffe://other.net/hub",
            "https://rmd.net/hub",
            "spiffe://rmd.net/node/cod/cod-mines",
            "spiffe://rmd.net/node/COD",
            "spiffe://rmd.net/node/COD/",
            "spiffe://rmd.net/node/COD/-x",
            "spiffe://rmd.net/node/COD/x/y",
            "spiffe://rmd.net/node/COD/a%2Fb",
            "spiffe://rmd.net/auditor/",
        ] {
            assert!(text.parse::<Identity>().is_err(), "{text} was taken for an identity");
        }
    }
}
