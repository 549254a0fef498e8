//! What is kept record by record is what all rules say over all records at once.

mod steps;

use proptest::prelude::*;
use rmd_proto::v1::{self, Op};
use rmd_standard::Record;

use super::testing::{
    DAY, Frame, Owners, Scene, rules,
    sample::{self, Dice},
};
use crate::{
    follow::testing::{Said, annul, tombstone, upsert},
    store::{
        Store,
        testing::{on_each_store, postgres, sqlite},
    },
};

/// What states say in so many exchanges: new records, the same again, corrections,
/// withdrawals and annulments.
fn exchanges(dice: &mut Dice, count: usize, records: usize) -> Vec<Vec<(String, Said)>> {
    let mut known: Vec<Record> = Vec::new();
    let mut exchanges = Vec::new();
    for _ in 0..count {
        let mut said = Vec::new();
        for _ in 0..records {
            let record = match dice.roll(8) {
                0 if !known.is_empty() => known[dice.roll(known.len())].clone(),
                _ => sample::record(dice),
            };
            let country = record.country().to_owned();
            let one = match dice.roll(12) {
                0 if !known.is_empty() => {
                    let gone = known[dice.roll(known.len())].clone();
                    said.push((gone.country().to_owned(), tombstone(gone)));
                    upsert(record.clone())
                }
                1 => annul(record.clone(), true),
                _ => upsert(record.clone()),
            };
            known.push(record);
            said.push((country, one));
        }
        exchanges.push(said);
    }
    exchanges
}

/// Lands the frames of each exchange in any order, some twice, and judges after each.
async fn follow(
    store: &Store,
    owners: &Owners,
    exchanges: &[Vec<Frame>],
    (dice, stretch): (&mut Dice, i64),
) -> Scene {
    let mut scene = Scene::of(store, owners).await;
    scene.engine.stretch = stretch;
    for (at, frames) in exchanges.iter().enumerate() {
        tell(&scene, at).await;
        let mut frames: Vec<&Frame> = frames.iter().collect();
        while !frames.is_empty() {
            let frame = frames.swap_remove(dice.roll(frames.len()));
            scene.land(frame).await;
            if dice.once_in(3) {
                scene.land(frame).await;
            }
            if dice.once_in(3) {
                scene.judge(DAY).await;
            }
        }
        scene.judge(DAY).await;
        let (found, raised) = (scene.found().await, scene.raised(DAY).await);
        assert_eq!(found, raised, "kept and raised");
    }
    scene
}

/// What no record tells: a decision about a site, and the statistics of a partner.
async fn tell(scene: &Scene, exchange: usize) {
    scene.decide(&format!("2026-{exchange:04}"), exchange).await;
    let year = 2025 + i64::try_from(exchange).unwrap() % 2;
    let state = ["RW", "UG", "CD"][exchange];
    scene.load(state, year, 30_000).await;
}

async fn compare(seed: u64, one: &Store, other: &Store) {
    let dice = &mut Dice::of(seed);
    let mut owners = Owners::new();
    let said = exchanges(dice, 3, 24);
    let frames: Vec<Vec<Frame>> = said.into_iter().map(|said| owners.publish(said)).collect();
    // Steps of few entries, and such that take all there is.
    let stretch = [2, 9, i64::MAX][usize::try_from(seed % 3).unwrap()];
    let split = follow(one, &owners, &frames, (dice, stretch)).await;
    let mut whole = Scene::of(other, &owners).await;
    for frame in frames.iter().flatten() {
        whole.land(frame).await;
    }
    for exchange in 0..frames.len() {
        tell(&whole, exchange).await;
    }
    whole.judge(DAY).await;
    assert_eq!(split.found().await, whole.found().await, "in parts and at once");
    // The clock alone goes on, over the ends of months and of years.
    for days in [1, 17, 60, 400] {
        let day = DAY.checked_add(jiff::Span::new().days(days)).unwrap();
        split.judge(day).await;
        assert_eq!(split.found().await, split.raised(day).await, "after {days} days");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    #[test]
    fn findings_kept_frame_by_frame_are_those_of_everything_at_once(seed in any::<u64>()) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let ((one, _a), (other, _b)) = (sqlite().await, sqlite().await);
            one.migrate().await.unwrap();
            other.migrate().await.unwrap();
            compare(seed, &one, &other).await;
        });
    }
}

#[tokio::test]
async fn both_stores_keep_the_same_findings() {
    for seed in [1, 2, 3] {
        let (one, (other, _file)) = (postgres().await, sqlite().await);
        one.migrate().await.unwrap();
        other.migrate().await.unwrap();
        compare(seed, &one, &other).await;
        one.close().await;
    }
}

fn lot(number: &str, kg: i64, inputs: &[(&str, i64)]) -> v1::Lot {
    let party = |identifier: &str| v1::BusinessEntity {
        identifier: identifier.to_owned(),
        name: "A party".to_owned(),
        ..v1::BusinessEntity::default()
    };
    v1::Lot {
        country: "RW".to_owned(),
        lot_number: number.to_owned(),
        registered_at_us: 1_782_900_000_000_000,
        creator: Some(party("P-1")),
        mineral: "260900".to_owned(),
        mass_mg: kg * sample::KG,
        originating_operation: vec![v1::OriginatingOperation::Combination.into()],
        input_lot: inputs
            .iter()
            .map(|(number, kg)| v1::InputLot {
                lot_number: (*number).to_owned(),
                contributed_mass_mg: Some(kg * sample::KG),
                ..v1::InputLot::default()
            })
            .collect(),
        ..v1::Lot::default()
    }
}

/// Says lots in one exchange and judges.
async fn say(scene: &mut Scene, owners: &mut Owners, lots: Vec<Said>) {
    let said = lots.into_iter().map(|lot| ("RW".to_owned(), lot)).collect();
    for frame in owners.publish(said) {
        scene.land(&frame).await;
    }
    scene.judge(DAY).await;
    assert_eq!(scene.found().await, scene.raised(DAY).await);
}

#[tokio::test]
async fn a_finding_opens_changes_closes_and_opens_again_with_its_history() {
    on_each_store(async |store| {
        let mut owners = Owners::new();
        let mut scene = Scene::of(&store, &owners).await;
        let takes = |kg| upsert(lot("B", kg, &[("A", kg)]));
        say(&mut scene, &mut owners, vec![upsert(lot("A", 100, &[])), takes(100)]).await;
        assert!(!rules(&scene.found().await).contains("R01"));
        // More leaves A than it holds, then still more, then no more, then again.
        for kg in [200, 300, 100, 300] {
            say(&mut scene, &mut owners, vec![takes(kg)]).await;
        }
        let found = scene.found().await;
        let over: Vec<_> = found.iter().filter(|one| one.rule == "R01").collect();
        let [over] = &over[..] else { panic!("{found:?}") };
        let mut connection = store.acquire().await.unwrap();
        let changes: Vec<(String,)> = sqlx::query_as(
            "SELECT change FROM finding_event WHERE finding_id = $1 ORDER BY event_id",
        )
        .bind(&over.id)
        .fetch_all(&mut *connection)
        .await
        .unwrap();
        let changes: Vec<&str> = changes.iter().map(|one| one.0.as_str()).collect();
        assert_eq!(changes, ["opened", "changed", "closed", "reopened"]);
        // Nothing came: nothing is done.
        let before = scene.history().await;
        assert_eq!(scene.judge(DAY).await.steps, 0);
        assert_eq!(scene.history().await, before);
    })
    .await;
}

#[tokio::test]
async fn findings_forget_what_was_measured_on_an_erased_record() {
    on_each_store(async |store| {
        let mut owners = Owners::new();
        let mut scene = Scene::of(&store, &owners).await;
        for kg in [200, 300] {
            let takes = upsert(lot("B", kg, &[("A", kg)]));
            say(&mut scene, &mut owners, vec![upsert(lot("A", 100, &[])), takes]).await;
        }
        let (entity, key) = ("Lot", "RW/P-1/A");
        let mut transaction = store.begin().await.unwrap();
        let count = "SELECT
            (SELECT COUNT(*) FROM finding WHERE measures = '[]'),
            (SELECT COUNT(*) FROM finding_event WHERE measures = '[]'),
            (SELECT COUNT(*) FROM finding_event)";
        let counts = async |transaction: &mut crate::store::Transaction| -> (i64, i64, i64) {
            sqlx::query_as(count).fetch_one(&mut **transaction).await.unwrap()
        };
        let before = counts(&mut transaction).await;
        crate::reconcile::erase(&mut transaction, entity, "RW/T_9/A%").await.unwrap();
        assert_eq!(counts(&mut transaction).await, before, "no such record");
        crate::reconcile::erase(&mut transaction, entity, key).await.unwrap();
        let after = counts(&mut transaction).await;
        assert!(after.0 > before.0 && after.1 > before.1 && after.2 == before.2, "{after:?}");
        let digests: Vec<(String,)> =
            sqlx::query_as("SELECT evidence FROM finding UNION SELECT evidence FROM finding_event")
                .fetch_all(&mut *transaction)
                .await
                .unwrap();
        let named = digests.iter().flat_map(|one| {
            serde_json::from_str::<Vec<crate::reconcile::finding::Evidence>>(&one.0).unwrap()
        });
        let (own, others): (Vec<_>, Vec<_>) = named.partition(|one| one.key == key);
        assert!(!own.is_empty() && own.iter().all(|one| one.digest.is_empty()));
        assert!(!others.is_empty() && others.iter().all(|one| one.digest.len() == 64));
    })
    .await;
}

#[tokio::test]
async fn rings_of_lots_are_found_when_they_close_and_gone_when_they_open() {
    on_each_store(async |store| {
        let mut owners = Owners::new();
        let mut scene = Scene::of(&store, &owners).await;
        let chain = [("A", "F"), ("B", "A"), ("C", "B"), ("D", "C"), ("E", "D")];
        for (own, input) in chain {
            say(&mut scene, &mut owners, vec![upsert(lot(own, 1, &[(input, 1)]))]).await;
        }
        let rings = async |scene: &Scene| {
            let found = scene.found().await;
            found
                .iter()
                .filter(|one| one.sentence == "R25-RING" || one.severity == 3 && one.rule == "R25")
                .count()
        };
        assert_eq!(rings(&scene).await, 0);
        say(&mut scene, &mut owners, vec![upsert(lot("F", 1, &[("E", 1)]))]).await;
        assert_eq!(rings(&scene).await, 6);
        say(&mut scene, &mut owners, vec![upsert(lot("C", 1, &[]))]).await;
        assert_eq!(rings(&scene).await, 0);
        say(&mut scene, &mut owners, vec![upsert(lot("C", 1, &[("B", 1)]))]).await;
        let report = scene.engine.run_at(DAY, true, &|_| ()).await.unwrap();
        assert!(report.whole);
        assert_eq!(rings(&scene).await, 6);
        assert_eq!(scene.found().await, scene.raised(DAY).await);
        say(&mut scene, &mut owners, vec![upsert(lot("C", 1, &[]))]).await;
        assert_eq!(rings(&scene).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_ring_that_passes_through_another_at_a_distance_is_found() {
    on_each_store(async |store| {
        let mut owners = Owners::new();
        let mut scene = Scene::of(&store, &owners).await;
        let lots = [
            ("X", &[][..]),
            ("Y", &["X"][..]),
            ("A", &["B", "Y"][..]),
            ("B", &["A"][..]),
            ("C", &["A"][..]),
            ("D", &["C"][..]),
        ];
        let says = |(own, inputs): (&str, &[&str])| {
            let inputs: Vec<(&str, i64)> = inputs.iter().map(|input| (*input, 1)).collect();
            upsert(lot(own, 1, &inputs))
        };
        say(&mut scene, &mut owners, lots.map(says).to_vec()).await;
        say(&mut scene, &mut owners, vec![says(("X", &["D"]))]).await;
        say(&mut scene, &mut owners, vec![says(("X", &[]))]).await;
    })
    .await;
}

#[tokio::test]
async fn a_ring_of_which_each_step_sees_one_lot_is_found() {
    on_each_store(async |store| {
        let mut owners = Owners::new();
        let mut scene = Scene::of(&store, &owners).await;
        scene.engine.stretch = 1;
        say(&mut scene, &mut owners, vec![upsert(lot("Z", 1, &[]))]).await;
        let ring = [("A", "G"), ("C", "B"), ("E", "D"), ("B", "A"), ("D", "C"), ("F", "E")];
        let mut lots: Vec<Said> =
            ring.iter().map(|(own, input)| upsert(lot(own, 1, &[(input, 1)]))).collect();
        lots.push(upsert(lot("G", 1, &[("F", 1)])));
        say(&mut scene, &mut owners, lots).await;
        let found = scene.found().await;
        let rings = found.iter().filter(|one| one.severity == 3 && one.rule == "R25");
        assert_eq!(rings.count(), 7);
    })
    .await;
}

#[tokio::test]
async fn a_long_chain_follows_its_first_lot() {
    let (store, _file) = sqlite().await;
    store.migrate().await.unwrap();
    let mut owners = Owners::new();
    let mut scene = Scene::of(&store, &owners).await;
    let one = |at: i64| {
        let (own, before) = (format!("L{at}"), format!("L{}", at - 1));
        upsert(lot(&own, 1, &[(&before, 1)]))
    };
    // The last one comes first.
    let lots: Vec<Said> = (1..=300).rev().map(one).collect();
    for lots in lots.chunks(100) {
        say(&mut scene, &mut owners, lots.to_vec()).await;
    }
    say(&mut scene, &mut owners, vec![upsert(lot("L0", 1, &[]))]).await;
    let gone =
        Said { op: Op::Tombstone, reason: "gone".to_owned(), payload: Vec::new(), ..one(150) };
    say(&mut scene, &mut owners, vec![gone]).await;
}
