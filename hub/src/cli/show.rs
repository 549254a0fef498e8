//! The three statuses of one site, for `rmd-hub site show`.

use rmd_standard::effective::Policy;
use serde::Serialize;
use sqlx::AnyConnection;

use super::{Failure, open::Opened};
use crate::share::{decision, site::Site};

/// A site with its statuses, never mixed.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    icglr_id: String,
    country: String,
    void: bool,
    declared: Declared,
    decisions: Vec<Decision>,
    effective: Effective,
}

#[derive(Debug, Serialize)]
struct Declared {
    status: &'static str,
    since: String,
    inspections: usize,
}

#[derive(Debug, Serialize)]
struct Decision {
    #[serde(rename = "decision_id")]
    id: String,
    status: &'static str,
    decided_on: String,
    decided_by: String,
    ground: String,
    document_name: String,
    document_sha256: String,
    lifts: bool,
}

#[derive(Debug, Serialize)]
struct Effective {
    status: &'static str,
    since: String,
    until: Option<String>,
    reason: &'static str,
    as_of: String,
}

pub(super) async fn site(
    connection: &mut AnyConnection,
    hub: &Opened,
    site: Site,
) -> Result<Shown, Failure> {
    let decisions = decision::of_site(connection, &site.record_key).await?;
    let policy = Policy { yellow_months: hub.config.share.yellow_months };
    let day = hub.clock.today();
    let effective = site.effective(&decisions, day, hub.clock.now(), &policy);
    Ok(Shown {
        declared: Declared {
            status: decision::word(site.declared.certification_status()),
            since: site.declared.certification_status_since.clone(),
            inspections: site.declared.inspection.len(),
        },
        decisions: decisions.into_iter().map(decided).collect(),
        effective: Effective {
            status: decision::word(effective.status),
            since: effective.since.to_string(),
            until: effective.until.map(|day| day.to_string()),
            reason: effective.reason.as_str(),
            as_of: day.to_string(),
        },
        icglr_id: site.declared.icglr_id,
        country: site.declared.address_country,
        void: site.is_void,
    })
}

fn decided(decision: decision::Decision) -> Decision {
    Decision {
        id: decision.id,
        status: decision.status.as_str(),
        decided_on: decision.decided_on.to_string(),
        decided_by: decision.decided_by,
        ground: decision.ground,
        document_name: decision.document_name,
        document_sha256: hex::encode(decision.document_sha256),
        lifts: decision.lifts,
    }
}

pub(super) fn site_text(shown: &Shown) -> String {
    let mut lines = vec![format!(
        "{} ({}){}\ndeclared · déclaré: {} {}",
        shown.icglr_id,
        shown.country,
        if shown.void { " void · annulé" } else { "" },
        shown.declared.status,
        shown.declared.since,
    )];
    for decision in &shown.decisions {
        lines.push(format!(
            "decided · décidé: {} {} {} ({}){}: {}",
            decision.decided_on,
            decision.id,
            decision.status,
            decision.decided_by,
            if decision.lifts { " lifts · lève" } else { "" },
            decision.ground,
        ));
    }
    let effective = &shown.effective;
    let until = effective.until.as_deref().unwrap_or("-");
    lines.push(format!(
        "effective · effectif: {} {} → {} ({}, {})",
        effective.status, effective.since, until, effective.reason, effective.as_of
    ));
    lines.join("\n")
}
