//! How fast one core makes records out of cells: columns in, checked and
//! released bytes out, beside plain decoding of the same lots.
//!
//! The lots are made up from a seed, no two alike: 30 columns, one to four
//! tags of six columns, a tax of five and an input lot of four. The two things
//! alternate, five times each; the median of each and their ratio is printed.

use std::{
    hint::black_box,
    io::{self, Write as _},
    time::{Duration, Instant},
};

use prost::Message as _;
use rmd_proto::v1;
use rmd_standard::{Cell, CodeLists, Column, Context, Draft, Entity, column};

const SEED: u64 = 0x1C61_2026;
/// Few enough to stay in the cache: in the node a row is mapped as soon as it was read.
const LOTS: usize = 1_000;
const PASSES: usize = 20;
const ROUNDS: usize = 5;

/// The columns of the lot itself.
const LOT: [&str; 30] = [
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
];
const TAG: [&str; 6] =
    ["identifier", "issuer.identifier", "issuer.name", "issue_date", "issue_time", "scheme"];
const TAX: [&str; 5] = ["tax_type", "tax_amount", "currency", "tax_authority", "tax_paid_date"];
const INPUT: [&str; 4] =
    ["lot_number", "creator_identifier", "contributed_mass", "contributed_unit"];

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
    fn new() -> Self {
        let of = |list: Option<&str>, aliases: &[&str]| {
            let one = |alias: &&str| column(Entity::Lot, list, alias).expect("an alias of a lot");
            aliases.iter().map(one).collect()
        };
        Self {
            lot: of(None, &LOT),
            tag: of(Some("tag"), &TAG),
            tax: of(Some("tax_paid"), &TAX),
            input: of(Some("input_lot"), &INPUT),
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

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        let count = u64::try_from(words.len()).expect("few words");
        words[usize::try_from(self.below(count)).expect("one of few words")]
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

fn row(numbers: &mut Numbers, serial: usize) -> Row {
    let number = numbers.below(900_000);
    let person = ["Jean Mwamba", "Grâce Uwase", "Espérance Kabila", "Peter Okello"];
    let lot = vec![
        text("CD"),
        text(format!("NK-2017-{serial:07}")),
        text(numbers.day()),
        text(numbers.time()),
        text(format!("COOP-{:05}", numbers.below(3000))),
        text(format!("Coopérative minière {number}")),
        text(format!("A{:08}B", numbers.below(100_000_000))),
        text("CD"),
        text(numbers.of(&["CD-NK", "CD-SK", "CD-TA", "CD-MA"])),
        text(format!("Avenue du Lac {}, {}", numbers.below(400), numbers.of(&["Goma", "Bukavu"]))),
        text(numbers.of(&person)),
        text(format!("+24381{:07}", numbers.below(10_000_000))),
        text(format!("coop{number}@mines.cd")),
        text(numbers.of(&["2609.00.00", "2615.90.00", "2611.00.00", "cassiterite"])),
        numbers.real(70),
        text(numbers.of(&["SnO2", "Ta2O5", "WO3"])),
        numbers.real(2500),
        text("KGM"),
        text("miner"),
        text("production"),
        text(numbers.of(&["sac", "fût"])),
        Cell::Integer(i64::try_from(1 + numbers.below(40)).expect("a small number")),
        text(format!(
            "CD-+0.{:04}+28.{:04}-{number}",
            numbers.below(10_000),
            numbers.below(10_000)
        )),
        text("2018-01-10"),
        text("2018-01-12"),
        text(numbers.of(&person)),
        text(numbers.of(&["camion", "moto"])),
        text(format!("Transports {}", numbers.below(200))),
        numbers.real(30),
        text("USD"),
    ];
    let tags = (0..=numbers.below(4)).map(|_| tag(numbers)).collect();
    let tax = vec![
        text(numbers.of(&["redevance", "taxe provinciale"])),
        Cell::Integer(i64::try_from(numbers.below(90_000)).expect("a small number")),
        text(numbers.of(&["CDF", "USD"])),
        text("DGRAD"),
        text(numbers.day()),
    ];
    let input = vec![
        text(format!("NK-2016-{:07}", numbers.below(10_000_000))),
        text(format!("COOP-{:05}", numbers.below(3000))),
        numbers.real(2500),
        text("KGM"),
    ];
    Row { lot, tags, tax, input }
}

fn tag(numbers: &mut Numbers) -> Vec<Cell> {
    vec![
        text(format!("{:07}", numbers.below(10_000_000))),
        text("ITSCI"),
        text("International Tin Supply Chain Initiative"),
        text(numbers.day()),
        text(numbers.time()),
        text("itsci"),
    ]
}

/// What the node does with a row: cells to a record, checks, release, bytes.
fn map(row: &Row, columns: &Columns, codes: &CodeLists, context: &Context) -> Vec<u8> {
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
    let valid = draft.finish(context).expect("made-up lots break no rule of severity refuse");
    valid.release().record().encode()
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
    let mut numbers = Numbers(SEED);
    let rows: Vec<Row> = (0..LOTS).map(|serial| row(&mut numbers, serial)).collect();
    let (columns, codes) = (Columns::new(), CodeLists::default());
    let context = Context {
        country: "CD".to_owned(),
        today: jiff::civil::date(2018, 2, 1),
        zone: jiff::tz::TimeZone::fixed(jiff::tz::offset(2)),
    };
    let bytes: Vec<Vec<u8>> = rows.iter().map(|row| map(row, &columns, &codes, &context)).collect();
    let (mut mapped, mut decoded) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
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
    let (mapped, decoded) = (median(mapped), median(decoded));
    let lots = f64::from(u32::try_from(LOTS * PASSES).expect("a small number"));
    let size = bytes.iter().map(Vec::len).sum::<usize>() / LOTS;
    let mut out = io::stdout().lock();
    writeln!(out, "{LOTS} lots of {size} bytes, seed {SEED:#x}, median of {ROUNDS}, one core")?;
    writeln!(out, "map, check, release, encode  {:>9.0} lots/s", lots / mapped)?;
    writeln!(out, "plain decoding               {:>9.0} lots/s", lots / decoded)?;
    writeln!(out, "ratio                        {:>9.2}", mapped / decoded)
}
