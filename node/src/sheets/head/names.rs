//! Everything by which a header may name a column.

use std::{collections::HashMap, sync::LazyLock};

use rmd_standard::Entity;

use super::Target;
use crate::sheets::{
    fold::fold,
    labels::{self, Language},
    layout::{Field, Layout},
};

/// Columns of a sheet that are no field of the record.
pub(crate) const NOTE: &str = "_note";
pub(crate) const KEY: &str = "_key";
pub(crate) const PARENT: &str = "_parent";
pub(crate) const ANNULLED_ON: &str = "_annulled_on";
pub(crate) const ANNULLED_REASON: &str = "_annulled_reason";
pub(crate) const RESULT: &str = "_rmd_result";
pub(crate) const FINDINGS: &str = "_rmd_findings";

/// Elements of one list that the sheet of the records may hold in columns.
const INLINE_MAX: usize = 5;

/// Alias, label in English, label in French, what it is.
const SPECIAL: [(&str, &str, &str, Target); 7] = [
    (NOTE, "Remark", "Remarque", Target::Note),
    (KEY, "Row key", "Clé de ligne", Target::Key),
    (PARENT, "Belongs to", "Appartient à", Target::Parent),
    (ANNULLED_ON, "Annulled on", "Annulée le", Target::AnnulledOn),
    (ANNULLED_REASON, "Ground of the annulment", "Motif de l'annulation", Target::AnnulledReason),
    (RESULT, "Result of the check", "Résultat du contrôle", Target::Annotation),
    (FINDINGS, "Findings of the check", "Constats du contrôle", Target::Annotation),
];

/// The label of a column that is no field of the record.
pub(crate) fn special_label(alias: &str, language: Language) -> &'static str {
    let known = SPECIAL.iter().find(|row| row.0 == alias);
    known.map_or("", |row| language.pick(row.1, row.2))
}

/// The names of the columns of one kind of sheet, folded.
#[derive(Debug, Default)]
pub(super) struct Names {
    targets: HashMap<String, Target>,
    /// Labels that only one language has.
    languages: HashMap<String, Language>,
}

static RECORDS: LazyLock<Vec<Names>> =
    LazyLock::new(|| Entity::ALL.into_iter().map(Names::records).collect());

static LISTS: LazyLock<Vec<Vec<Names>>> = LazyLock::new(|| {
    let of = |entity| Layout::of(entity).lists.iter().map(|list| Names::list(&list.fields));
    Entity::ALL.into_iter().map(|entity| of(entity).collect()).collect()
});

impl Names {
    pub(super) fn of_records(entity: Entity) -> &'static Self {
        &RECORDS[place(entity)]
    }

    pub(super) fn of_list(entity: Entity, list: usize) -> &'static Self {
        &LISTS[place(entity)][list]
    }

    pub(super) fn get(&self, folded: &str) -> Option<Target> {
        self.targets.get(folded).copied()
    }

    pub(super) fn language(&self, folded: &str) -> Option<Language> {
        self.languages.get(folded).copied()
    }

    fn records(entity: Entity) -> Self {
        let layout = Layout::of(entity);
        let mut names = Self::default();
        names.fields(&layout.fields, "", &|_| String::new(), &|field| Target::Field(field));
        names.special();
        for place in 0..layout.lists.len() {
            for element in 0..INLINE_MAX {
                names.element(layout, place, element);
            }
        }
        names.short(&layout.fields);
        names
    }

    /// The columns of one element of a list on the sheet of records.
    fn element(&mut self, layout: &Layout, place: usize, element: usize) {
        let list = &layout.lists[place];
        let number = Some(element + 1).filter(|number| *number > 1);
        let number = number.map_or_else(String::new, |number| number.to_string());
        let label = |language| format!("{}{number}", labels::of_list(list.name, language));
        let alias = format!("{}{number}", list.name);
        let target = |field| Target::Element(place, element, field);
        self.fields(&list.fields, &alias, &label, &target);
    }

    fn list(fields: &[Field]) -> Self {
        let mut names = Self::default();
        names.fields(fields, "", &|_| String::new(), &|field| Target::Field(field));
        names.special();
        names.short(fields);
        names
    }

    fn fields(
        &mut self,
        fields: &[Field],
        alias: &str,
        label: &dyn Fn(Language) -> String,
        target: &dyn Fn(usize) -> Target,
    ) {
        for (index, field) in fields.iter().enumerate() {
            self.add(&format!("{alias}{}", field.alias), target(index));
        }
        for (index, field) in fields.iter().enumerate() {
            let of = |language| {
                format!("{}{}", label(language), labels::of_alias(field.alias, language))
            };
            self.labels(target(index), &of);
        }
    }

    fn special(&mut self) {
        for (alias, en, fr, target) in SPECIAL {
            // As it stands: folded it could be a field.
            self.targets.entry(fold(alias)).or_insert(target);
            self.labels(target, &|language| language.pick(en, fr).to_owned());
        }
    }

    /// The last part of a label, where no other column of the sheet ends alike.
    fn short(&mut self, fields: &[Field]) {
        for language in Language::ALL {
            let mut seen: HashMap<String, Option<usize>> = HashMap::new();
            for (index, field) in fields.iter().enumerate() {
                let label = labels::of_alias(field.alias, language);
                let last = fold(label.rsplit(" – ").next().unwrap_or(&label));
                seen.entry(last).and_modify(|known| *known = None).or_insert(Some(index));
            }
            let alone = seen.into_iter().filter_map(|(name, index)| Some((name, index?)));
            alone.for_each(|(name, index)| self.add(&name, Target::Field(index)));
        }
    }

    fn labels(&mut self, target: Target, of: &dyn Fn(Language) -> String) {
        let [en, fr] = Language::ALL.map(|language| fold(&of(language)));
        if en != fr {
            self.languages.entry(en.clone()).or_insert(Language::English);
            self.languages.entry(fr.clone()).or_insert(Language::French);
        }
        self.add(&en, target);
        self.add(&fr, target);
    }

    /// The first that has a name keeps it: aliases come before labels.
    fn add(&mut self, name: &str, target: Target) {
        self.targets.entry(fold(name)).or_insert(target);
    }
}

fn place(entity: Entity) -> usize {
    // Every record type is in the list of all.
    Entity::ALL.iter().position(|known| *known == entity).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_leads_to_its_own_column() {
        for entity in Entity::ALL {
            let layout = Layout::of(entity);
            let names = Names::of_records(entity);
            each_leads_home(names, &layout.fields);
            for (place, list) in layout.lists.iter().enumerate() {
                each_leads_home(Names::of_list(entity, place), &list.fields);
            }
            for (alias, _, _, target) in SPECIAL {
                assert_eq!(names.get(&fold(alias)), Some(target), "{entity} {alias}");
            }
        }
    }

    fn each_leads_home(names: &Names, fields: &[Field]) {
        for (index, field) in fields.iter().enumerate() {
            let [en, fr] = Language::ALL.map(|language| labels::of_alias(field.alias, language));
            for name in [field.alias, &en, &fr] {
                assert_eq!(names.get(&fold(name)), Some(Target::Field(index)), "{name}");
            }
        }
    }
}
