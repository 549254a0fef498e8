//! What held on a day, as known at an instant.

use jiff::Span;
use rmd_standard::effective::{Effective, effective};

use super::*;
use crate::{
    follow::testing::tombstone,
    quarantine::reapply::{Which, reapply},
    share::site as sites,
    standing::revision,
    store::testing::on_each_store,
};

const LATE: &str = "2030-01-01T00:00:00Z";

#[tokio::test]
async fn a_late_inspection_changes_what_held_then_and_not_what_was_known_then() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed(COD).await;
        let first = green(1, "2015-02-01", &["2015-02-01"]);
        let key = key_of(&first);
        cod.say("2015-03-01T10:00:00Z", [first.into()]).await;
        // Inspected in January; the report came in June.
        let late = green(1, "2015-02-01", &["2015-02-01", "2016-01-15"]);
        cod.say("2016-06-01T10:00:00Z", [late.into()]).await;
        let asked = async |known_at: &str| scene.ask(&key, "2016-03-01", known_at).await.0;
        assert_eq!(asked("2016-03-31T12:00:00Z").await, "blue");
        assert_eq!(asked("2016-06-01T09:59:59Z").await, "blue");
        assert_eq!(asked("2016-06-01T10:00:00Z").await, "green");
        assert_eq!(asked(LATE).await, "green");
        // Before the hub had anything, nothing was known.
        assert_eq!(asked("2015-02-28T00:00:00Z").await, "unknown");
        let course = |answer: Answer| {
            let span = |one: timeline::Span| (one.status, one.since, one.until.unwrap_or_default());
            answer.course.into_iter().map(span).collect::<Vec<_>>()
        };
        let span = |status, since: &str, until: &str| (status, since.to_owned(), until.to_owned());
        let site = Entity::MineSite;
        let then = course(scene.answer(site, &key, None, "2016-03-31T12:00:00Z").await);
        let lapsed = [
            span("green", "2015-02-01", "2016-02-01"),
            span("blue", "2016-02-02", "2019-02-02"),
            span("red", "2019-02-03", ""),
        ];
        assert_eq!(then, lapsed);
        let now = course(scene.answer(site, &key, None, LATE).await);
        let renewed = [
            span("green", "2015-02-01", "2017-01-15"),
            span("blue", "2017-01-16", "2020-01-16"),
            span("red", "2020-01-17", ""),
        ];
        assert_eq!(now, renewed);
    })
    .await;
}

#[tokio::test]
async fn an_undated_status_that_is_said_again_begins_nothing_anew() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed(COD).await;
        let site = |owner: &str| {
            let mut site = green(1, "", &[]);
            site.site_name = owner.to_owned();
            site
        };
        let key = key_of(&site("one"));
        cod.say("2016-01-01T10:00:00Z", [site("one").into()]).await;
        // Another name, a year later; what it says of the status is the same.
        cod.say("2016-12-01T10:00:00Z", [site("two").into()]).await;
        assert_eq!(scene.ask(&key, "2017-01-01", LATE).await.0, "green");
        assert_eq!(scene.ask(&key, "2017-01-02", LATE).await.0, "blue");
        let mut connection = scene.hub.store.acquire().await.unwrap();
        let shown = sites::of_key(&mut connection, &key).await.unwrap().unwrap();
        assert_eq!(shown.revisions.len(), 2);
        let now = shown.effective(&[], day("2017-01-02"), instant(LATE), &Policy::default());
        assert_eq!(now.status, CertificationStatus::Blue);
    })
    .await;
}

#[tokio::test]
async fn a_withdrawn_site_keeps_what_was_known_of_it() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed(COD).await;
        let site = green(1, "2017-02-01", &["2017-02-01"]);
        let key = key_of(&site);
        cod.say("2017-03-01T10:00:00Z", [site.clone().into()]).await;
        cod.say("2017-09-01T10:00:00Z", [tombstone(site)]).await;
        assert_eq!(scene.ask(&key, "2017-05-01", "2017-08-31T00:00:00Z").await.0, "green");
        assert_eq!(scene.ask(&key, "2017-05-01", "2017-09-02T00:00:00Z").await.0, "unknown");
        let mut connection = scene.hub.store.acquire().await.unwrap();
        assert!(sites::of_key(&mut connection, &key).await.unwrap().is_none());
    })
    .await;
}

/// Three revisions, of which the last two came in one frame: the later seq counts.
fn revisions() -> [(Timestamp, v1::MineSite); 3] {
    let mut yellow = green(1, "2016-09-01", &[]);
    yellow.certification_status = CertificationStatus::Yellow.into();
    [
        (instant("2015-03-01T10:00:00Z"), green(1, "2015-02-01", &["2015-02-01"])),
        (instant("2016-02-10T10:00:00Z"), green(1, "2016-02-05", &["2016-02-05"])),
        (instant("2016-02-10T10:00:00Z"), yellow),
    ]
}

/// What held on the first of each month, by what was known by two instants, after the
/// revisions were kept in this order.
async fn answers(store: &Store, order: [usize; 3]) -> Vec<Effective> {
    let key = format!("{order:?}");
    let revisions = revisions();
    let mut transaction = store.begin().await.unwrap();
    for place in order {
        let (known_at, site) = &revisions[place];
        let one = revision::testing::known(&key, place, *known_at, site);
        assert!(revision::keep(&mut transaction, "MineSite", &one).await.unwrap());
        assert!(!revision::keep(&mut transaction, "MineSite", &one).await.unwrap());
    }
    let known = revision::of_keys(&mut transaction, Entity::MineSite, &[&key]).await.unwrap();
    transaction.commit().await.unwrap();
    let read = known[&key].iter().map(|one| one.told(revision::Revision::site).unwrap());
    let history = sites::history(&read.collect::<Vec<_>>(), &[]);
    let months = (1..=24).map(|month| day("2015-01-01").saturating_add(Span::new().months(month)));
    let on = |(day, known_at): (Date, &str)| {
        effective(&history, day, instant(known_at), &Policy::default())
    };
    let known = ["2015-06-01T00:00:00Z", "2016-02-10T10:00:00Z"];
    months.flat_map(|day| known.map(|known_at| (day, known_at))).map(on).collect()
}

#[tokio::test]
async fn revisions_have_one_answer_in_whatever_order_they_are_read() {
    on_each_store(async |store| {
        let first = answers(&store, [0, 1, 2]).await;
        assert!(first.iter().any(|one| one.status == CertificationStatus::Yellow));
        for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            assert_eq!(answers(&store, order).await, first, "{order:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_ledger_gives_the_same_again_and_no_refused_revision() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let (mut cod, mut rwa) = (scene.feed(COD).await, scene.feed(RWA).await);
        let site = green(1, "2017-02-01", &["2017-02-01"]);
        let key = key_of(&site);
        cod.say(
            "2017-03-01T10:00:00Z",
            [site.into(), said(exporter(CertificationStatus::Green, "2018-06-30"))],
        )
        .await;
        let theirs = crate::follow::testing::site_of("RW", 7, "Rutongo", &["RMB"]);
        rwa.say("2017-06-02T10:00:00Z", [theirs.into()]).await;
        // Inspected in the future, which no rule takes.
        let early = green(1, "2017-02-01", &["2017-02-01", "2018-03-01"]);
        cod.say("2017-12-31T10:00:00Z", [early.into()]).await;
        scene.read().await;
        let kept = async || {
            let mut connection = scene.hub.store.acquire().await.unwrap();
            revision::digest(&mut connection).await.unwrap()
        };
        let before = kept().await;
        assert_eq!(before.0, 3);
        let rebuilt = intake::rebuild(&scene.hub.store).await.unwrap();
        assert_eq!((rebuilt.before, rebuilt.after, rebuilt.is_same), (3, 3, true));
        assert_eq!(kept().await, before);
        assert_eq!(scene.ask(&key, "2018-02-15", LATE).await.0, "blue");
        // Applied after all, it counts since it was received.
        scene.at("2018-04-01T12:00:00Z");
        let (store, which) = (&scene.hub.store, Which::default());
        let outcome = reapply(store, &scene.hub.clock, &which, false, &|_| ());
        assert_eq!(outcome.await.unwrap()[0].applied, 1);
        assert_eq!(kept().await.0, 4);
        assert_eq!(scene.ask(&key, "2018-03-02", "2017-12-31T10:00:00Z").await.0, "green");
        assert_eq!(scene.ask(&key, "2018-03-02", "2017-12-31T09:00:00Z").await.0, "blue");
        assert!(intake::rebuild(&scene.hub.store).await.unwrap().is_same);
    })
    .await;
}
