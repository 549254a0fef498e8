//! The normalisers as they are listed for people.
//!
//! Invariant: every normaliser that a mapping can name is here, with an example
//! that a test runs.

use serde::Serialize;

/// One normaliser as it is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Listed {
    /// Its name in a mapping.
    pub(crate) name: &'static str,
    /// What it does, in English.
    pub(crate) en: &'static str,
    /// The same in French.
    pub(crate) fr: &'static str,
    /// What it takes.
    pub(crate) parameters: &'static [Parameter],
    /// A line of a mapping.
    pub(crate) example: &'static str,
    /// A value of a source.
    pub(crate) before: &'static str,
    /// What the line makes of it.
    pub(crate) after: &'static str,
}

/// One parameter as it is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Parameter {
    /// Its key in a mapping.
    pub(crate) name: &'static str,
    /// Type and default.
    pub(crate) values: &'static str,
    /// What it says, in English.
    pub(crate) en: &'static str,
    /// The same in French.
    pub(crate) fr: &'static str,
}

const POINT: Parameter = Parameter {
    name: "point",
    values: "\"refuse\" (default), \"decimal\", \"thousands\"",
    en: "what one point before exactly three digits means, as in 1.234",
    fr: "ce que veut dire un point devant trois chiffres, comme dans 1.234",
};

/// Every normaliser, in the order in which one would use them.
pub(crate) const LISTED: [Listed; 10] = [
    Listed {
        name: "legacy_encoding",
        en: "repairs text that was read in another encoding than it was written in, and reads bytes that are no UTF-8",
        fr: "répare un texte lu dans un autre encodage que celui de son écriture, et lit les octets qui ne sont pas de l'UTF-8",
        parameters: &[Parameter {
            name: "encoding",
            values: "name of a one-byte encoding; default \"windows-1252\"",
            en: "the encoding in which the source's software writes",
            fr: "l'encodage dans lequel écrit le logiciel de la source",
        }],
        example: "site_name = \"legacy_encoding\"",
        before: "CassitÃ©rite",
        after: "Cassitérite",
    },
    Listed {
        name: "html_entities",
        en: "turns entities of HTML into their characters",
        fr: "remplace les entités HTML par leurs caractères",
        parameters: &[],
        example: "site_name = \"html_entities\"",
        before: "Mine d&#39;or de Bisi&eacute;",
        after: "Mine d'or de Bisié",
    },
    Listed {
        name: "whitespace",
        en: "makes blanks of every kind one space, and none at the ends",
        fr: "réduit les blancs de toute sorte à une espace, et aucun aux bouts",
        parameters: &[],
        example: "site_name = \"whitespace\"",
        before: "  Mine   de\u{a0}Rubaya ",
        after: "Mine de Rubaya",
    },
    Listed {
        name: "empty_words",
        en: "reads words that mean nothing as an absent value",
        fr: "lit comme absents les mots qui ne veulent rien dire",
        parameters: &[
            Parameter {
                name: "words",
                values: "list of texts, required",
                en: "the words",
                fr: "les mots",
            },
            Parameter {
                name: "fold",
                values: "true or false (default)",
                en: "whether case and accents do not count",
                fr: "si la casse et les accents ne comptent pas",
            },
        ],
        example: "national_id = { name = \"empty_words\", words = [\"néant\", \"N/D\", \"-\"], fold = true }",
        before: "NEANT",
        after: "",
    },
    Listed {
        name: "decimal_comma",
        en: "reads a number with a decimal comma and marks of thousands; the comma is always decimal",
        fr: "lit un nombre à virgule décimale avec séparateurs de milliers ; la virgule est toujours décimale",
        parameters: &[POINT],
        example: "mass = \"decimal_comma\"",
        before: "1 234,56",
        after: "1234.56",
    },
    Listed {
        name: "mass_with_unit",
        en: "reads a mass with its unit; the unit goes to the unit column of the record",
        fr: "lit une masse avec son unité ; l'unité va dans la colonne d'unité de la fiche",
        parameters: &[
            Parameter {
                name: "default",
                values: "\"kg\", \"t\" or \"g\"; none by default",
                en: "the unit of a number without one",
                fr: "l'unité d'un nombre sans unité",
            },
            Parameter {
                name: "unit",
                values: "an alias; by default the one that belongs to the mass",
                en: "the alias that takes the unit",
                fr: "l'alias qui reçoit l'unité",
            },
            POINT,
        ],
        example: "mass = \"mass_with_unit\"",
        before: "1,2 t",
        after: "1.2 TNE",
    },
    Listed {
        name: "degrees_minutes_seconds",
        en: "reads degrees, minutes and seconds; O is Ouest, west",
        fr: "lit degrés, minutes et secondes ; O est Ouest",
        parameters: &[],
        example: "\"mine_site_location.geolocalization.longitude\" = \"degrees_minutes_seconds\"",
        before: "28°42'45.6\"E",
        after: "28.7126667",
    },
    Listed {
        name: "date",
        en: "reads a day, or a day with its time, in the first format that fits",
        fr: "lit un jour, ou un jour avec son heure, dans le premier format qui convient",
        parameters: &[
            Parameter {
                name: "formats",
                values: "list of strptime formats, required",
                en: "%d day, %m month, %Y year of four digits, %B month in English words, %H:%M:%S time",
                fr: "%d jour, %m mois, %Y année à quatre chiffres, %B mois en mots anglais, %H:%M:%S heure",
            },
            Parameter {
                name: "pivot",
                values: "0 to 99; required for years of two digits (%y)",
                en: "the last year of two digits that is one after 2000",
                fr: "la dernière année à deux chiffres qui est après 2000",
            },
        ],
        example: "date_sealed = { name = \"date\", formats = [\"%d/%m/%Y\", \"%Y-%m-%d\"] }",
        before: "28/11/2017",
        after: "2017-11-28",
    },
    Listed {
        name: "excel_serial_date",
        en: "reads a day as a spreadsheet counts it, with its fraction as the time",
        fr: "lit un jour compté par un tableur, avec sa fraction comme heure",
        parameters: &[Parameter {
            name: "system",
            values: "1900 (default) or 1904",
            en: "the first year of the workbook",
            fr: "la première année du classeur",
        }],
        example: "date_sealed = \"excel_serial_date\"",
        before: "43067",
        after: "2017-11-28",
    },
    Listed {
        name: "phone_e164",
        en: "reads telephone numbers as those of a country; several stand apart with ; , or /",
        fr: "lit des numéros de téléphone comme ceux d'un pays ; plusieurs se séparent par ; , ou /",
        parameters: &[Parameter {
            name: "country",
            values: "ISO 3166-1 alpha-2, required",
            en: "the country of a number that names none",
            fr: "le pays d'un numéro qui n'en nomme pas",
        }],
        example: "\"owner.contact_details.contact_phone_number\" = { name = \"phone_e164\", country = \"CD\" }",
        before: "0812 345 678",
        after: "+243812345678",
    },
];

/// The normaliser of that name.
pub(crate) fn of_name(name: &str) -> Option<&'static Listed> {
    LISTED.iter().find(|listed| listed.name == name)
}
