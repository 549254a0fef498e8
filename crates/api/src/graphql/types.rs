//! The output types, with the standard's names.
//!
//! What a record may lack can be null here even where the standard's own schema
//! says never. Beside the standard stand `withheld`, the attributes of its data
//! model that its GraphQL schema leaves out, and the further tags and phone numbers
//! that JSON holds beside the first.

use async_graphql::dynamic::Object;

use super::{
    enums::{
        ACTIVITY_STATUS, CERTIFICATION_STATUS, CREATOR_ROLE, LICENSE_TYPE, MEMBER,
        ORIGINATING_OPERATION,
    },
    fields::{
        FieldOf,
        Shape::{Code, Codes, Number, Object as Part, Objects, Rings, Text, Texts, Truth, Whole},
        field, object,
    },
};

const ID: super::fields::Shape = Text("ID");
const LINE: super::fields::Shape = Text("String");
const DATE: super::fields::Shape = Text("Date");
const TIME: super::fields::Shape = Text("Time");
const ENTITY: super::fields::Shape = Part("BusinessEntity");

const MINE_SITE: &[FieldOf] = &[
    field("icglrId", ID),
    field("addressCountry", Text(MEMBER)),
    field("nationalId", ID),
    field("certificationStatus", Code(&CERTIFICATION_STATUS)),
    field("activityStatus", Code(&ACTIVITY_STATUS)),
    field("mineSiteLocation", Part("MineSiteLocation")),
    field("mineral", Texts),
    field("listOfMinerals", LINE),
    field("license", Objects("License")),
    field("owner", ENTITY),
    field("operator", Objects("BusinessEntity")),
    field("inspection", Objects("Inspection")),
    field("statusHistory", Objects("StatusHistory")).from("statusChange"),
    field("withheld", Texts),
];

const MINE_SITE_LOCATION: &[FieldOf] = &[
    field("geolocalization", Part("Geolocalization")),
    field("nationalCadasterLocalization", LINE),
    field("localGeographicDesignation", Part("Address")),
    field("polygon", Part("GeoJSONPolygon")),
    field("altitude", Number),
];

const GEOLOCALIZATION: &[FieldOf] = &[field("latitude", Number), field("longitude", Number)];

const POLYGON: &[FieldOf] = &[field("type", LINE), field("coordinates", Rings)];

const LICENSE: &[FieldOf] = &[
    field("licenseType", Code(&LICENSE_TYPE)),
    field("licenseId", ID),
    field("licenseLocation", LINE),
    field("owner", ENTITY),
    field("appliedDate", DATE),
    field("grantedDate", DATE),
    field("expiringDate", DATE),
    field("licenseStatus", Whole),
    field("coveredCommodities", Texts),
];

const INSPECTION: &[FieldOf] = &[
    field("inspectionId", ID),
    field("inspectionDate", DATE),
    field("inspectionResult", Code(&CERTIFICATION_STATUS)),
    field("inspectionReport", LINE),
    field("inspectionPurpose", LINE),
    field("inspectionResults", LINE),
    field("inspectorName", LINE),
    field("inspectorPosition", LINE),
    field("governmentAgency", LINE),
    field("governmentId", LINE),
];

const STATUS_HISTORY: &[FieldOf] =
    &[field("dateOfChange", DATE), field("newStatus", Code(&CERTIFICATION_STATUS))];

const BUSINESS_ENTITY: &[FieldOf] = &[
    field("identifier", ID),
    field("name", LINE),
    field("legalAddress", Part("Address")),
    field("physicalAddress", Part("Address")),
    field("tin", LINE),
    field("contactDetails", Part("ContactDetails")),
];

// The country of an address may be any, an importer's for one, so it is a text.
const ADDRESS: &[FieldOf] = &[
    field("country", LINE),
    field("subnationalDivisionL1", LINE),
    field("subnationalDivisionL1Text", LINE),
    field("subnationalDivisionL2", LINE),
    field("subnationalDivisionL3", LINE),
    field("subnationalDivisionL4", LINE),
    field("addressLocalityText", LINE),
    field("addressLocalityCode", LINE),
];

const CONTACT_DETAILS: &[FieldOf] = &[
    field("legalRepresentative", LINE),
    field("contactPhoneNumber", LINE),
    field("otherPhoneNumber", Texts),
    field("contactEmail", LINE),
];

const EXPORT_CERTIFICATE: &[FieldOf] = &[
    field("issuingCountry", Text(MEMBER)),
    field("identifier", ID),
    field("exporter", ENTITY),
    field("importer", ENTITY),
    field("lotNumber", ID),
    field("designatedMineralDescription", LINE),
    field("typeOfOre", LINE),
    field("lotWeight", Number),
    field("lotWeightUom", LINE).from("lotWeightUOM"),
    field("lotGrade", LINE),
    field("mineralOrigin", LINE),
    field("customsValue", LINE),
    field("dateOfShipment", DATE),
    field("shipmentRoute", LINE),
    field("transportCompany", LINE),
    field("memberStateIssuingAuthority", LINE),
    field("nameOfVerifier", LINE),
    field("positionOfVerifier", LINE),
    field("idOfVerifier", LINE),
    field("dateOfVerification", DATE),
    field("nameOfValidator", LINE),
    field("dateOfIssuance", DATE),
    field("dateOfExpiration", DATE),
    field("certificateFile", LINE),
    field("withheld", Texts),
];

const LOT: &[FieldOf] = &[
    field("lotNumber", ID),
    field("dateRegistration", DATE),
    field("timeRegistration", TIME),
    field("creator", ENTITY),
    field("mineral", LINE),
    field("concentration", Number),
    field("mass", Number),
    field("packageType", LINE),
    field("nrOfPackages", Number),
    field("unitOfMeasurement", LINE),
    field("mineSiteId", LINE),
    field("creatorRole", Codes(&CREATOR_ROLE)),
    field("recipient", ENTITY),
    field("originatingOperation", Codes(&ORIGINATING_OPERATION)),
    field("inputLot", Objects("LotReference")),
    field("tag", Part("Tag")),
    field("otherTag", Objects("Tag")),
    field("taxPaid", Objects("Tax")),
    field("dateSealed", DATE),
    field("dateShipped", DATE),
    field("purchaseNumber", LINE),
    field("purchaseDate", DATE),
    field("responsibleStaff", LINE),
    field("dateIn", DATE),
    field("transportationMethod", LINE),
    field("transportationRoute", LINE),
    field("transportCompany", LINE),
    field("exportCertificateId", LINE),
    field("withheld", Texts),
];

const LOT_REFERENCE: &[FieldOf] =
    &[field("lotNumber", ID), field("country", LINE), field("creatorIdentifier", ID)];

const TAG: &[FieldOf] = &[
    field("identifier", ID),
    field("issuer", ENTITY),
    field("issueDate", DATE),
    field("issueTime", TIME),
];

const TAX: &[FieldOf] = &[
    field("taxType", LINE),
    field("taxAmount", Number),
    field("currency", LINE),
    field("taxAuthority", LINE),
    field("taxPaidDate", DATE),
    field("receiptReference", LINE),
];

const PAGINATION: &[FieldOf] = &[
    field("page", Whole).certain(),
    field("limit", Whole).certain(),
    field("total", Whole).certain(),
    field("totalPages", Whole).certain(),
    field("hasNext", Truth).certain(),
    field("hasPrevious", Truth).certain(),
];

const MINE_SITE_CONNECTION: &[FieldOf] = &connection("MineSite");
const EXPORT_CERTIFICATE_CONNECTION: &[FieldOf] = &connection("ExportCertificate");
const LOT_CONNECTION: &[FieldOf] = &connection("Lot");

const fn connection(name: &'static str) -> [FieldOf; 2] {
    [field("data", Objects(name)).certain(), field("pagination", Part("Pagination")).certain()]
}

const LOT_SUMMARY: &[FieldOf] = &[
    field("totalMass", Number).certain(),
    field("totalTaxPaid", Number),
    field("taxPaid", Objects("CurrencySum")).certain(),
    field("byMineral", Objects("MineralLot")).certain(),
    field("byOperation", Objects("OperationLot")).certain(),
    field("period", Part("Period")).certain(),
];

const PERIOD: &[FieldOf] =
    &[field("start", Text("DateTime")).certain(), field("end", Text("DateTime")).certain()];

const MINERAL_LOT: &[FieldOf] = &[
    field("mineral", LINE).certain(),
    field("totalMass", Number).certain(),
    field("totalTax", Number),
    field("taxPaid", Objects("CurrencySum")).certain(),
];

const OPERATION_LOT: &[FieldOf] = &[
    field("operation", Code(&ORIGINATING_OPERATION)),
    field("count", Whole).certain(),
    field("totalMass", Number).certain(),
];

const CURRENCY_SUM: &[FieldOf] =
    &[field("currency", LINE).certain(), field("amount", Number).certain()];

const CERTIFICATION_STATUS_SUMMARY: &[FieldOf] = &[
    field("country", Text(MEMBER)),
    field("byStatus", Objects("StatusCount")).certain(),
    field("total", Whole).certain(),
];

const STATUS_COUNT: &[FieldOf] =
    &[field("status", Code(&CERTIFICATION_STATUS)), field("count", Whole).certain()];

/// Every object type but the root.
pub(super) fn all() -> Vec<Object> {
    vec![
        object("MineSite", MINE_SITE),
        object("MineSiteLocation", MINE_SITE_LOCATION),
        object("Geolocalization", GEOLOCALIZATION),
        object("GeoJSONPolygon", POLYGON),
        object("License", LICENSE),
        object("Inspection", INSPECTION),
        object("StatusHistory", STATUS_HISTORY),
        object("BusinessEntity", BUSINESS_ENTITY),
        object("Address", ADDRESS),
        object("ContactDetails", CONTACT_DETAILS),
        object("ExportCertificate", EXPORT_CERTIFICATE),
        object("Lot", LOT),
        object("LotReference", LOT_REFERENCE),
        object("Tag", TAG),
        object("Tax", TAX),
        object("Pagination", PAGINATION),
        object("MineSiteConnection", MINE_SITE_CONNECTION),
        object("ExportCertificateConnection", EXPORT_CERTIFICATE_CONNECTION),
        object("LotConnection", LOT_CONNECTION),
        object("LotSummary", LOT_SUMMARY)
            .description("Sums over lots; masses in kilograms. A sum of taxes is null if they were paid in several currencies: taxPaid has each."),
        object("Period", PERIOD),
        object("MineralLot", MINERAL_LOT),
        object("OperationLot", OPERATION_LOT),
        object("CurrencySum", CURRENCY_SUM),
        object("CertificationStatusSummary", CERTIFICATION_STATUS_SUMMARY),
        object("StatusCount", STATUS_COUNT),
    ]
}
