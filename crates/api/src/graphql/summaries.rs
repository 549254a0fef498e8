//! The fields of `Query` that count and sum.
//!
//! Masses are kilograms, whatever unit each lot was weighed in. Sums of money of
//! several currencies are never added up.

use async_graphql::dynamic::{Field, FieldFuture, FieldValue, InputValue, TypeRef};
use iso_currency::Currency;
use serde_json::{Value, json};

use super::{
    arguments::{Arguments, refused},
    enums::{CERTIFICATION_STATUS, MEMBER, Names, ORIGINATING_OPERATION},
    roots::Asked,
};
use crate::{
    Backend, Collection, LotFilter, LotSums, Scope, StatusCount, TaxSum,
    answer::problem::{Problem, internal},
};

/// What a summary of lots may be grouped by.
const GROUPS: [&str; 2] = ["mineral", "operation"];

/// `lotSummary`.
pub(super) fn lots<B: Backend>() -> Field {
    let field = Field::new("lotSummary", TypeRef::named_nn("LotSummary"), |context| {
        FieldFuture::new(async move {
            let asked = Asked::<B>::of(&context)?;
            let summary = lot_summary(&asked, &Arguments(&context.args)).await;
            let summary = summary.map_err(|problem| asked.caller.report(problem))?;
            Ok(Some(FieldValue::owned_any(summary)))
        })
    });
    field
        .argument(InputValue::new("mineSiteId", TypeRef::named(TypeRef::STRING)))
        .argument(InputValue::new("timestampFrom", TypeRef::named_nn("DateTime")))
        .argument(InputValue::new("timestampTo", TypeRef::named_nn("DateTime")))
        .argument(InputValue::new("groupBy", TypeRef::named_nn_list(TypeRef::STRING)))
}

/// `mineSiteCertificationStatus`.
pub(super) fn statuses<B: Backend>() -> Field {
    let kind = TypeRef::named_nn("CertificationStatusSummary");
    let field = Field::new("mineSiteCertificationStatus", kind, |context| {
        FieldFuture::new(async move {
            let asked = Asked::<B>::of(&context)?;
            let summary = status_summary(&asked, &Arguments(&context.args)).await;
            let summary = summary.map_err(|problem| asked.caller.report(problem))?;
            Ok(Some(FieldValue::owned_any(summary)))
        })
    });
    field.argument(InputValue::new("addressCountry", TypeRef::named(MEMBER)))
}

async fn lot_summary<B: Backend>(
    asked: &Asked<'_, B>,
    given: &Arguments<'_>,
) -> Result<Value, Problem> {
    let (from, to) = (given.instant("timestampFrom")?, given.instant("timestampTo")?);
    // The schema makes both mandatory, so they are there.
    let (from, to) = from.zip(to).ok_or_else(internal)?;
    let groups = groups(given)?;
    let filter = LotFilter {
        mine_site: given.site("mineSiteId")?,
        registered_from_us: Some(from.as_microsecond()),
        registered_before_us: Some(to.as_microsecond().saturating_add(1)),
    };
    asked.caller.admit(asked.api, Scope::read(Collection::Lots)).await?;
    let sums = asked.api.backend.lot_sums(&filter).await?;
    let mut summary = sums_of(&sums, &groups);
    summary["period"] = json!({ "start": from.to_string(), "end": to.to_string() });
    Ok(summary)
}

fn groups(given: &Arguments<'_>) -> Result<Vec<String>, Problem> {
    let groups = given.texts("groupBy");
    match groups.iter().find(|group| !GROUPS.contains(&group.as_str())) {
        Some(group) => Err(refused(
            "groupBy",
            group,
            ["is no way to group lots", "n'est pas un regroupement de lots"],
            ["Give mineral or operation", "Donnez mineral ou operation"],
        )),
        None if groups.is_empty() => Ok(GROUPS.map(str::to_owned).into()),
        None => Ok(groups),
    }
}

fn sums_of(sums: &LotSums, groups: &[String]) -> Value {
    let is_asked = |name: &str| groups.iter().any(|group| group == name);
    let by_mineral: Vec<Value> = sums
        .by_mineral
        .iter()
        .filter(|_| is_asked("mineral"))
        .map(|sum| {
            let (single, each) = taxes(&sum.tax);
            json!({
                "mineral": sum.mineral,
                "totalMass": kilograms(sum.mass_mg),
                "totalTax": single,
                "taxPaid": each,
            })
        })
        .collect();
    let by_operation: Vec<Value> = sums
        .by_operation
        .iter()
        .filter(|_| is_asked("operation"))
        .map(|sum| {
            json!({
                "operation": standard(&ORIGINATING_OPERATION, sum.operation),
                "count": sum.count,
                "totalMass": kilograms(sum.mass_mg),
            })
        })
        .collect();
    let (single, each) = taxes(&sums.tax);
    json!({
        "totalMass": kilograms(sums.mass_mg),
        "totalTaxPaid": single,
        "taxPaid": each,
        "byMineral": by_mineral,
        "byOperation": by_operation,
    })
}

/// The sum if there is one currency, and the sum of each.
fn taxes(sums: &[TaxSum]) -> (Option<f64>, Vec<Value>) {
    let amounts: Vec<f64> = sums.iter().map(amount).collect();
    let each = sums
        .iter()
        .zip(&amounts)
        .map(|(sum, amount)| json!({ "currency": sum.currency, "amount": amount }));
    let single = match amounts[..] {
        [single] => Some(single),
        _ => None,
    };
    (single, each.collect())
}

#[expect(clippy::cast_precision_loss, reason = "sums for a person; records keep whole units")]
fn amount(sum: &TaxSum) -> f64 {
    let digits = Currency::from_code(&sum.currency).and_then(Currency::exponent).unwrap_or(2);
    sum.amount_minor as f64 / 10_f64.powi(i32::from(digits))
}

#[expect(clippy::cast_precision_loss, reason = "sums for a person; records keep whole units")]
fn kilograms(milligrams: i64) -> f64 {
    milligrams as f64 / 1e6
}

async fn status_summary<B: Backend>(
    asked: &Asked<'_, B>,
    given: &Arguments<'_>,
) -> Result<Value, Problem> {
    let country = given.text("addressCountry")?;
    asked.caller.admit(asked.api, Scope::read(Collection::MineSites)).await?;
    let counts = asked.api.backend.count_by_status(country.as_deref()).await?;
    let total: u64 = counts.iter().map(|count| count.count).sum();
    let each = |count: &StatusCount| json!({ "status": standard(&CERTIFICATION_STATUS, count.status), "count": count.count });
    let by_status: Vec<Value> = counts.iter().map(each).collect();
    Ok(json!({ "country": country, "byStatus": by_status, "total": total }))
}

/// The number of the standard behind one of the enumeration.
fn standard(names: &Names, number: i32) -> Option<u8> {
    names.list.codes.iter().find(|code| code.number == number).and_then(|code| code.standard)
}
