//! What findings say about a form: what is expected, and how to mend it.

use super::{Fault, Form};
use crate::model::ELEMENTS_MAX;

impl Form {
    /// What is wrong with the value, in English and French, as the rest of a
    /// sentence that begins with the field.
    pub(crate) fn complaint(self, fault: Fault) -> (String, String) {
        let (en, fr) = match fault {
            Fault::Missing => {
                ("is missing, and the standard requires it", "manque, et la norme l'exige")
            }
            Fault::Unreadable => ("cannot be read", "est illisible"),
            Fault::Unlisted => ("is not in its code list", "n'est pas dans sa liste de codes"),
            Fault::OutOfRange => ("is beyond its limits", "dépasse ses limites"),
            Fault::TooPrecise => {
                let (en, fr) = self.unit();
                return (
                    format!("has more digits than the standard's unit, the {en}, can hold"),
                    format!("a plus de chiffres que l'unité de la norme, {fr}, n'en peut garder"),
                );
            }
            Fault::NoUnit => ("has no unit", "n'a pas d'unité"),
            Fault::National => ("must not leave the state", "ne doit pas sortir de l'État"),
        };
        (en.to_owned(), fr.to_owned())
    }

    /// What to do about it, in English and French.
    pub(crate) fn remedy(self, fault: Fault) -> (String, String) {
        let (en, fr) = match fault {
            Fault::Missing => (
                "Enter it at the source, or map the column that holds it",
                "Saisissez-la à la source, ou reliez la colonne qui la contient",
            ),
            Fault::National => (
                "Upgrade or correct the node that released it, so that the field is withheld",
                "Mettez à jour ou corrigez le nœud qui l'a publiée, pour que le champ soit retenu",
            ),
            Fault::NoUnit => (
                "Map the column of the unit (TNE, KGM or GRM; for money the ISO 4217 code)",
                "Reliez la colonne de l'unité (TNE, KGM ou GRM ; pour un montant le code ISO 4217)",
            ),
            Fault::TooPrecise => (
                "Round it at the source, in the query, where the ministry decides how",
                "Arrondissez-la à la source, dans la requête, comme le ministère le décide",
            ),
            Fault::Unreadable | Fault::Unlisted | Fault::OutOfRange => return self.expected(),
        };
        (en.to_owned(), fr.to_owned())
    }

    fn unit(self) -> (&'static str, &'static str) {
        match self {
            Self::Mass | Self::MassOrZero => ("milligram", "le milligramme"),
            Self::Thousandths => ("thousandth", "le millième"),
            Self::Money => ("minor unit of the currency", "la plus petite unité de la monnaie"),
            _ => ("part per million", "la partie par million"),
        }
    }

    fn expected(self) -> (String, String) {
        let (en, fr) = match self {
            Self::Code(list) => return listed(list.name, &list.words()),
            Self::Text { max, .. } => {
                return (
                    format!("Write text of at most {max} bytes without control characters"),
                    format!("Écrivez un texte d'au plus {max} octets sans caractères de contrôle"),
                );
            }
            Self::Degrees { max } => {
                return (
                    format!("Write decimal degrees (WGS84) between -{max} and {max}"),
                    format!("Écrivez des degrés décimaux (WGS84) entre -{max} et {max}"),
                );
            }
            Self::List => {
                return (
                    format!(
                        "Give at most {ELEMENTS_MAX} elements; check the join of the child query"
                    ),
                    format!(
                        "Donnez au plus {ELEMENTS_MAX} éléments ; vérifiez la jointure de la requête"
                    ),
                );
            }
            other => other.expected_plain(),
        };
        (en.to_owned(), fr.to_owned())
    }

    fn expected_plain(self) -> (&'static str, &'static str) {
        match self {
            Self::Country => (
                "Write the ISO 3166-1 alpha-2 code, or map the word in [codes.country]",
                "Écrivez le code ISO 3166-1 alpha-2, ou reliez le mot dans [codes.country]",
            ),
            Self::Origin => (
                "Write ISO 3166-1 alpha-2 codes separated by ;, or UNKNOWN",
                "Écrivez des codes ISO 3166-1 alpha-2 séparés par ;, ou UNKNOWN",
            ),
            Self::Subdivision => (
                "Write the ISO 3166-2 code, such as CD-NK; a name belongs in subnational_division_l1_text",
                "Écrivez le code ISO 3166-2, par exemple CD-NK ; un nom va dans subnational_division_l1_text",
            ),
            Self::Date => ("Write a day as YYYY-MM-DD", "Écrivez un jour comme AAAA-MM-JJ"),
            Self::Time => (
                "Write a time as hh:mm:ss, with or without a zone such as +02:00",
                "Écrivez une heure comme hh:mm:ss, avec ou sans fuseau, par exemple +02:00",
            ),
            Self::Month => ("Write a month as YYYY-MM", "Écrivez un mois comme AAAA-MM"),
            Self::Mineral => (
                "Write the HS code (6 digits or more) or the IMA symbol, or map the word in [codes.mineral]",
                "Écrivez le code SH (6 chiffres ou plus) ou le symbole IMA, ou reliez le mot dans [codes.mineral]",
            ),
            Self::Currency => (
                "Write the ISO 4217 code, such as USD",
                "Écrivez le code ISO 4217, par exemple USD",
            ),
            Self::SiteId | Self::SiteReference => (
                "Write the id as issued, such as RW-1.9641+30.0619-12345",
                "Écrivez l'identifiant tel que délivré, par exemple RW-1.9641+30.0619-12345",
            ),
            Self::Phone => (
                "Write the number in E.164, such as +243810000001",
                "Écrivez le numéro en E.164, par exemple +243810000001",
            ),
            Self::Email => ("Write name@host", "Écrivez nom@hôte"),
            Self::Json => (
                "Write JSON text of at most 8192 bytes",
                "Écrivez un texte JSON d'au plus 8192 octets",
            ),
            Self::Feed => {
                ("Write master-data or transactions", "Écrivez master-data ou transactions")
            }
            other => other.expected_number(),
        }
    }

    fn expected_number(self) -> (&'static str, &'static str) {
        match self {
            Self::Instant => (
                "Write an ISO date and time, not before 1970",
                "Écrivez une date et une heure ISO, pas avant 1970",
            ),
            Self::Moment => (
                "Write an ISO date with its time, not before 1970; a day without a time is not kept",
                "Écrivez une date ISO avec son heure, pas avant 1970 ; un jour sans heure n'est pas gardé",
            ),
            Self::Mass => (
                "Write a plain decimal number above zero, with a point",
                "Écrivez un nombre décimal supérieur à zéro, avec un point",
            ),
            Self::MassOrZero | Self::Thousandths | Self::Money => (
                "Write a plain decimal number, zero or more, with a point",
                "Écrivez un nombre décimal, zéro ou plus, avec un point",
            ),
            Self::Concentration => (
                "Write percent between 0 and 100, with a point",
                "Écrivez un pourcentage entre 0 et 100, avec un point",
            ),
            Self::Count => {
                ("Write a whole number, zero or more", "Écrivez un nombre entier, zéro ou plus")
            }
            Self::LineNumber => {
                ("Write a whole number from 1", "Écrivez un nombre entier à partir de 1")
            }
            Self::Level => ("Write 1, 2 or 3", "Écrivez 1, 2 ou 3"),
            Self::Altitude => {
                ("Write metres between -100 and 6000", "Écrivez des mètres entre -100 et 6000")
            }
            Self::Polygon => (
                "Write a GeoJSON Polygon with closed rings, longitude before latitude, at most 64 KiB",
                "Écrivez un Polygon GeoJSON aux anneaux fermés, longitude avant latitude, d'au plus 64 Kio",
            ),
            _ => ("Correct it at the source", "Corrigez-la à la source"),
        }
    }
}

fn listed(name: &str, words: &str) -> (String, String) {
    (
        format!("Map the word in [codes.{name}] to one of: {words}"),
        format!("Reliez le mot dans [codes.{name}] à l'un de : {words}"),
    )
}
