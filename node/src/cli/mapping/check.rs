//! `rmd-node mapping check`: the mapping against the live database.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use rmd_runtime::{exit, output};

use super::{lang::Lang, reach::Reach};
use crate::{
    cli::{Failure, Global, progress},
    mapping::{
        Fault,
        check::{self, FieldReport, Options, RecordReport, Report, RuleReport},
    },
};

/// What `mapping check` is told.
#[derive(Debug, Args)]
#[command(
    after_help = "Example · Exemple:\n  rmd-node mapping check --dir /var/lib/rmd-node\n  rmd-node mapping check --source sqlite:mines.sqlite --country COD --mapping mapping.toml"
)]
pub(in crate::cli) struct CheckArgs {
    #[command(flatten)]
    reach: Reach,
    /// Mapping to be checked; by default the node's · Correspondance à vérifier ; par défaut celle du nœud
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Rows shown for each rule · Lignes montrées pour chaque règle
    #[arg(long, default_value_t = 3)]
    examples: usize,
    /// Rows read of each record type; all without it · Lignes lues de chaque type de fiche ; toutes sans elle
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
    /// Language of the text; by default that of the terminal · Langue du texte
    #[arg(long, value_enum)]
    lang: Option<Lang>,
}

/// Steps of a plan that are printed.
const STEPS_SHOWN_MAX: usize = 6;

/// Words of a field that are printed; `--json` has more.
const WORDS_SHOWN_MAX: usize = 12;

pub(super) async fn check(global: &Global, args: &CheckArgs) -> Result<ExitCode, Failure> {
    let reached = args.reach.reach(global, args.mapping.as_ref()).await?;
    let counter = progress::counter("rows read · lignes lues");
    let options = Options {
        examples: args.examples,
        limit: args.limit,
        progress: &|rows| counter.set_position(rows),
    };
    let report = check::check(&reached.source, &reached.mapping, &reached.context, &options).await;
    counter.finish_and_clear();
    let report = report?;
    let lang = Lang::chosen(args.lang);
    global.format().print(&report, |report| text(report, lang))?;
    Ok(exit::code(if report.is_sound() { exit::OK } else { exit::DATA }))
}

fn text(report: &Report, lang: Lang) -> String {
    let mut lines = vec![format!(
        "{}: {} ({})\nsource: {} {}\n",
        lang.pick("mapping", "correspondance"),
        report.mapping,
        report.mapping_id,
        report.source_kind,
        report.server_version
    )];
    let heads = [
        lang.pick("record", "fiche"),
        lang.pick("rows", "lignes"),
        lang.pick("accepted", "admises"),
        lang.pick("incomplete", "incomplètes"),
        lang.pick("refused", "refusées"),
    ];
    let rows: Vec<Vec<String>> = report.records.iter().map(counts).collect();
    lines.push(output::table(&heads.each_ref().map(String::as_str), &rows));
    for record in &report.records {
        lines.extend(of_record(record, lang));
    }
    lines.extend(ending(report, lang));
    lines.join("\n")
}

fn counts(record: &RecordReport) -> Vec<String> {
    let rows = format!("{}{}", record.rows, if record.cut { "+" } else { "" });
    let counts = [record.accepted, record.incomplete, record.refused];
    let counts = counts.map(|count| count.to_string());
    [record.entity.clone(), rows].into_iter().chain(counts).collect()
}

fn of_record(record: &RecordReport, lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    let entity = &record.entity;
    if !record.fields.is_empty() {
        lines.push(format!("\n{entity}: {}", lang.pick("coverage", "couverture")));
        lines.push(coverage(&record.fields, lang));
    }
    if !record.missing.is_empty() {
        let says = lang.pick(
            "the standard requires, and no column gives",
            "la norme exige, et aucune colonne ne donne",
        );
        lines.push(format!("\n{entity}: {says}"));
        let rows: Vec<Vec<String>> = record
            .missing
            .iter()
            .map(|(path, missing)| {
                let (records, rule) = (missing.records.to_string(), missing.rule.clone());
                let aliases = missing.aliases.join(", ");
                vec![format!("  {path}"), records, missing.severity.clone(), aliases, rule]
            })
            .collect();
        let heads = [lang.pick("  field", "  donnée"), lang.pick("records", "fiches")];
        let given_by = lang.pick("given by", "donnée par");
        lines.push(output::table(&[&heads[0], &heads[1], "", &given_by, ""], &rows));
    }
    for rule in record.rules.iter().filter(|rule| !is_of_missing(record, rule)) {
        let records = lang.pick("records", "fiches");
        let (name, severity, count) = (&rule.rule, &rule.severity, rule.records);
        lines.push(format!("\n{entity} {name} ({severity}): {count} {records}"));
        for example in &rule.first {
            let says = lang.pick(&example.en, &example.fr);
            lines.push(format!("  {}: {says}", example.source_key));
        }
    }
    lines.extend(unmapped(record, lang));
    lines.extend(plans(record, lang));
    lines
}

/// Whether all that broke a rule is told already as a column that lacks.
fn is_of_missing(record: &RecordReport, rule: &RuleReport) -> bool {
    let missing = record.missing.values().filter(|missing| missing.rule == rule.rule);
    missing.map(|missing| missing.records).sum::<u64>() >= rule.records
}

fn coverage(fields: &[FieldReport], lang: Lang) -> String {
    let heads = [
        lang.pick("  field", "  donnée"),
        lang.pick("filled", "remplies"),
        "%".to_owned(),
        lang.pick("empty", "vides"),
        lang.pick("refused", "refusées"),
        lang.pick("normalisers", "normaliseurs"),
    ];
    let rows: Vec<Vec<String>> = fields
        .iter()
        .map(|field| {
            let steps = field.normalisers.iter().map(|step| {
                let done = [
                    (step.changed, lang.pick("changed", "modifiées")),
                    (step.emptied, lang.pick("emptied", "vidées")),
                    (step.unread, lang.pick("unreadable", "illisibles")),
                ];
                let done = done.iter().filter(|done| done.0 > 0);
                let done: Vec<String> =
                    done.map(|(count, word)| format!("{count} {word}")).collect();
                match done.join(", ") {
                    done if done.is_empty() => step.name.to_owned(),
                    done => format!("{} ({done})", step.name),
                }
            });
            vec![
                format!("  {}", field.field),
                field.filled.to_string(),
                format!("{}.{}", field.filled_per_mille / 10, field.filled_per_mille % 10),
                field.empty.to_string(),
                field.refused.to_string(),
                steps.collect::<Vec<_>>().join(" "),
            ]
        })
        .collect();
    output::table(&heads.each_ref().map(String::as_str), &rows)
}

/// Words of the source that are in no code list, the most frequent first.
fn unmapped(record: &RecordReport, lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    for (field, words) in &record.unmapped {
        let mut words: Vec<(&String, &u64)> = words.iter().collect();
        words.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        let more = if words.len() > WORDS_SHOWN_MAX { ", …" } else { "" };
        let shown = words.iter().take(WORDS_SHOWN_MAX);
        let shown: Vec<String> = shown.map(|(word, rows)| format!("{word} ({rows})")).collect();
        let says = lang.pick("in no code list", "dans aucune liste de codes");
        lines.push(format!("\n{} {field}: {says}: {}{more}", record.entity, shown.join(", ")));
    }
    lines
}

fn plans(record: &RecordReport, lang: Lang) -> Vec<String> {
    if record.queries.is_empty() {
        return Vec::new();
    }
    let says = lang.pick("re-read by key", "relecture par clé");
    let mut lines = vec![format!("\n{}: {says}, {} ms", record.entity, record.reread_ms)];
    for query in &record.queries {
        let how = if query.scans {
            lang.pick("scans the table", "parcourt la table")
        } else {
            lang.pick("by index", "par index")
        };
        let steps = query.plan.iter().take(STEPS_SHOWN_MAX).map(String::as_str);
        lines.push(format!("  {}: {how} ({})", query.query, steps.collect::<Vec<_>>().join(" | ")));
    }
    lines
}

fn ending(report: &Report, lang: Lang) -> Vec<String> {
    let says = |fault: &Fault| {
        let place = [&fault.file, &fault.record, &fault.key];
        let place: Vec<&str> =
            place.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        format!("  {}: {}", place.join(": "), lang.pick(&fault.en, &fault.fr))
    };
    let mut lines = Vec::new();
    if !report.warnings.is_empty() {
        lines.push(format!("\n{}:", lang.pick("note", "à noter")));
        lines.extend(report.warnings.iter().map(says));
    }
    if report.is_sound() {
        let good = lang.pick("the mapping can be used", "la correspondance est utilisable");
        lines.push(format!("\n{good}"));
    } else {
        lines.push(format!("\n{}:", lang.pick("to correct", "à corriger")));
        lines.extend(report.faults.iter().map(says));
    }
    lines
}
