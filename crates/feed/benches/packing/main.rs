//! Bytes and time of a lot, by packing.
//!
//! `cargo bench -p rmd-feed --bench packing`: made-up lots in blocks of several sizes,
//! as rows and by column; each frame is opened again and compared. Times are of this
//! thread alone, the best of several rounds; packing includes leaf hashes and signing.

#![expect(clippy::print_stdout, reason = "what was measured is what this is for")]
#![expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]

mod lots;

use std::time::{Duration, Instant};

use prost::Message as _;
use rmd_feed::{
    Block, FeedKey, Log, NewEntry, Origin, dictionary,
    frame::{self, Reads},
};
use rmd_proto::v1;

use self::lots::Choice;

const FEED: &str = "transactions";
const OWNER: &str = "rmd.bench/RWA/rwa-bench";
const LOTS: usize = 16_384;
const ROUNDS: usize = 7;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    println!("{LOTS} lots; bytes and microseconds a lot, best of {ROUNDS} rounds\n");
    println!("| lots | entries a block | packing | bytes | zstd | take apart | append | open |");
    println!("|---|---|---|---|---|---|---|---|");
    for (name, choice) in [("in turn", Choice::InTurn), ("drawn", Choice::Drawn)] {
        let entries = lots::entries(LOTS as u64, choice, 7);
        for size in [256, 32, 8, 1] {
            measure(name, size, &entries)?;
        }
    }
    Ok(())
}

fn measure(name: &str, size: usize, entries: &[NewEntry]) -> Result<()> {
    let key = FeedKey::generate(OWNER)?;
    let mut append = Duration::MAX;
    let mut blocks = Vec::new();
    for _ in 0..ROUNDS {
        let mut log = Log::new(FEED, 1, Origin::new(OWNER, FEED, 1));
        let begun = Instant::now();
        let made: std::result::Result<Vec<Block>, _> =
            entries.chunks(size).map(|chunk| log.append(chunk, &key)).collect();
        append = append.min(begun.elapsed());
        blocks = made?;
    }
    let each = |took: Duration| took.as_secs_f64() * 1e6 / entries.len() as f64;
    let rows = frame::readable(FEED, 1, blocks.clone(), &Reads::default())?;
    let steps = Steps::of(&rows)?;
    let own = [each(steps.columns), each(steps.apart), each(append)].map(|us| format!("{us:.2}"));
    let theirs = [format!("{:.2}", each(steps.rows)), String::new(), String::new()];
    for (packing, blocks, times) in [("rows", &rows, theirs), ("columns", &blocks, own)] {
        let bytes: usize = blocks.iter().map(|block| block.body.len()).sum();
        let open = each(open(blocks, entries)?);
        let (bytes, times) = (bytes as f64 / entries.len() as f64, times.join(" | "));
        println!("| {name} | {size} | {packing} | {bytes:.1} | {times} | {open:.2} |");
    }
    Ok(())
}

/// What packing is made of.
struct Steps {
    /// zstd at level 3, of the rows.
    rows: Duration,
    /// The same of the columns, without cuts and dictionary.
    columns: Duration,
    /// From messages to columns.
    apart: Duration,
}

impl Steps {
    fn of(rows: &[Block]) -> Result<Self> {
        let rows: std::io::Result<Vec<Vec<u8>>> =
            rows.iter().map(|block| zstd::stream::decode_all(block.body.as_slice())).collect();
        let rows = rows?;
        let messages: std::result::Result<Vec<v1::EntryBlock>, _> =
            rows.iter().map(|rows| v1::EntryBlock::decode(rows.as_slice())).collect();
        let messages = messages?;
        let begun = Instant::now();
        let columns: Vec<Vec<u8>> = messages.iter().filter_map(dictionary::sample).collect();
        let apart = begun.elapsed();
        Ok(Self { rows: packed(&rows)?, columns: packed(&columns)?, apart })
    }
}

fn packed(pieces: &[Vec<u8>]) -> Result<Duration> {
    let mut packer = zstd::bulk::Compressor::new(3)?;
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        for piece in pieces {
            packer.compress(piece)?;
        }
        best = best.min(begun.elapsed());
    }
    Ok(best)
}

/// Opens the blocks as frames, checks what is in them, and takes the time of opening.
fn open(blocks: &[Block], entries: &[NewEntry]) -> Result<Duration> {
    let mut frames = Vec::new();
    let mut rest = blocks;
    while let Some(first) = rest.first() {
        let (now, later) = rest.split_at(frame::fitting(rest, 1 << 20));
        frames.push(frame::build(FEED, 1, now, first.first_seq - 1)?);
        rest = later;
    }
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let opened: std::result::Result<Vec<_>, _> = frames.iter().map(frame::open).collect();
        best = best.min(begun.elapsed());
        let opened: Vec<_> = opened?.concat();
        let is_same = |(seen, made): (&rmd_feed::StoredEntry, &NewEntry)| {
            seen.payload() == Some(&made.payload) && seen.header.key == made.key
        };
        if opened.len() != entries.len() || !opened.iter().zip(entries).all(is_same) {
            return Err("the frames do not hold what was appended".into());
        }
    }
    Ok(best)
}
