//! `rmd-hub custody`: the lots before or after a lot or a certificate.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::Arc,
};

use clap::{Args, Subcommand};

use super::{Failure, Global, open, subject::policy};
use crate::custody::{self, Asked, Behind, Lineage, Link, Node, Step, Way};

#[derive(Debug, Subcommand)]
pub(crate) enum CustodyCommand {
    /// Every lot before it, with masses, concentrations and sites · Tous les lots qui le précèdent
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub custody ancestors RW/RW-P-12/L-2026-0417\n  rmd-hub custody ancestors RW/ICGLR-RW-000123 --depth 3 --json\n\nA lot is named by its key, state/creator/number, a certificate by state/number.\nUn lot se nomme par sa clé, État/auteur/numéro, un certificat par État/numéro."
    )]
    Ancestors(Of),
    /// Every lot that came of it · Tous les lots qui en sont issus
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub custody descendants RW/RW-M-7/L-2026-0003 --json"
    )]
    Descendants(Of),
}

#[derive(Debug, Args)]
pub(crate) struct Of {
    /// Key of a lot or of a certificate · Clé d'un lot ou d'un certificat
    #[arg(value_name = "LOT-OR-CERTIFICATE")]
    key: String,
    /// At most so many steps · Au plus autant de pas
    #[arg(long, value_name = "STEPS", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    depth: Option<u32>,
}

pub(super) async fn custody(global: &Global, command: &CustodyCommand) -> Result<(), Failure> {
    let (way, of) = match command {
        CustodyCommand::Ancestors(of) => (Way::Ancestors, of),
        CustodyCommand::Descendants(of) => (Way::Descendants, of),
    };
    let hub = open::open(global).await?;
    let policy = policy(&hub);
    let key = of.key.trim();
    let asked = Asked {
        way,
        key,
        depth: of.depth,
        day: hub.clock.today(),
        now: hub.clock.now(),
        policy: &policy,
    };
    let mut moment = hub.store.snapshot_by_index().await?;
    let lineage = custody::trace(&mut moment, asked).await?.ok_or_else(|| {
        Failure::not_found(format!(
            "there is no lot and no certificate {key} that is not void; a lot is named \
             state/creator/number, a certificate state/number, as in `rmd-hub finding list`\n\
             il n'y a ni lot ni certificat {key} qui ne soit annulé ; un lot se nomme \
             État/auteur/numéro, un certificat État/numéro, comme dans `rmd-hub finding list`"
        ))
    })?;
    global.format().print(&lineage, text)?;
    Ok(())
}

/// Steps that are shown by their distance from the margin; further ones by number alone.
const INDENT_MAX: u32 = 16;

fn text(lineage: &Lineage) -> String {
    let way = match lineage.way {
        Way::Ancestors => "ancestors · ancêtres",
        Way::Descendants => "descendants · descendants",
    };
    let mut lines = vec![format!("{} — {way}: {} lots", lineage.of, lineage.nodes.len())];
    if let Some(worst) = &lineage.worst {
        lines.push(format!("worst site · pire site: {}", site(worst)));
    }
    tree(lineage, &mut lines);
    for one in &lineage.unresolved {
        let why = match one.why {
            "ambiguous" => "several lots · plusieurs lots",
            _ => "no lot · aucun lot",
        };
        lines.push(format!("? {} → {}: {why}", one.named_by, one.name));
    }
    for ring in &lineage.rings {
        lines.push(format!("ring · boucle: {}", ring.join(" → ")));
    }
    if lineage.is_cut {
        lines.push("there is more than is shown · il y en a plus que ce qui est montré".to_owned());
    }
    lines.join("\n")
}

/// Every lot below the one that it comes from or goes to; one that is reached twice is
/// told once, and named again.
fn tree(lineage: &Lineage, lines: &mut Vec<String>) {
    let mut next = BTreeMap::<&Arc<str>, Vec<&Link>>::new();
    for link in &lineage.edges {
        next.entry(ends(lineage, link).0).or_default().push(link);
    }
    let mut told = BTreeSet::new();
    let mut waiting: Vec<(u32, &Arc<str>, Option<&Link>)> =
        lineage.begins_with.iter().rev().map(|key| (0, key, None)).collect();
    while let Some((depth, key, link)) = waiting.pop() {
        let Some(lot) = lineage.nodes.get(key) else { continue };
        let is_new = told.insert(key);
        let indent = "  ".repeat(usize::try_from(depth.min(INDENT_MAX)).unwrap_or_default());
        let mut line = format!("{indent}{depth} {}", lot.key);
        if let Some(link) = link {
            line.push_str(&went(link));
        }
        line.push_str(&if is_new { of_lot(lot) } else { " ↑".to_owned() });
        lines.push(line);
        if is_new {
            let further = next.get(key).into_iter().flatten().rev();
            waiting.extend(further.map(|link| (depth + 1, ends(lineage, link).1, Some(*link))));
        }
    }
}

/// The lot that a step begins with, and the one that it leads to, as the question goes.
fn ends<'a>(lineage: &Lineage, link: &'a Link) -> (&'a Arc<str>, &'a Arc<str>) {
    match lineage.way {
        Way::Ancestors => (&link.to, &link.from),
        Way::Descendants => (&link.from, &link.to),
    }
}

fn went(link: &Link) -> String {
    let mass = link.contributed_mass_mg.map_or("? kg".to_owned(), kilograms);
    let share = link
        .contributed_concentration_ppm
        .map_or(String::new(), |ppm| format!(" {}", percent(i64::from(ppm))));
    let step = match link.step {
        Step::Input => "",
        Step::CustodyChange => " (change of custody · changement de détenteur)",
    };
    format!(" ⇐ {mass}{share}{step}")
}

fn of_lot(lot: &Node) -> String {
    let mut text = format!(" [{}", kilograms(lot.mass_mg));
    let concentration = lot.concentration_ppm.map(|ppm| percent(i64::from(ppm)));
    // Writing into a String cannot fail.
    let _ = write!(text, ", {}", concentration.as_deref().unwrap_or("? %"));
    let _ = write!(text, "] {}", lot.operations.join("+"));
    let _ = write!(text, ", traced · tracé {}", percent(lot.traced_ppm));
    if let Some(site_of) = &lot.site {
        let _ = write!(text, ", {}", site(site_of));
    } else if let Some(worst) = &lot.worst {
        let _ = write!(text, ", worst · pire {}", worst.status);
    }
    if lot.names_itself {
        text.push_str(", names itself: a change of custody · se nomme : changement de détenteur");
    }
    if lot.is_in_ring {
        text.push_str(", in a ring · dans une boucle");
    }
    text
}

fn site(behind: &Behind) -> String {
    let Behind { site, status, day, today, lot } = behind;
    let day = day.as_deref().unwrap_or("-");
    format!("{site} {status} ({day}), today · ce jour {today} [{lot}]")
}

fn kilograms(milligrams: i64) -> String {
    format!("{} kg", decimal(milligrams, 6))
}

fn percent(ppm: i64) -> String {
    format!("{} %", decimal(ppm, 4))
}

/// A number with so many decimals, without those that are zero at its end.
fn decimal(number: i64, places: u32) -> String {
    let unit = 10_u64.pow(places);
    let (whole, rest) = (number.unsigned_abs() / unit, number.unsigned_abs() % unit);
    let sign = if number < 0 { "-" } else { "" };
    let rest = format!("{rest:0places$}", places = usize::try_from(places).unwrap_or_default());
    let rest = rest.trim_end_matches('0');
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lot(number: &str, depth: u32, mass_mg: i64) -> (Arc<str>, Node) {
        let key: Arc<str> = format!("RW/T/{number}").into();
        let node = Node {
            key: Arc::clone(&key),
            country: "RW".to_owned(),
            lot_number: number.to_owned(),
            creator: "T".to_owned(),
            mineral: "260900".to_owned(),
            operations: vec!["combination"],
            registered_on: Some("2026-07-01".to_owned()),
            mass_mg,
            concentration_ppm: Some(605_000),
            depth,
            names_itself: false,
            is_in_ring: false,
            traced_ppm: 1_000_000,
            open_ppm: 0,
            origins: vec!["RW".to_owned()],
            site: None,
            worst: None,
            certificate: None,
        };
        (key, node)
    }

    fn link(from: &str, to: &str, step: Step, mass_mg: Option<i64>) -> Link {
        let [from, to] = [from, to].map(|number| format!("RW/T/{number}").into());
        let (contributed_mass_mg, contributed_concentration_ppm) = (mass_mg, Some(600_000));
        Link { from, to, step, contributed_mass_mg, contributed_concentration_ppm }
    }

    #[test]
    fn a_line_is_told_as_a_tree_with_what_went_from_lot_to_lot() {
        let nodes = [lot("C", 0, 1_000_500_000), lot("B", 1, 5), lot("A", 1, 0)];
        let lineage = Lineage {
            of: "RW/T/C".to_owned(),
            way: Way::Ancestors,
            begins_with: vec!["RW/T/C".into()],
            nodes: nodes.into_iter().collect(),
            edges: vec![
                link("A", "C", Step::Input, Some(600_000_000)),
                link("B", "C", Step::Input, None),
                link("A", "B", Step::CustodyChange, Some(1)),
            ],
            unresolved: Vec::new(),
            rings: Vec::new(),
            worst: None,
            is_cut: false,
        };
        let of = |mass| format!(" [{mass} kg, 60.5 %] combination, traced · tracé 100 %");
        let told = [
            "RW/T/C — ancestors · ancêtres: 3 lots".to_owned(),
            format!("0 RW/T/C{}", of("1000.5")),
            format!("  1 RW/T/A ⇐ 600 kg 60 %{}", of("0")),
            format!("  1 RW/T/B ⇐ ? kg 60 %{}", of("0.000005")),
            "    2 RW/T/A ⇐ 0.000001 kg 60 % (change of custody · changement de détenteur) ↑"
                .to_owned(),
        ];
        assert_eq!(text(&lineage).lines().collect::<Vec<_>>(), told);
    }
}
