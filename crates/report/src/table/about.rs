//! The first table: of what the report is, and which parts have no data yet.

use super::{Cell, Table, column};
use crate::{
    MonthlyReport,
    words::{NO_DATA, Word},
};

const KEYS: [Word; 15] = [
    Word { code: "network", en: "Network", fr: "Réseau" },
    Word { code: "month", en: "Month", fr: "Mois" },
    Word { code: "evaluated_on", en: "Day of evaluation", fr: "Jour de l'évaluation" },
    Word { code: "edition", en: "Edition", fr: "Édition" },
    Word { code: "notice", en: "Notice", fr: "Avis" },
    Word { code: "closed_on", en: "Closed on", fr: "Clôturé le" },
    Word { code: "closing_digest", en: "SHA-256 of what was closed", fr: "SHA-256 de la clôture" },
    Word { code: "software", en: "Program", fr: "Programme" },
    Word { code: "parameters_version", en: "Version of the limits", fr: "Version des limites" },
    Word { code: "part_reporting", en: "Part: reporting", fr: "Partie : déclarations" },
    Word { code: "part_flows", en: "Part: flows", fr: "Partie : flux" },
    Word { code: "part_matching", en: "Part: exports and imports", fr: "Partie : rapprochement" },
    Word { code: "part_findings", en: "Part: findings", fr: "Partie : constats" },
    Word { code: "part_cases", en: "Part: cases", fr: "Partie : dossiers" },
    Word { code: "part_statuses", en: "Part: statuses", fr: "Partie : statuts" },
];

const PRESENT: Word = Word { code: "present", en: "present", fr: "présente" };

pub(super) fn about(report: &MonthlyReport) -> Table {
    let closing = report.closing.as_ref();
    let notice = report.notice.as_ref();
    let part = |is_there: bool| Cell::Coded(if is_there { PRESENT } else { NO_DATA });
    let values = [
        Cell::text(&report.network),
        Cell::Month(report.month),
        Cell::Day(report.evaluated_on),
        Cell::Coded(report.edition.word()),
        notice.map_or(Cell::Nothing, |notice| Cell::Said(notice.en.clone(), notice.fr.clone())),
        Cell::day(closing.map(|closing| closing.closed_on)),
        closing.map_or(Cell::Nothing, |closing| Cell::text(&closing.digest)),
        Cell::text(&report.method.software),
        report
            .method
            .parameters_version
            .map_or(Cell::Nothing, |version| Cell::Count(version.into())),
        part(report.reporting.is_some()),
        part(report.flows.is_some()),
        part(report.matching.is_some()),
        part(report.findings.is_some()),
        part(report.cases.is_some()),
        part(report.statuses.is_some()),
    ];
    let rows = KEYS.into_iter().zip(values).map(|(key, value)| vec![Cell::Coded(key), value]);
    Table {
        name: Word { code: "about", en: "About", fr: "À propos" },
        columns: vec![column("key", "What", "Quoi", 28), column("value", "Value", "Valeur", 70)],
        rows: rows.collect(),
    }
}
