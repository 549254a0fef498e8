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
    /// Whether an exporter may export.
    ExporterStatus(Box<v1::ExporterStatus>),
    /// MD.12.
    Lot(Box<v1::Lot>),
    /// MD.03.
    ExportCertificate(Box<v1::ExportCertificate>),
    /// Goods that left.
    ExportDeclaration(Box<v1::ExportDeclaration>),
    /// Goods that entered.
    ImportDeclaration(Box<v1::ImportDeclaration>),
    /// What a site yielded.
    ProductionDeclaration(Box<v1::ProductionDeclaration>),
    /// What a party holds.
    StockDeclaration(Box<v1::StockDeclaration>),
    /// A month that a state closed.
    ReportingPeriod(Box<v1::ReportingPeriod>),
    /// An audit of an exporter or a site.
    Audit(Box<v1::Audit>),
    /// Something that was reported.
    Incident(Box<v1::Incident>),
}

impl Record {
    /// An empty record of that type.
    pub(crate) fn empty(entity: Entity) -> Self {
        match entity {
            Entity::MineSite => Self::MineSite(Box::default()),
            Entity::ExporterStatus => Self::ExporterStatus(Box::default()),
            Entity::Lot => Self::Lot(Box::default()),
            Entity::ExportCertificate => Self::ExportCertificate(Box::default()),
            Entity::ExportDeclaration => Self::ExportDeclaration(Box::default()),
            Entity::ImportDeclaration => Self::ImportDeclaration(Box::default()),
            Entity::ProductionDeclaration => Self::ProductionDeclaration(Box::default()),
            Entity::StockDeclaration => Self::StockDeclaration(Box::default()),
            Entity::ReportingPeriod => Self::ReportingPeriod(Box::default()),
            Entity::Audit => Self::Audit(Box::default()),
            Entity::Incident => Self::Incident(Box::default()),
        }
    }

    /// The type of the record.
    pub const fn entity(&self) -> Entity {
        match self {
            Self::MineSite(_) => Entity::MineSite,
            Self::ExporterStatus(_) => Entity::ExporterStatus,
            Self::Lot(_) => Entity::Lot,
            Self::ExportCertificate(_) => Entity::ExportCertificate,
            Self::ExportDeclaration(_) => Entity::ExportDeclaration,
            Self::ImportDeclaration(_) => Entity::ImportDeclaration,
            Self::ProductionDeclaration(_) => Entity::ProductionDeclaration,
            Self::StockDeclaration(_) => Entity::StockDeclaration,
            Self::ReportingPeriod(_) => Entity::ReportingPeriod,
            Self::Audit(_) => Entity::Audit,
            Self::Incident(_) => Entity::Incident,
        }
    }

    /// The bytes of the message, as they go into a feed.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::MineSite(message) => message.encode_to_vec(),
            Self::ExporterStatus(message) => message.encode_to_vec(),
            Self::Lot(message) => message.encode_to_vec(),
            Self::ExportCertificate(message) => message.encode_to_vec(),
            Self::ExportDeclaration(message) => message.encode_to_vec(),
            Self::ImportDeclaration(message) => message.encode_to_vec(),
            Self::ProductionDeclaration(message) => message.encode_to_vec(),
            Self::StockDeclaration(message) => message.encode_to_vec(),
            Self::ReportingPeriod(message) => message.encode_to_vec(),
            Self::Audit(message) => message.encode_to_vec(),
            Self::Incident(message) => message.encode_to_vec(),
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
            Entity::ExporterStatus => {
                Self::ExporterStatus(Box::new(v1::ExporterStatus::decode(bytes)?))
            }
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
            Entity::ProductionDeclaration => {
                Self::ProductionDeclaration(Box::new(v1::ProductionDeclaration::decode(bytes)?))
            }
            Entity::StockDeclaration => {
                Self::StockDeclaration(Box::new(v1::StockDeclaration::decode(bytes)?))
            }
            Entity::ReportingPeriod => {
                Self::ReportingPeriod(Box::new(v1::ReportingPeriod::decode(bytes)?))
            }
            Entity::Audit => Self::Audit(Box::new(v1::Audit::decode(bytes)?)),
            Entity::Incident => Self::Incident(Box::new(v1::Incident::decode(bytes)?)),
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
            Self::ExporterStatus(status) => &status.country,
            Self::Lot(lot) => &lot.country,
            Self::ExportCertificate(certificate) => &certificate.issuing_country,
            Self::ExportDeclaration(declaration) => &declaration.country,
            Self::ImportDeclaration(declaration) => &declaration.country,
            Self::ProductionDeclaration(declaration) => &declaration.country,
            Self::StockDeclaration(declaration) => &declaration.country,
            Self::ReportingPeriod(period) => &period.country,
            Self::Audit(audit) => &audit.country,
            Self::Incident(incident) => &incident.country,
        }
    }

    /// Paths of the fields that the owner keeps back.
    pub fn withheld(&self) -> &[String] {
        match self {
            Self::MineSite(site) => &site.withheld,
            Self::ExporterStatus(status) => &status.withheld,
            Self::Lot(lot) => &lot.withheld,
            Self::ExportCertificate(certificate) => &certificate.withheld,
            Self::ExportDeclaration(declaration) => &declaration.withheld,
            Self::ImportDeclaration(declaration) => &declaration.withheld,
            Self::ProductionDeclaration(declaration) => &declaration.withheld,
            Self::StockDeclaration(declaration) => &declaration.withheld,
            Self::ReportingPeriod(period) => &period.withheld,
            Self::Audit(audit) => &audit.withheld,
            Self::Incident(incident) => &incident.withheld,
        }
    }

    pub(crate) fn withheld_mut(&mut self) -> &mut Vec<String> {
        match self {
            Self::MineSite(site) => &mut site.withheld,
            Self::ExporterStatus(status) => &mut status.withheld,
            Self::Lot(lot) => &mut lot.withheld,
            Self::ExportCertificate(certificate) => &mut certificate.withheld,
            Self::ExportDeclaration(declaration) => &mut declaration.withheld,
            Self::ImportDeclaration(declaration) => &mut declaration.withheld,
            Self::ProductionDeclaration(declaration) => &mut declaration.withheld,
            Self::StockDeclaration(declaration) => &mut declaration.withheld,
            Self::ReportingPeriod(period) => &mut period.withheld,
            Self::Audit(audit) => &mut audit.withheld,
            Self::Incident(incident) => &mut incident.withheld,
        }
    }

    /// A readable form: proto names in snake_case, codes as the standard's words.
    ///
    /// For preview and pages; the exchange form is [`Record::encode`].
    pub fn to_json(&self) -> serde_json::Value {
        json::of(self)
    }
}
