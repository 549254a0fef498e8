//! From a finding to everything behind it.
//!
//! Reads a finding with its history, the records that it rests on with the digest of
//! their bytes as they are now, the limits that counted with where they were set, the
//! formula of its rule, and what could not be tested of its subject, computed again.

use rmd_reconcile::{
    Measure, Missing, Parameter, Parameters, Rule, Sentence, Subject, SubjectKind, parameter::Row,
    part::Wanted, rules::SENTENCES,
};
use rmd_standard::{Entity, Record, mineral};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use sqlx::{AnyConnection, FromRow, Row as _};

use super::{
    Engine, Error, Reader,
    directory::Directory,
    finding::{Evidence, Finding},
    ground::Ground,
    load::Part,
    states, told,
};
use crate::{
    parameter,
    store::{bulk::Value, question::Piece},
};

/// Which findings are meant; none for all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Which {
    pub(crate) rule: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) severity: Option<i64>,
    pub(crate) subject: Option<String>,
    pub(crate) state: Option<String>,
}

/// The gravest findings first, at most so many.
pub(crate) async fn list(
    connection: &mut AnyConnection,
    which: &Which,
    limit: u32,
) -> Result<Vec<Finding>, Error> {
    let mut piece = Piece::new(
        "SELECT finding_id, rule, rule_version, severity, subject_kind, subject_key, country, \
         sentence, measures, evidence, parameters_version, state, first_opened_on, opened_on, \
         closed_on, changed_at_us FROM finding WHERE 1 = 1",
        [],
    );
    let texts = [
        (" AND rule = ?", &which.rule),
        (" AND country = ?", &which.country),
        (" AND subject_key = ?", &which.subject),
        (" AND state = ?", &which.state),
    ];
    for (sql, value) in texts {
        if let Some(value) = value {
            piece.push(sql, [Value::required(value.as_str())]);
        }
    }
    if let Some(severity) = which.severity {
        piece.push(" AND severity = ?", [Value::integer(severity)]);
    }
    let limit = [Value::integer(i64::from(limit))];
    piece.push(" ORDER BY state DESC, severity DESC, rule, subject_key, finding_id LIMIT ?", limit);
    let rows = piece.rows(connection).await?;
    Ok(rows.iter().map(Finding::from_row).collect::<Result<_, _>>()?)
}

/// How many findings there are, by state and severity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Count {
    pub(crate) rule: String,
    pub(crate) severity: i64,
    pub(crate) findings: i64,
}

/// How many findings are open, by rule and severity.
pub(crate) async fn counts(connection: &mut AnyConnection) -> Result<Vec<Count>, Error> {
    Ok(sqlx::query_as(
        "SELECT rule, severity, COUNT(*) AS findings
         FROM finding
         WHERE state = 'open'
         GROUP BY rule, severity
         ORDER BY rule, severity",
    )
    .fetch_all(connection)
    .await?)
}

/// What a finding says in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Said {
    pub(crate) en: String,
    pub(crate) fr: String,
}

/// The sentence of a finding with its numbers.
pub(crate) fn said(finding: &Finding) -> Said {
    let sentences = SENTENCES.iter().copied().flatten();
    let sentence: Option<&Sentence> = { sentences }.find(|one| one.id == finding.sentence);
    // What this program wrote it reads; what a later one wrote is shown by its id.
    let measures: Vec<Measure> = serde_json::from_str(&finding.measures).unwrap_or_default();
    Said {
        en: sentence.map_or_else(|| finding.sentence.clone(), |one| one.english(&measures)),
        fr: sentence.map_or_else(|| finding.sentence.clone(), |one| one.french(&measures)),
    }
}

/// A record on which a finding rests.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Rested {
    /// As it was judged.
    #[serde(flatten)]
    pub(crate) judged: Evidence,
    /// The record as it is now, where it is shown; none if it was withdrawn.
    pub(crate) now: Option<Shown>,
}

/// A record as it is now.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Shown {
    pub(crate) rev: i64,
    pub(crate) op: String,
    /// SHA-256 of its bytes, lower case hexadecimal.
    pub(crate) digest: String,
    /// Whether these are the bytes that were judged.
    pub(crate) is_as_judged: bool,
    pub(crate) node_id: String,
    pub(crate) feed: String,
    pub(crate) epoch: i64,
    pub(crate) seq: i64,
    /// The record itself, field by field.
    pub(crate) record: serde_json::Value,
}

/// A limit that the rule reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Limited {
    pub(crate) name: &'static str,
    pub(crate) value: i64,
    pub(crate) unit: rmd_reconcile::Unit,
    /// Where the value was set: `default`, or `everywhere`, a state, a mineral, or both.
    pub(crate) scope: String,
    pub(crate) en: &'static str,
    pub(crate) fr: &'static str,
}

/// A line of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Event {
    #[serde(rename = "event_id")]
    #[sqlx(rename = "event_id")]
    pub(crate) id: i64,
    pub(crate) change: String,
    pub(crate) day: String,
    pub(crate) at_us: i64,
    pub(crate) severity: i64,
    pub(crate) measures: String,
    pub(crate) evidence: String,
    pub(crate) parameters_version: i64,
}

/// What could not be tested of a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Untested {
    pub(crate) rule: &'static str,
    pub(crate) missing: Vec<Missing>,
}

/// Everything behind a finding.
#[derive(Debug, Serialize)]
pub(crate) struct Behind {
    #[serde(flatten)]
    pub(crate) finding: Finding,
    pub(crate) sentence_text: Said,
    pub(crate) rule_name: Said,
    pub(crate) formula: String,
    pub(crate) parameters: Vec<Limited>,
    pub(crate) records: Vec<Rested>,
    pub(crate) history: Vec<Event>,
    /// What the rules could not test about the same subject on the day of the last
    /// evaluation, and why.
    pub(crate) untested: Vec<Untested>,
}

/// Everything behind the finding of that id, or of the only id that begins so.
pub(crate) async fn behind(engine: &Engine, id: &str) -> Result<Option<Behind>, Error> {
    let mut connection = engine.store().acquire().await?;
    let Some(finding) = find(&mut connection, id).await? else { return Ok(None) };
    let evidence: Vec<Evidence> = serde_json::from_str(&finding.evidence).unwrap_or_default();
    let mut records = Vec::with_capacity(evidence.len());
    for judged in evidence {
        let now = shown(&mut connection, &judged).await?;
        records.push(Rested { judged, now });
    }
    let rule = Rule::of(&finding.rule);
    let mineral = records.iter().filter_map(|one| one.now.as_ref()).find_map(mineral_of);
    let parameters = match rule {
        Some(rule) => limits(&mut connection, rule, &finding, mineral.as_deref()).await?,
        None => Vec::new(),
    };
    let history = history(&mut connection, &finding.id).await?;
    drop(connection);
    let subject = SubjectKind::of(&finding.subject_kind)
        .map(|kind| Subject::new(kind, finding.subject_key.as_str()));
    let untested = match subject {
        Some(subject) => untested(engine, &subject).await?,
        None => Vec::new(),
    };
    let name = |text: fn(Rule) -> &'static str| rule.map(text).unwrap_or_default().to_owned();
    Ok(Some(Behind {
        sentence_text: said(&finding),
        rule_name: Said { en: name(|rule| rule.info().en), fr: name(|rule| rule.info().fr) },
        formula: rule.map(Rule::formula).unwrap_or_default(),
        parameters,
        records,
        history,
        untested,
        finding,
    }))
}

async fn find(connection: &mut AnyConnection, id: &str) -> Result<Option<Finding>, Error> {
    let rows = sqlx::query(
        "SELECT finding_id, rule, rule_version, severity, subject_kind, subject_key, country,
                sentence, measures, evidence, parameters_version, state, first_opened_on,
                opened_on, closed_on, changed_at_us
         FROM finding
         WHERE finding_id >= $1 AND finding_id < $2
         LIMIT 2",
    )
    .bind(id)
    .bind(format!("{id}g"))
    .fetch_all(connection)
    .await?;
    match rows.as_slice() {
        [only] => Ok(Some(Finding::from_row(only)?)),
        _ => Ok(None),
    }
}

async fn shown(connection: &mut AnyConnection, judged: &Evidence) -> Result<Option<Shown>, Error> {
    let row = sqlx::query(
        "SELECT node_id, feed, epoch, seq, rev, op, payload
         FROM record
         WHERE entity = $1 AND record_key = $2 AND shadow = 0 AND op <> 'tombstone'",
    )
    .bind(&judged.entity)
    .bind(&judged.key)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let payload: Option<Vec<u8>> = row.try_get("payload")?;
    let payload = payload.unwrap_or_default();
    let digest = hex::encode(Sha256::digest(&payload));
    let entity = Entity::from_name(&judged.entity);
    let record = entity.and_then(|entity| Record::decode(entity, &payload).ok());
    Ok(Some(Shown {
        rev: row.try_get("rev")?,
        op: row.try_get("op")?,
        is_as_judged: digest == judged.digest,
        digest,
        node_id: row.try_get("node_id")?,
        feed: row.try_get("feed")?,
        epoch: row.try_get("epoch")?,
        seq: row.try_get("seq")?,
        record: record.map_or(serde_json::Value::Null, |record| record.to_json()),
    }))
}

/// The mineral of a record, HS6.
fn mineral_of(shown: &Shown) -> Option<String> {
    let of = |name: &str| shown.record.get(name).and_then(serde_json::Value::as_str);
    of("mineral").or_else(|| of("type_of_ore")).and_then(mineral::hs6)
}

/// Limits that a rule reads beside its own.
const SHARED: [(Rule, Parameter); 3] = [
    (Rule::OriginMismatch, Parameter::UntracedWarning),
    (Rule::Pairing, Parameter::DeadlineDay),
    (Rule::Reporting, Parameter::DeadlineDay),
];

async fn limits(
    connection: &mut AnyConnection,
    rule: Rule,
    finding: &Finding,
    mineral: Option<&str>,
) -> Result<Vec<Limited>, Error> {
    let of_then = Some(finding.parameters_version);
    let (version, set) = parameter::table(connection, of_then).await?;
    let parameters = Parameters::with(version, &set)?;
    let shared = SHARED.iter().filter(|one| one.0 == rule).map(|one| one.1.limit());
    let own = Parameter::all().filter(|limit| limit.rule == rule);
    let mut limits: Vec<Limited> = Vec::new();
    for limit in own.chain(shared) {
        if limits.iter().any(|known| known.name == limit.name) {
            continue;
        }
        limits.push(Limited {
            name: limit.name,
            value: parameters.get(limit.parameter, &finding.country, mineral.unwrap_or("")),
            unit: limit.unit,
            scope: scope(&set, limit.name, &finding.country, mineral),
            en: limit.en,
            fr: limit.fr,
        });
    }
    Ok(limits)
}

/// Where the row stands that counts for a state and a mineral.
fn scope(set: &[Row], name: &str, country: &str, mineral: Option<&str>) -> String {
    let scopes = [(Some(country), mineral), (Some(country), None), (None, mineral), (None, None)];
    let is_set = |scope: &(Option<&str>, Option<&str>)| {
        set.iter().any(|row| {
            row.parameter == name && (row.country.as_deref(), row.mineral.as_deref()) == *scope
        })
    };
    match scopes.into_iter().find(is_set) {
        None => "default".to_owned(),
        Some((None, None)) => "everywhere".to_owned(),
        Some((country, mineral)) => {
            [country, mineral].into_iter().flatten().collect::<Vec<_>>().join("/")
        }
    }
}

async fn history(connection: &mut AnyConnection, id: &str) -> Result<Vec<Event>, Error> {
    Ok(sqlx::query_as(
        "SELECT event_id, change, day, at_us, severity, measures, evidence, parameters_version
         FROM finding_event
         WHERE finding_id = $1
         ORDER BY event_id",
    )
    .bind(id)
    .fetch_all(connection)
    .await?)
}

/// What cannot be tested of a subject on the day of the last evaluation, and why.
pub(crate) async fn untested(engine: &Engine, subject: &Subject) -> Result<Vec<Untested>, Error> {
    let (mut reader, ground) = engine.look().await?;
    let directory = Directory::default();
    let wanted = wanted(subject);
    let (region, known, wanted) = around(&mut reader, &directory, &ground, wanted).await?;
    let judgement = region.judge_part(&wanted, &known, &ground.context);
    let of_subject = judgement.judged.into_iter().filter(|judged| judged.subject == *subject);
    let untested = of_subject.filter(|judged| !judged.outcome.missing.is_empty());
    Ok(untested
        .map(|judged| Untested { rule: judged.rule.id(), missing: judged.outcome.missing })
        .collect())
}

fn wanted(subject: &Subject) -> Wanted {
    let mut wanted = Wanted::default();
    told::want(&mut wanted, std::slice::from_ref(subject));
    wanted
}

async fn around(
    reader: &mut Reader,
    directory: &Directory,
    ground: &Ground,
    mut wanted: Wanted,
) -> Result<(rmd_reconcile::region::Region, rmd_reconcile::part::Known, Wanted), Error> {
    if wanted == Wanted::default() {
        let (wanted, region, known) = states::part(reader, ground).await?;
        return Ok((region, known, wanted));
    }
    let mut part = Part::new(reader, directory, ground);
    part.lots(&wanted).await?;
    part.inherited(&wanted.lots).await?;
    part.certificates(&wanted.certificates).await?;
    part.pairing((&wanted.exports, &wanted.imports)).await?;
    part.exports(&wanted.exports).await?;
    part.around_sites(&wanted.sites).await?;
    part.productions(&wanted.productions).await?;
    let (region, known) = (part.region, part.known);
    // An import that has its pair is told with the export.
    wanted.imports.retain(|key| region.imports.contains_key(key));
    Ok((region, known, wanted))
}
