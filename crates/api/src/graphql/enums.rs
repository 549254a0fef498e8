//! The code lists under the standard's GraphQL names.
//!
//! The names of a list stand in the order of the codes of `rmd-standard`, whose
//! numbers JSON holds; a test compares the lengths.

use async_graphql::{
    Value,
    dynamic::{Enum, EnumItem},
};
use rmd_standard::{
    code::{self, List},
    country,
};

/// One code list.
#[derive(Debug)]
pub(super) struct Names {
    /// The GraphQL type.
    pub(super) name: &'static str,
    pub(super) list: &'static List,
    words: &'static [&'static str],
}

pub(super) const CERTIFICATION_STATUS: Names = Names {
    name: "CertificationStatus",
    list: &code::CERTIFICATION_STATUS,
    words: &["BLUE", "GREEN", "YELLOW", "RED"],
};

pub(super) const ACTIVITY_STATUS: Names = Names {
    name: "MiningActivityStatus",
    list: &code::ACTIVITY_STATUS,
    words: &["ABANDONED", "ACTIVE", "NON_ACTIVE"],
};

pub(super) const LICENSE_TYPE: Names = Names {
    name: "LicenseType",
    list: &code::LICENSE_TYPE,
    words: &[
        "CLAIM",
        "EXPLORATION_PERMIT",
        "MINING_LICENSE",
        "ARTISANAL_PERMIT",
        "UNLICENSED",
        "OTHER",
    ],
};

pub(super) const CREATOR_ROLE: Names = Names {
    name: "CoCRole",
    list: &code::CREATOR_ROLE,
    words: &[
        "MINER",
        "TRADER",
        "SHIPPER",
        "PROCESSOR",
        "WAREHOUSE",
        "IMPORTER",
        "EXPORTER",
        "GOVERNMENT",
    ],
};

pub(super) const ORIGINATING_OPERATION: Names = Names {
    name: "OriginatingOperation",
    list: &code::ORIGINATING_OPERATION,
    words: &[
        "PRODUCTION",
        "PURCHASE",
        "COMBINATION",
        "PROCESSING",
        "TRANSPORTATION",
        "STORAGE_WAREHOUSING",
        "IMPORT",
        "EXPORT",
    ],
};

/// The type of the twelve members.
pub(super) const MEMBER: &str = "ICGLRMemberState";

const LISTS: [&Names; 5] =
    [&CERTIFICATION_STATUS, &ACTIVITY_STATUS, &LICENSE_TYPE, &CREATOR_ROLE, &ORIGINATING_OPERATION];

/// Every enumeration.
pub(super) fn all() -> Vec<Enum> {
    let lists = LISTS.iter().map(|names| {
        names.words.iter().fold(Enum::new(names.name), |item, name| item.item(EnumItem::new(*name)))
    });
    let members = country::MEMBERS.iter().fold(Enum::new(MEMBER), |item, member| {
        item.item(EnumItem::new(member.0).description(member.2))
    });
    lists.chain([members]).collect()
}

impl Names {
    /// The name of a code as JSON holds it, a number or a word; null if it is none.
    pub(super) fn of_json(&self, value: &serde_json::Value) -> Value {
        let number = match value {
            serde_json::Value::Number(number) => self.list.number_of(&number.to_string()),
            serde_json::Value::String(word) => self.list.number_of(word),
            _ => None,
        };
        number.map_or(Value::Null, |number| self.of_number(number))
    }

    /// The name of a number of the enumeration.
    pub(super) fn of_number(&self, number: i32) -> Value {
        let at = self.list.codes.iter().position(|code| code.number == number);
        at.and_then(|at| self.words.get(at))
            .map_or(Value::Null, |name| Value::Enum(async_graphql::Name::new(name)))
    }

    /// The number of the enumeration behind a name.
    pub(super) fn number_of(&self, name: &str) -> Option<i32> {
        let at = self.words.iter().position(|known| *known == name)?;
        self.list.codes.get(at).map(|code| code.number)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_code_has_its_name_in_both_directions() {
        for names in LISTS {
            assert_eq!(names.words.len(), names.list.codes.len(), "{}", names.name);
            for (code, name) in names.list.codes.iter().zip(names.words) {
                assert_eq!(names.number_of(name), Some(code.number));
                let json = code.standard.map_or(json!(code.word), |standard| json!(standard));
                assert_eq!(names.of_json(&json), Value::Enum(async_graphql::Name::new(name)));
            }
        }
    }

    #[test]
    fn what_is_no_code_is_null() {
        assert_eq!(CERTIFICATION_STATUS.of_json(&json!("N/A")), Value::Null);
        assert_eq!(CERTIFICATION_STATUS.of_json(&json!(9)), Value::Null);
        assert_eq!(CERTIFICATION_STATUS.of_number(0), Value::Null);
    }
}
