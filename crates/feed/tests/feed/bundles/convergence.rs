//! Any split, any order, any overlap with the network: one history.

use proptest::prelude::*;
use rmd_feed::{
    Follower,
    bundle::{schedule, trimmed},
    frame,
};
use rmd_proto::v1;

use super::made::Made;
use crate::common::{FEED, follower};

/// One export: blocks in a frame at most, where it begins, how large a part is.
type Export = (usize, u64, u64);

/// The frames of the blocks after a seq, so many blocks in each.
fn cut(made: &Made, per_frame: usize, after_seq: u64) -> Vec<v1::Frame> {
    let first = made.blocks.iter().position(|block| block.last_seq > after_seq);
    let Some(first) = first else { return Vec::new() };
    made.blocks[first..]
        .chunks(per_frame)
        .map(|blocks| frame::build(FEED, 1, blocks, blocks[0].first_seq - 1).unwrap())
        .collect()
}

/// Takes a pile of files as an import does.
fn import(made: &Made, follower: &mut Follower, pile: &[&Vec<u8>]) {
    let manifests: Vec<_> = pile.iter().map(|part| made.manifest(part)).collect();
    let references: Vec<_> = manifests.iter().collect();
    let plan = schedule(follower.cursor(), &references);
    assert_eq!(plan.apply.len() + plan.known.len() + plan.beyond.len(), pile.len());
    assert!(plan.beyond.is_empty() || !plan.missing.is_empty());
    for index in plan.apply {
        for frame in made.read(pile[index]).unwrap() {
            let frame = trimmed(frame, follower.cursor()).unwrap();
            follower.accept(&frame).unwrap();
        }
    }
    assert_eq!(follower.cursor(), plan.reaches);
    // What is missing begins right after what was applied.
    assert!(plan.missing.first().is_none_or(|gap| gap.first_seq == follower.cursor() + 1));
}

fn exports() -> impl Strategy<Value = Vec<Export>> {
    prop::collection::vec((1..5_usize, 0..40_u64, 1..4000_u64), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn parts_in_any_split_order_and_number_converge(
        sizes in prop::collection::vec(1..9_u64, 1..9),
        exports in exports(),
        part_bytes in 1..4000_u64,
        choices in prop::collection::vec(any::<prop::sample::Index>(), 1..24),
        pulled in 0..4_usize,
    ) {
        let made = Made::new(&sizes, 0, part_bytes);
        let mut files = made.parts.clone();
        for (per_frame, after, part_bytes) in exports {
            let after = after.min(made.log.size());
            files.extend(made.export(&cut(&made, per_frame, after), after, part_bytes));
        }
        let mut follower = follower(&made.feed_key);
        // Some of it came over the network before.
        for frame in cut(&made, 2, 0).iter().take(pulled) {
            follower.accept(frame).unwrap();
        }
        // Piles of one to three files, drawn with repeats.
        for pile in choices.chunks(3) {
            let pile: Vec<_> = pile.iter().map(|choice| choice.get(&files)).collect();
            import(&made, &mut follower, &pile);
        }
        // In the end somebody brings all of the first export, the last part first.
        let all: Vec<_> = made.parts.iter().rev().collect();
        import(&made, &mut follower, &all);
        prop_assert_eq!(follower.cursor(), made.log.size());
        prop_assert_eq!(follower.edge().root(), made.log.root());
    }
}
