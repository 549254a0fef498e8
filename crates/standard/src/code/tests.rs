use std::collections::BTreeSet;

use rmd_proto::v1::{
    ActivityStatus, Analyte, AnnexRisk, AuditConclusion, AuditType, CertificateState,
    CertificationStatus, CreatorRole, IncidentState, LicenseStatus, LicenseType, OperationType,
    OriginatingOperation, Procedure, StatusCause, TagKind, TagScheme, TagState, UnitOfMeasurement,
};

use super::*;

/// The name of a number in the .proto text, by the generated code.
fn proto_name(list: &List, number: i32) -> Option<&'static str> {
    Some(match list.name {
        "certification_status" => CertificationStatus::try_from(number).ok()?.as_str_name(),
        "activity_status" => ActivityStatus::try_from(number).ok()?.as_str_name(),
        "license_type" => LicenseType::try_from(number).ok()?.as_str_name(),
        "license_status" => LicenseStatus::try_from(number).ok()?.as_str_name(),
        "creator_role" => CreatorRole::try_from(number).ok()?.as_str_name(),
        "originating_operation" => OriginatingOperation::try_from(number).ok()?.as_str_name(),
        "unit_of_measurement" => UnitOfMeasurement::try_from(number).ok()?.as_str_name(),
        "procedure" => Procedure::try_from(number).ok()?.as_str_name(),
        "operation_type" => OperationType::try_from(number).ok()?.as_str_name(),
        "status_cause" => StatusCause::try_from(number).ok()?.as_str_name(),
        "analyte" => Analyte::try_from(number).ok()?.as_str_name(),
        "tag_scheme" => TagScheme::try_from(number).ok()?.as_str_name(),
        "tag_kind" => TagKind::try_from(number).ok()?.as_str_name(),
        "tag_state" => TagState::try_from(number).ok()?.as_str_name(),
        "certificate_state" => CertificateState::try_from(number).ok()?.as_str_name(),
        "audit_type" => AuditType::try_from(number).ok()?.as_str_name(),
        "audit_conclusion" => AuditConclusion::try_from(number).ok()?.as_str_name(),
        "annex_risk" => AnnexRisk::try_from(number).ok()?.as_str_name(),
        "incident_state" => IncidentState::try_from(number).ok()?.as_str_name(),
        other => panic!("{other}"),
    })
}

#[test]
fn every_word_names_its_own_number_of_the_proto_text() {
    for list in ALL {
        if list.name == "annex_risk" {
            // The words are the codes of the guidance; the names say what they mean.
            continue;
        }
        for code in list.codes {
            let expected = format!("{}_{}", list.name, code.word).to_uppercase();
            assert_eq!(proto_name(list, code.number), Some(expected.as_str()));
        }
    }
}

#[test]
fn risks_have_the_order_of_annex_ii() {
    for (code, meaning) in ANNEX_RISK.codes.iter().zip([
        "SERIOUS_ABUSES",
        "ARMED_GROUPS",
        "SECURITY_FORCES",
        "BRIBERY",
        "MONEY_LAUNDERING",
        "UNPAID_TAXES",
    ]) {
        assert_eq!(code.word, format!("A2-{}", code.number));
        assert_eq!(proto_name(&ANNEX_RISK, code.number), Some(&*format!("ANNEX_RISK_{meaning}")));
    }
}

#[test]
fn every_number_of_the_proto_text_but_zero_is_in_the_table_once() {
    for list in ALL {
        let of_proto: BTreeSet<i32> =
            (1..100).filter(|number| proto_name(list, *number).is_some()).collect();
        let of_table: Vec<i32> = list.codes.iter().map(|code| code.number).collect();
        assert_eq!(of_table.len(), of_proto.len(), "{}", list.name);
        assert_eq!(of_table.into_iter().collect::<BTreeSet<_>>(), of_proto, "{}", list.name);
        assert_eq!(list.word_of(0), None, "{}", list.name);
    }
}

#[test]
fn words_and_standard_numbers_pair_both_ways() {
    for (place, list) in ALL.into_iter().enumerate() {
        assert_eq!(list.place, place);
        for code in list.codes {
            assert_eq!(list.number_of(code.word), Some(code.number));
            assert_eq!(list.word_of(code.number), Some(code.word));
            if let Some(standard) = code.standard {
                assert_eq!(list.number_of(&standard.to_string()), Some(code.number));
                assert_eq!(code.number, i32::from(standard) + 1);
            }
        }
        assert_eq!(super::list(list.name), Some(list));
    }
    assert_eq!(super::list("colour"), None);
}

#[test]
fn words_are_read_as_the_standard_prints_them() {
    let rows = [
        (&CERTIFICATION_STATUS, "Blue", Some(1)),
        (&CERTIFICATION_STATUS, "0", Some(1)),
        (&ACTIVITY_STATUS, "non-active", Some(3)),
        (&UNIT_OF_MEASUREMENT, "TNE", Some(1)),
        (&LICENSE_TYPE, "mining license", Some(3)),
        (&ANALYTE, "sno2", Some(2)),
        (&ANALYTE, "SNO2", Some(2)),
        (&ANALYTE, "Sn", Some(1)),
        (&ANNEX_RISK, "a2-3", Some(3)),
        (&ANNEX_RISK, "3", None),
        (&LICENSE_TYPE, "1", None),
        (&CREATOR_ROLE, "0", None),
        (&CERTIFICATION_STATUS, "Vert", None),
        (&CERTIFICATION_STATUS, "4", None),
        (&CERTIFICATION_STATUS, "", None),
    ];
    for (list, word, number) in rows {
        assert_eq!(list.number_of(word), number, "{} {word}", list.name);
    }
}
