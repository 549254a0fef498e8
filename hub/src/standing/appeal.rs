//! Appeals of a state or a party against a decision.
//!
//! Owns the tables `appeal` and `appeal_ruling`, of which no row is ever changed. The
//! decision stays in force while it is under appeal. An appeal that is upheld leads to
//! a decision that lifts, published in the same transaction; one that is dismissed or
//! withdrawn leads to nothing. It refuses to rule twice, and appeals against decisions
//! that nobody took.

mod read;

use std::fmt;

use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use sqlx::{AnyConnection, Row as _};

pub(super) use self::read::of_record;
pub(crate) use self::read::{find, list};
use self::read::{inconsistent, outcome_of};
use super::turn;
use crate::{
    share::{
        Error, Publisher,
        decision::{self, NewDecision, Status},
        renamed,
        subject::Subject,
    },
    store::expect_rows,
};

/// Why an appeal is not taken or not ruled on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error(
        "decision {0} is unknown; `rmd-hub site show` and `exporter show` list decisions\n\
         la décision {0} est inconnue ; `rmd-hub site show` et `exporter show` listent les décisions"
    )]
    DecisionUnknown(String),
    #[error(
        "appeal {0} is unknown; `rmd-hub appeal list --all` lists them\n\
         le recours {0} est inconnu ; `rmd-hub appeal list --all` les liste"
    )]
    AppealUnknown(String),
    #[error(
        "appeal {id} was {outcome} on {on}; lodge another one against a new decision\n\
         le recours {id} a été tranché ({outcome}) le {on} ; formez-en un autre contre une nouvelle décision"
    )]
    Ruled { id: String, outcome: Outcome, on: Date },
    #[error(
        "--deadline {deadline} is before today, {today}; name the last day for the ruling\n\
         --deadline {deadline} est avant aujourd'hui, {today} ; nommez le dernier jour pour trancher"
    )]
    Deadline { deadline: Date, today: Date },
    #[error(
        "an appeal that is upheld needs --status, the status that holds then\n\
         un recours accueilli demande --status, le statut qui vaut alors"
    )]
    StatusMissing,
    #[error(
        "--status is of an appeal that is upheld; leave it out\n\
         --status est d'un recours accueilli ; omettez-le"
    )]
    StatusMeaningless,
}

impl Refusal {
    /// Whether what was named is not there.
    pub(crate) const fn is_unknown(&self) -> bool {
        matches!(self, Self::DecisionUnknown(_) | Self::AppealUnknown(_))
    }
}

/// What became of an appeal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// The decision is lifted · La décision est levée
    Upheld,
    /// The decision stays · La décision reste
    Dismissed,
    /// The appellant took it back · Le requérant l'a retiré
    Withdrawn,
}

impl Outcome {
    const ALL: [Self; 3] = [Self::Upheld, Self::Dismissed, Self::Withdrawn];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Upheld => "upheld",
            Self::Dismissed => "dismissed",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who says something, why, and on which document it rests.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) by: String,
    pub(crate) ground: String,
    pub(crate) document_name: String,
    pub(crate) document_sha256: [u8; 32],
}

/// One step of an appeal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Step {
    /// lodged, upheld, dismissed or withdrawn.
    pub(crate) event: &'static str,
    pub(crate) on: String,
    pub(crate) by: String,
    pub(crate) ground: String,
    pub(crate) document_name: String,
    pub(crate) document_sha256: String,
    pub(crate) recorded_at: String,
    #[serde(skip)]
    at: Timestamp,
}

/// An appeal with its history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Appeal {
    #[serde(rename = "appeal_id")]
    pub(crate) id: String,
    pub(crate) decision_id: String,
    /// Type and key of the record that the decision is about.
    pub(crate) entity: String,
    pub(crate) record_key: String,
    pub(crate) decided_status: String,
    pub(crate) deadline: String,
    /// open, upheld, dismissed or withdrawn.
    pub(crate) state: &'static str,
    /// Open after its deadline.
    pub(crate) is_overdue: bool,
    /// The decision that lifts the one appealed against.
    pub(crate) lifting_decision_id: Option<String>,
    /// What happened, oldest first.
    pub(crate) history: Vec<Step>,
}

impl Appeal {
    /// As it was known at an instant; none before it was lodged.
    pub(super) fn known_by(mut self, known_at: Timestamp) -> Option<Self> {
        let all = self.history.len();
        self.history.retain(|step| step.at <= known_at);
        if self.history.len() < all {
            self.state = "open";
            self.lifting_decision_id = None;
        }
        (!self.history.is_empty()).then_some(self)
    }
}

/// Lodges an appeal against a decision.
pub(crate) async fn lodge(
    publisher: &Publisher,
    decision_id: &str,
    statement: &Statement,
    deadline: Date,
) -> Result<Appeal, Error> {
    decision::check_text(&statement.by, &statement.ground)?;
    let (day, now) = publisher.now();
    if deadline < day {
        return Err(Refusal::Deadline { deadline, today: day }.into());
    }
    let mut transaction = publisher.store().begin().await?;
    turn(&mut transaction).await?;
    if decision::about(&mut transaction, decision_id).await?.is_none() {
        return Err(Refusal::DecisionUnknown(decision_id.to_owned()).into());
    }
    let id = next_id(&mut transaction, day).await?;
    let affected = sqlx::query(
        "INSERT INTO appeal
             (appeal_id, decision_id, appellant, ground, document_name, document_sha256,
              lodged_on, deadline, recorded_at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(&id)
    .bind(decision_id)
    .bind(&statement.by)
    .bind(&statement.ground)
    .bind(&statement.document_name)
    .bind(statement.document_sha256.to_vec())
    .bind(day.to_string())
    .bind(deadline.to_string())
    .bind(now.as_microsecond())
    .execute(&mut *transaction)
    .await?
    .rows_affected();
    expect_rows("appeal", 1, affected)?;
    let appeal = find(&mut transaction, &id, day).await?;
    transaction.commit().await?;
    Ok(appeal)
}

/// Rules on an appeal. `status` is what holds once it is upheld.
pub(crate) async fn rule(
    publisher: &Publisher,
    appeal_id: &str,
    outcome: Outcome,
    status: Option<Status>,
    statement: &Statement,
) -> Result<Appeal, Error> {
    decision::check_text(&statement.by, &statement.ground)?;
    match (outcome, status) {
        (Outcome::Upheld, None) => return Err(Refusal::StatusMissing.into()),
        (Outcome::Dismissed | Outcome::Withdrawn, Some(_)) => {
            return Err(Refusal::StatusMeaningless.into());
        }
        _ => {}
    }
    let (day, now) = publisher.now();
    let mut transaction = publisher.store().begin().await?;
    turn(&mut transaction).await?;
    let appeal = find(&mut transaction, appeal_id, day).await?;
    refuse_ruled(&mut transaction, appeal_id).await?;
    let lifting = match status {
        Some(status) => Some(lift(&mut transaction, publisher, &appeal, status, statement).await?),
        None => None,
    };
    let affected = sqlx::query(
        "INSERT INTO appeal_ruling
             (appeal_id, outcome, ruled_on, ruled_by, ground, document_name, document_sha256,
              lifting_decision_id, recorded_at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(appeal_id)
    .bind(outcome.as_str())
    .bind(day.to_string())
    .bind(&statement.by)
    .bind(&statement.ground)
    .bind(&statement.document_name)
    .bind(statement.document_sha256.to_vec())
    .bind(lifting)
    .bind(now.as_microsecond())
    .execute(&mut *transaction)
    .await?
    .rows_affected();
    expect_rows("appeal_ruling", 1, affected)?;
    let ruled = find(&mut transaction, appeal_id, day).await?;
    transaction.commit().await?;
    Ok(ruled)
}

/// Takes and publishes the decision that lifts the one appealed against; its number.
async fn lift(
    connection: &mut AnyConnection,
    publisher: &Publisher,
    appeal: &Appeal,
    status: Status,
    statement: &Statement,
) -> Result<String, Error> {
    let about = decision::about(connection, &appeal.decision_id).await?;
    let unknown = || Refusal::DecisionUnknown(appeal.decision_id.clone());
    let (entity, key) = about.ok_or_else(unknown)?;
    let subject = Subject::of_keys(connection, entity, &[&key]).await?.pop();
    let subject = if let Some(subject) = subject {
        subject
    } else {
        let now = renamed::now(connection, entity, &key).await?;
        // Refused with the ids that look alike: its state withdrew the record.
        Subject::find(connection, entity, &now.unwrap_or(key)).await?
    };
    let new = NewDecision {
        status,
        decided_by: statement.by.clone(),
        ground: statement.ground.clone(),
        document_name: statement.document_name.clone(),
        document_sha256: statement.document_sha256,
        lifts: true,
    };
    Ok(publisher.decide_within(connection, &subject, new).await?.decision_id)
}

async fn refuse_ruled(connection: &mut AnyConnection, appeal_id: &str) -> Result<(), Error> {
    let row = sqlx::query("SELECT outcome, ruled_on FROM appeal_ruling WHERE appeal_id = $1")
        .bind(appeal_id)
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(()) };
    let (outcome, on): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    let id = appeal_id.to_owned();
    let on = on.parse().map_err(|_| inconsistent("ruled_on", &id))?;
    Err(Refusal::Ruled { outcome: outcome_of(&outcome, &id)?, id, on }.into())
}

async fn next_id(connection: &mut AnyConnection, day: Date) -> Result<String, Error> {
    let year = day.year();
    let row = sqlx::query("SELECT COUNT(*) FROM appeal WHERE lodged_on LIKE $1")
        .bind(format!("{year:04}-%"))
        .fetch_one(connection)
        .await?;
    let count: i64 = row.try_get(0)?;
    Ok(format!("A-{year:04}-{:04}", count + 1))
}
