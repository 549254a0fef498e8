//! The columns of a record type and of its lists, and where a finding points.
//!
//! Everything comes from the aliases and the rules of the standard; nothing is
//! listed here that the standard knows. Invariant: the order of the columns is
//! that of the aliases, with what a record cannot do without in its place.

use std::{collections::HashMap, sync::LazyLock};

use rmd_standard::{Column, Entity, Severity, Shape, aliases, column, rules};

/// The sheets of one record type.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) entity: Entity,
    pub(super) fields: Vec<Field>,
    pub(super) lists: Vec<List>,
}

/// The sheet of one list.
#[derive(Debug)]
pub(super) struct List {
    pub(super) name: &'static str,
    pub(super) fields: Vec<Field>,
}

/// One column.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) alias: &'static str,
    pub(super) column: Column,
    pub(super) shape: Shape,
    /// How heavy its absence weighs; none where it may be absent.
    pub(super) need: Option<Severity>,
    /// Path of the field in rules, `[]` for any element of a list.
    pub(super) path: String,
}

/// The column that a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// The list and the element of it.
    pub(super) element: Option<(usize, usize)>,
    /// None where the finding is about the record or the element as a whole.
    pub(super) field: Option<usize>,
}

static LAYOUTS: LazyLock<Vec<Layout>> =
    LazyLock::new(|| Entity::ALL.into_iter().map(Layout::new).collect());

impl Layout {
    /// The sheets of a record type.
    pub(super) fn of(entity: Entity) -> &'static Self {
        let place = Entity::ALL.iter().position(|known| *known == entity);
        &LAYOUTS[place.expect("every record type is in the list of all")]
    }

    fn new(entity: Entity) -> Self {
        let needs = Needs::of(entity);
        let lists = entity.lists().iter();
        let lists =
            lists.map(|list| List { name: list, fields: fields(entity, Some(list), &needs) });
        Self { entity, fields: fields(entity, None, &needs), lists: lists.collect() }
    }

    /// The columns that name a record for the rows of its lists, the first that is
    /// filled; none where the record type has no lists.
    pub(super) const fn link_aliases(&self) -> &'static [&'static str] {
        match self.entity {
            Entity::MineSite => &["national_id", "icglr_id"],
            Entity::Lot => &["lot_number"],
            _ => &[],
        }
    }

    /// Place of a column of the record.
    pub(super) fn field(&self, alias: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.alias == alias)
    }

    /// The column that the path of a finding means.
    pub(super) fn locate(&self, path: &str) -> Place {
        let element = self.lists.iter().enumerate().find_map(|(place, list)| {
            let rest = path.strip_prefix(list.name)?;
            let (index, rest) = rest.strip_prefix('[')?.split_once(']')?;
            Some((place, index.parse::<usize>().ok()?, rest.trim_start_matches('.')))
        });
        match element {
            Some((list, index, rest)) => {
                let field = among(&self.lists[list].fields, rest);
                Place { element: Some((list, index)), field }
            }
            None => Place { element: None, field: among(&self.fields, path) },
        }
    }
}

/// The column of a path: itself, a part of it, or the first column of the whole.
fn among(fields: &[Field], path: &str) -> Option<usize> {
    if path.is_empty() {
        return None;
    }
    let path = path.split('[').next().unwrap_or(path);
    let own = |field: &Field| field.path.rsplit("[].").next() == Some(path);
    let below = |field: &Field| {
        let name = field.path.rsplit("[].").next().unwrap_or_default();
        name.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'))
    };
    fields.iter().position(own).or_else(|| fields.iter().position(below))
}

fn fields(entity: Entity, list: Option<&'static str>, needs: &Needs) -> Vec<Field> {
    let of_alias = |alias: &'static str| {
        let column = column(entity, list, alias)?;
        let path = needs.path_of(list, alias);
        let need = needs.of_path(&path);
        Some(Field { alias, column, shape: column.shape(), need, path })
    };
    aliases(entity, list).into_iter().filter_map(of_alias).collect()
}

/// What the rules ask to be there.
struct Needs {
    required: HashMap<String, Severity>,
    known: Vec<String>,
}

impl Needs {
    fn of(entity: Entity) -> Self {
        let mut needs = Self { required: HashMap::new(), known: Vec::new() };
        for rule in rules::all().filter(|rule| rule.entity == entity) {
            if rule.id.ends_with("-REQUIRED") {
                needs.required.insert(rule.path.clone(), rule.severity);
            }
            needs.known.push(rule.path);
        }
        needs
    }

    /// The path in rules behind an alias: with the suffix of the unit, where it has one.
    fn path_of(&self, list: Option<&str>, alias: &str) -> String {
        let alias = match alias {
            // Two columns that make one instant.
            "date_registration" | "time_registration" => "registered_at",
            _ => alias,
        };
        let path = list.map_or_else(|| alias.to_owned(), |list| format!("{list}[].{alias}"));
        let ends = ["", "_mg", "_ppm", "_minor", "_e7", "_e3", "_cm", "_us"];
        let prefixes = ["", "mine_site_location."];
        let all = prefixes.iter().flat_map(|head| ends.iter().map(move |end| (head, end)));
        let mut all = all.map(|(head, end)| format!("{head}{path}{end}"));
        all.find(|path| self.known.contains(path)).unwrap_or(path)
    }

    /// The weight of an absent value, if all the parts around it are asked for too.
    fn of_path(&self, path: &str) -> Option<Severity> {
        let own = *self.required.get(path)?;
        let within = path.rsplit("[].").next().unwrap_or(path);
        let head = &path[..path.len() - within.len()];
        let parts = within.match_indices('.').map(|(at, _)| format!("{head}{}", &within[..at]));
        for part in parts {
            self.required.get(&part)?;
        }
        Some(own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_led_to_its_column() {
        let lot = Layout::of(Entity::Lot);
        let at = |path: &str| {
            let place = lot.locate(path);
            let fields = place.element.map_or(&lot.fields, |(list, _)| &lot.lists[list].fields);
            (place.element.map(|element| element.1), place.field.map(|field| fields[field].alias))
        };
        assert_eq!(at("mass_mg"), (None, Some("mass")));
        assert_eq!(at("creator.identifier"), (None, Some("creator.identifier")));
        assert_eq!(at("tag[3].identifier"), (Some(3), Some("identifier")));
        assert_eq!(at("tag[0]"), (Some(0), None));
        assert_eq!(at("withheld"), (None, None));
        let site = Layout::of(Entity::MineSite);
        let place = site.locate("mine_site_location.geolocalization.latitude_e7");
        let alias = place.field.map(|field| site.fields[field].alias);
        assert_eq!(alias, Some("mine_site_location.geolocalization.latitude"));
    }

    #[test]
    fn what_a_record_cannot_do_without_is_known() {
        let need = |entity, alias: &str| {
            let layout = Layout::of(entity);
            layout.fields[layout.field(alias).unwrap()].need
        };
        assert_eq!(need(Entity::Lot, "lot_number"), Some(Severity::Refuse));
        assert_eq!(need(Entity::Lot, "mass"), Some(Severity::Refuse));
        assert_eq!(need(Entity::Lot, "purchase_number"), None);
        assert_eq!(need(Entity::Lot, "recipient.name"), None);
    }
}
