//! The tables of what the report rests on.

use super::{Cell, Table, column};
use crate::{MonthlyReport, words::Word};

pub(super) fn rules(report: &MonthlyReport) -> Table {
    let rows = report.method.rules.iter().map(|rule| {
        vec![
            Cell::text(&rule.id),
            Cell::Count(rule.version.into()),
            Cell::Said(rule.en.clone(), rule.fr.clone()),
        ]
    });
    Table {
        name: Word { code: "rules", en: "Rules", fr: "Règles" },
        columns: vec![
            column("rule", "Rule", "Règle", 8),
            column("version", "Version", "Version", 9),
            column("about", "About", "Objet", 60),
        ],
        rows: rows.collect(),
    }
}

pub(super) fn limits(report: &MonthlyReport) -> Table {
    let limits = report
        .method
        .rules
        .iter()
        .flat_map(|rule| rule.limits.iter().map(move |limit| (rule, limit)));
    let rows = limits.map(|(rule, limit)| {
        vec![
            Cell::text(&rule.id),
            Cell::text(&limit.name),
            Cell::Count(limit.value),
            Cell::Coded(limit.unit.word()),
            limit.country.clone().map_or(Cell::Nothing, Cell::Country),
            limit.mineral.clone().map_or(Cell::Nothing, Cell::Text),
            Cell::Said(limit.en.clone(), limit.fr.clone()),
        ]
    });
    Table {
        name: Word { code: "limits", en: "Limits", fr: "Limites" },
        columns: vec![
            column("rule", "Rule", "Règle", 8),
            column("limit", "Limit", "Limite", 26),
            column("value", "Value", "Valeur", 16),
            column("unit", "Unit", "Unité", 18),
            column("country", "State (all if none)", "État (tous si vide)", 30),
            column("hs6", "HS6 (all if none)", "SH6 (tous si vide)", 12),
            column("about", "What it limits", "Ce qu'elle limite", 70),
        ],
        rows: rows.collect(),
    }
}

pub(super) fn feeds(report: &MonthlyReport) -> Table {
    const YES: Word = Word { code: "yes", en: "yes", fr: "oui" };
    const NO: Word = Word { code: "no", en: "no", fr: "non" };
    let answer = |is_so: bool| Cell::Coded(if is_so { YES } else { NO });
    let rows = report.method.feeds.iter().map(|feed| {
        vec![
            Cell::Country(feed.country.clone()),
            Cell::text(&feed.node),
            Cell::text(&feed.feed),
            Cell::Count(feed.epoch.into()),
            Cell::count(feed.size),
            Cell::text(&feed.root),
            answer(feed.verified),
            answer(feed.frozen),
            Cell::day(feed.last_exchange_on),
        ]
    });
    Table {
        name: Word { code: "feeds", en: "Feeds", fr: "Flux de données" },
        columns: vec![
            column("country", "State", "État", 30),
            column("node", "Node", "Nœud", 18),
            column("feed", "Feed", "Flux", 16),
            column("epoch", "Epoch", "Époque", 8),
            column("size", "Entries", "Entrées", 12),
            column("root", "Root (SHA-256)", "Racine (SHA-256)", 66),
            column("verified", "Signature checked", "Signature vérifiée", 12),
            column("frozen", "Frozen", "Gelé", 8),
            column("last_exchange_on", "Last exchange", "Dernier échange", 12),
        ],
        rows: rows.collect(),
    }
}
