//! `rmd-hub statistics`: production, exports, imports and stocks of a year.

use clap::Args;
use rmd_runtime::output;

use super::{Failure, Global, open};
use crate::{
    calendar::Month,
    statistics::{
        self, Figure, Full,
        lines::{self, public_line},
        public::{Public, PublicCell, PublicTable},
    },
};

pub(super) use crate::statistics::lines::kilograms;

#[derive(Debug, Args)]
#[command(after_help = "\
Example · Exemple:
  rmd-hub statistics --year 2026 --json
  rmd-hub statistics --year 2026 --public --csv > 2026.csv

Without --public these are internal: they show figures of single exporters.
Sans --public ils sont internes : ils montrent des chiffres d'exportateurs seuls.")]
pub(crate) struct StatisticsArgs {
    /// The year; else that of the day · L'année ; sinon celle du jour
    #[arg(long, value_name = "YYYY", value_parser = year)]
    year: Option<i16>,
    /// What may be published, of closed months alone · Ce qui peut être publié, des seuls mois clos
    #[arg(long)]
    public: bool,
    /// Lines of a table for spreadsheets · Lignes d'un tableau pour tableurs
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

fn year(text: &str) -> Result<i16, String> {
    let year = text.parse().ok().filter(|year| (2000..=2999).contains(year));
    year.ok_or_else(|| {
        format!(
            "{text:?} is no year from 2000 to 2999 · {text:?} n'est pas une année de 2000 à 2999"
        )
    })
}

const HEADS: [&str; 6] = [
    "flow · flux",
    "mineral · minerai",
    "state · État",
    "month · mois",
    "kg",
    "metal kg · métal kg",
];

pub(super) async fn statistics(global: &Global, args: StatisticsArgs) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let year = args.year.unwrap_or_else(|| hub.clock.today().year());
    let mut connection = hub.store.acquire().await?;
    if args.public {
        let public = statistics::public(&mut connection, &format!("{year:04}")).await?;
        if args.csv {
            return text(&lines::public_csv(&public)?);
        }
        global.format().print(&public, public_text)?;
        return Ok(());
    }
    let month: Month = format!("{year:04}-01").parse().map_err(anyhow::Error::from)?;
    let full = statistics::full(&mut connection, month).await?;
    if args.csv {
        let heads = lines::HEADS.into_iter().chain(["records", "contributors"]);
        return text(&lines::csv(heads, full.figures.iter().map(full_line))?);
    }
    global.format().print(&full, full_text)?;
    Ok(())
}

fn text(bytes: &[u8]) -> Result<(), Failure> {
    output::line(String::from_utf8_lossy(bytes).trim_end())?;
    Ok(())
}

fn full_line(figure: &Figure) -> Vec<String> {
    vec![
        figure.flow.as_str().to_owned(),
        figure.mineral.clone(),
        figure.country.clone(),
        figure.month.clone(),
        kilograms(figure.mass_mg),
        figure.metal_mg.map(kilograms).unwrap_or_default(),
        figure.records.to_string(),
        figure.contributors.to_string(),
    ]
}

fn full_text(full: &Full) -> String {
    if full.figures.is_empty() {
        return format!("no figures of {0} · aucun chiffre de {0}", full.year);
    }
    let heads: Vec<&str> =
        HEADS.into_iter().chain(["records · fiches", "behind it · derrière"]).collect();
    let rows: Vec<Vec<String>> = full.figures.iter().map(full_line).collect();
    format!(
        "{}: internal, not for publication · interne, à ne pas publier\n{}",
        full.year,
        output::table(&heads, &rows)
    )
}

fn public_text(public: &Public) -> String {
    if public.tables.is_empty() {
        return format!(
            "nothing of {0} is public: no month with figures was closed · rien de {0} n'est \
             public : aucun mois avec des chiffres n'a été clos",
            public.year
        );
    }
    let row = |table: &PublicTable, cell: &PublicCell| {
        let mut row = public_line(table, cell);
        let all = || "all · tous".to_owned();
        row[2] = cell.country.clone().unwrap_or_else(all);
        row[3] = cell.month.clone().unwrap_or_else(all);
        if cell.suppressed {
            "suppressed · supprimé".clone_into(&mut row[4]);
        }
        row
    };
    let of_table = |table: &PublicTable| {
        let rows: Vec<Vec<String>> = table.cells.iter().map(|cell| row(table, cell)).collect();
        rows
    };
    let rows: Vec<Vec<String>> = public.tables.iter().flat_map(of_table).collect();
    format!("{}\n{}", public.year, output::table(&HEADS, &rows))
}
