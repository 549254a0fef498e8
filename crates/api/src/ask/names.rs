//! The names of the parameters of each path, the standard's and ours.
//!
//! One table for the reader and for the OpenAPI document, so that neither knows a
//! parameter that the other does not.

use crate::Collection;

/// How a parameter is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A member state, alpha-2.
    Member,
    /// A number of MDC.01.
    CertificationStatus,
    /// A number of MDC.02.
    ActivityStatus,
    /// A number of MDC.05.
    CreatorRole,
    /// A number of MDC.06.
    OriginatingOperation,
    /// A mineral.
    Mineral,
    /// A mine-site id.
    Site,
    /// Any text.
    Text,
    /// A calendar day.
    Day,
    /// The page.
    Page,
    /// Records on a page.
    Limit,
}

/// One parameter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parameter {
    /// Its name.
    pub(crate) name: &'static str,
    /// How it is written.
    pub(crate) kind: Kind,
    /// What it does.
    pub(crate) text: &'static str,
}

const fn parameter(name: &'static str, kind: Kind, text: &'static str) -> Parameter {
    Parameter { name, kind, text }
}

const PAGE: Parameter = parameter("page", Kind::Page, "The page, from 1");
const LIMIT: Parameter = parameter("limit", Kind::Limit, "Records on a page");
const LOT_COUNTRY: Parameter = parameter(
    "country",
    Kind::Member,
    "The state that records the lot; an addition to the standard",
);
const LOT_CREATOR: Parameter = parameter(
    "creatorIdentifier",
    Kind::Text,
    "Identifier of the lot's creator, for whom alone its number is unique; an addition to the standard",
);
const ISSUING_COUNTRY: Parameter =
    parameter("issuingCountry", Kind::Member, "The state that issued the certificate");

const MINE_SITES: [Parameter; 6] = [
    parameter("addressCountry", Kind::Member, "The state of the site"),
    parameter(
        "certificationStatus",
        Kind::CertificationStatus,
        "Declared status: 0 Blue, 1 Green, 2 Yellow, 3 Red",
    ),
    parameter("activityStatus", Kind::ActivityStatus, "0 abandoned, 1 active, 2 non-active"),
    parameter("mineral", Kind::Mineral, "One of the site's minerals, HS code or IMA symbol"),
    PAGE,
    LIMIT,
];

const EXPORT_CERTIFICATES: [Parameter; 8] = [
    ISSUING_COUNTRY,
    parameter("identifier", Kind::Text, "Serial of the certificate"),
    parameter("lotNumber", Kind::Text, "One of the lots that the certificate covers"),
    parameter("typeOfOre", Kind::Mineral, "HS code or IMA symbol of the ore"),
    parameter("dateOfIssuanceFrom", Kind::Day, "First day of issuance, included"),
    parameter("dateOfIssuanceTo", Kind::Day, "Last day of issuance, included"),
    PAGE,
    LIMIT,
];

const LOTS: [Parameter; 11] = [
    parameter("mineSiteId", Kind::Site, "The site from which the lot came"),
    parameter("mineral", Kind::Mineral, "HS code or IMA symbol of the mineral"),
    parameter("creatorRole", Kind::CreatorRole, "One of the parts that the creator plays, 1 to 8"),
    parameter(
        "originatingOperation",
        Kind::OriginatingOperation,
        "One of the operations that made the lot, 1 to 8",
    ),
    parameter("lotNumber", Kind::Text, "Number of the lot"),
    parameter("dateRegistrationFrom", Kind::Day, "First day of registration, included"),
    parameter("dateRegistrationTo", Kind::Day, "Last day of registration, included"),
    LOT_COUNTRY,
    LOT_CREATOR,
    PAGE,
    LIMIT,
];

const ONE_CERTIFICATE: [Parameter; 1] = [ISSUING_COUNTRY];
const ONE_LOT: [Parameter; 2] = [LOT_COUNTRY, LOT_CREATOR];

/// The parameters of a collection.
pub(crate) const fn of_list(collection: Collection) -> &'static [Parameter] {
    match collection {
        Collection::MineSites => &MINE_SITES,
        Collection::ExportCertificates => &EXPORT_CERTIFICATES,
        Collection::Lots => &LOTS,
    }
}

/// The parameters of one record's path.
pub(crate) const fn of_one(collection: Collection) -> &'static [Parameter] {
    match collection {
        Collection::MineSites => &[],
        Collection::ExportCertificates => &ONE_CERTIFICATE,
        Collection::Lots => &ONE_LOT,
    }
}

/// The name of the path's own segment.
pub(crate) const fn segment(collection: Collection) -> &'static str {
    match collection {
        Collection::MineSites => "icglrId",
        Collection::ExportCertificates => "identifier",
        Collection::Lots => "lotNumber",
    }
}

/// The names alone.
pub(crate) fn known(parameters: &[Parameter]) -> Vec<&'static str> {
    parameters.iter().map(|parameter| parameter.name).collect()
}
