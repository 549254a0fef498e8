//! Limits on each store: proposed, approved, in force, told.

use rmd_reconcile::{Parameter, parameter::Row};

use super::{
    Approver, Error, approve, changes, in_force, keep_again, limit, list, propose, read, refuse,
    written,
};
use crate::{
    recover::Word,
    registry::testing::Hub,
    share::{OwnFeed, log},
    store::testing::on_each_store,
};

fn word(by: &str) -> Word {
    Word::new(by, "committee").unwrap()
}

fn row(value: i64) -> Row {
    let (parameter, country) = ("pair_weight_serious".to_owned(), Some("RW".to_owned()));
    Row { parameter, country, mineral: None, value }
}

#[test]
fn amounts_are_read_in_the_units_of_people_and_written_so() {
    for (name, text, value, again) in [
        ("pair_weight_serious", "12%", 120_000, "12 %"),
        ("pair_weight_serious", "2,5 %", 25_000, "2.5 %"),
        ("pair_weight_floor", "50kg", 50_000_000, "50 kg"),
        ("pair_weight_floor", "0.1 kg", 100_000, "0.1 kg"),
        ("pair_days_after", "60", 60, "60"),
        ("spike_border", "20km", 20_000, "20000 m"),
    ] {
        let of = limit(name).unwrap();
        assert_eq!(read(of, text).unwrap(), value, "{name} {text}");
        assert_eq!(written(of, value), again, "{name}");
    }
    for (name, text) in [
        ("pair_weight_serious", "12"),
        ("pair_weight_serious", "12kg"),
        ("pair_days_after", "-3"),
        ("pair_days_after", "1.5"),
        ("pair_weight_floor", "99999999999999999999t"),
    ] {
        let refused = read(limit(name).unwrap(), text).unwrap_err();
        assert!(matches!(refused, Error::Amount { .. }), "{name} {text}: {refused}");
    }
    assert!(matches!(limit("pair_wight"), Err(Error::Limit(_))));
}

#[tokio::test]
async fn a_change_counts_once_another_person_approved_it_and_every_node_is_told() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let ((key, name), now) = (hub.signer(), hub.now());
        let mut transaction = hub.store.begin().await.unwrap();
        let asked = propose(&mut transaction, &row(120_000), &word("Ann"), now).await.unwrap();
        let limits = in_force(&mut transaction).await.unwrap();
        assert_eq!((limits.version, serious(&limits, "RW")), (0, 100_000));
        let same = word(" ann ");
        let approver = Approver { by: &same, signer: (&key, &name) };
        let refused = approve(&mut transaction, asked.number, approver, now).await;
        assert!(matches!(refused, Err(Error::SamePerson(_))), "{refused:?}");
        let other = word("Bea");
        let approver = Approver { by: &other, signer: (&key, &name) };
        let decided = approve(&mut transaction, asked.number, approver, now).await.unwrap();
        assert_eq!((decided.state.as_str(), decided.version), ("approved", Some(1)));
        let limits = in_force(&mut transaction).await.unwrap();
        assert_eq!((limits.version, serious(&limits, "RW")), (1, 120_000));
        assert_eq!(serious(&limits, "UG"), 100_000);
        let again = approve(&mut transaction, asked.number, approver, now).await;
        assert!(matches!(again, Err(Error::NotProposed(1))), "{again:?}");
        transaction.commit().await.unwrap();
        is_told(&hub).await;
    })
    .await;
}

fn serious(limits: &rmd_reconcile::Parameters, country: &str) -> i64 {
    limits.get(Parameter::PairWeightSerious, country, "260900")
}

/// The entry is in the feed of every node, and gives the change back to a restored hub.
async fn is_told(hub: &Hub) {
    let mut transaction = hub.store.begin().await.unwrap();
    let feed = OwnFeed::shared();
    let blocks = log::blocks_after(&mut transaction, &feed, 0).await.unwrap();
    let frame = rmd_feed::frame::build(feed.name(), feed.epoch(), &blocks, 0).unwrap();
    let entries = rmd_feed::frame::open(&frame).unwrap();
    let told = entries.iter().find(|entry| entry.header.entity == super::ENTITY).unwrap();
    let before = changes(&mut transaction).await.unwrap();
    sqlx::query("DELETE FROM parameter_change").execute(&mut *transaction).await.unwrap();
    keep_again(&mut transaction, told).await.unwrap();
    keep_again(&mut transaction, told).await.unwrap();
    assert_eq!(changes(&mut transaction).await.unwrap(), before);
}

#[tokio::test]
async fn a_refused_change_stays_listed_and_changes_nothing() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let now = hub.now();
        let mut transaction = hub.store.begin().await.unwrap();
        let asked = propose(&mut transaction, &row(1), &word("Ann"), now).await.unwrap();
        refuse(&mut transaction, asked.number, &word("Bea"), now).await.unwrap();
        assert_eq!(in_force(&mut transaction).await.unwrap().version, 0);
        let kept = list(&mut transaction).await.unwrap();
        assert_eq!((kept.len(), kept[0].state.as_str()), (1, "refused"));
        let unknown = Row { parameter: "no_limit".to_owned(), ..row(1) };
        let refused = propose(&mut transaction, &unknown, &word("Ann"), now).await;
        assert!(matches!(refused, Err(Error::Limit(_))), "{refused:?}");
        let refused = propose(&mut transaction, &row(-1), &word("Ann"), now).await;
        assert!(matches!(refused, Err(Error::Limit(_))), "{refused:?}");
    })
    .await;
}
