//! What a decision and a bulletin are about: a site or an exporter.
//!
//! Owns what both have in common, so that deciding, publishing and reminding are
//! written once.

use jiff::{Timestamp, civil::Date};
use rmd_proto::v1::CertificationStatus;
use rmd_standard::{
    Entity,
    effective::{Effective, Policy},
};
use sqlx::AnyConnection;

use super::{
    Error,
    decision::Decision,
    exporter::{self, Exporter},
    site::{self, Held, Site},
};

/// A released record with a status.
#[derive(Debug, Clone)]
pub(crate) enum Subject {
    Site(Box<Site>),
    Exporter(Box<Exporter>),
}

impl Subject {
    /// The record behind what somebody wrote: the id of a site, the key of an exporter.
    pub(crate) async fn find(
        connection: &mut AnyConnection,
        entity: Entity,
        id: &str,
    ) -> Result<Self, Error> {
        if entity == Entity::ExporterStatus {
            return Ok(Self::Exporter(Box::new(exporter::find(connection, id).await?)));
        }
        Ok(Self::Site(Box::new(site::find(connection, id).await?)))
    }

    /// The records with these keys, those that a state released.
    pub(crate) async fn of_keys(
        connection: &mut AnyConnection,
        entity: Entity,
        keys: &[&str],
    ) -> Result<Vec<Self>, Error> {
        if entity == Entity::ExporterStatus {
            let exporters = exporter::of_keys(connection, keys).await?;
            return Ok(exporters.into_iter().map(|one| Self::Exporter(Box::new(one))).collect());
        }
        let sites = site::of_keys(connection, keys).await?;
        Ok(sites.into_iter().map(|one| Self::Site(Box::new(one))).collect())
    }

    pub(crate) const fn entity(&self) -> Entity {
        match self {
            Self::Site(_) => Entity::MineSite,
            Self::Exporter(_) => Entity::ExporterStatus,
        }
    }

    pub(crate) fn record_key(&self) -> &str {
        match self {
            Self::Site(site) => &site.record_key,
            Self::Exporter(exporter) => &exporter.record_key,
        }
    }

    /// As issued, for a person.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Site(site) => &site.declared.icglr_id,
            Self::Exporter(exporter) => &exporter.record_key,
        }
    }

    /// Its state, alpha-2.
    pub(crate) fn country(&self) -> &str {
        match self {
            Self::Site(site) => &site.declared.address_country,
            Self::Exporter(exporter) => &exporter.declared.country,
        }
    }

    pub(crate) const fn held(&self) -> &Held {
        match self {
            Self::Site(site) => &site.held,
            Self::Exporter(exporter) => &exporter.held,
        }
    }

    /// When each of its revisions was said.
    pub(crate) fn said_at(&self) -> Vec<Timestamp> {
        match self {
            Self::Site(site) => site.revisions.iter().map(|one| one.said_at).collect(),
            Self::Exporter(exporter) => exporter.revisions.iter().map(|one| one.said_at).collect(),
        }
    }

    pub(crate) const fn is_void(&self) -> bool {
        match self {
            Self::Site(site) => site.is_void,
            Self::Exporter(exporter) => exporter.is_void,
        }
    }

    /// What the revision that is shown declares.
    pub(crate) fn declared_status(&self) -> CertificationStatus {
        match self {
            Self::Site(site) => site.declared.certification_status(),
            Self::Exporter(exporter) => exporter.declared.certification_status(),
        }
    }

    /// The status that counts on a day, out of what was known by an instant.
    pub(crate) fn effective(
        &self,
        decisions: &[Decision],
        day: Date,
        known_at: Timestamp,
        policy: &Policy,
    ) -> Effective {
        match self {
            Self::Site(site) => site.effective(decisions, day, known_at, policy),
            Self::Exporter(exporter) => exporter.effective(decisions, day, known_at, policy),
        }
    }
}
