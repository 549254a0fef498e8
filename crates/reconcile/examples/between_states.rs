//! Writes the document that follows from the rules into a folder:
//! `cargo run -p rmd-reconcile --example between_states -- FOLDER`.
//!
//! `RULES-BETWEEN-STATES.md` has every rule with its formula, its limits and its
//! sentences. `cargo verify` compares it with that in `docs/`.

use std::{env, fmt::Write as _, fs, io, path::Path};

use rmd_reconcile::{
    Measure, Parameter, Rule, Sentence,
    parameter::{BY_MINERAL, Limit},
    rules::SENTENCES,
};

fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1);
    let folder = folder.ok_or_else(|| io::Error::other("name the folder to write into"))?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    fs::write(folder.join("RULES-BETWEEN-STATES.md"), document())
}

const HEAD: &str = "\
# Rules between states

Every rule about what the records of several states say about each other, with its
formula, its limits where nobody changed them, and what a finding says. This file is
generated: `cargo verify -- --only generated --write-generated` writes it anew.

Limits differ by state and mineral where somebody changed them; `rmd-hub parameter list`
shows those in force, `rmd-hub parameter history` who changed them. A finding is a lead
with its evidence, never an accusation.

*Un constat est un indice avec ses preuves, jamais une accusation.*
";

fn document() -> String {
    let mut text = HEAD.to_owned();
    for rule in Rule::ALL {
        let info = rule.info();
        let (id, en, fr) = (info.id, info.en, info.fr);
        // Writing into a String cannot fail.
        let _ = write!(text, "\n## {id} {en} · {fr}\n\nVersion {}.\n\n", info.version);
        for line in rule.formula().lines() {
            let quoted = if line.is_empty() { ">".to_owned() } else { format!("> {line}") };
            let _ = writeln!(text, "{quoted}");
        }
        limits(&mut text, rule);
        sentences(&mut text, id);
    }
    text
}

fn limits(text: &mut String, rule: Rule) {
    let limits: Vec<&Limit> = Parameter::all().filter(|limit| limit.rule == rule).collect();
    if limits.is_empty() {
        return;
    }
    text.push_str("\n| limit | default | English | Français |\n|---|---|---|---|\n");
    for limit in limits {
        let (name, en, fr) = (limit.name, limit.en, limit.fr);
        let _ = writeln!(text, "| `{name}` | {} | {en} | {fr} |", defaults(limit));
    }
}

/// The default, and those of minerals that have their own.
fn defaults(limit: &Limit) -> String {
    const ALONE: Sentence = Sentence { id: "limit", en: "{value}", fr: "{value}" };
    let written =
        |value| ALONE.english(&[Measure::number("value", limit.unit, value)]).replace('|', "\\|");
    let of_minerals = BY_MINERAL.iter().filter(|row| row.0 == limit.parameter);
    of_minerals.fold(written(limit.default), |text, (_, mineral, value)| {
        format!("{text}; {mineral}: {}", written(*value))
    })
}

fn sentences(text: &mut String, id: &str) {
    text.push_str("\n| sentence | English | Français |\n|---|---|---|\n");
    let own = SENTENCES.iter().copied().flatten().filter(|sentence| sentence.id.starts_with(id));
    for Sentence { id, en, fr } in own {
        let _ = writeln!(text, "| `{id}` | {en} | {fr} |");
    }
}
