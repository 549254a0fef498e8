//! The arguments of the root fields.
//!
//! The query language checks types and enumerations; what it cannot know, that a
//! scalar is a day or a page is in range, is checked here with the rules of REST.

use async_graphql::dynamic::{ListAccessor, ObjectAccessor};
use jiff::{Timestamp, civil::Date};
use rmd_standard::site_id;

use super::enums::Names;
use crate::{
    Mineral,
    answer::problem::Problem,
    ask::{
        Complaint,
        parameters::{self, LIMIT_MAX, PAGE_MAX},
    },
};

/// The arguments of one field.
pub(super) struct Arguments<'a>(pub(super) &'a ObjectAccessor<'a>);

impl Arguments<'_> {
    /// A text; an absent or null argument is none.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Problem> {
        let Some(value) = self.0.get(name).filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        // An ID may be written as a number.
        let text = match value.as_value() {
            async_graphql::Value::String(text) => text.clone(),
            async_graphql::Value::Enum(name) => name.to_string(),
            other => other.to_string(),
        };
        let wrong = [
            "is empty, longer than 256 characters, or holds a control character",
            "est vide, dépasse 256 caractères ou contient un caractère de contrôle",
        ];
        let remedy = ["Give the text that is looked for", "Donnez le texte cherché"];
        if parameters::is_text(&text) {
            return Ok(Some(text));
        }
        Err(refused(name, &text, wrong, remedy))
    }

    /// The number of the enumeration behind a name of it.
    pub(super) fn code(&self, name: &str, names: &Names) -> Result<Option<i32>, Problem> {
        Ok(self.text(name)?.and_then(|text| names.number_of(&text)))
    }

    pub(super) fn mineral(&self, name: &str) -> Result<Option<Mineral>, Problem> {
        Ok(self.text(name)?.map(parameters::mineral_of))
    }

    /// The key of a mine site.
    pub(super) fn site(&self, name: &str) -> Result<Option<String>, Problem> {
        let wrong = ["is no mine-site id", "n'est pas un identifiant de site minier"];
        let remedy = ["Write it as issued", "Écrivez-le comme attribué"];
        self.parsed(name, site_id::key_of, wrong, remedy)
    }

    pub(super) fn day(&self, name: &str) -> Result<Option<Date>, Problem> {
        let wrong = ["is no calendar day", "n'est pas un jour du calendrier"];
        let remedy = ["Write year-month-day", "Écrivez année-mois-jour"];
        self.parsed(name, parameters::day, wrong, remedy)
    }

    /// An instant.
    pub(super) fn instant(&self, name: &str) -> Result<Option<Timestamp>, Problem> {
        let wrong = ["is no instant", "n'est pas un instant"];
        let remedy = [
            "Write it with its zone, such as 2018-01-31T00:00:00Z",
            "Écrivez-le avec son fuseau, comme 2018-01-31T00:00:00Z",
        ];
        self.parsed(name, |text| text.parse().ok(), wrong, remedy)
    }

    fn parsed<T>(
        &self,
        name: &str,
        parse: impl Fn(&str) -> Option<T>,
        wrong: [&str; 2],
        remedy: [&str; 2],
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        parse(&text).map(Some).ok_or_else(|| refused(name, &text, wrong, remedy))
    }

    /// The texts of a list.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        let list = self.0.get(name).and_then(|value| value.list().ok());
        let items = list.iter().flat_map(ListAccessor::iter);
        items.filter_map(|item| item.string().ok().map(str::to_owned)).collect()
    }

    /// Page and limit.
    pub(super) fn page(&self) -> Result<(u64, u32), Problem> {
        let page = self.whole("page", PAGE_MAX)?.unwrap_or(1);
        let limit = self.whole("limit", LIMIT_MAX)?.and_then(|limit| u32::try_from(limit).ok());
        Ok((page, limit.unwrap_or(parameters::LIMIT_DEFAULT)))
    }

    fn whole(&self, name: &str, max: u64) -> Result<Option<u64>, Problem> {
        let Some(value) = self.0.get(name).filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        let wrong = ["is out of range", "est hors de la plage"];
        let (en, fr) = (format!("Give 1 to {max}"), format!("Donnez de 1 à {max}"));
        match value.u64() {
            Ok(number) if (1..=max).contains(&number) => Ok(Some(number)),
            _ => Err(refused(name, &value.as_value().to_string(), wrong, [&en, &fr])),
        }
    }
}

/// An argument that is not what its field needs; the finding is the message.
pub(super) fn refused(path: &str, value: &str, wrong: [&str; 2], remedy: [&str; 2]) -> Problem {
    let complaint = Complaint { rule: "GRAPHQL-ARGUMENT", path, value, wrong, remedy };
    let finding = complaint.finding();
    Problem::new(crate::answer::problem::Kind::Invalid, finding.en, finding.fr)
}
