//! Records that the document shows; made up, and whole by the standard.

use serde_json::{Value, json};

use crate::Collection;

/// One record.
pub(crate) fn record(collection: Collection) -> Value {
    match collection {
        Collection::MineSites => mine_site(),
        Collection::ExportCertificates => export_certificate(),
        Collection::Lots => lot(),
    }
}

/// A page with one record.
pub(crate) fn page(collection: Collection) -> Value {
    json!({
        "data": [record(collection)],
        "pagination": {
            "page": 1, "limit": 20, "total": 1, "totalPages": 1,
            "hasNext": false, "hasPrevious": false,
        },
    })
}

fn party(identifier: &str, name: &str) -> Value {
    json!({
        "identifier": identifier,
        "name": name,
        "tin": "N/A",
        "legalAddress": {
            "country": "CD",
            "subnationalDivisionL1": "CD-NK",
            "addressLocalityText": "12 avenue du Lac, Goma",
        },
        "contactDetails": {
            "legalRepresentative": "Amani Exemple",
            "contactPhoneNumber": "+243810000001",
            "contactEmail": "contact@exemple.cd",
        },
    })
}

fn mine_site() -> Value {
    json!({
        "icglrId": "CD-1.9403+29.8739-00001",
        "addressCountry": "CD",
        "nationalId": "NK-0001",
        "certificationStatus": 1,
        "activityStatus": 1,
        "mineSiteLocation": {
            "geolocalization": { "latitude": -1.9403, "longitude": 29.8739 },
            "altitude": 1480.5,
        },
        "mineral": ["2615.90.00"],
        "license": [{
            "licenseType": "mining_license",
            "licenseId": "PE-77",
            "owner": party("RCCM-1", "Coopérative Exemple"),
            "grantedDate": "2015-03-01",
            "expiringDate": "2035-02-28",
            "licenseStatus": 1,
            "coveredCommodities": ["2615.90.00"],
        }],
        "owner": party("RCCM-1", "Coopérative Exemple"),
        "operator": [],
        "inspection": [{
            "inspectionId": "AE-20170904",
            "inspectionDate": "2017-09-04",
            "inspectionResult": 1,
            "inspectorName": "Inès Exemple",
            "inspectorPosition": "inspectrice",
            "governmentAgency": "Division des mines",
        }],
    })
}

fn export_certificate() -> Value {
    json!({
        "issuingCountry": "CD",
        "identifier": "CD-2018-000123",
        "exporter": party("RCCM-2", "Comptoir Exemple"),
        "importer": party("IMP-9", "Importateur Exemple"),
        "lotNumber": "LOT-2018-77",
        "designatedMineralDescription": "coltan concentrate",
        "typeOfOre": "2615.90.00",
        "lotWeight": 1250.5,
        "lotWeightUOM": "KGM",
        "lotGrade": "30 %",
        "mineralOrigin": "CD",
        "customsValue": "USD 85000.00",
        "dateOfShipment": "2018-01-20",
        "shipmentRoute": "RW;TZ",
        "memberStateIssuingAuthority": "CEEC",
        "nameOfVerifier": "Vérificateur Exemple",
        "positionOfVerifier": "chef de bureau",
        "dateOfVerification": "2018-01-10",
        "nameOfValidator": "Validatrice Exemple",
        "dateOfIssuance": "2018-01-12",
        "dateOfExpiration": "2018-04-01",
        "certificateFile": "cd-2018-000123.pdf",
    })
}

fn lot() -> Value {
    json!({
        "lotNumber": "LOT-2018-77",
        "dateRegistration": "2018-01-05",
        "timeRegistration": "093000",
        "creator": party("RCCM-1", "Coopérative Exemple"),
        "mineral": "2615.90.00",
        "concentration": 30.5,
        "mass": 1250.5,
        "unitOfMeasurement": "KGM",
        "creatorRole": [1],
        "originatingOperation": [1],
        "mineSiteId": "CD-1.9403+29.8739-00001",
        "tag": {
            "identifier": "TAG-000001",
            "issuer": party("RCCM-3", "Agence Exemple"),
            "issueDate": "2018-01-05",
            "issueTime": "090000",
        },
    })
}
