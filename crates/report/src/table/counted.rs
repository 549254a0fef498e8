//! The tables of what was reported and found.

use super::{Cell, Column, Table, column};
use crate::{
    MonthlyReport,
    words::{self, Word},
};

pub(super) const COUNTRY: Column = column("country", "State", "État", 30);
const MONTH: Column = column("month", "Month", "Mois", 10);
pub(super) const COUNT: Column = column("count", "Count", "Nombre", 10);
const RULE: Column = column("rule", "Rule", "Règle", 8);
pub(super) const SEVERITY: Column = column("severity", "Severity", "Gravité", 14);
const STATUS: Column = column("status", "Status", "Statut", 12);

pub(super) fn reporting(report: &MonthlyReport) -> Table {
    let reporting = report.reporting.iter();
    let rows = reporting.flat_map(|reporting| {
        reporting.rows.iter().flat_map(|row| {
            reporting.months.iter().zip(&row.cells).map(|(month, reported)| {
                vec![
                    Cell::Country(row.country.clone()),
                    Cell::Month(*month),
                    Cell::Coded(reported.word()),
                ]
            })
        })
    });
    Table {
        name: Word { code: "reporting", en: "Reporting", fr: "Déclarations" },
        columns: vec![COUNTRY, MONTH, column("reported", "Reported", "Déclaré", 24)],
        rows: rows.collect(),
    }
}

pub(super) fn flows(report: &MonthlyReport) -> Table {
    let cells = report.flows.iter().flat_map(|flows| &flows.cells);
    let rows = cells.map(|cell| {
        let country = cell.country.as_ref();
        let mineral = |lang| words::mineral(&cell.mineral, lang);
        vec![
            Cell::Coded(cell.flow.word()),
            country.map_or(Cell::Coded(REGION), |country| Cell::Country(country.clone())),
            Cell::text(&cell.mineral),
            Cell::Said(mineral(crate::Lang::En), mineral(crate::Lang::Fr)),
            Cell::Month(cell.month),
            Cell::figure(cell.mass),
            Cell::remark(Some(cell.mass)),
            Cell::figure(cell.metal),
            Cell::remark(Some(cell.metal)),
        ]
    });
    Table {
        name: Word { code: "flows", en: "Flows", fr: "Flux" },
        columns: vec![
            column("flow", "Flow", "Flux", 14),
            COUNTRY,
            column("hs6", "HS6", "SH6", 9),
            column("mineral", "Mineral", "Minerai", 24),
            MONTH,
            column("mass_kg", "Mass, kg", "Masse, kg", 16),
            column("mass_remark", "Mass not shown", "Masse non montrée", 18),
            column("contained_kg", "Contained, kg", "Contenu, kg", 16),
            column("contained_remark", "Contained not shown", "Contenu non montré", 18),
        ],
        rows: rows.collect(),
    }
}

const REGION: Word = Word { code: "region", en: "Region", fr: "Région" };

pub(super) fn matching(report: &MonthlyReport) -> Table {
    let rows = report.matching.iter().flat_map(|matching| &matching.rows).map(|row| {
        vec![
            Cell::Country(row.country.clone()),
            Cell::Coded(row.outcome.word()),
            Cell::count(row.count),
            row.exported.map_or(Cell::Nothing, Cell::figure),
            Cell::remark(row.exported),
            row.imported.map_or(Cell::Nothing, Cell::figure),
            Cell::remark(row.imported),
        ]
    });
    Table {
        name: Word { code: "matching", en: "Exports and imports", fr: "Rapprochement" },
        columns: vec![
            COUNTRY,
            column("outcome", "Outcome", "Issue", 28),
            COUNT,
            column("exported_kg", "Exported, kg", "Exporté, kg", 16),
            column("exported_remark", "Exported not shown", "Exporté non montré", 18),
            column("imported_kg", "Imported, kg", "Importé, kg", 16),
            column("imported_remark", "Imported not shown", "Importé non montré", 18),
        ],
        rows: rows.collect(),
    }
}

pub(super) fn finding_counts(report: &MonthlyReport) -> Table {
    let rows = report.findings.iter().flat_map(|findings| &findings.counts).map(|count| {
        vec![
            Cell::text(&count.rule),
            Cell::Country(count.country.clone()),
            Cell::Coded(words::severity(count.severity)),
            Cell::count(count.open),
            Cell::count(count.opened),
            Cell::count(count.closed),
        ]
    });
    Table {
        name: Word { code: "finding_counts", en: "Findings counted", fr: "Constats comptés" },
        columns: vec![
            RULE,
            COUNTRY,
            SEVERITY,
            column("open", "Open", "Ouverts", 10),
            column("opened", "Opened in the month", "Ouverts dans le mois", 12),
            column("closed", "Closed in the month", "Clos dans le mois", 12),
        ],
        rows: rows.collect(),
    }
}

pub(super) fn untested(report: &MonthlyReport) -> Table {
    let rows = report
        .findings
        .iter()
        .flat_map(|findings| &findings.untested)
        .map(|untested| vec![Cell::text(&untested.rule), Cell::count(untested.subjects)]);
    Table {
        name: Word { code: "untested", en: "Not testable", fr: "Non vérifiable" },
        columns: vec![RULE, column("subjects", "Subjects", "Objets", 12)],
        rows: rows.collect(),
    }
}

pub(super) fn findings(report: &MonthlyReport) -> Table {
    let rows = report.findings.iter().flat_map(|findings| &findings.list).map(|line| {
        vec![
            Cell::text(&line.id),
            Cell::text(&line.rule),
            Cell::Coded(words::severity(line.severity)),
            Cell::Country(line.country.clone()),
            Cell::text(&line.subject_kind),
            Cell::text(&line.subject_key),
            Cell::Day(line.opened_on),
            Cell::Said(line.en.clone(), line.fr.clone()),
        ]
    });
    Table {
        name: Word { code: "findings", en: "Findings", fr: "Constats" },
        columns: vec![
            column("finding_id", "Finding", "Constat", 18),
            RULE,
            SEVERITY,
            COUNTRY,
            column("subject_kind", "About", "Objet", 16),
            column("subject_key", "Which", "Lequel", 40),
            column("opened_on", "Open since", "Ouvert depuis", 12),
            column("says", "What it says", "Ce qu'il dit", 90),
        ],
        rows: rows.collect(),
    }
}

pub(super) fn statuses(report: &MonthlyReport) -> Table {
    const SITES: Word = Word { code: "sites", en: "sites", fr: "sites" };
    const EXPORTERS: Word = Word { code: "exporters", en: "exporters", fr: "exportateurs" };
    let rows = report.statuses.iter().flat_map(|statuses| {
        let sites = statuses.sites.iter().map(|count| (SITES, count));
        sites.chain(statuses.exporters.iter().map(|count| (EXPORTERS, count)))
    });
    let rows = rows.map(|(whose, count)| {
        vec![
            Cell::Coded(whose),
            Cell::Country(count.country.clone()),
            Cell::Coded(count.status.word()),
            Cell::count(count.count),
        ]
    });
    Table {
        name: Word { code: "statuses", en: "Statuses", fr: "Statuts" },
        columns: vec![column("whose", "Whose", "De quoi", 14), COUNTRY, STATUS, COUNT],
        rows: rows.collect(),
    }
}

pub(super) fn lapses(report: &MonthlyReport) -> Table {
    let rows = report.statuses.iter().flat_map(|statuses| &statuses.lapses).map(|lapse| {
        vec![
            Cell::Country(lapse.country.clone()),
            Cell::text(&lapse.icglr_id),
            Cell::Coded(lapse.status.word()),
            Cell::Day(lapse.until),
            Cell::Coded(lapse.then.word()),
        ]
    });
    Table {
        name: Word { code: "lapses", en: "Lapses ahead", fr: "Échéances à venir" },
        columns: vec![
            COUNTRY,
            column("icglr_id", "Site", "Site", 34),
            STATUS,
            column("until", "Until", "Jusqu'au", 12),
            column("then", "Then", "Ensuite", 12),
        ],
        rows: rows.collect(),
    }
}
