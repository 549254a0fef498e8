//! Months as states report them, and as they are closed, on both stores.

use std::sync::Arc;

use jiff::civil::date;
use prost::Message as _;
use rmd_proto::v1;
use rmd_reconcile::Parameters;
use rmd_runtime::{SharedClock, clock::ManualClock};
use rmd_standard::effective::Policy;
use sqlx::Row as _;

use super::{
    DATED_FEED, Error, Month,
    Reported::{self, Late, Missing, NoDataYet, NotDue, NotOwed, OnTime, Zero},
    closing::{self, Closed},
    read, rewritten,
    testing::{KG, State, declared, export, period, production},
    verify,
};
use crate::{
    follow::testing::{Said, site, tombstone, upsert},
    reconcile::Engine,
    registry::entitlement::Level,
    store::{Store, testing::on_each_store},
};

fn clock() -> SharedClock {
    Arc::new(ManualClock::new("2018-01-01T12:00:00Z".parse().unwrap()))
}

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

async fn close(store: &Store, text: &str) -> Result<Closed, Error> {
    closing::close(store, &clock(), &Parameters::default(), month(text), "Officer").await
}

async fn run(store: &Store, statement: &'static str) {
    let mut transaction = store.begin().await.unwrap();
    sqlx::query(statement).execute(&mut *transaction).await.unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn each_month_of_each_state_has_its_word() {
    on_each_store(async |store| {
        let mut cod = State::follow(&store, "COD/cod-mines", Level::Live).await;
        let mut rwa = State::follow(&store, "RWA/rwa-mines", Level::Live).await;
        let mut bdi = State::follow(&store, "BDI/bdi-mines", Level::Shadow).await;
        State::follow(&store, "UGA/uga-mines", Level::Live).await;
        cod.say([
            period("CD", "2017-09", Some(4), "2017-10-15"),
            period("CD", "2017-10", Some(4), "2017-11-16"),
        ])
        .await;
        rwa.say([
            period("RW", "2017-10", Some(0), "2017-11-20"),
            period("RW", "2017-11", None, "2017-12-01"),
        ])
        .await;
        bdi.say([period("BI", "2017-10", Some(1), "2017-11-01")]).await;
        let mut connection = store.acquire().await.unwrap();
        let months = (month("2017-08"), month("2017-12"));
        let (today, limits) = (date(2018, 1, 1), Parameters::default());
        let calendar = read(&mut connection, DATED_FEED, months, today, &limits).await.unwrap();
        let words = |country: &str| -> Vec<Reported> {
            let state = calendar.states.iter().find(|state| state.country == country).unwrap();
            state.months.iter().map(|cell| cell.reported).collect()
        };
        assert_eq!(words("CD"), [NotOwed, OnTime, Late, Missing, NotDue]);
        assert_eq!(words("RW"), [NotOwed, NotOwed, Zero, Missing, NotDue]);
        for without_data in ["BI", "UG", "AO"] {
            assert_eq!(words(without_data), [NoDataYet; 5], "{without_data}");
        }
        assert_eq!(calendar.states.len(), 12);
        let rwanda = calendar.states.iter().find(|state| state.country == "RW").unwrap();
        assert!(rwanda.months[2].is_late_zero);
    })
    .await;
}

#[tokio::test]
async fn a_deadline_of_its_own_makes_a_state_late_earlier() {
    on_each_store(async |store| {
        let mut cod = State::follow(&store, "COD/cod-mines", Level::Live).await;
        cod.say([period("CD", "2017-10", Some(4), "2017-11-12")]).await;
        let row = rmd_reconcile::parameter::Row {
            parameter: "deadline_day".to_owned(),
            country: Some("CD".to_owned()),
            mineral: None,
            value: 10,
        };
        let own = Parameters::with(1, &[row]).unwrap();
        let months = (month("2017-10"), month("2017-10"));
        let mut connection = store.acquire().await.unwrap();
        for (limits, word) in [(own, Reported::Late), (Parameters::default(), Reported::OnTime)] {
            let today = date(2018, 1, 1);
            let read = read(&mut connection, DATED_FEED, months, today, &limits).await.unwrap();
            let congo = read.states.iter().find(|state| state.alpha3 == "COD").unwrap();
            assert_eq!(congo.months[0].reported, word);
        }
    })
    .await;
}

/// Two exports and a production of a month, and the statement that it is complete.
async fn november(store: &Store) -> State {
    let mut cod = State::follow(store, "COD/cod-mines", Level::Live).await;
    cod.say([
        export("CD", 1, "CD-E-1", "2017-11-01", 3 * KG),
        export("CD", 2, "CD-E-2", "2017-11-30", 5 * KG),
        export("CD", 3, "CD-E-2", "2017-12-01", 7 * KG),
        production("CD", &site(1, "", &[]).icglr_id, "2017-11", 9 * KG),
        period("CD", "2017-11", Some(3), "2017-12-10"),
    ])
    .await;
    cod
}

#[tokio::test]
async fn a_closed_month_keeps_its_figures_with_the_signed_checkpoints() {
    on_each_store(async |store| {
        let mut cod = november(&store).await;
        let closed = close(&store, "2017-11").await.unwrap();
        assert!(closed.is_new && closed.closing.edition == 1);
        let [feed] = closed.closing.feeds.as_slice() else { panic!("one feed") };
        assert_eq!((feed.size, feed.country.as_str()), (5, "CD"));
        assert_eq!(feed.root, hex::encode(cod.publisher.root()));
        let figures: Vec<(&str, i64, Option<i64>)> = closed
            .closing
            .figures
            .iter()
            .map(|one| (one.flow.as_str(), one.mass_mg, one.metal_mg))
            .collect();
        let metal = Some(9 * 600_001);
        assert_eq!(figures, [("production", 9 * KG, metal), ("export", 8 * KG, None)]);
        let mut connection = store.acquire().await.unwrap();
        let loaded = closing::load(&mut connection, month("2017-11"), None);
        assert_eq!(loaded.await.unwrap(), closed.closing);
        // The feed goes on; what was closed stays its prefix.
        cod.say([export("CD", 4, "CD-E-1", "2017-12-02", KG)]).await;
        let verified = verify::verify(&store, "net", month("2017-11"), None).await.unwrap();
        assert!(verified.holds && verified.checks.len() == 3, "{verified:?}");
        assert!(verified.checks[1].message_en.starts_with("5 entries"), "{verified:?}");
        assert_eq!(
            verified.checks[2].message_en, "2 figures are the sums of those entries",
            "{verified:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_changed_figure_a_forged_checkpoint_and_another_ledger_are_found() {
    on_each_store(async |store| {
        november(&store).await;
        close(&store, "2017-11").await.unwrap();
        let failing = async || {
            let verified = verify::verify(&store, "net", month("2017-11"), None).await.unwrap();
            assert!(!verified.holds);
            let failing = verified.checks.into_iter().filter(|check| !check.holds);
            failing.map(|check| check.message_en).collect::<Vec<_>>()
        };
        run(&store, "UPDATE month_figure SET mass_mg = mass_mg + 1 WHERE flow = 'export'").await;
        let of_figure = "the ledger gives other figures: CD export 260900";
        assert_eq!(failing().await, ["what is kept was changed after the closing", of_figure]);
        run(&store, "UPDATE month_figure SET mass_mg = mass_mg - 1 WHERE flow = 'export'").await;
        run(&store, "UPDATE month_feed SET size = 4").await;
        assert_eq!(failing().await.len(), 2);
        run(&store, "UPDATE month_feed SET size = 5").await;
        run(&store, "UPDATE month_feed SET checkpoint = REPLACE(checkpoint, 'COD', 'RWA')").await;
        assert_eq!(failing().await[1], "the checkpoint is not signed by the key that was pinned");
        run(&store, "UPDATE month_feed SET checkpoint = REPLACE(checkpoint, 'RWA', 'COD')").await;
        run(&store, "DELETE FROM ledger").await;
        assert_eq!(failing().await, ["the ledger has another root at that size"]);
    })
    .await;
}

#[tokio::test]
async fn what_was_erased_after_the_closing_is_said_and_its_signatures_hold() {
    on_each_store(async |store| {
        let mut cod = november(&store).await;
        close(&store, "2017-11").await.unwrap();
        let message = v1::Erasure {
            ground: v1::ErasureGround::PersonalData.into(),
            document_sha256: vec![5; 32],
            erased: vec![v1::ErasedEntry { epoch: 1, seq: 2, rev: 1, seal: vec![6; 32] }],
            executed: None,
        };
        let order = Said {
            op: v1::Op::Erase,
            reason: "erased:personal-data".to_owned(),
            payload: message.encode_to_vec(),
            ..export("CD", 2, "CD-E-2", "2017-11-30", 5 * KG)
        };
        cod.say([order]).await;
        let verified = verify::verify(&store, "net", month("2017-11"), None).await.unwrap();
        assert!(verified.holds, "{verified:?}");
        let figures = &verified.checks[2].message_en;
        assert_eq!(
            figures,
            "not summed again: the content of ExportDeclaration CD/E2/1 was erased by order"
        );
        // The next edition is without it.
        let second = close(&store, "2017-11").await.unwrap();
        assert_eq!((second.closing.edition, second.closing.figures[1].mass_mg), (2, 3 * KG));
        let verified = verify::verify(&store, "net", month("2017-11"), None).await.unwrap();
        assert_eq!(
            verified.checks[2].message_en, "2 figures are the sums of those entries",
            "{verified:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn closing_again_after_corrections_makes_another_edition() {
    on_each_store(async |store| {
        let mut cod = november(&store).await;
        close(&store, "2017-11").await.unwrap();
        let again = close(&store, "2017-11").await.unwrap();
        assert!(!again.is_new && again.closing.edition == 1);
        cod.say([export("CD", 2, "CD-E-2", "2017-11-30", 6 * KG)]).await;
        let second = close(&store, "2017-11").await.unwrap();
        assert!(second.is_new && second.closing.edition == 2);
        let mut connection = store.acquire().await.unwrap();
        let mut masses = Vec::new();
        for edition in [1, 2] {
            let one = closing::load(&mut connection, month("2017-11"), Some(edition)).await;
            masses.push(one.unwrap().figures[1].mass_mg);
        }
        assert_eq!(masses, [8 * KG, 9 * KG]);
        drop(connection);
        for edition in [1, 2] {
            let verified = verify::verify(&store, "net", month("2017-11"), Some(edition)).await;
            assert!(verified.unwrap().holds);
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_state_changes_after_the_closing_is_counted_once_a_record() {
    on_each_store(async |store| {
        let mut cod = november(&store).await;
        let of_november = async || {
            let mut connection = store.acquire().await.unwrap();
            let all = rewritten::since(&mut connection, month("2017-11")).await.unwrap();
            all.get(&("CD".to_owned(), "2017-11".to_owned(), DATED_FEED.to_owned())).copied()
        };
        assert_eq!(of_november().await, None);
        close(&store, "2017-11").await.unwrap();
        assert_eq!(of_november().await, Some((3, 0)));
        let revised = || export("CD", 1, "CD-E-1", "2017-11-01", 4 * KG);
        cod.say([revised()]).await;
        cod.say([export("CD", 1, "CD-E-1", "2017-11-02", 4 * KG)]).await;
        assert_eq!(of_november().await, Some((3, 1)));
        // Withdrawn, moved to another month, and added.
        let gone = declared("CD", 2, "CD-E-2", "2017-11-30", 5 * KG);
        let gone = tombstone(rmd_standard::Record::ExportDeclaration(Box::new(gone)));
        cod.say([gone, export("CD", 3, "CD-E-2", "2017-12-03", 7 * KG)]).await;
        assert_eq!(of_november().await, Some((3, 2)));
        cod.say([export("CD", 9, "CD-E-9", "2017-11-09", KG)]).await;
        assert_eq!(of_november().await, Some((3, 3)));
        cod.say([export("CD", 1, "CD-E-1", "2017-10-01", 4 * KG)]).await;
        assert_eq!(of_november().await, Some((3, 3)));
        let mut connection = store.acquire().await.unwrap();
        let later = rewritten::since(&mut connection, month("2017-12")).await.unwrap();
        assert!(later.is_empty());
        let months = (month("2017-11"), month("2017-11"));
        let (today, limits) = (date(2018, 1, 1), Parameters::default());
        let calendar = read(&mut connection, DATED_FEED, months, today, &limits).await.unwrap();
        let congo = calendar.states.iter().find(|state| state.country == "CD").unwrap();
        let counted = congo.months[0].rewritten.unwrap();
        assert_eq!((counted.records, counted.changed), (3, 3));
    })
    .await;
}

#[tokio::test]
async fn what_a_state_reports_late_it_does_not_rewrite() {
    on_each_store(async |store| {
        let mut cod = State::follow(&store, "COD/cod-mines", Level::Live).await;
        cod.say([export("CD", 1, "CD-E-1", "2017-11-01", 3 * KG)]).await;
        close(&store, "2017-11").await.unwrap();
        cod.say([
            export("CD", 2, "CD-E-1", "2017-11-02", 3 * KG),
            period("CD", "2017-11", Some(2), "2017-12-31"),
        ])
        .await;
        let of_november = async || {
            let mut connection = store.acquire().await.unwrap();
            let all = rewritten::since(&mut connection, month("2017-11")).await.unwrap();
            all.get(&("CD".to_owned(), "2017-11".to_owned(), DATED_FEED.to_owned())).copied()
        };
        assert_eq!(of_november().await, None);
        close(&store, "2017-11").await.unwrap();
        assert_eq!(of_november().await, Some((2, 0)));
    })
    .await;
}

#[tokio::test]
async fn a_month_that_is_not_over_and_a_closing_of_nobody_are_refused() {
    on_each_store(async |store| {
        let refused = close(&store, "2018-01").await.unwrap_err();
        assert!(matches!(refused, Error::NotOver { .. }), "{refused}");
        assert!(refused.to_string().contains("2018-01-31"), "{refused}");
        let limits = Parameters::default();
        for by in ["  ", "Officer\u{1b}[2J", &"x".repeat(201)] {
            let nobody = closing::close(&store, &clock(), &limits, month("2017-12"), by).await;
            assert!(matches!(nobody, Err(Error::Nobody)), "{by:?}");
        }
        let mut connection = store.acquire().await.unwrap();
        let unknown = closing::load(&mut connection, month("2017-12"), None);
        assert!(matches!(unknown.await, Err(Error::Unknown(_))));
    })
    .await;
}

#[tokio::test]
async fn what_is_checked_only_counts_in_no_figure_and_no_month() {
    on_each_store(async |store| {
        let mut cod = State::follow(&store, "COD/cod-mines", Level::Shadow).await;
        let lot = upsert(crate::follow::testing::lot(1, 0));
        cod.say([lot, export("CD", 1, "CD-E-1", "2017-11-01", 3 * KG)]).await;
        let closed = close(&store, "2017-11").await.unwrap();
        assert_eq!((closed.closing.figures.len(), closed.closing.reports.len()), (0, 0));
        assert_eq!(closed.closing.feeds.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_closed_month_of_which_a_fifth_is_rewritten_is_a_finding() {
    on_each_store(async |store| {
        let mut cod = november(&store).await;
        let engine = Engine::new(store.clone(), clock(), Policy::default());
        let told = async || {
            engine.run_at(date(2018, 1, 1), false, &|_| ()).await.unwrap();
            let rows = sqlx::query(
                "SELECT subject_key FROM finding WHERE sentence = 'R26-REWRITTEN' AND state = 'open'",
            );
            let rows = rows.fetch_all(&mut *store.acquire().await.unwrap()).await.unwrap();
            rows.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>()
        };
        cod.say([export("CD", 1, "CD-E-1", "2017-11-01", 4 * KG)]).await;
        assert_eq!(told().await, Vec::<String>::new());
        close(&store, "2017-11").await.unwrap();
        assert_eq!(told().await, Vec::<String>::new());
        cod.say([export("CD", 1, "CD-E-1", "2017-11-01", 5 * KG)]).await;
        assert_eq!(told().await, ["CD/2017-11/transactions"]);
    })
    .await;
}
