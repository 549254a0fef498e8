//! The tables of what became of findings and of statuses.

use super::{
    Cell, Column, Table, column,
    counted::{COUNT, COUNTRY, SEVERITY},
};
use crate::{
    MonthlyReport,
    words::{self, Word},
};

const CAUSE: Column = column("cause", "About", "Objet", 40);
const WHOSE: Column = column("whose", "Whose", "De quoi", 14);
const BECAME: Column = column("to", "Became", "Devenu", 12);

/// What a case is about; a word that this program does not know stands as it is.
fn cause(code: &str) -> Cell {
    words::cause(code).map_or_else(|| Cell::text(code), Cell::Coded)
}

/// A state, or the region where states are not told.
fn country(alpha2: Option<&String>) -> Cell {
    const REGION: Word = Word { code: "region", en: "Region", fr: "Région" };
    alpha2.map_or(Cell::Coded(REGION), |alpha2| Cell::Country(alpha2.clone()))
}

pub(super) fn cases(report: &MonthlyReport) -> Table {
    let rows = report.cases.iter().flat_map(|cases| &cases.standing).map(|one| {
        vec![
            country(one.country.as_ref()),
            cause(&one.cause),
            Cell::Coded(words::severity(one.severity)),
            Cell::Coded(one.state.word()),
            Cell::count(one.count),
            Cell::count(one.overdue),
        ]
    });
    Table {
        name: Word { code: "cases", en: "Cases", fr: "Dossiers" },
        columns: vec![
            COUNTRY,
            CAUSE,
            SEVERITY,
            column("state", "Stands", "Situation", 20),
            COUNT,
            column("overdue", "Of these not answered in time", "Dont sans réponse à temps", 16),
        ],
        rows: rows.collect(),
    }
}

pub(super) fn case_steps(report: &MonthlyReport) -> Table {
    let rows = report.cases.iter().flat_map(|cases| &cases.steps).map(|one| {
        vec![
            country(one.country.as_ref()),
            cause(&one.cause),
            Cell::Coded(words::severity(one.severity)),
            Cell::Coded(one.step.word()),
            Cell::count(one.count),
        ]
    });
    Table {
        name: Word { code: "case_steps", en: "Cases in the month", fr: "Dossiers dans le mois" },
        columns: vec![COUNTRY, CAUSE, SEVERITY, column("step", "What", "Quoi", 20), COUNT],
        rows: rows.collect(),
    }
}

pub(super) fn changes(report: &MonthlyReport) -> Table {
    let rows = report.statuses.iter().flat_map(|statuses| &statuses.changes).map(|change| {
        vec![
            Cell::Coded(change.whose.word()),
            Cell::Country(change.country.clone()),
            Cell::text(&change.id),
            Cell::Day(change.on),
            Cell::Coded(change.from.word()),
            Cell::Coded(change.to.word()),
            Cell::Coded(change.reason.word()),
        ]
    });
    Table {
        name: Word { code: "status_changes", en: "Status changes", fr: "Changements de statut" },
        columns: vec![
            WHOSE,
            COUNTRY,
            column("id", "Which", "Lequel", 34),
            column("on", "From day", "À partir du", 12),
            column("from", "Was", "Était", 12),
            BECAME,
            column("reason", "Why", "Pourquoi", 28),
        ],
        rows: rows.collect(),
    }
}

pub(super) fn changed(report: &MonthlyReport) -> Table {
    let rows = report.statuses.iter().flat_map(|statuses| &statuses.changed).map(|one| {
        vec![
            Cell::Coded(one.whose.word()),
            Cell::Country(one.country.clone()),
            Cell::Coded(one.to.word()),
            Cell::count(one.count),
        ]
    });
    Table {
        name: Word {
            code: "status_change_counts",
            en: "Status changes counted",
            fr: "Changements comptés",
        },
        columns: vec![WHOSE, COUNTRY, BECAME, COUNT],
        rows: rows.collect(),
    }
}
