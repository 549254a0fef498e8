//! How fast one core makes records out of cells: columns in, checked and
//! released bytes out, beside plain decoding of the same lots. Mapping and checks
//! are measured alone as well.
//!
//! The lots are made up from a seed, no two alike, each with one to four tags, a
//! tax and an input lot, in two shapes of mapping. The things alternate, five
//! times each; the median of each and its ratio to decoding is printed.

use std::{
    hint::black_box,
    io::{self, Write},
    time::{Duration, Instant},
};

use prost::Message as _;
use rmd_proto::v1;
use rmd_standard::{
    Cell, CodeLists, Column, Context, Draft, Entity, National, Record, Valid, column,
};

/// The allocator of the node.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SEED: u64 = 0x1C61_2026;
/// Few enough to stay in the cache: in the node a row is mapped as soon as it was read.
const LOTS: usize = 1_000;
const PASSES: usize = 20;
const ROUNDS: usize = 5;

/// The columns that a mapping reads.
struct Shape {
    name: &'static str,
    lot: &'static [&'static str],
    tag: &'static [&'static str],
    tax: &'static [&'static str],
    input: &'static [&'static str],
}

/// What most sources have: 30 columns.
const USUAL: Shape = Shape {
    name: "30 columns",
    lot: &[
        "country",
        "lot_number",
        "date_registration",
        "time_registration",
        "creator.identifier",
        "creator.name",
        "creator.tin",
        "mineral",
        "concentration",
        "mass",
        "unit_of_measurement",
        "creator_role",
        "originating_operation",
        "nr_of_packages",
        "mine_site_id",
        "date_sealed",
        "date_shipped",
        "responsible_staff",
        "transport_company",
    ],
    tag: &["identifier", "issuer.identifier", "issue_date", "issue_time"],
    tax: &["tax_type", "tax_amount", "currency", "tax_paid_date"],
    input: &["lot_number", "creator_identifier", "contributed_mass"],
};

/// A source that says more of the parties: 45 columns.
const FULL: Shape = Shape {
    name: "45 columns",
    lot: &[
        "country",
        "lot_number",
        "date_registration",
        "time_registration",
        "creator.identifier",
        "creator.name",
        "creator.tin",
        "creator.legal_address.country",
        "creator.legal_address.subnational_division_l1",
        "creator.legal_address.address_locality_text",
        "creator.contact_details.legal_representative",
        "creator.contact_details.contact_phone_number",
        "creator.contact_details.contact_email",
        "mineral",
        "concentration",
        "analyte",
        "mass",
        "unit_of_measurement",
        "creator_role",
        "originating_operation",
        "package_type",
        "nr_of_packages",
        "mine_site_id",
        "date_sealed",
        "date_shipped",
        "responsible_staff",
        "transportation_method",
        "transport_company",
        "price_per_kg",
        "price_currency",
    ],
    tag: &["identifier", "issuer.identifier", "issuer.name", "issue_date", "issue_time", "scheme"],
    tax: &["tax_type", "tax_amount", "currency", "tax_authority", "tax_paid_date"],
    input: &["lot_number", "creator_identifier", "contributed_mass", "contributed_unit"],
};

/// One lot as a source gives it.
struct Row {
    lot: Vec<Cell>,
    tags: Vec<Vec<Cell>>,
    tax: Vec<Cell>,
    input: Vec<Cell>,
}

/// The columns, resolved once as a mapping resolves them.
struct Columns {
    lot: Vec<Column>,
    tag: Vec<Column>,
    tax: Vec<Column>,
    input: Vec<Column>,
}

impl Columns {
    fn new(shape: &Shape) -> Self {
        let of = |list: Option<&str>, aliases: &[&str]| {
            let one = |alias: &&str| column(Entity::Lot, list, alias).expect("an alias of a lot");
            aliases.iter().map(one).collect()
        };
        Self {
            lot: of(None, shape.lot),
            tag: of(Some("tag"), shape.tag),
            tax: of(Some("tax_paid"), shape.tax),
            input: of(Some("input_lot"), shape.input),
        }
    }
}

/// xorshift64: numbers that are the same on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn of(&mut self, words: &[&str]) -> String {
        let count = u64::try_from(words.len()).expect("few words");
        words[usize::try_from(self.below(count)).expect("one of few words")].to_owned()
    }

    /// A cell of that column as a source would have it.
    fn cell(&mut self, alias: &str) -> Cell {
        let number = self.below(9_000_000);
        text(match alias {
            "country" | "creator.legal_address.country" => "CD".to_owned(),
            "lot_number" => format!("NK-2017-{number:07}"),
            "time_registration" | "issue_time" => self.time(),
            "date_registration" | "issue_date" | "tax_paid_date" => self.day(),
            "date_sealed" => "2018-01-10".to_owned(),
            "date_shipped" => "2018-01-12".to_owned(),
            "creator.identifier" | "creator_identifier" => format!("COOP-{:05}", number % 3000),
            "creator.name" => format!("Coopérative minière {number}"),
            "creator.tin" => format!("A{number:08}B"),
            "creator.legal_address.subnational_division_l1" => self.of(&["CD-NK", "CD-SK"]),
            "creator.legal_address.address_locality_text" => format!("Avenue du Lac {number}"),
            "creator.contact_details.contact_phone_number" => format!("+24381{number:07}"),
            "creator.contact_details.contact_email" => format!("coop{number}@mines.cd"),
            "creator.contact_details.legal_representative" | "responsible_staff" => {
                self.of(&["Jean Mwamba", "Grâce Uwase", "Espérance Kabila", "Peter Okello"])
            }
            "mineral" => self.of(&["2609.00.00", "2615.90.00", "2611.00.00", "cassiterite"]),
            "analyte" => self.of(&["SnO2", "Ta2O5", "WO3"]),
            "unit_of_measurement" | "contributed_unit" => "KGM".to_owned(),
            "creator_role" => "miner".to_owned(),
            "originating_operation" => "production".to_owned(),
            "package_type" => self.of(&["sac", "fût"]),
            "mine_site_id" => {
                format!("CD-+0.{:04}+28.{:04}-{number}", number % 9999, number % 7919)
            }
            "transportation_method" => self.of(&["camion", "moto"]),
            "transport_company" => format!("Transports {}", number % 200),
            "price_currency" => "USD".to_owned(),
            "identifier" => format!("{number:07}"),
            "issuer.identifier" | "scheme" => "itsci".to_owned(),
            "issuer.name" => "International Tin Supply Chain Initiative".to_owned(),
            "tax_type" => self.of(&["redevance", "taxe provinciale"]),
            "currency" => self.of(&["CDF", "USD"]),
            "tax_authority" => "DGRAD".to_owned(),
            "nr_of_packages" | "tax_amount" => return Cell::Integer(1 + self.whole(900)),
            "concentration" | "price_per_kg" => return self.real(60),
            "mass" | "contributed_mass" => return self.real(2500),
            other => unreachable!("no cell is made up for {other}"),
        })
    }

    fn whole(&mut self, end: u64) -> i64 {
        i64::try_from(self.below(end)).expect("a small number")
    }

    fn day(&mut self) -> String {
        format!("2017-{:02}-{:02}", 1 + self.below(12), 1 + self.below(28))
    }

    fn time(&mut self) -> String {
        format!("{:02}:{:02}:{:02}", self.below(24), self.below(60), self.below(60))
    }

    /// A number with up to two decimals, as a column of type REAL gives it.
    fn real(&mut self, whole: u64) -> Cell {
        let hundredths = u32::try_from(1 + self.below(whole * 100)).expect("a small number");
        Cell::Real(f64::from(hundredths) / 100.0)
    }
}

fn text(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

fn row(shape: &Shape, numbers: &mut Numbers) -> Row {
    let lot = shape.lot.iter().map(|alias| numbers.cell(alias)).collect();
    let tags = (0..=numbers.below(4))
        .map(|_| shape.tag.iter().map(|alias| numbers.cell(alias)).collect())
        .collect();
    let tax = shape.tax.iter().map(|alias| numbers.cell(alias)).collect();
    let input = shape.input.iter().map(|alias| numbers.cell(alias)).collect();
    Row { lot, tags, tax, input }
}

/// Cells to a record that passed every check.
fn check(
    row: &Row,
    columns: &Columns,
    codes: &CodeLists,
    context: &Context,
) -> Valid<Record, National> {
    let mut draft = Draft::new(Entity::Lot);
    for (column, cell) in columns.lot.iter().zip(&row.lot) {
        draft.set(*column, cell, codes);
    }
    let children = row
        .tags
        .iter()
        .map(|tag| ("tag", &columns.tag, tag))
        .chain([("tax_paid", &columns.tax, &row.tax), ("input_lot", &columns.input, &row.input)]);
    for (list, columns, cells) in children {
        draft.push(list);
        for (column, cell) in columns.iter().zip(cells) {
            draft.set(*column, cell, codes);
        }
    }
    draft.finish(context).expect("made-up lots break no rule of severity refuse")
}

/// What the node does with a row: cells to a record, checks, release, bytes.
fn map(row: &Row, columns: &Columns, codes: &CodeLists, context: &Context) -> Vec<u8> {
    check(row, columns, codes, context).release().record().encode()
}

fn timed(mut run: impl FnMut()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64()
}

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{LOTS} lots {PASSES} times, seed {SEED:#x}, median of {ROUNDS}, one core")?;
    for shape in [USUAL, FULL] {
        run(&shape, &mut out)?;
    }
    Ok(())
}

fn run(shape: &Shape, out: &mut impl Write) -> io::Result<()> {
    let mut numbers = Numbers(SEED);
    let rows: Vec<Row> = (0..LOTS).map(|_| row(shape, &mut numbers)).collect();
    let (columns, codes) = (Columns::new(shape), CodeLists::default());
    let context = Context {
        country: "CD".to_owned(),
        today: jiff::civil::date(2018, 2, 1),
        zone: jiff::tz::TimeZone::fixed(jiff::tz::offset(2)),
    };
    let bytes: Vec<Vec<u8>> = rows.iter().map(|row| map(row, &columns, &codes, &context)).collect();
    let (mut checked, mut mapped, mut decoded) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        checked.push(timed(|| {
            for row in rows.iter().cycle().take(LOTS * PASSES) {
                black_box(check(row, &columns, &codes, &context));
            }
        }));
        mapped.push(timed(|| {
            for row in rows.iter().cycle().take(LOTS * PASSES) {
                black_box(map(row, &columns, &codes, &context));
            }
        }));
        decoded.push(timed(|| {
            for bytes in bytes.iter().cycle().take(LOTS * PASSES) {
                black_box(v1::Lot::decode(bytes.as_slice()).expect("bytes that we wrote"));
            }
        }));
    }
    let (checked, mapped, decoded) = (median(checked), median(mapped), median(decoded));
    let lots = f64::from(u32::try_from(LOTS * PASSES).expect("a small number"));
    let size = bytes.iter().map(Vec::len).sum::<usize>() / LOTS;
    writeln!(out, "{}, {size} bytes a lot", shape.name)?;
    let mut line = |what, took: f64| {
        let ratio = took / decoded;
        writeln!(
            out,
            "  {what:<28} {:>9.0} lots/s {ratio:>6.2} x the time of decoding",
            lots / took
        )
    };
    line("plain decoding", decoded)?;
    line("map, check", checked)?;
    line("map, check, release, encode", mapped)
}
