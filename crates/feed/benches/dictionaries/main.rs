//! Trains the dictionaries on made-up records.
//!
//! `cargo bench -p rmd-feed --bench dictionaries`: trains one for each record type,
//! says what it saves on records that it has not seen, and compares it with the one in
//! the repository. `-- --write` writes those that are not there yet; one that is there
//! is never changed, because stored blocks need it. The same program makes the same
//! bytes. No record of a state is among the samples.

#![expect(clippy::print_stdout, reason = "what was trained is what this is for")]

mod records;

use std::{fs, path::Path};

use prost::Message as _;
use rmd_feed::dictionary;
use rmd_proto::{
    SCHEMA_ID,
    v1::{self, Op},
};

use self::records::Maker;

/// Ids that a network may give itself begin at 32 768 (RFC 8878, section 6.1); those
/// below 65 536 take two bytes in each block, of which any two ids differ in both.
const FIRST_ID: u32 = 32_768 + ID_STEP;
const ID_STEP: u32 = 257;

/// A dictionary is in every binary, and read from there.
const DICTIONARY_BYTES: usize = 16 << 10;

/// Blocks to train with: most are small, because a dictionary is for them.
const SIZES: [u64; 8] = [1, 1, 1, 2, 3, 5, 12, 40];
const BLOCKS: usize = 900;

/// Blocks that are not trained with.
const UNSEEN: usize = 60;

const TRANSACTIONS: &str = "transactions";
const MASTER_DATA: &str = "master-data";

/// Every record type, in the order of their ids, and its feed.
const ENTITIES: [(&str, &str); 11] = [
    ("MineSite", MASTER_DATA),
    ("ExporterStatus", MASTER_DATA),
    ("Lot", TRANSACTIONS),
    ("ExportCertificate", TRANSACTIONS),
    ("ExportDeclaration", TRANSACTIONS),
    ("ImportDeclaration", TRANSACTIONS),
    ("ReportingPeriod", TRANSACTIONS),
    ("ProductionDeclaration", TRANSACTIONS),
    ("StockDeclaration", TRANSACTIONS),
    ("Audit", TRANSACTIONS),
    ("Incident", TRANSACTIONS),
];

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let writes = std::env::args().any(|argument| argument == "--write");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("dictionaries");
    println!("bytes of blocks of few records that were not trained with\n");
    println!("| record type | id | without | with | in the repository |");
    println!("|---|---|---|---|---|");
    let ids = (FIRST_ID..).step_by(ID_STEP as usize);
    for (id, (entity, feed)) in ids.zip(ENTITIES) {
        let mut samples = samples(entity, feed, BLOCKS + UNSEEN)?;
        let unseen = samples.split_off(BLOCKS);
        let mut trained = zstd::dict::from_samples(&samples, DICTIONARY_BYTES)?;
        // Bytes 4 to 8 are the id, which the trainer draws (RFC 8878, section 5).
        trained[4..8].copy_from_slice(&id.to_le_bytes());
        let (without, with) = (bytes(&unseen, &[])?, bytes(&unseen, &trained)?);
        let path = folder.join(entity);
        let kept = fs::read(&path).ok();
        if writes && kept.is_none() {
            fs::write(&path, &trained)?;
        }
        let told = match kept {
            None if writes => "written",
            None => "missing",
            Some(kept) if kept == trained => "the same",
            Some(_) => "another",
        };
        println!("| {entity} | {id} | {without} | {with} | {told} |");
    }
    Ok(())
}

/// What zstd sees of blocks of made-up records.
fn samples(entity: &str, feed: &str, count: usize) -> Result<Vec<Vec<u8>>> {
    let mut samples = Vec::with_capacity(count);
    for index in 0..count {
        let mut maker = Maker::new(entity, index as u64)?;
        // Seqs of every size, as they are in a feed that grows.
        let size = if index % 4 == 0 { 0 } else { maker.below(4_000_000) };
        let length = SIZES[index % SIZES.len()];
        let entry = (0..length).map(|at| entry(&mut maker, (entity, feed), size + 1 + at));
        let block = v1::EntryBlock { entry: entry.collect() };
        samples.push(dictionary::sample(&block).ok_or("a made-up block stays in rows")?);
    }
    Ok(samples)
}

fn entry(maker: &mut Maker, (entity, feed): (&str, &str), seq: u64) -> v1::Entry {
    let (key, payload, times) = maker.record();
    let rev = if seq > 300 { 1 + maker.below(4) } else { 1 };
    let is_gone = rev > 1 && maker.below(12) == 0;
    let header = v1::EntryHeader {
        feed: feed.to_owned(),
        epoch: 1,
        seq,
        entity: entity.to_owned(),
        key,
        rev,
        op: if is_gone { Op::Tombstone } else { Op::Upsert }.into(),
        reason: if is_gone { "gone".to_owned() } else { String::new() },
        event_time_us: times[0],
        captured_at_us: times[1],
        schema_id: SCHEMA_ID.to_owned(),
        mapping_id: maker.mapping_id(),
        previous_seq: if rev > 1 { 1 + maker.below(seq - 1) } else { 0 },
        payload_digest: None,
    };
    let (salt, payload) = if is_gone { (Vec::new(), Vec::new()) } else { (maker.salt(), payload) };
    v1::Entry { header: header.encode_to_vec(), salt, payload, erased_digest: Vec::new() }
}

fn bytes(samples: &[Vec<u8>], dictionary: &[u8]) -> Result<usize> {
    let mut packer = zstd::bulk::Compressor::with_dictionary(3, dictionary)?;
    let mut bytes = 0;
    for sample in samples {
        bytes += packer.compress(sample)?.len();
    }
    Ok(bytes)
}
