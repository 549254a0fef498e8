//! Rules across the fields of an export certificate.
//!
//! An end before its begin refuses it. Too long a validity and a verification after the
//! issue do not: the Secretariat must see them, so it is published with its finding.

use jiff::Span;
use rmd_proto::v1::ExportCertificate;

use super::out_of_order;
use crate::{
    Severity,
    model::{Rule, RuleText, day},
};

/// RCM manual: a certificate expires at most 90 days after its countersignature.
const VALIDITY_DAYS_MAX: i64 = 90;

pub(crate) const EXPORT_CERTIFICATE: &[Rule<ExportCertificate>] = &[
    Rule {
        text: RuleText {
            id: "MD03-ISSUANCE-EXPIRATION-ORDER",
            severity: Severity::Refuse,
            field: "date_of_expiration",
            en: "lies before date_of_issuance. Correct whichever date is wrong at the source",
            fr: "précède date_of_issuance. Corrigez à la source celle des deux dates qui est fausse",
        },
        broken: |one, _| out_of_order(&one.date_of_issuance, &one.date_of_expiration),
    },
    Rule {
        text: RuleText {
            id: "MD03-EXPIRATION-90-DAYS",
            severity: Severity::Incomplete,
            field: "date_of_expiration",
            en: "lies more than 90 days after date_of_issuance. Issue the certificate for at most 90 days",
            fr: "est à plus de 90 jours de date_of_issuance. Délivrez le certificat pour 90 jours au plus",
        },
        broken: |one, _| {
            let last = day(&one.date_of_issuance)?
                .checked_add(Span::new().days(VALIDITY_DAYS_MAX))
                .ok()?;
            (day(&one.date_of_expiration)? > last).then(|| one.date_of_expiration.clone())
        },
    },
    Rule {
        text: RuleText {
            id: "MD03-VERIFICATION-ISSUANCE-ORDER",
            severity: Severity::Incomplete,
            field: "date_of_verification",
            en: "lies after date_of_issuance; a certificate is verified before it is issued. Correct whichever date is wrong at the source",
            fr: "suit date_of_issuance ; un certificat est vérifié avant d'être délivré. Corrigez à la source celle des deux dates qui est fausse",
        },
        broken: |one, _| out_of_order(&one.date_of_verification, &one.date_of_issuance),
    },
];
