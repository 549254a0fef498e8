//! Bundles: what arrives in files converges as what arrives over the network.

mod convergence;
mod made;
mod tampering;

use rmd_feed::{
    bundle::{BundleKey, Error, Planner, open, schedule, trimmed},
    frame,
};

use self::made::{Made, RECEIVER, SENDER};
use crate::common::{FEED, blocks, follower, frames, key, log};

#[test]
fn a_follower_of_parts_stands_where_the_owner_does() {
    let made = Made::new(&[1, 2, 3, 4], 0, 1);
    assert_eq!(made.parts.len(), 4, "each part holds one frame where none may be larger");
    let mut follower = follower(&made.feed_key);
    for part in &made.parts {
        for frame in made.read(part).unwrap() {
            assert!(!follower.accept(&frame).unwrap().is_empty());
        }
    }
    assert_eq!((follower.cursor(), follower.edge().root()), (10, made.log.root()));
}

#[test]
fn parts_are_as_large_as_they_may_be_and_name_each_other() {
    let made = Made::new(&[4; 12], 0, 2000);
    let manifests: Vec<_> = made.parts.iter().map(|part| made.manifest(part)).collect();
    assert!(manifests.len() > 2, "{} parts", manifests.len());
    for (number, manifest) in (1..).zip(&manifests) {
        assert_eq!(manifest.part(), (number, manifests.len()));
        assert_eq!(manifest.message().part, manifests[0].message().part);
        assert_eq!(manifest.bundle_id(), manifests[0].bundle_id());
    }
    for (before, after) in manifests.iter().zip(&manifests[1..]) {
        assert_eq!(after.first_seq(), before.last_seq() + 1);
    }
    let plan = |part_bytes| {
        let mut planner = Planner::new(0, part_bytes);
        for frame in frames(&made.blocks) {
            planner.push(&frame).unwrap();
        }
        planner.finish()
    };
    assert!(plan(2000).iter().all(|part| part.bytes <= 2000 && part.frames > 0));
    assert_eq!(plan(u64::MAX).len(), 1);
}

#[test]
fn a_bundle_without_frames_still_acknowledges() {
    let made = Made::new(&[3], 3, 4096);
    let manifest = made.manifest(&made.parts[0]);
    assert_eq!((manifest.first_seq(), manifest.last_seq()), (4, 3));
    assert_eq!(manifest.message().acknowledged[0].cursor, 7);
    assert!(made.read(&made.parts[0]).unwrap().is_empty());
    let plan = schedule(3, &[&manifest]);
    assert_eq!((plan.known, plan.missing), (vec![0], vec![]));
}

#[test]
fn only_the_receiver_opens_a_bundle_and_only_from_its_sender() {
    let made = Made::new(&[2], 0, 4096);
    let part = made.parts[0].as_slice();
    assert_eq!(open(part, &BundleKey::generate()).unwrap_err(), Error::NotForUs);
    let other_key = key().verifier();
    let mut expected = made.expected();
    let refused = |expected| open(part, &made.key).unwrap().verify(expected).unwrap_err();
    expected.network = "other";
    assert!(matches!(refused(expected), Error::OtherNetwork { .. }));
    let mut expected = made.expected();
    expected.receiver = SENDER;
    assert!(matches!(refused(expected), Error::OtherReceiver { .. }));
    let mut expected = made.expected();
    expected.sender = RECEIVER;
    assert!(matches!(refused(expected), Error::OtherSender { .. }));
    let mut expected = made.expected();
    expected.verifier = &other_key;
    assert!(matches!(refused(expected), Error::Unsigned { .. }));
    assert_eq!(made.read(part).unwrap().len(), 1);
}

#[test]
fn a_missing_part_is_named_with_its_entries() {
    let made = Made::new(&[10, 20, 30, 40], 0, 1);
    let manifests: Vec<_> = made.parts.iter().map(|part| made.manifest(part)).collect();
    let plan = schedule(0, &[&manifests[3], &manifests[0], &manifests[3]]);
    assert_eq!((plan.apply, plan.known, plan.beyond), (vec![1], vec![], vec![0, 2]));
    assert_eq!(plan.reaches, 10);
    let named: Vec<String> = plan.missing.iter().map(ToString::to_string).collect();
    assert_eq!(named.len(), 2);
    assert!(named[0].starts_with("part 2 of 4 of bundle "), "{}", named[0]);
    assert!(named[0].contains("is missing: seq 11-30\n"), "{}", named[0]);
    assert!(
        named[1].contains("la partie 3 de 4") && named[1].contains("seq 31-60"),
        "{}",
        named[1]
    );
    // The last one is missed too, since the first says that there are four.
    let plan = schedule(0, &[&manifests[0], &manifests[1], &manifests[2]]);
    assert!(plan.missing[0].to_string().contains("part 4 of 4"), "{}", plan.missing[0]);
}

#[test]
fn what_no_bundle_holds_is_asked_for_by_its_seq() {
    let made = Made::new(&[5, 5, 5], 10, 4096);
    let manifest = made.manifest(&made.parts[0]);
    assert_eq!((manifest.first_seq(), manifest.last_seq()), (11, 15));
    let plan = schedule(3, &[&manifest]);
    assert_eq!((plan.apply.len(), plan.beyond, plan.reaches), (0, vec![0], 3));
    let named = plan.missing[0].to_string();
    assert!(named.contains("seq 4-10") && named.contains("--after 3"), "{named}");
    assert_eq!(plan.missing.len(), 1);
}

#[test]
fn an_old_bundle_after_newer_data_changes_nothing() {
    let made = Made::new(&[5, 5], 0, 1);
    let manifests: Vec<_> = made.parts.iter().map(|part| made.manifest(part)).collect();
    let plan = schedule(12, &[&manifests[0], &manifests[1]]);
    assert_eq!((plan.apply, plan.known, plan.missing), (vec![], vec![0, 1], vec![]));
    assert_eq!(plan.reaches, 12);
}

#[test]
fn a_frame_is_trimmed_at_the_end_of_any_of_its_blocks_and_nowhere_else() {
    let (mut log, key) = (log(), key());
    let blocks = blocks(&mut log, &key, &[3, 1, 4, 2]);
    let whole = frame::build(FEED, 1, &blocks, 0).unwrap();
    let mut reached = follower(&key);
    for block in &blocks {
        let rest = trimmed(whole.clone(), reached.cursor()).unwrap();
        assert_eq!(rest.first_seq, reached.cursor() + 1);
        let mut ahead = reached.clone();
        ahead.accept(&rest).unwrap();
        assert_eq!(ahead.edge().root(), log.root());
        reached.accept(&frames(std::slice::from_ref(block))[0]).unwrap();
    }
    assert_eq!(trimmed(whole.clone(), 10).unwrap(), whole, "a repeat is left as it is");
    for inside in [1, 2, 5, 6, 7, 9] {
        assert!(trimmed(whole.clone(), inside).is_err(), "cut within a block at {inside}");
    }
}
