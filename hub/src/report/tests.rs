//! Reports out of stores that hold little and much, on both stores.

mod intake;

use rmd_proto::v1;
use rmd_report::{
    Edition, Figure, Flow, Lang, MatchOutcome, Month, MonthlyReport, Reported, Status, words,
};
use rmd_standard::Record;
use sqlx::AnyConnection;

use super::{Error, fill, write};
use crate::{
    calendar::{
        self,
        testing::{KG, State, declared, export, period},
    },
    follow::testing::upsert,
    registry::{entitlement::Level, testing::Hub},
    share::testing::{TestSite, insert_site},
    store::testing::on_each_store,
};

/// Where the clock of the tests stands, 2018-01-01, this is the month before.
const MONTH: &str = "2017-11";
/// A party that stands in records and findings, and must be in no public edition.
const PARTY: &str = "CD-E-Comptoir-Plante";

fn month() -> Month {
    MONTH.parse().unwrap()
}

async fn report(hub: &Hub, edition: Edition) -> MonthlyReport {
    let mut connection = hub.store.acquire().await.unwrap();
    fill(&mut connection, &hub.config, &hub.clock, month(), edition).await.unwrap()
}

async fn run(hub: &Hub, statements: &[&'static str]) {
    let mut transaction = hub.store.begin().await.unwrap();
    for statement in statements {
        sqlx::query(*statement).execute(&mut *transaction).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

/// An evaluation of today, with a serious finding about the party's export, opened in
/// the month, one that closed in it, and subjects that could not be tested.
async fn evaluate(hub: &Hub) {
    run(
        hub,
        &[
            "INSERT INTO evaluation (evaluation_id, day, parameters_version, at_us)
             VALUES (1, '2018-01-01', 0, 0)",
            "INSERT INTO finding (finding_id, rule, rule_version, severity, subject_kind,
                 subject_key, country, sentence, measures, evidence, parameters_version, state,
                 first_opened_on, opened_on, closed_on, changed_at_us)
             VALUES
                 ('aa', 'R15', 1, 3, 'export', 'CD/CD-E-Comptoir-Plante', 'CD', 'R16-EXPORT',
                  '[{\"name\":\"to\",\"unit\":\"text\",\"text\":\"CD-E-Comptoir-Plante\"}]', '[]',
                  0, 'open', '2017-11-20', '2017-11-20', NULL, 0),
                 ('bb', 'R26', 1, 2, 'period', 'CD/2017-10', 'CD', 'R16-EXPORT', '[]', '[]', 0,
                  'closed', '2017-11-16', '2017-11-16', '2017-11-30', 0)",
            "INSERT INTO finding_event (event_id, finding_id, change, day, at_us, severity,
                 measures, evidence, parameters_version)
             VALUES (1, 'bb', 'opened', '2017-11-16', 0, 2, '[]', '[]', 0),
                 (2, 'aa', 'opened', '2017-11-20', 0, 3, '[]', '[]', 0),
                 (3, 'bb', 'closed', '2017-11-30', 0, 2, '[]', '[]', 0),
                 (4, 'bb', 'opened', '2017-12-01', 0, 2, '[]', '[]', 0)",
            // R16 is bit 15, R01 bit 0.
            "INSERT INTO judged_subject (kind, subject_key, untested, due)
             VALUES ('lot', 'L1', 1, NULL), ('lot', 'L2', 32769, NULL)",
        ],
    )
    .await;
}

/// An import of cassiterite from CD.
fn import(
    country: &str,
    number: u32,
    day: &str,
    mass_mg: i64,
    paper: &str,
) -> v1::ImportDeclaration {
    v1::ImportDeclaration {
        country: country.to_owned(),
        declaration_number: format!("I{number}"),
        line: 1,
        importer_identifier: "RW-I-1".to_owned(),
        mineral: "2609.00.00".to_owned(),
        net_mass_mg: mass_mg,
        consignor_country: "CD".to_owned(),
        origin_country: vec!["CD".to_owned()],
        entry_date: day.to_owned(),
        procedure: v1::Procedure::Normal.into(),
        certificate_country: "CD".to_owned(),
        certificate_identifier: paper.to_owned(),
        ..Default::default()
    }
}

/// CD exports to Malaysia by three and to Rwanda by the party; Rwanda imports of that.
async fn trade(hub: &Hub) {
    let mut cod = State::follow(&hub.store, "COD/cod-mines", Level::Live).await;
    let mut rwa = State::follow(&hub.store, "RWA/rwa-mines", Level::Live).await;
    let to_rwanda = |number: u32, paper: &str| {
        upsert(Record::ExportDeclaration(Box::new(v1::ExportDeclaration {
            destination_country: "RW".to_owned(),
            certificate_country: "CD".to_owned(),
            certificate_identifier: paper.to_owned(),
            ..declared("CD", number, PARTY, "2017-11-20", 2 * KG)
        })))
    };
    cod.say([
        export("CD", 1, "CD-E-1", "2017-11-01", 3 * KG),
        export("CD", 2, "CD-E-2", "2017-11-30", 5 * KG),
        to_rwanda(3, "C-1"),
        to_rwanda(4, "C-2"),
        period("CD", MONTH, Some(4), "2017-12-10"),
    ])
    .await;
    rwa.say([
        upsert(Record::ImportDeclaration(Box::new(import("RW", 1, "2017-11-22", 2 * KG, "C-1")))),
        period("RW", MONTH, Some(1), "2017-12-20"),
    ])
    .await;
}

#[tokio::test]
async fn a_new_hub_reports_that_there_are_no_data_yet() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        for edition in [Edition::Full, Edition::Public] {
            let report = report(&hub, edition).await;
            assert_eq!((&report.flows, &report.matching), (&None, &None));
            assert_eq!((&report.findings, &report.statuses), (&None, &None));
            assert_eq!((report.closing, report.method.parameters_version), (None, None));
            let reporting = report.reporting.unwrap();
            assert_eq!((reporting.rows.len(), reporting.months.len()), (12, 24));
            assert_eq!(reporting.count(month(), Reported::NoDataYet), 12);
            assert_eq!(report.method.rules.len(), 28);
            assert!(report.method.feeds.is_empty());
        }
    })
    .await;
}

#[tokio::test]
async fn a_month_that_has_not_begun_is_refused() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let mut connection = hub.store.acquire().await.unwrap();
        let ahead = "2018-02".parse().unwrap();
        let filled = fill(&mut connection, &hub.config, &hub.clock, ahead, Edition::Full).await;
        assert!(matches!(filled, Err(Error::Ahead { .. })));
    })
    .await;
}

#[tokio::test]
async fn what_states_declared_and_rules_found_is_in_the_full_edition() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        trade(&hub).await;
        evaluate(&hub).await;
        let report = report(&hub, Edition::Full).await;
        let flows = report.flows.unwrap();
        let exports = flows.cell(Flow::Export, Some("CD"), "260900", month()).unwrap();
        assert_eq!((exports.mass, exports.metal), (Figure::Mg(12 * KG), Figure::Unknown));
        assert!(flows.cell(Flow::Production, Some("CD"), "260900", month()).is_none());
        let reporting = report.reporting.unwrap();
        assert_eq!(reporting.count(month(), Reported::OnTime), 1);
        assert_eq!(reporting.count(month(), Reported::Late), 1);
        let matching = report.matching.unwrap();
        let counts: Vec<(MatchOutcome, u64)> =
            matching.rows.iter().map(|row| (row.outcome, row.count)).collect();
        assert_eq!(counts, [(MatchOutcome::Matched, 1), (MatchOutcome::Awaited, 1)]);
        assert_eq!(matching.rows[0].imported, Some(Figure::Mg(2 * KG)));
        let findings = report.findings.unwrap();
        let counts: Vec<(&str, u64, u64, u64)> = findings
            .counts
            .iter()
            .map(|one| (one.rule.as_str(), one.open, one.opened, one.closed))
            .collect();
        assert_eq!(counts, [("R15", 1, 1, 0), ("R26", 0, 1, 1)]);
        let untested: Vec<(&str, u64)> =
            findings.untested.iter().map(|one| (one.rule.as_str(), one.subjects)).collect();
        assert_eq!(untested, [("R01", 2), ("R16", 1)]);
        assert!(findings.list[0].fr.contains(PARTY), "{:?}", findings.list);
        let feeds = report.method.feeds.iter().filter(|feed| feed.feed == "transactions");
        let feeds: Vec<(&str, u64)> =
            feeds.map(|feed| (feed.country.as_str(), feed.size)).collect();
        assert_eq!(feeds, [("CD", 5), ("RW", 2)]);
        assert_eq!(report.method.parameters_version, Some(0));
    })
    .await;
}

#[tokio::test]
async fn a_public_edition_shows_closed_months_and_names_no_party() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        trade(&hub).await;
        evaluate(&hub).await;
        assert!(report(&hub, Edition::Public).await.flows.is_none());
        let limits = rmd_reconcile::Parameters::default();
        let month = super::own(month());
        let closed = calendar::closing::close(&hub.store, &hub.clock, &limits, month, "Officer");
        closed.await.unwrap();
        let public = report(&hub, Edition::Public).await;
        assert!(public.closing.is_some());
        let flows = public.flows.as_ref().unwrap();
        // Three stand behind the exports; one behind the imports, whom a figure would tell.
        let shown = |flow, country| {
            flows.cell(flow, Some(country), "260900", self::month()).map(|cell| cell.mass)
        };
        assert_eq!(shown(Flow::Import, "RW"), Some(Figure::Suppressed));
        let masses = public.matching.as_ref().unwrap().rows.iter().map(|row| row.exported);
        assert!(masses.into_iter().all(|mass| mass == Some(Figure::Suppressed)));
        let full = report(&hub, Edition::Full).await;
        assert!(serde_json::to_string(&full).unwrap().contains(PARTY));
        let folder = tempfile::tempdir().unwrap();
        let written = write(&public, Lang::En, folder.path()).await;
        assert!(matches!(written, Err(Error::NoPages { .. })), "{written:?}");
        let mut files = 0;
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            let is_named = bytes.windows(PARTY.len()).any(|bytes| bytes == PARTY.as_bytes());
            assert!(!is_named, "{}", path.display());
            files += 1;
        }
        // Data, workbook, and a text file a table.
        assert_eq!(files, 2 + rmd_report::table::all(&public).len());
    })
    .await;
}

#[tokio::test]
async fn figures_of_a_closed_month_stay_as_they_were_frozen() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let mut cod = State::follow(&hub.store, "COD/cod-mines", Level::Live).await;
        cod.say([export("CD", 1, "CD-E-1", "2017-11-01", 3 * KG)]).await;
        cod.say([period("CD", MONTH, Some(1), "2017-12-10")]).await;
        let limits = rmd_reconcile::Parameters::default();
        let month = super::own(month());
        let closed = calendar::closing::close(&hub.store, &hub.clock, &limits, month, "Officer");
        let digest = closed.await.unwrap().closing.digest;
        cod.say([export("CD", 1, "CD-E-1", "2017-11-01", 9 * KG)]).await;
        let report = report(&hub, Edition::Full).await;
        assert_eq!(report.closing.unwrap().digest, digest);
        let flows = report.flows.unwrap();
        let exports = flows.cell(Flow::Export, Some("CD"), "260900", self::month()).unwrap();
        assert_eq!(exports.mass, Figure::Mg(3 * KG));
        assert_eq!(report.reporting.unwrap().count(self::month(), Reported::Rewritten), 1);
        let [feed] = report.method.feeds.as_slice() else { panic!("one feed") };
        assert_eq!((feed.size, feed.verified, feed.frozen), (2, true, false));
    })
    .await;
}

async fn add(connection: &mut AnyConnection, id: &str, status: &str, inspected: &str) {
    let inspected = Some(inspected);
    let site = TestSite { icglr_id: id, country: "CD", status, district: "", inspected };
    insert_site(connection, &site).await;
}

#[tokio::test]
async fn statuses_count_on_the_day_and_lapses_are_told_before_them() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let mut transaction = hub.store.begin().await.unwrap();
        add(&mut transaction, "CD-1.0000+28.0000-1", "green", "2017-02-15").await;
        add(&mut transaction, "CD-1.0000+28.0000-2", "green", "2017-11-15").await;
        add(&mut transaction, "CD-1.0000+28.0000-3", "green", "2016-06-01").await;
        transaction.commit().await.unwrap();
        let statuses = report(&hub, Edition::Public).await.statuses.unwrap();
        let counts: Vec<(Status, u64)> =
            statuses.sites.iter().map(|one| (one.status, one.count)).collect();
        assert_eq!(counts, [(Status::Green, 2), (Status::Blue, 1)]);
        let [lapse] = statuses.lapses.as_slice() else { panic!("{:?}", statuses.lapses) };
        assert_eq!(lapse.icglr_id, "CD-1.0000+28.0000-1");
        assert_eq!((lapse.until.to_string().as_str(), lapse.then), ("2018-02-15", Status::Blue));
        assert_eq!(words::alpha3(&lapse.country), "COD");
    })
    .await;
}
