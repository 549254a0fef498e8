//! The record: one protobuf message of any record type.
//!
//! Encodes and decodes it and reads its few common properties. It promises
//! nothing about the content; only [`crate::Valid`] does.

mod bounds;

use prost::{DecodeError, Message as _};
use rmd_proto::v1;

use crate::{Entity, Finding, json, key};

/// One record of any type, checked or not.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// MD.01.
    MineSite(Box<v1::MineSite>),
    /// MD.12.
    Lot(Box<v1::Lot>),
    /// MD.03.
    ExportCertificate(Box<v1::ExportCertificate>),
    /// Goods that left.
    ExportDeclaration(Box<v1::ExportDeclaration>),
    /// Goods that entered.
    ImportDeclaration(Box<v1::ImportDeclaration>),
    /// A month that a state closed.
    ReportingPeriod(Box<v1::ReportingPeriod>),
}

impl Record {
    /// An empty record of that type.
    pub(crate) fn empty(entity: Entity) -> Self {
        match entity {
            Entity::MineSite => Self::MineSite(Box::default()),
            Entity::Lot => Self::Lot(Box::default()),
            Entity::ExportCertificate => Self::ExportCertificate(Box::default()),
            Entity::ExportDeclaration => Self::ExportDeclaration(Box::default()),
            Entity::ImportDeclaration => Self::ImportDeclaration(Box::default()),
            Entity::ReportingPeriod => Self::ReportingPeriod(Box::default()),
        }
    }

    /// The type of the record.
    pub const fn entity(&self) -> Entity {
        match self {
            Self::MineSite(_) => Entity::MineSite,
            Self::Lot(_) => Entity::Lot,
            Self::ExportCertificate(_) => Entity::ExportCertificate,
            Self::ExportDeclaration(_) => Entity::ExportDeclaration,
            Self::ImportDeclaration(_) => Entity::ImportDeclaration,
            Self::ReportingPeriod(_) => Entity::ReportingPeriod,
        }
    }

    /// The bytes of the message, as they go into a feed.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::MineSite(message) => message.encode_to_vec(),
            Self::Lot(message) => message.encode_to_vec(),
            Self::ExportCertificate(message) => message.encode_to_vec(),
            Self::ExportDeclaration(message) => message.encode_to_vec(),
            Self::ImportDeclaration(message) => message.encode_to_vec(),
            Self::ReportingPeriod(message) => message.encode_to_vec(),
        }
    }

    /// Reads a message of that type. Of an endless list as many elements are read
    /// as show a check that it is too long, and no more.
    ///
    /// # Errors
    /// The bytes are no such protobuf message.
    pub fn decode(entity: Entity, bytes: &[u8]) -> Result<Self, DecodeError> {
        let bytes = bounds::cut(entity, bytes)?;
        let bytes = bytes.as_ref();
        Ok(match entity {
            Entity::MineSite => Self::MineSite(Box::new(v1::MineSite::decode(bytes)?)),
            Entity::Lot => Self::Lot(Box::new(v1::Lot::decode(bytes)?)),
            Entity::ExportCertificate => {
                Self::ExportCertificate(Box::new(v1::ExportCertificate::decode(bytes)?))
            }
            Entity::ExportDeclaration => {
                Self::ExportDeclaration(Box::new(v1::ExportDeclaration::decode(bytes)?))
            }
            Entity::ImportDeclaration => {
                Self::ImportDeclaration(Box::new(v1::ImportDeclaration::decode(bytes)?))
            }
            Entity::ReportingPeriod => {
                Self::ReportingPeriod(Box::new(v1::ReportingPeriod::decode(bytes)?))
            }
        })
    }

    /// The key of the record within its type.
    ///
    /// # Errors
    /// A part of the key is absent, or a mine-site id cannot be read.
    #[expect(clippy::result_large_err, reason = "asked once a record, and seldom refused")]
    pub fn key(&self) -> Result<String, Finding> {
        key::of(self).map_err(|issue| issue.render(self.entity(), None))
    }

    /// The state that owns the record, as alpha-2; empty if the record names none.
    pub fn country(&self) -> &str {
        match self {
            Self::MineSite(site) => &site.address_country,
            Self::Lot(lot) => &lot.country,
            Self::ExportCertificate(certificate) => &certificate.issuing_country,
            Self::ExportDeclaration(declaration) => &declaration.country,
            Self::ImportDeclaration(declaration) => &declaration.country,
            Self::ReportingPeriod(period) => &period.country,
        }
    }

    /// Paths of the fields that the owner keeps back.
    pub fn withheld(&self) -> &[String] {
        match self {
            Self::MineSite(site) => &site.withheld,
            Self::Lot(lot) => &lot.withheld,
            Self::ExportCertificate(certificate) => &certificate.withheld,
            Self::ExportDeclaration(declaration) => &declaration.withheld,
            Self::ImportDeclaration(declaration) => &declaration.withheld,
            Self::ReportingPeriod(period) => &period.withheld,
        }
    }

    pub(crate) fn withheld_mut(&mut self) -> &mut Vec<String> {
        match self {
            Self::MineSite(site) => &mut site.withheld,
            Self::Lot(lot) => &mut lot.withheld,
            Self::ExportCertificate(certificate) => &mut certificate.withheld,
            Self::ExportDeclaration(declaration) => &mut declaration.withheld,
            Self::ImportDeclaration(declaration) => &mut declaration.withheld,
            Self::ReportingPeriod(period) => &mut period.withheld,
        }
    }

    /// A readable form: proto names in snake_case, codes as the standard's words.
    ///
    /// For preview and pages; the exchange form is [`Record::encode`].
    pub fn to_json(&self) -> serde_json::Value {
        json::of(self)
    }
}
