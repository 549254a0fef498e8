//! A record as the rules read it.

use std::sync::Arc;

use rmd_standard::Entity;

/// A record of the regional view: the revision in force, and what names it.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact<M> {
    /// What names the record in a finding.
    pub named: Named,
    /// Whether its owner declared it void.
    pub is_void: bool,
    /// The record itself.
    pub record: M,
}

/// What names an input of a rule: enough to find exactly these bytes again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Named {
    /// Its type.
    pub entity: Entity,
    /// Its key.
    pub key: Arc<str>,
    /// The state that owns it, alpha-2.
    pub country: Arc<str>,
    /// Its revision.
    pub rev: u64,
    /// SHA-256 of the bytes as the state released them.
    pub digest: [u8; 32],
}

impl<M> Fact<M> {
    /// Its key.
    pub fn key(&self) -> &str {
        &self.named.key
    }

    /// The state that owns it, alpha-2.
    pub fn country(&self) -> &str {
        &self.named.country
    }
}
