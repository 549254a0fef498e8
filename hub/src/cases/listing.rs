//! Cases as officers read them. Nothing here goes anywhere else.

use jiff::civil::Date;
use rmd_reconcile::rules::SENTENCES;
use serde::Serialize;
use sqlx::{AnyConnection, Row as _};

use super::{
    Error, State,
    file::{self, Decision, Event, File},
    finding::{self, Known},
    notice::{self, Noticed},
    reply::{self, Answer},
};

/// Which cases are listed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Which {
    /// In one state only.
    pub(crate) state: Option<State>,
    /// Of one country only, alpha-2.
    pub(crate) country: Option<String>,
    /// Only those whose day has passed.
    pub(crate) is_overdue: bool,
    /// At most so many.
    pub(crate) limit: u32,
}

/// A case in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Listed {
    /// Its number.
    pub(crate) case_id: String,
    /// The state that is asked, alpha-2.
    pub(crate) country: String,
    /// What it is about.
    pub(crate) subject_kind: String,
    /// Its name.
    pub(crate) subject_key: String,
    /// The cause.
    pub(crate) cause: String,
    /// How it stands.
    pub(crate) state: State,
    /// 1 information, 2 warning, 3 serious.
    pub(crate) severity: i64,
    /// Findings that stand.
    pub(crate) open_findings: i64,
    /// All of them.
    pub(crate) findings: i64,
    /// Answers of the state.
    pub(crate) answers: i64,
    /// When it was opened last, UTC microseconds.
    pub(crate) opened_at_us: i64,
    /// When it was sent first, UTC microseconds.
    pub(crate) sent_at_us: Option<i64>,
    /// ISO day until which an answer is awaited.
    pub(crate) due: Option<String>,
    /// Whether that day has passed without one.
    pub(crate) is_overdue: bool,
}

impl Listed {
    fn of(file: &File, answers: i64, today: Date) -> Self {
        Self {
            case_id: file.case_id.clone(),
            country: file.country.clone(),
            subject_kind: file.subject_kind.clone(),
            subject_key: file.subject_key.clone(),
            cause: file.cause.clone(),
            state: file.state,
            severity: file.severity,
            open_findings: file.open_findings,
            findings: file.findings,
            answers,
            opened_at_us: file.opened_at_us,
            sent_at_us: file.sent_at_us,
            due: file.due.clone(),
            is_overdue: file.is_overdue(today),
        }
    }
}

/// Cases, the gravest first.
pub(crate) async fn list(
    connection: &mut AnyConnection,
    which: &Which,
    today: Date,
) -> Result<Vec<Listed>, Error> {
    let state = match which.state {
        None if which.is_overdue => State::Sent.as_str(),
        state => state.map_or("", State::as_str),
    };
    let country = which.country.as_deref().unwrap_or_default();
    // Whether a day has passed is not the store's to tell.
    let limit = if which.is_overdue { i64::MAX } else { i64::from(which.limit) };
    let mut listed = Vec::new();
    for file in file::all(connection, (state, country), limit).await? {
        if which.is_overdue && !file.is_overdue(today) {
            continue;
        }
        if listed.len() >= usize::try_from(which.limit).unwrap_or(usize::MAX) {
            break;
        }
        let answers = answers(connection, &file.case_id).await?;
        listed.push(Listed::of(&file, answers, today));
    }
    Ok(listed)
}

async fn answers(connection: &mut AnyConnection, case_id: &str) -> Result<i64, Error> {
    let row = sqlx::query("SELECT COUNT(*) FROM case_reply WHERE case_id = $1 AND noted < 2")
        .bind(case_id)
        .fetch_one(connection)
        .await?;
    Ok(row.try_get(0)?)
}

/// A case with everything about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Shown {
    /// As in the list.
    #[serde(flatten)]
    pub(crate) case: Listed,
    /// What was decided last.
    pub(crate) decision: Option<Decision>,
    /// Its findings, open and grave ones first.
    pub(crate) found: Vec<Found>,
    /// What its state answered, oldest first.
    pub(crate) replies: Vec<Answer>,
    /// Which node has which notice.
    pub(crate) notices: Vec<Noticed>,
    /// What happened, oldest first.
    pub(crate) history: Vec<Event>,
}

/// A finding as an officer sees it: whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Found {
    /// Its id, for `finding show`.
    pub(crate) finding_id: String,
    /// The rule.
    pub(crate) rule: &'static str,
    /// 1 information, 2 warning, 3 serious.
    pub(crate) severity: u32,
    /// Whether it stands.
    pub(crate) is_open: bool,
    /// ISO day of its last opening.
    pub(crate) opened_on: String,
    /// What it says.
    pub(crate) en: String,
    /// The same in French.
    pub(crate) fr: String,
    /// The records on which it rests.
    pub(crate) evidence: Vec<Rests>,
}

/// A record on which a finding rests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Rests {
    /// Its type.
    pub(crate) entity: String,
    /// Its key.
    pub(crate) key: String,
    /// Its revision.
    pub(crate) rev: u64,
    /// SHA-256 of its bytes, hexadecimal.
    pub(crate) digest: String,
    /// Its owner, alpha-2.
    pub(crate) country: Option<String>,
}

/// Findings that are shown.
const FOUND_MAX: i64 = 1_000;

/// One case, by the beginning of its number.
pub(crate) async fn show(
    connection: &mut AnyConnection,
    begin: &str,
    today: Date,
) -> Result<Shown, Error> {
    let file = file::named(connection, begin).await?;
    let answers = answers(connection, &file.case_id).await?;
    let found = finding::of_case(connection, (&file.case_id, &file.country), FOUND_MAX).await?;
    Ok(Shown {
        case: Listed::of(&file, answers, today),
        decision: file.decision.clone(),
        found: found.into_iter().map(found_of).collect(),
        replies: reply::of_case(connection, &file.case_id).await?,
        notices: notice::of_case(connection, &file.case_id).await?,
        history: file::history(connection, &file.case_id).await?,
    })
}

fn found_of(known: Known) -> Found {
    let sentence = SENTENCES.iter().copied().flatten().find(|one| one.id == known.sentence);
    let info = known.rule.info();
    let en = sentence.map_or_else(|| info.en.to_owned(), |one| one.english(&known.measures));
    let fr = sentence.map_or_else(|| info.fr.to_owned(), |one| one.french(&known.measures));
    let rests = |one: finding::Evidence| Rests {
        entity: one.entity,
        key: one.key,
        rev: one.rev,
        digest: one.digest,
        country: one.country,
    };
    Found {
        finding_id: known.finding_id,
        rule: known.rule.id(),
        severity: known.severity,
        is_open: known.is_open,
        opened_on: known.opened_on,
        en,
        fr,
        evidence: known.evidence.into_iter().map(rests).collect(),
    }
}
