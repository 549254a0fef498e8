//! The three statuses of one site or exporter, for `rmd-hub site show` and
//! `exporter show`.

use serde::Serialize;
use sqlx::AnyConnection;

use super::{Failure, open::Opened, subject::policy};
use crate::share::{decision, subject::Subject};

/// A site or an exporter with its statuses, never mixed.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    /// Of a site, as issued; of an exporter its key.
    icglr_id: String,
    entity: &'static str,
    record_key: String,
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

pub(super) async fn subject(
    connection: &mut AnyConnection,
    hub: &Opened,
    subject: &Subject,
) -> Result<Shown, Failure> {
    let decisions = decision::of_site(connection, subject.record_key()).await?;
    let day = hub.clock.today();
    let effective = subject.effective(&decisions, day, hub.clock.now(), &policy(hub));
    let (since, inspections) = match subject {
        Subject::Site(site) => {
            (&site.declared.certification_status_since, site.declared.inspection.len())
        }
        Subject::Exporter(exporter) => (&exporter.declared.certification_status_since, 0),
    };
    Ok(Shown {
        declared: Declared {
            status: decision::word(subject.declared_status()),
            since: since.clone(),
            inspections,
        },
        decisions: decisions.into_iter().map(decided).collect(),
        effective: Effective {
            status: decision::word(effective.status),
            since: effective.since.to_string(),
            until: effective.until.map(|day| day.to_string()),
            reason: effective.reason.as_str(),
            as_of: day.to_string(),
        },
        icglr_id: subject.name().to_owned(),
        entity: subject.entity().name(),
        record_key: subject.record_key().to_owned(),
        country: subject.country().to_owned(),
        void: subject.is_void(),
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

pub(super) fn text(shown: &Shown) -> String {
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
