//! Reports of what landed as frames, was judged by the engine, and was made a case: each
//! figure against what the other commands say.

use std::collections::BTreeMap;

use jiff::civil::date;
use rmd_proto::v1;
use rmd_report::{CaseState, CaseStep, StatusReason, Whose};
use rmd_standard::effective::Policy;

use super::*;
use crate::{
    calendar::closing,
    cases::{self, Desk, Terms},
    follow::testing::site,
    reconcile::{Engine, show},
    statistics,
};

const TERMS: Terms = Terms { answer_days: 30, send_after_days: 0 };

/// An export of CD to RW under a certificate.
fn sent(number: u32, day: &str, mass_mg: i64, paper: &str) -> crate::follow::testing::Said {
    upsert(Record::ExportDeclaration(Box::new(v1::ExportDeclaration {
        destination_country: "RW".to_owned(),
        certificate_country: "CD".to_owned(),
        certificate_identifier: paper.to_owned(),
        ..declared("CD", number, &format!("CD-E-{}", number % 4), day, mass_mg)
    })))
}

fn arrived(number: u32, day: &str, mass_mg: i64, paper: &str) -> crate::follow::testing::Said {
    upsert(Record::ImportDeclaration(Box::new(import("RW", number, day, mass_mg, paper))))
}

/// What two states say: pairs that agree and differ, pairs over years, a site and an
/// exporter that get another status in November.
async fn say(hub: &Hub) {
    let mut cod = State::follow(&hub.store, "COD/cod-mines", Level::Live).await;
    let mut rwa = State::follow(&hub.store, "RWA/rwa-mines", Level::Live).await;
    let change = |day: &str, status: v1::CertificationStatus| v1::StatusChange {
        date_of_change: day.to_owned(),
        new_status: status.into(),
        ..Default::default()
    };
    let red = v1::MineSite {
        certification_status: v1::CertificationStatus::Red.into(),
        certification_status_since: "2017-11-09".to_owned(),
        status_change: vec![
            change("2017-09-01", v1::CertificationStatus::Yellow),
            change("2017-11-09", v1::CertificationStatus::Red),
        ],
        ..site(1, "", &[])
    };
    let suspended = v1::ExporterStatus {
        country: "CD".to_owned(),
        exporter: Some(v1::BusinessEntity {
            identifier: PARTY.to_owned(),
            name: "A party".to_owned(),
            ..Default::default()
        }),
        certification_status: v1::CertificationStatus::Green.into(),
        certification_status_since: "2016-01-01".to_owned(),
        suspended_since: "2017-11-20".to_owned(),
        ..Default::default()
    };
    cod.say_master([
        upsert(Record::MineSite(Box::new(red))),
        upsert(Record::ExporterStatus(Box::new(suspended))),
    ])
    .await;
    cod.say([
        sent(1, "2017-11-05", 2_000 * KG, "C-1"),
        sent(2, "2017-11-06", 2_000 * KG, "C-2"),
        // Arrived before the year before, by its certificate.
        sent(3, "2017-11-07", 2_000 * KG, "C-3"),
        // Belongs to a month of long ago, whatever arrived of it now.
        sent(4, "2016-05-10", 3_000 * KG, "C-4"),
        period("CD", MONTH, Some(3), "2017-12-10"),
    ])
    .await;
    rwa.say([
        arrived(1, "2017-11-08", 2_000 * KG, "C-1"),
        arrived(2, "2017-11-09", 1_500 * KG, "C-2"),
        arrived(3, "2016-06-01", 2_000 * KG, "C-3"),
        arrived(4, "2017-11-25", 3_000 * KG, "C-4"),
        period("RW", MONTH, Some(3), "2017-12-20"),
    ])
    .await;
}

async fn judge(hub: &Hub) {
    let engine = Engine::new(hub.store.clone(), hub.clock.clone(), Policy::default());
    engine.run_at(date(2017, 11, 30), true, &|_| ()).await.unwrap();
    engine.run_at(date(2018, 1, 1), true, &|_| ()).await.unwrap();
}

/// Opens cases of what was found, and asks the state of the first.
async fn ask(hub: &Hub) -> Vec<cases::Listed> {
    let desk = Desk::new(hub.store.clone(), hub.clock.clone(), hub.signer(), TERMS);
    while desk.step().await.unwrap() {}
    let which = cases::Which { limit: 1_000, ..cases::Which::default() };
    let listed = async || {
        let mut connection = hub.store.acquire().await.unwrap();
        cases::list(&mut connection, &which, hub.clock.today()).await.unwrap()
    };
    let first = listed().await.remove(0);
    let mut transaction = hub.store.begin().await.unwrap();
    let at = (hub.now(), hub.clock.today());
    cases::send(&mut transaction, &first.case_id, "An Officer", TERMS, at).await.unwrap();
    transaction.commit().await.unwrap();
    while desk.step().await.unwrap() {}
    listed().await
}

const fn flow_of(flow: statistics::Flow) -> Flow {
    match flow {
        statistics::Flow::Export => Flow::Export,
        _ => Flow::Import,
    }
}

fn open_of(counts: &[rmd_report::FindingCount], rule: &str, severity: i64) -> u64 {
    let of_rule = counts.iter().filter(|one| one.rule == rule);
    of_rule.filter(|one| i64::from(one.severity) == severity).map(|one| one.open).sum()
}

async fn report_of(hub: &Hub, month: &str, edition: Edition) -> MonthlyReport {
    let mut connection = hub.store.acquire().await.unwrap();
    let month = month.parse().unwrap();
    fill(&mut connection, &hub.config, &hub.clock, month, edition).await.unwrap()
}

#[tokio::test]
async fn lines_of_the_month_are_paired_with_those_of_any_other() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        say(&hub).await;
        judge(&hub).await;
        let counts = async |month: &str| {
            let matching = report_of(&hub, month, Edition::Full).await.matching;
            let rows = matching.into_iter().flat_map(|matching| matching.rows);
            rows.map(|row| (row.country, row.outcome, row.count)).collect::<Vec<_>>()
        };
        let cd = |outcome, count| ("CD".to_owned(), outcome, count);
        assert_eq!(
            counts(MONTH).await,
            [cd(MatchOutcome::Matched, 2), cd(MatchOutcome::WeightDifference, 1)]
        );
        assert_eq!(counts("2016-05").await, [cd(MatchOutcome::Matched, 1)]);
        assert_eq!(counts("2016-06").await, []);
    })
    .await;
}

#[tokio::test]
async fn every_figure_is_that_of_the_other_commands() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        say(&hub).await;
        judge(&hub).await;
        let report = report_of(&hub, MONTH, Edition::Full).await;
        let mut connection = hub.store.acquire().await.unwrap();
        let year = "2017-01".parse().unwrap();
        let figures = statistics::full(&mut connection, year).await.unwrap().figures;
        let flows = report.flows.as_ref().unwrap();
        let of_year = flows.cells.iter().filter(|cell| cell.month.year() == 2017).count();
        assert_eq!((figures.len(), of_year), (2, 2));
        for figure in figures {
            let flow = flow_of(figure.flow);
            let month = figure.month.parse().unwrap();
            let cell = flows.cell(flow, Some(&figure.country), &figure.mineral, month).unwrap();
            assert_eq!(cell.mass, Figure::Mg(figure.mass_mg));
        }
        let findings = report.findings.as_ref().unwrap();
        let which = show::Which { state: Some("open".to_owned()), ..show::Which::default() };
        let mut listed = BTreeMap::new();
        for one in show::list(&mut connection, &which, 1_000).await.unwrap() {
            let (said, rule) = (show::said(&one), one.rule.clone());
            listed.insert(one.id, (rule, said.en, said.fr));
        }
        let told: BTreeMap<_, _> = findings
            .list
            .iter()
            .map(|one| (one.id.clone(), (one.rule.clone(), one.en.clone(), one.fr.clone())))
            .collect();
        assert!(told.values().any(|(rule, ..)| rule == "R16"), "{told:?}");
        assert_eq!(told, listed);
        let open: u64 = findings.counts.iter().map(|count| count.open).sum();
        assert_eq!(open, told.len() as u64);
        let rules = show::counts(&mut connection).await.unwrap();
        for one in rules {
            let open = open_of(&findings.counts, &one.rule, one.severity);
            assert_eq!(open, one.findings.unsigned_abs(), "{}", one.rule);
        }
        // The engine judged in the month for the first time.
        assert!(findings.counts.iter().any(|count| count.opened > 0));
    })
    .await;
}

#[tokio::test]
async fn cases_are_counted_as_the_list_has_them_and_publicly_of_no_state() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        say(&hub).await;
        judge(&hub).await;
        assert_eq!(report_of(&hub, "2018-01", Edition::Full).await.cases, None);
        let listed = ask(&hub).await;
        let cases = report_of(&hub, "2018-01", Edition::Full).await.cases.unwrap();
        let count = |state: CaseState| {
            let standing = cases.standing.iter().filter(|one| one.state == state);
            usize::try_from(standing.map(|one| one.count).sum::<u64>()).unwrap()
        };
        for state in CaseState::ALL {
            let word = state.word().code;
            let wanted = listed.iter().filter(|one| serde_json::json!(one.state) == word);
            assert_eq!(count(state), wanted.count(), "{word}");
        }
        assert_eq!(count(CaseState::Sent), 1);
        let steps = |cases: &rmd_report::Cases, step| {
            let steps = cases.steps.iter().filter(|one| one.step == step);
            steps.map(|one| one.count).sum::<u64>()
        };
        assert_eq!(steps(&cases, CaseStep::Opened), listed.len() as u64);
        assert_eq!(steps(&cases, CaseStep::Asked), 1);
        assert_eq!(steps(&cases, CaseStep::Decided), 0);
        // Of a month before, they stand as they stand, and nothing had happened.
        let before = report_of(&hub, MONTH, Edition::Full).await.cases.unwrap();
        assert_eq!((&before.standing, before.steps.len()), (&cases.standing, 0));
        let public = report_of(&hub, "2018-01", Edition::Public).await.cases.unwrap();
        assert_eq!(public, cases.into_public());
        assert!(public.standing.iter().all(|one| one.country.is_none()));
        // Each word of a cause is known.
        let unknown = listed.iter().find(|one| words::cause(&one.cause).is_none());
        assert_eq!(unknown, None);
    })
    .await;
}

#[tokio::test]
async fn statuses_that_changed_in_the_month_are_told_and_exporters_are_not_public() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        say(&hub).await;
        judge(&hub).await;
        let statuses = report_of(&hub, MONTH, Edition::Full).await.statuses.unwrap();
        let told: Vec<_> = statuses
            .changes
            .iter()
            .map(|one| (one.whose, one.on.to_string(), one.from, one.to, one.reason))
            .collect();
        let day = str::to_owned;
        assert_eq!(
            told,
            [
                (
                    Whose::Site,
                    day("2017-11-09"),
                    Status::Yellow,
                    Status::Red,
                    StatusReason::Declaration
                ),
                (
                    Whose::Exporter,
                    day("2017-11-20"),
                    Status::Green,
                    Status::Red,
                    StatusReason::Suspension
                ),
            ][..]
        );
        let limits = rmd_reconcile::Parameters::default();
        let closed =
            closing::close(&hub.store, &hub.clock, &limits, super::super::own(month()), "O");
        closed.await.unwrap();
        let public = report_of(&hub, MONTH, Edition::Public).await;
        assert!(!serde_json::to_string(&public).unwrap().contains(PARTY));
        let statuses = public.statuses.unwrap();
        assert_eq!(statuses.changes.len(), 1);
        let exporters = statuses.changed.iter().filter(|one| one.whose == Whose::Exporter);
        assert_eq!(exporters.map(|one| one.count).sum::<u64>(), 1);
        // Nothing of December, and nothing before.
        for month in ["2017-10", "2017-12"] {
            let statuses = report_of(&hub, month, Edition::Full).await.statuses.unwrap();
            assert_eq!((statuses.changes, statuses.changed), (Vec::new(), Vec::new()), "{month}");
        }
    })
    .await;
}
