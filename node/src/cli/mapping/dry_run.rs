//! `rmd-node mapping dry-run`: what a capture would append and take back.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::Args;
use rmd_runtime::{exit, output};
use serde::Serialize;

use super::lang::Lang;
use crate::{
    capture::rehearse::{Play, Rehearsed, rehearse},
    cli::{Failure, Global, open, progress},
    journal::rehearsal::Braked,
    mapping::Mapping,
    server,
};

/// What `mapping dry-run` is told.
#[derive(Debug, Args)]
#[command(
    after_help = "Example · Exemple:\n  rmd-node mapping dry-run --mapping new.toml --dir /var/lib/rmd-node"
)]
pub(in crate::cli) struct DryRunArgs {
    /// Mapping to be tried; by default the one in use · Correspondance à essayer ; par défaut celle en service
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Records shown of each kind · Fiches montrées de chaque sorte
    #[arg(long, default_value_t = 3)]
    examples: u32,
    /// Language of the text; by default that of the terminal · Langue du texte
    #[arg(long, value_enum)]
    lang: Option<Lang>,
}

/// What `mapping dry-run` tells.
#[derive(Debug, Serialize)]
struct Told {
    mapping: String,
    mapping_id: String,
    /// Entries that would be appended in all.
    revisions: i64,
    /// Records that the brake would hold in all.
    held: i64,
    records: Vec<Rehearsed>,
}

pub(super) async fn dry_run(global: &Global, args: &DryRunArgs) -> Result<ExitCode, Failure> {
    let opened = open::open(global).await?;
    let mapping = match &args.mapping {
        Some(path) => Mapping::load(path)?,
        None => server::load_mapping(&opened.directory, &opened.config)?,
    };
    let source = server::open_source(&opened.directory, &opened.config, &mapping)?;
    // Beside the journal: the copy needs the same room and the same rights.
    let dir = tempfile::Builder::new()
        .prefix("dry-run-")
        .tempdir_in(opened.directory.root())
        .with_context(|| format!("make a folder in {}", opened.directory.root().display()))?;
    let (name, id) = (mapping.name.clone(), mapping.id.clone());
    let spinner = progress::spinner("reading the source · lecture de la source");
    let play = Play {
        source,
        mapping,
        store: &opened.store,
        path: &opened.directory.store(),
        dir,
        country: opened.config.node.country.alpha2().to_owned(),
        examples: args.examples,
        limits: opened.config.brake.limits(),
        seals: open::owner(&opened).await?.map(|owner| owner.key),
    };
    let records = rehearse(play).await;
    spinner.finish_and_clear();
    let records = records?;
    let told = Told {
        mapping: name,
        mapping_id: id,
        revisions: records.iter().map(|of| of.comparison.revisions).sum(),
        held: records.iter().map(|of| of.comparison.held).sum(),
        records,
    };
    let lang = Lang::chosen(args.lang);
    global.format().print(&told, |told| text(told, lang))?;
    let is_read = told.records.iter().all(|of| of.error.is_none());
    Ok(exit::code(if is_read { exit::OK } else { exit::DATA }))
}

fn text(told: &Told, lang: Lang) -> String {
    let mut lines = vec![format!(
        "{}: {} ({})\n",
        lang.pick("mapping", "correspondance"),
        told.mapping,
        told.mapping_id
    )];
    let heads = [
        lang.pick("record", "fiche"),
        lang.pick("accepted", "admises"),
        lang.pick("refused", "refusées"),
        lang.pick("new", "nouvelles"),
        lang.pick("changed", "modifiées"),
        lang.pick("unchanged", "inchangées"),
        lang.pick("removed", "retirées"),
        lang.pick("revisions", "révisions"),
        lang.pick("held", "retenues"),
    ];
    let rows: Vec<Vec<String>> = told.records.iter().map(row).collect();
    lines.push(output::table(&heads.each_ref().map(String::as_str), &rows));
    for of in &told.records {
        lines.extend(details(of, lang));
    }
    if told.held > 0 {
        lines.push(lang.pick(
            "\nwhat the brake holds waits for a person; if it is meant, say so before: `rmd-node mapping release`",
            "\nce que le frein retient attend une personne ; si c'est voulu, dites-le avant : `rmd-node mapping release`",
        ));
    }
    lines.push(lang.pick(
        &format!("\n{} entries would be appended; nothing was written", told.revisions),
        &format!("\n{} entrées seraient ajoutées ; rien n'a été écrit", told.revisions),
    ));
    lines.join("\n")
}

fn row(of: &Rehearsed) -> Vec<String> {
    let told = &of.comparison;
    let counts = [
        told.accepted,
        told.refused,
        told.new,
        told.changed,
        told.unchanged,
        told.removed,
        told.revisions,
        told.held,
    ];
    std::iter::once(of.entity.to_owned()).chain(counts.map(|count| count.to_string())).collect()
}

fn details(of: &Rehearsed, lang: Lang) -> Vec<String> {
    let (entity, told) = (of.entity, &of.comparison);
    let mut lines = Vec::new();
    if let Some(error) = &of.error {
        lines.push(format!("\n{entity}: {error}"));
    }
    if of.rows_read.is_none() {
        lines.push(format!(
            "\n{entity}: {}",
            lang.pick(
                "is not in the mapping; what is published of it stays",
                "n'est pas dans la correspondance ; ce qui en est publié reste",
            )
        ));
    }
    if told.off > 0 {
        lines.push(format!(
            "\n{entity}: {}",
            lang.pick(
                &format!("{} accepted rows do not leave (off)", told.off),
                &format!("{} lignes admises ne sortent pas (off)", told.off),
            )
        ));
    }
    lines.extend(told.brake.iter().map(|braked| format!("\n{entity}: {}", held(braked, lang))));
    let examples = &told.examples;
    for (word, keys) in [
        (lang.pick("new", "nouvelles"), &examples.new),
        (lang.pick("changed", "modifiées"), &examples.changed),
        (lang.pick("removed", "retirées"), &examples.removed),
    ] {
        if !keys.is_empty() {
            lines.push(format!("\n{entity} {word}: {}", keys.join(", ")));
        }
    }
    for row in &examples.refused {
        let newly = lang.pick("newly refused", "nouvellement refusée");
        lines.push(format!("\n{entity} {newly}: {}", row.source_key));
        let says = row.findings.first().map(|finding| lang.pick(&finding.en, &finding.fr));
        lines.extend(says.map(|says| format!("  {says}")));
    }
    lines
}

/// What the brake would hold, and why.
fn held(braked: &Braked, lang: Lang) -> String {
    let Braked { held, counted, base, allowed, .. } = braked;
    let (en, fr) = match (braked.kind.as_str(), braked.emptied) {
        ("delete", true) => (
            format!("the brake would hold {held}: no record of the type would be left"),
            format!("le frein en retiendrait {held} : il ne resterait aucune fiche de ce type"),
        ),
        ("delete", false) => (
            format!(
                "the brake would hold {held}: {counted} of {base} records deleted within 24 hours, {allowed} may be"
            ),
            format!(
                "le frein en retiendrait {held} : {counted} fiches sur {base} supprimées en 24 heures, {allowed} peuvent l'être"
            ),
        ),
        _ => (
            format!(
                "the brake would hold {held}: {counted} of {base} records changed within 24 hours, {allowed} may be"
            ),
            format!(
                "le frein en retiendrait {held} : {counted} fiches sur {base} modifiées en 24 heures, {allowed} peuvent l'être"
            ),
        ),
    };
    let (before_en, before_fr) = match braked.held_before {
        0 => (String::new(), String::new()),
        before => (format!("; {before} wait already"), format!(" ; {before} attendent déjà")),
    };
    lang.pick(&format!("{en}{before_en}"), &format!("{fr}{before_fr}"))
}
