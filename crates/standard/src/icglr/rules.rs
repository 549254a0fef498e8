//! Rules of the JSON itself: what the tables cannot say, because a record that
//! came to be has no such fault any more.

use crate::{
    Entity, Finding, Severity,
    finding::plain,
    model::{ELEMENTS_MAX, RuleText},
    rules::RuleInfo,
};

/// Bytes of one document. 4096 tags of a kilobyte each fit.
pub(super) const BYTES_MAX: usize = 4 << 20;
/// Objects and arrays inside each other; those of the standard are seven deep.
pub(super) const DEPTH_MAX: usize = 32;
/// Findings of the JSON that are kept; a document with more is not read line by line.
pub(super) const FINDINGS_MAX: usize = 1000;

pub(super) static TYPE: RuleText = rule(
    "JSON-TYPE",
    "has a JSON type that the standard does not give it. Write text as a string, a number as a number, an entity as an object, several values as an array",
    "a un type JSON que la norme ne lui donne pas. Écrivez un texte comme chaîne, un nombre comme nombre, une entité comme objet, plusieurs valeurs comme tableau",
);
pub(super) static NAME: RuleText = rule(
    "JSON-NAME",
    "is almost the name of an attribute. Write the name exactly as the standard does",
    "est presque le nom d'un attribut. Écrivez le nom exactement comme la norme",
);
pub(super) static UNKNOWN: RuleText = rule(
    "JSON-UNKNOWN",
    "is no attribute, and records of this type keep no national attributes. Leave it out",
    "n'est pas un attribut, et les fiches de ce type ne gardent pas d'attributs nationaux. Retirez-le",
);
pub(super) static TWICE: RuleText = rule(
    "JSON-TWICE",
    "says something else than another member about the same attribute. Keep the one that is right",
    "dit autre chose qu'un autre membre du même attribut. Gardez celui qui est juste",
);
pub(super) static ELEMENTS: RuleText = rule(
    "JSON-ELEMENTS",
    "has more elements or attributes than a record can keep, 4096. Divide the record",
    "a plus d'éléments ou d'attributs qu'une fiche n'en garde, 4096. Divisez la fiche",
);
pub(super) static EXTENSION: RuleText = rule(
    "JSON-EXTENSION",
    "is a national attribute whose name is longer than 500 bytes or whose value is longer than 8192. Shorten it, or leave it out",
    "est un attribut national dont le nom dépasse 500 octets ou la valeur 8192. Raccourcissez-le, ou retirez-le",
);
pub(super) static DUPLICATE: RuleText = rule(
    "JSON-DUPLICATE",
    "stands twice in one object. Keep the one that is right",
    "figure deux fois dans un objet. Gardez celui qui est juste",
);
pub(super) static DEPTH: RuleText = rule(
    "JSON-DEPTH",
    "is nested deeper than 32 levels. Flatten it",
    "est imbriqué sur plus de 32 niveaux. Aplatissez-le",
);
pub(super) static SIZE: RuleText = rule(
    "JSON-SIZE",
    "is larger than 4 MiB. Send one record in one document, and files apart",
    "dépasse 4 Mio. Envoyez une fiche par document, et les fichiers à part",
);
pub(super) static UTF8: RuleText = rule(
    "JSON-UTF8",
    "is not UTF-8. Save or send the text as UTF-8",
    "n'est pas en UTF-8. Enregistrez ou envoyez le texte en UTF-8",
);
pub(super) static SYNTAX: RuleText = rule(
    "JSON-SYNTAX",
    "is not JSON. Correct it at the place that is named",
    "n'est pas du JSON. Corrigez-le à l'endroit indiqué",
);

static ALL: [&RuleText; 11] = [
    &TYPE, &NAME, &UNKNOWN, &TWICE, &ELEMENTS, &EXTENSION, &DUPLICATE, &DEPTH, &SIZE, &UTF8,
    &SYNTAX,
];

const _: () = assert!(ELEMENTS_MAX == 4096 && BYTES_MAX == 4 << 20 && DEPTH_MAX == 32);

const fn rule(id: &'static str, en: &'static str, fr: &'static str) -> RuleText {
    RuleText { id, severity: Severity::Refuse, field: "", en, fr }
}

/// Every rule of the JSON itself, as it holds for a record type.
pub fn rules(entity: Entity) -> impl Iterator<Item = RuleInfo> {
    ALL.into_iter().map(move |rule| RuleInfo {
        id: rule.id.to_owned(),
        entity,
        path: "*".to_owned(),
        severity: rule.severity,
        en: format!("{}.", rule.en),
        fr: format!("{}.", rule.fr),
    })
}

/// One fault of the JSON itself.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub(super) rule: &'static RuleText,
    pub(super) path: String,
    pub(super) value: String,
}

impl Fault {
    /// Writes the messages; the record is called as the caller calls it.
    pub(super) fn render(self, record_en: &str, record_fr: &str) -> Finding {
        let Self { rule, path, value } = self;
        let (complaint_en, remedy_en, complaint_fr, remedy_fr) = rule.parts();
        let [record_en, record_fr, field, quoted] =
            [record_en, record_fr, &path, &value].map(plain);
        let (field_en, field_fr) = if path.is_empty() {
            ("the document".to_owned(), "le document".to_owned())
        } else {
            (format!("field {field}"), format!("la donnée {field}"))
        };
        let quoted = if value.is_empty() { String::new() } else { format!(" ({quoted})") };
        let id = rule.id;
        Finding {
            rule: id.to_owned(),
            severity: rule.severity,
            en: format!("{record_en}: {field_en}{quoted} {complaint_en} (rule {id}). {remedy_en}."),
            fr: format!(
                "{record_fr} : {field_fr}{quoted} {complaint_fr} (règle {id}). {remedy_fr}."
            ),
            path,
            value,
        }
    }
}
