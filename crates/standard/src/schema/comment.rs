//! What the .proto text says of messages and fields: the descriptions of the
//! schemas are its comments, so that there is one text.

use std::{collections::HashMap, sync::LazyLock};

use prost::Message as _;
use prost_types::FileDescriptorSet;

/// How the .proto text marks what the standard does not have.
pub(super) const OURS: &str = "Our addition.";

/// Numbers of the messages of a file, and of the fields of a message, in its descriptor.
const MESSAGES: i32 = 4;
const FIELDS: i32 = 2;

static COMMENTS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let set = FileDescriptorSet::decode(rmd_proto::DESCRIPTOR_SET).unwrap_or_default();
    let mut comments = HashMap::new();
    for file in set.file {
        for location in file.source_code_info.iter().flat_map(|info| &info.location) {
            let message = |index: i32| file.message_type.get(usize::try_from(index).ok()?);
            let name = match location.path.as_slice() {
                [MESSAGES, index] => message(*index).map(|message| message.name().to_owned()),
                [MESSAGES, index, FIELDS, field] => message(*index).and_then(|message| {
                    let field = message.field.get(usize::try_from(*field).ok()?)?;
                    Some(format!("{}.{}", message.name(), field.name()))
                }),
                _ => None,
            };
            if let (Some(name), Some(text)) = (name, &location.leading_comments) {
                comments.insert(name, text.split_whitespace().collect::<Vec<_>>().join(" "));
            }
        }
    }
    comments
});

/// The comment of a message that the standard calls so.
pub(super) fn of_message(title: &str) -> String {
    COMMENTS.get(message(title)).cloned().unwrap_or_default()
}

/// The comment of a field.
pub(super) fn of_field(title: &str, field: &str) -> String {
    COMMENTS.get(&format!("{}.{field}", message(title))).cloned().unwrap_or_default()
}

/// Whether the standard lacks the field.
pub(super) fn is_ours(title: &str, field: &str) -> bool {
    of_field(title, field).contains(OURS.trim_end_matches('.'))
}

/// Our message for a name of the standard.
fn message(title: &str) -> &str {
    match title {
        "MineSiteLocation" => "Location",
        "Geolocalization" => "GeoPoint",
        "StatusHistory" => "StatusChange",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::icglr::plans;

    #[test]
    fn every_message_and_every_field_has_its_comment() {
        for plan in &plans().all {
            assert!(!of_message(plan.title).is_empty(), "{}", plan.title);
            for member in &plan.members {
                let text = of_field(plan.title, member.spec.name);
                assert!(!text.is_empty(), "{}.{}", plan.title, member.spec.name);
            }
        }
        assert!(is_ours("Lot", "country") && !is_ours("Lot", "lot_number"));
        assert!(is_ours("StatusHistory", "cause"));
    }
}
