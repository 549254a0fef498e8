//! A finding as cases read it: with the state that owns each record it rests on.

use std::collections::{BTreeMap, BTreeSet};

use rmd_reconcile::{Measure, Rule, Subject, SubjectKind};
use rmd_standard::country::alpha3_of;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use sqlx::{AnyConnection, FromRow, Row as _};

use super::Error;
use crate::store::{bulk, expect_rows};

/// One record that a finding rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Evidence {
    pub(super) entity: String,
    pub(super) key: String,
    pub(super) rev: u64,
    /// SHA-256 of its bytes, hexadecimal.
    pub(super) digest: String,
    /// Its owner, alpha-2; none if nobody is known to own it.
    pub(super) country: Option<String>,
    /// Whether it stands in the regional view: not gone, erased or in shadow.
    pub(super) is_there: bool,
}

impl Evidence {
    pub(super) fn is_of(&self, country: &str) -> bool {
        self.country.as_deref() == Some(country)
    }
}

/// One finding.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) finding_id: String,
    pub(super) rule: Rule,
    pub(super) rule_version: u32,
    pub(super) severity: u32,
    pub(super) subject: Subject,
    /// The state that it is about, alpha-2.
    pub(super) country: String,
    /// Id of the sentence.
    pub(super) sentence: String,
    pub(super) measures: Vec<Measure>,
    pub(super) evidence: Vec<Evidence>,
    pub(super) parameters_version: u64,
    pub(super) is_open: bool,
    pub(super) opened_on: String,
    /// Whether an officer asked about it as it rests now on the state's own records.
    pub(super) is_asked: bool,
    /// Whether what it does not name is the state's as well.
    pub(super) is_domestic: bool,
}

impl Known {
    /// The own records on which it rests, as they were published: a hash.
    pub(super) fn rests_on(&self, country: &str) -> String {
        let own = self.evidence.iter().filter(|one| one.is_of(country));
        let own: BTreeSet<_> = own.map(|one| (&one.entity, &one.key, one.rev)).collect();
        hex::encode(Sha256::digest(json!(own).to_string()))
    }

    /// The states that are asked: the one that it is about, and the owners of its records.
    pub(super) fn countries(&self) -> BTreeSet<&str> {
        let owners = self.evidence.iter().filter_map(|one| one.country.as_deref());
        owners.chain([&*self.country]).filter(|one| alpha3_of(one).is_some()).collect()
    }
}

#[derive(FromRow)]
struct Row {
    finding_id: String,
    rule: String,
    rule_version: i64,
    severity: i64,
    subject_kind: String,
    subject_key: String,
    country: String,
    sentence: String,
    measures: String,
    evidence: String,
    parameters_version: i64,
    state: String,
    opened_on: String,
    asked: String,
}

#[derive(Deserialize)]
struct Named {
    entity: String,
    key: String,
    rev: u64,
    digest: String,
}

impl TryFrom<Row> for Known {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let wrong = |column| {
            let (table, id) = ("finding", row.finding_id.clone());
            Error::Inconsistent { table, column, id }
        };
        let rule = Rule::of(&row.rule).ok_or_else(|| wrong("rule"))?;
        let kind = SubjectKind::of(&row.subject_kind).ok_or_else(|| wrong("subject_kind"))?;
        let measures = serde_json::from_str(&row.measures).map_err(|_| wrong("measures"))?;
        let named: Vec<Named> =
            serde_json::from_str(&row.evidence).map_err(|_| wrong("evidence"))?;
        let evidence = named.into_iter().map(|named| Evidence {
            entity: named.entity,
            key: named.key,
            rev: named.rev,
            digest: named.digest,
            country: None,
            is_there: false,
        });
        Ok(Self {
            rule,
            rule_version: u32::try_from(row.rule_version).map_err(|_| wrong("rule_version"))?,
            severity: u32::try_from(row.severity).map_err(|_| wrong("severity"))?,
            subject: Subject::new(kind, row.subject_key),
            country: row.country,
            sentence: row.sentence,
            measures,
            evidence: evidence.collect(),
            parameters_version: row.parameters_version.unsigned_abs(),
            is_open: row.state == "open",
            opened_on: row.opened_on,
            is_asked: false,
            is_domestic: false,
            finding_id: row.finding_id,
        })
    }
}

/// One finding; none if it is not kept any more.
pub(super) async fn find(
    connection: &mut AnyConnection,
    finding_id: &str,
) -> Result<Option<Known>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT finding_id, rule, rule_version, severity, subject_kind, subject_key, country,
                sentence, measures, evidence, parameters_version, state, opened_on, '' AS asked
         FROM finding
         WHERE finding_id = $1",
    )
    .bind(finding_id)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let mut known = [Known::try_from(row)?];
    find_owners(connection, &mut known).await?;
    let [known] = known;
    Ok(Some(known))
}

/// The findings of a case of a state, the open and the gravest first, at most so many.
pub(super) async fn of_case(
    connection: &mut AnyConnection,
    (case_id, country): (&str, &str),
    limit: i64,
) -> Result<Vec<Known>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT f.finding_id, f.rule, f.rule_version, f.severity, f.subject_kind, f.subject_key,
                f.country, f.sentence, f.measures, f.evidence, f.parameters_version, f.state,
                f.opened_on, c.asked
         FROM case_finding c
         JOIN finding f ON f.finding_id = c.finding_id
         WHERE c.case_id = $1
         ORDER BY f.state DESC, f.severity DESC, f.opened_on, f.finding_id
         LIMIT $2",
    )
    .bind(case_id)
    .bind(limit)
    .fetch_all(&mut *connection)
    .await?;
    let asked: Vec<String> = rows.iter().map(|row| row.asked.clone()).collect();
    let mut known = rows.into_iter().map(Known::try_from).collect::<Result<Vec<_>, _>>()?;
    find_owners(connection, &mut known).await?;
    for (known, asked) in known.iter_mut().zip(asked) {
        known.is_asked = known.rests_on(country) == asked;
    }
    Ok(known)
}

/// Notes that a state is asked about the findings of its case as they are now.
pub(super) async fn ask(
    connection: &mut AnyConnection,
    (case_id, country): (&str, &str),
) -> Result<(), Error> {
    for known in of_case(connection, (case_id, country), i64::MAX).await? {
        let affected = sqlx::query(
            "UPDATE case_finding SET asked = $1 WHERE case_id = $2 AND finding_id = $3",
        )
        .bind(known.rests_on(country))
        .bind(case_id)
        .bind(&known.finding_id)
        .execute(&mut *connection)
        .await?
        .rows_affected();
        expect_rows("case_finding", 1, affected)?;
    }
    Ok(())
}

/// Says of each record whose it is, and whether it is still there.
async fn find_owners(connection: &mut AnyConnection, known: &mut [Known]) -> Result<(), Error> {
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for one in known.iter().flat_map(|known| &known.evidence) {
        keys.entry(one.entity.clone()).or_default().insert(one.key.clone());
    }
    let mut owners: BTreeMap<(String, String), (String, bool)> = BTreeMap::new();
    for (entity, keys) in keys {
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let head = "SELECT record_key, country, op, shadow FROM record";
        for row in bulk::select_of_entity(connection, head, &entity, &keys, "").await? {
            let (op, shadow): (String, i64) = (row.try_get(2)?, row.try_get(3)?);
            let stands = (row.try_get(1)?, op != "tombstone" && shadow == 0);
            owners.insert((entity.clone(), row.try_get(0)?), stands);
        }
    }
    for one in known.iter_mut().flat_map(|known| &mut known.evidence) {
        let found = owners.get(&(one.entity.clone(), one.key.clone()));
        one.country = found.map(|(country, _)| country.clone());
        one.is_there = found.is_some_and(|(_, is_there)| *is_there);
    }
    Ok(())
}
