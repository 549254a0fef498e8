//! What only sums tell: balances of states and trade with partners.
//!
//! Sums are taken by the store over all records that count; the rules see the same
//! numbers as if every record were in memory. A product of milligrams and millionths
//! is taken apart, so that it fits in eight bytes.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::civil::Date;
use rmd_reconcile::{
    Context, Named,
    part::{Known, Wanted},
    region::Region,
    view::{Amount, BalanceView, Flows, MirrorView},
};
use rmd_standard::{Entity, mineral};
use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{Error, Reader, feeds, ground::Ground};
use crate::{calendar, store};

/// Declarations that are named as evidence; of more, the first by their keys.
const EVIDENCE_MAX: usize = 32;

/// A sum of masses, and of contained metal where every concentration is known.
#[derive(Debug, Default)]
struct Sum {
    flows: Flows,
    evidence: BTreeSet<String>,
}

type Sums = BTreeMap<(String, String), Sum>;

/// Exports by state and mineral: whole kilograms and the rest, contained metal, and
/// lines without a concentration.
const EXPORTED: &str = "SELECT e.country, e.mineral,
            CAST(SUM(e.net_mass_mg / 1000000) AS BIGINT),
            CAST(SUM(e.net_mass_mg % 1000000) AS BIGINT),
            CAST(SUM(e.net_mass_mg / 1000000 * c.concentration_ppm
                     + e.net_mass_mg % 1000000 * c.concentration_ppm / 1000000) AS BIGINT),
            COUNT(*) - COUNT(c.concentration_ppm)
     FROM export_declaration e
     LEFT JOIN export_certificate c
         ON c.record_key = COALESCE(e.certificate_country, e.country) || '/'
            || REPLACE(REPLACE(e.certificate_identifier, '%', '%25'), '/', '%2F')
     WHERE e.void = 0 AND COALESCE(e.procedure, '') <> 'transit'
       AND e.exit_date >= $1 AND e.exit_date <= $2
     GROUP BY e.country, e.mineral";

/// Imports, likewise.
const IMPORTED: &str = "SELECT i.country, i.mineral,
            CAST(SUM(i.net_mass_mg / 1000000) AS BIGINT),
            CAST(SUM(i.net_mass_mg % 1000000) AS BIGINT),
            CAST(SUM(i.net_mass_mg / 1000000 * c.concentration_ppm
                     + i.net_mass_mg % 1000000 * c.concentration_ppm / 1000000) AS BIGINT),
            COUNT(*) - COUNT(c.concentration_ppm)
     FROM import_declaration i
     LEFT JOIN export_certificate c
         ON c.record_key = COALESCE(i.certificate_country, i.consignor_country) || '/'
            || REPLACE(REPLACE(i.certificate_identifier, '%', '%25'), '/', '%2F')
     WHERE i.void = 0 AND COALESCE(i.procedure, '') <> 'transit'
       AND i.entry_date >= $1 AND i.entry_date <= $2
     GROUP BY i.country, i.mineral";

/// Production, likewise.
const PRODUCED: &str = "SELECT p.country, p.mineral,
            CAST(SUM(p.mass_mg / 1000000) AS BIGINT),
            CAST(SUM(p.mass_mg % 1000000) AS BIGINT),
            CAST(SUM(p.mass_mg / 1000000 * p.concentration_ppm
                     + p.mass_mg % 1000000 * p.concentration_ppm / 1000000) AS BIGINT),
            COUNT(*) - COUNT(p.concentration_ppm)
     FROM production_declaration p
     WHERE p.void = 0 AND p.mass_mg IS NOT NULL AND p.period >= $1 AND p.period <= $2
     GROUP BY p.country, p.mineral";

/// Stocks at the end of a month, likewise.
const STOCKED: &str = "SELECT s.country, s.mineral,
            CAST(SUM(s.closing_mass_mg / 1000000) AS BIGINT),
            CAST(SUM(s.closing_mass_mg % 1000000) AS BIGINT),
            CAST(SUM(s.closing_mass_mg / 1000000 * s.concentration_ppm
                     + s.closing_mass_mg % 1000000 * s.concentration_ppm / 1000000) AS BIGINT),
            COUNT(*) - COUNT(s.concentration_ppm)
     FROM stock_declaration s
     WHERE s.void = 0 AND s.closing_mass_mg IS NOT NULL AND s.period >= $1 AND s.period <= $2
     GROUP BY s.country, s.mineral";

/// The first exports of each state and mineral, by their keys.
const EXPORTS: &str = "SELECT country, mineral, record_key
     FROM (SELECT e.country, e.mineral, e.record_key,
                  ROW_NUMBER() OVER (PARTITION BY e.country, e.mineral
                                     ORDER BY e.record_key) AS place
           FROM export_declaration e
           WHERE e.void = 0 AND COALESCE(e.procedure, '') <> 'transit'
             AND e.exit_date >= $1 AND e.exit_date <= $2) placed
     WHERE place <= 32";

/// Everything that is about states, with what it takes to judge it.
pub(super) async fn part(
    reader: &mut Reader,
    ground: &Ground,
) -> Result<(Wanted, Region, Known), Error> {
    let views = feeds::feeds(&mut reader.records).await?;
    let mut periods = Known::of(&ground.periods, &ground.context).periods;
    let since = calendar::Month::of(ground.context.year_before().0);
    let rewritten = calendar::rewritten::since(&mut reader.records, since).await?;
    for view in &mut periods {
        let key = (view.country.clone(), view.month.clone(), view.feed.clone());
        view.rewritten = rewritten.get(&key).copied();
    }
    let known = Known {
        balances: balances(reader, &ground.context).await?,
        mirrors: mirrors(reader).await?,
        periods,
        ..Known::default()
    };
    let balance = |view: &BalanceView| (view.country.clone(), view.mineral.clone());
    let mirror = |view: &MirrorView| {
        (view.country.clone(), view.partner.clone(), view.mineral.clone(), view.year)
    };
    let wanted = Wanted {
        balances: known.balances.iter().map(balance).collect(),
        mirrors: known.mirrors.iter().map(mirror).collect(),
        periods: true,
        feeds: true,
        ..Wanted::default()
    };
    Ok((wanted, Region { feeds: views, ..Region::default() }, known))
}

/// A view of every state and mineral with an export, over the twelve months before the day.
pub(super) async fn balances(
    reader: &mut Reader,
    context: &Context,
) -> Result<Vec<BalanceView>, Error> {
    let (first, last) = context.year_before();
    let (days, months) = ((first.to_string(), last.to_string()), (month(first), month(last)));
    let before = first.yesterday().map_or_else(|_| String::new(), month);
    let mut sums = Sums::new();
    let records = &mut *reader.records;
    add(records, EXPORTED, &days, &mut sums, |flows| &mut flows.exported).await?;
    add(records, IMPORTED, &days, &mut sums, |flows| &mut flows.imported).await?;
    add(records, PRODUCED, &months, &mut sums, |flows| &mut flows.produced).await?;
    let (opening, closing) = ((before.clone(), before), (months.1.clone(), months.1.clone()));
    add(records, STOCKED, &opening, &mut sums, |flows| flows.opening.get_or_insert_default())
        .await?;
    add(records, STOCKED, &closing, &mut sums, |flows| flows.closing.get_or_insert_default())
        .await?;
    for row in rows(records, EXPORTS, &days).await? {
        let (state, mineral) = scope(&row)?;
        let Some(mineral) = mineral else { continue };
        sums.entry((state, mineral)).or_default().evidence.insert(row.try_get(2)?);
    }
    let mut views = Vec::new();
    for ((country, mineral), sum) in sums {
        if sum.flows.exported.mass_mg > 0 {
            let evidence = named(reader, sum.evidence).await?;
            let months = months.clone();
            views.push(BalanceView { country, mineral, months, flows: sum.flows, evidence });
        }
    }
    Ok(views)
}

async fn add(
    connection: &mut AnyConnection,
    query: &'static str,
    span: &(String, String),
    sums: &mut Sums,
    of: impl Fn(&mut Flows) -> &mut Amount,
) -> Result<(), store::Error> {
    for row in rows(connection, query, span).await? {
        let (state, mineral) = scope(&row)?;
        let Some(mineral) = mineral else { continue };
        let number = |place: usize| -> Result<i128, sqlx::Error> {
            Ok(i128::from(row.try_get::<Option<i64>, _>(place)?.unwrap_or_default()))
        };
        let amount = of(&mut sums.entry((state, mineral)).or_default().flows);
        amount.mass_mg += number(2)? * 1_000_000 + number(3)?;
        let metal = (number(5)? == 0).then_some(number(4)?);
        amount.metal_mg = amount.metal_mg.zip(metal).map(|(sum, metal)| sum + metal);
    }
    Ok(())
}

async fn rows(
    connection: &mut AnyConnection,
    query: &'static str,
    (first, last): &(String, String),
) -> Result<Vec<AnyRow>, store::Error> {
    Ok(sqlx::query(query).bind(first).bind(last).fetch_all(connection).await?)
}

/// State and mineral of a sum; no mineral of a code that cannot be read.
fn scope(row: &AnyRow) -> Result<(String, Option<String>), store::Error> {
    let code: Option<String> = row.try_get(1)?;
    Ok((row.try_get(0)?, code.and_then(|code| mineral::hs6(&code))))
}

fn month(day: Date) -> String {
    format!("{:04}-{:02}", day.year(), day.month())
}

/// The first of some lines of exports, as evidence names them.
async fn named(reader: &mut Reader, keys: BTreeSet<String>) -> Result<Vec<Named>, store::Error> {
    let keys = keys.into_iter().take(EVIDENCE_MAX).map(Arc::from);
    let entity = Entity::ExportDeclaration;
    let lines = reader.shelf.fetch(&mut reader.records, entity, keys).await?;
    let mut named: Vec<Named> = lines.iter().map(|line| line.named().clone()).collect();
    named.sort_unstable();
    Ok(named)
}

/// What partners say that they imported.
const REPORTED: &str = "SELECT country, partner, mineral, year, mass_mg
     FROM partner_statistic
     ORDER BY country, partner, mineral, year";

/// What states say that they exported, to whom, by year.
const TRADED: &str = "SELECT country, mineral, destination_country, SUBSTR(exit_date, 1, 4),
            CAST(SUM(net_mass_mg / 1000000) AS BIGINT),
            CAST(SUM(net_mass_mg % 1000000) AS BIGINT)
     FROM export_declaration
     WHERE void = 0 AND COALESCE(procedure, '') <> 'transit'
       AND destination_country IS NOT NULL AND exit_date IS NOT NULL
     GROUP BY country, mineral, destination_country, SUBSTR(exit_date, 1, 4)";

/// The first lines of each of those, by their keys.
const LINES: &str = "SELECT country, mineral, destination_country, year, record_key
     FROM (SELECT country, mineral, destination_country, SUBSTR(exit_date, 1, 4) AS year,
                  record_key,
                  ROW_NUMBER() OVER (
                      PARTITION BY country, mineral, destination_country, SUBSTR(exit_date, 1, 4)
                      ORDER BY record_key) AS place
           FROM export_declaration
           WHERE void = 0 AND COALESCE(procedure, '') <> 'transit'
             AND destination_country IS NOT NULL AND exit_date IS NOT NULL) placed
     WHERE place <= 32";

/// State, partner, mineral and year.
type Trade = (String, String, String, i16);

/// A view of every row of a partner.
pub(super) async fn mirrors(reader: &mut Reader) -> Result<Vec<MirrorView>, Error> {
    let mut reported = BTreeMap::<Trade, i128>::new();
    for row in sqlx::query(REPORTED).fetch_all(&mut *reader.records).await? {
        let year: i64 = row.try_get(3)?;
        let Ok(year) = i16::try_from(year) else { continue };
        let key = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, year);
        *reported.entry(key).or_default() += i128::from(row.try_get::<i64, _>(4)?);
    }
    if reported.is_empty() {
        return Ok(Vec::new());
    }
    let mut own = BTreeMap::<Trade, (i128, BTreeSet<String>)>::new();
    for row in sqlx::query(TRADED).fetch_all(&mut *reader.records).await? {
        let Some(trade) = trade(&row)? else { continue };
        let (kilograms, rest): (i64, i64) = (row.try_get(4)?, row.try_get(5)?);
        let sum = i128::from(kilograms) * 1_000_000 + i128::from(rest);
        own.entry(trade).or_default().0 += sum;
    }
    for row in sqlx::query(LINES).fetch_all(&mut *reader.records).await? {
        let Some(trade) = trade(&row)? else { continue };
        own.entry(trade).or_default().1.insert(row.try_get(4)?);
    }
    let mass_of = |trade: &Trade| own.get(trade).map_or(0, |own| own.0);
    let mut views = Vec::with_capacity(reported.len());
    for (trade, reported_mg) in &reported {
        let (country, partner, mineral, year) = trade.clone();
        let before = (country.clone(), partner.clone(), mineral.clone(), year - 1);
        let lines = own.get(trade).map(|own| own.1.clone()).unwrap_or_default();
        views.push(MirrorView {
            reported_mg: Some(*reported_mg),
            exported_mg: mass_of(trade),
            before: reported.get(&before).map(|reported| (*reported, mass_of(&before))),
            evidence: named(reader, lines).await?,
            country,
            partner,
            mineral,
            year,
        });
    }
    Ok(views)
}

fn trade(row: &AnyRow) -> Result<Option<Trade>, store::Error> {
    let (state, mineral) = scope(row)?;
    let year: String = row.try_get(3)?;
    let partner: String = row.try_get(2)?;
    Ok(mineral.zip(year.parse().ok()).map(|(mineral, year)| (state, partner, mineral, year)))
}
