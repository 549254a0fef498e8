//! Counts and sums for summaries, by the store.
//!
//! Masses and amounts are added in two halves, because neither store adds beyond
//! 64 bits; a sum that no 64 bits hold stops at the largest number.

use std::collections::BTreeMap;

use rmd_api::{Collection, LotFilter, LotSums, MineralSum, OperationSum, StatusCount, TaxSum};
use rmd_standard::code;
use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{
    Api,
    caller::Caller,
    filter::{self, Filter},
    shelf::Shelf,
    table,
};
use crate::store::{Error, bulk::Value, question::Piece};

/// What a high half counts, as the SQL below divides by it.
const HALF: i128 = 4_294_967_296;

const STATUSES: &str = "SELECT t.certification_status, COUNT(*) FROM mine_site t WHERE 1 = 1";
const BY_STATUS: &str = " GROUP BY t.certification_status";

const LOTS: &str = "SELECT t.mineral, t.originating_operation, COUNT(*), \
     CAST(SUM(t.mass_mg / 4294967296) AS BIGINT), CAST(SUM(t.mass_mg % 4294967296) AS BIGINT) \
     FROM lot t WHERE 1 = 1";
const BY_MINERAL_AND_OPERATION: &str = " GROUP BY t.mineral, t.originating_operation";

const TAXES: &str = "SELECT t.mineral, x.currency, \
     CAST(SUM(x.tax_amount_minor / 4294967296) AS BIGINT), \
     CAST(SUM(x.tax_amount_minor % 4294967296) AS BIGINT) \
     FROM lot t JOIN lot_tax x ON x.record_key = t.record_key \
     WHERE x.currency IS NOT NULL AND x.tax_amount_minor IS NOT NULL";
const BY_MINERAL_AND_CURRENCY: &str = " GROUP BY t.mineral, x.currency";

/// A sum of numbers of 64 bits.
#[derive(Debug, Clone, Copy, Default)]
struct Sum(i128);

impl Sum {
    /// Out of the two halves in a row.
    fn read(row: &AnyRow, high: usize) -> Result<Self, Error> {
        let half = |column: usize| -> Result<i128, Error> {
            Ok(row.try_get::<Option<i64>, _>(column)?.unwrap_or_default().into())
        };
        Ok(Self(half(high)? * HALF + half(high + 1)?))
    }

    fn add(&mut self, other: Self) {
        self.0 += other.0;
    }

    /// The sum, or the number nearest to it.
    fn value(self) -> i64 {
        let limits = (i64::MIN.into(), i64::MAX.into());
        i64::try_from(self.0.clamp(limits.0, limits.1)).unwrap_or(i64::MAX)
    }
}

/// How many sites have each declared status, as the caller may see them.
pub(super) async fn by_status(
    api: &Api,
    caller: &Caller,
    country: Option<&str>,
) -> Result<Vec<StatusCount>, Error> {
    if country.is_some_and(|country| !caller.sees(country)) {
        return Ok(Vec::new());
    }
    let mut connection = api.store.acquire().await?;
    let table = table::of(Collection::MineSites);
    let shelf = Shelf::read(&mut connection, Collection::MineSites.entity()).await?;
    let mut question = Piece::new(STATUSES, []);
    if let Some(country) = country {
        question.push_in(table.of_countries, [Value::required(country)]);
    }
    question.append(&seen(caller, Collection::MineSites, &shelf));
    question.push(BY_STATUS, []);
    let mut counts = Vec::new();
    for row in question.rows(&mut connection).await? {
        let word: Option<String> = row.try_get(0)?;
        let status = word.and_then(|word| code::CERTIFICATION_STATUS.number_of(&word));
        let count: i64 = row.try_get(1)?;
        counts.extend(status.map(|status| StatusCount { status, count: count.unsigned_abs() }));
    }
    counts.sort_by_key(|count| count.status);
    Ok(counts)
}

/// Sums over the lots of a filter that the caller may see.
pub(super) async fn of_lots(
    api: &Api,
    caller: &Caller,
    wanted: &LotFilter,
) -> Result<LotSums, Error> {
    let mut connection = api.store.acquire().await?;
    let shelf = Shelf::read(&mut connection, Collection::Lots.entity()).await?;
    let mut filter = Filter::behind(seen(caller, Collection::Lots, &shelf));
    if !filter.of_lot_filter(wanted) {
        return Ok(LotSums::default());
    }
    let mut question = Piece::new(LOTS, []);
    question.append(&filter.conditions);
    question.push(BY_MINERAL_AND_OPERATION, []);
    let lots = question.rows(&mut connection).await?;
    let taxes = taxes(&mut connection, &filter).await?;
    sums(&lots, &taxes)
}

/// What the caller may see of a collection.
fn seen(caller: &Caller, collection: Collection, shelf: &Shelf) -> Piece {
    let table = table::of(collection);
    let mut piece = filter::barred(shelf);
    if !caller.countries.is_empty() {
        table::push_countries(&mut piece, table, &caller.countries);
    }
    piece.push(table.not_void, []);
    piece
}

/// Amounts by mineral and currency.
type Taxes = BTreeMap<String, BTreeMap<String, Sum>>;

async fn taxes(connection: &mut AnyConnection, filter: &Filter) -> Result<Taxes, Error> {
    let mut question = Piece::new(TAXES, []);
    question.append(&filter.conditions);
    question.push(BY_MINERAL_AND_CURRENCY, []);
    let mut taxes = Taxes::new();
    for row in question.rows(connection).await? {
        let mineral: Option<String> = row.try_get(0)?;
        let of_mineral = taxes.entry(mineral.unwrap_or_default()).or_default();
        of_mineral.entry(row.try_get(1)?).or_default().add(Sum::read(&row, 2)?);
    }
    Ok(taxes)
}

fn sums(lots: &[AnyRow], taxes: &Taxes) -> Result<LotSums, Error> {
    let mut all = (0, Sum::default());
    let mut minerals: BTreeMap<String, Sum> = BTreeMap::new();
    let mut operations: BTreeMap<i32, (u64, Sum)> = BTreeMap::new();
    for row in lots {
        let count = row.try_get::<i64, _>(2)?.unsigned_abs();
        let mass = Sum::read(row, 3)?;
        all.0 += count;
        all.1.add(mass);
        let mineral: Option<String> = row.try_get(0)?;
        minerals.entry(mineral.unwrap_or_default()).or_default().add(mass);
        let words: Option<String> = row.try_get(1)?;
        for word in words.unwrap_or_default().split(';') {
            let Some(number) = code::ORIGINATING_OPERATION.number_of(word) else { continue };
            let operation = operations.entry(number).or_default();
            operation.0 += count;
            operation.1.add(mass);
        }
    }
    let mut tax: BTreeMap<String, Sum> = BTreeMap::new();
    for (currency, amount) in taxes.values().flatten() {
        tax.entry(currency.clone()).or_default().add(*amount);
    }
    let by_mineral = minerals.into_iter().map(|(mineral, mass)| MineralSum {
        mass_mg: mass.value(),
        tax: taxes.get(&mineral).map(tax_sums).unwrap_or_default(),
        mineral,
    });
    let by_operation = operations.into_iter().map(|(operation, (count, mass))| OperationSum {
        operation,
        count,
        mass_mg: mass.value(),
    });
    Ok(LotSums {
        count: all.0,
        mass_mg: all.1.value(),
        tax: tax_sums(&tax),
        by_mineral: by_mineral.collect(),
        by_operation: by_operation.collect(),
    })
}

fn tax_sums(amounts: &BTreeMap<String, Sum>) -> Vec<TaxSum> {
    amounts
        .iter()
        .map(|(currency, sum)| TaxSum { currency: currency.clone(), amount_minor: sum.value() })
        .collect()
}
