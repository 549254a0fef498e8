//! Whether what a finding does not name belongs to the state as well.
//!
//! A few measures rest on records around the subject: the line behind the lots of a
//! certificate, the place where a tag was applied, the prices of other certificates. A
//! state is shown them where nobody else has a part in them. In doubt somebody has: what
//! is looked at here is never less than what the rule looked at.

use jiff::Timestamp;
use rmd_reconcile::Rule;
use rmd_standard::{
    effective::{Policy, calendar_day},
    mineral,
    site_id::SiteId,
};
use sqlx::{AnyConnection, Row as _};

use super::{Error, finding::Known};
use crate::custody::{self, Asked, Way};

/// Says so of each finding.
pub(super) async fn find(
    connection: &mut AnyConnection,
    known: &mut [Known],
    now: Timestamp,
) -> Result<(), Error> {
    for known in known {
        known.is_domestic = match known.rule {
            Rule::ContaminatedAncestry | Rule::UntraceableShare => {
                is_own_line(connection, known, now).await?
            }
            Rule::TagChronology => is_own_tag(connection, known).await?,
            Rule::Outlier => is_own_price(connection, known).await?,
            _ => false,
        };
    }
    Ok(())
}

/// Whether every lot behind a certificate is the state's, and every site behind those.
async fn is_own_line(
    connection: &mut AnyConnection,
    known: &Known,
    now: Timestamp,
) -> Result<bool, Error> {
    // Whatever status the sites have: only whose they are is looked at.
    let (key, policy) = (known.subject.key.as_str(), Policy::default());
    let (way, day) = (Way::Ancestors, calendar_day(now));
    let asked = Asked { way, key, depth: None, day, now, policy: &policy };
    let Some(line) = custody::trace(connection, asked).await? else { return Ok(false) };
    let is_own_site =
        |site: &custody::Behind| site.site.is_empty() || is_in(&site.site, &known.country);
    let mut lots = line.nodes.values();
    // What is named and not there may be what another state does not have.
    let is_whole = !line.is_cut && line.unresolved.is_empty();
    Ok(is_whole
        && lots
            .all(|lot| lot.country == known.country && lot.site.as_ref().is_none_or(is_own_site)))
}

fn is_in(site: &str, country: &str) -> bool {
    SiteId::parse(site).is_some_and(|site| site.country == country)
}

/// Whether every lot that carries the tag is the state's, and every site that they name.
async fn is_own_tag(connection: &mut AnyConnection, known: &Known) -> Result<bool, Error> {
    let tag = known.measures.iter().find(|measure| measure.name == "tag");
    let Some(tag) = tag else { return Ok(false) };
    let rows = sqlx::query(
        "SELECT l.country, COALESCE(l.mine_site_id, '')
         FROM lot_tag t
         JOIN lot l ON l.record_key = t.record_key
         WHERE t.identifier = $1",
    )
    .bind(&tag.text)
    .fetch_all(connection)
    .await?;
    for row in &rows {
        let (country, site): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        if country != known.country || !(site.is_empty() || is_in(&site, &known.country)) {
            return Ok(false);
        }
    }
    Ok(!rows.is_empty())
}

/// Whether no other state has a certificate of the mineral, of whatever day.
async fn is_own_price(connection: &mut AnyConnection, known: &Known) -> Result<bool, Error> {
    let own = sqlx::query(
        "SELECT COALESCE(type_of_ore, '') FROM export_certificate WHERE record_key = $1",
    )
    .bind(&known.subject.key)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(own) = own else { return Ok(false) };
    let own = mineral::hs6(own.try_get::<String, _>(0)?.as_str());
    let others = sqlx::query(
        "SELECT DISTINCT COALESCE(type_of_ore, '')
         FROM export_certificate
         WHERE issuing_country <> $1",
    )
    .bind(&known.country)
    .fetch_all(connection)
    .await?;
    for row in others {
        if mineral::hs6(row.try_get::<String, _>(0)?.as_str()) == own {
            return Ok(false);
        }
    }
    Ok(true)
}
