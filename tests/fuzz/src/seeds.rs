//! Valid inputs for each target, made by the writers of the network itself.

use std::io::Read as _;

use prost::Message as _;
use rmd_feed::{
    Block, Log, NewEntry,
    bundle::{Planner, Writer},
    dictionary,
    evidence::{self, Extension, Statement},
    frame::{self, Reads},
};
use rmd_link::{
    Identity,
    enrol::{Secret, Token},
    keys,
};
use rmd_proto::v1;
use rmd_standard::{Entity, Record, icglr};

use crate::{
    messages::{HELLO_REQUEST, HELLO_RESPONSE, VERDICT},
    owner::{self, FEED, NETWORK, RECEIVER, SENDER},
    record::{context, number},
    sheet,
};

pub use crate::sheet::archive;

/// Cells of every kind.
const SHEET: &[u8] = br#"<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>lot_number</t></is></c><c r="B1" t="s"><v>0</v></c></row><row r="3"><c r="A3" t="b"><v>1</v></c><c r="B3"><v>61.5</v></c><c r="C3" t="e"><v>#N/A</v></c><c r="D3" t="str"><f>A1</f><v>x</v></c></row></sheetData></worksheet>"#;

/// The documents that stand for the standard's own examples.
const DOCUMENTS: [(Entity, &[u8]); 4] = [
    (Entity::Lot, include_bytes!("../../../crates/standard/tests/examples/lot.json")),
    (
        Entity::Lot,
        include_bytes!("../../../crates/standard/tests/examples/lot-transformation.json"),
    ),
    (Entity::MineSite, include_bytes!("../../../crates/standard/tests/examples/mine-site.json")),
    (
        Entity::ExportCertificate,
        include_bytes!("../../../crates/standard/tests/examples/export-certificate.json"),
    ),
];

/// Inputs that the target of that name takes.
pub fn of(target: &str) -> Vec<Vec<u8>> {
    match target {
        "frame" => frames().iter().map(v1::Frame::encode_to_vec).collect(),
        "block" => firsts().iter().map(unpacked).collect(),
        "columns" => firsts().iter().map(columns).collect(),
        "entry" => entries(),
        "checkpoint" => blocks().into_iter().map(|block| block.checkpoint.into_bytes()).collect(),
        "checkpoint_inside" => blocks().iter().map(|block| inside(&block.checkpoint)).collect(),
        "evidence" => statements(),
        "key" => vec![owner::key().secret().into_bytes(), owner::key().vkey().into_bytes()],
        "bundle" => parts(),
        "bundle_inside" => parts().iter().map(|part| decrypted(part)).collect(),
        "json" => DOCUMENTS.iter().map(|(entity, text)| led(number(*entity), text)).collect(),
        "record" => records(),
        "message" => messages(),
        "token" => vec![token().to_string().into_bytes()],
        "identity" => vec![SENDER.into(), RECEIVER.into()],
        "csr" => vec![request()],
        "csv" => texts(),
        "workbook" => vec![workbook(), sheet::archive(SHEET, b"<sst><si><t>text</t></si></sst>")],
        "workbook_inside" => vec![SHEET.to_vec()],
        _ => Vec::new(),
    }
}

fn log() -> Log {
    Log::new(FEED, 1, owner::origin())
}

/// One entry, and four: a tombstone and a second revision among them.
fn lists() -> [Vec<NewEntry>; 2] {
    let entry = |number: u64| NewEntry {
        entity: "MineSite".to_owned(),
        key: format!("CD-{number}"),
        rev: 1,
        op: v1::Op::Upsert,
        reason: String::new(),
        event_time_us: 0,
        captured_at_us: 1_514_764_800_000_000,
        mapping_id: "0011223344556677".to_owned(),
        previous_seq: 0,
        payload: format!("payload of {number}").into_bytes(),
    };
    let gone = NewEntry {
        rev: 2,
        op: v1::Op::Tombstone,
        reason: "withdrawn".to_owned(),
        previous_seq: 1,
        payload: Vec::new(),
        ..entry(1)
    };
    [vec![entry(1)], vec![entry(2), gone, entry(3), entry(4)]]
}

fn append(log: &mut Log, entries: &[NewEntry]) -> Block {
    log.append(entries, &owner::key()).expect("the entries keep the rules")
}

/// Blocks of one feed.
fn blocks() -> Vec<Block> {
    let mut log = log();
    lists().iter().map(|entries| append(&mut log, entries)).collect()
}

/// First blocks of feeds of their own.
fn firsts() -> [Block; 2] {
    let [one, four] = lists();
    let all = [one.clone(), four].concat();
    [one, all].map(|entries| append(&mut log(), &entries))
}

/// What the owner sends first.
fn frames() -> Vec<v1::Frame> {
    let blocks = blocks();
    [&blocks[..1], &blocks]
        .map(|blocks| frame::build(FEED, 1, blocks, 0).expect("the blocks fit"))
        .to_vec()
}

fn entries() -> Vec<Vec<u8>> {
    let bytes = unpacked(&blocks()[1]);
    let block = v1::EntryBlock::decode(bytes.as_slice()).expect("it was written");
    let mut entries = block.entry;
    let erased = v1::Entry {
        salt: Vec::new(),
        payload: Vec::new(),
        erased_digest: vec![7; 32],
        ..entries[0].clone()
    };
    entries.push(erased);
    entries.iter().map(v1::Entry::encode_to_vec).collect()
}

/// A part in columns without its zstd: the length of the rows, and the columns.
fn columns(block: &Block) -> Vec<u8> {
    let length = block.body[1..].iter().position(|byte| *byte < 0x80).expect("a number ends");
    let rows = v1::EntryBlock::decode(unpacked(block).as_slice()).expect("it was written");
    let columns = dictionary::sample(&rows).expect("a block of ours is in columns");
    [&block.body[1..=length + 1], &columns].concat()
}

/// The rows of a block, however it is packed.
fn unpacked(block: &Block) -> Vec<u8> {
    let blocks = frame::readable(FEED, 1, vec![block.clone()], &Reads::default());
    let rows = blocks.expect("it was packed").remove(0).body;
    zstd::stream::decode_all(rows.as_slice()).expect("rows are zstd alone")
}

/// The text of a note, without its signatures.
fn inside(note: &str) -> Vec<u8> {
    let end = note.find("\n\n").expect("a note has an empty line");
    note.as_bytes()[..=end].to_vec()
}

fn statements() -> Vec<Vec<u8>> {
    let blocks = blocks();
    let (held, offered) = (blocks[0].checkpoint.clone(), blocks[1].checkpoint.clone());
    let key = owner::key().vkey();
    let extension = Some(Extension { prefix_root: [1; 32], proof: vec![[2; 32]; 3] });
    let statement = Statement { key, held: held.clone(), offered: offered.clone(), extension };
    let bare = Statement { extension: None, ..statement.clone() };
    debug_assert!(evidence::read(&evidence::pair(Some(&held), &offered)).is_some());
    vec![statement.to_text().into_bytes(), bare.to_text().into_bytes()]
}

fn parts() -> Vec<Vec<u8>> {
    let frames = &frames()[..1];
    let mut planner = Planner::new(0, 1 << 20);
    for frame in frames {
        planner.push(frame).expect("the frame fits");
    }
    let parts = planner.finish();
    let manifest = v1::BundleManifest {
        protocol: 1,
        network: NETWORK.to_owned(),
        sender: SENDER.to_owned(),
        receiver: RECEIVER.to_owned(),
        bundle_id: vec![7; 16],
        created_at_us: 1_514_764_800_000_000,
        software_version: "0.1.0".to_owned(),
        boot_number: 1,
        boot_random: 2,
        state: Some(v1::FeedState {
            feed: FEED.to_owned(),
            epoch: 1,
            size: 1,
            checkpoint: frames[0].checkpoint.clone(),
            ..v1::FeedState::default()
        }),
        ..v1::BundleManifest::default()
    };
    let recipient = owner::bundle_key().recipient();
    let mut writer = Writer::begin(Vec::new(), &manifest, &parts, 0, &owner::key(), &recipient)
        .expect("the manifest keeps the rules");
    for frame in frames {
        writer.frame(frame).expect("memory can be written");
    }
    vec![writer.finish().expect("the frames are those of the part")]
}

fn decrypted(part: &[u8]) -> Vec<u8> {
    let identity: age::x25519::Identity =
        owner::bundle_key().secret().parse().expect("it is a key of age");
    let identity: &dyn age::Identity = &identity;
    let decryptor = age::Decryptor::new(part).expect("it was encrypted");
    let mut plain = Vec::new();
    decryptor
        .decrypt(std::iter::once(identity))
        .and_then(|mut source| Ok(source.read_to_end(&mut plain)?))
        .expect("it was encrypted to this key");
    plain
}

fn led(first: u8, bytes: &[u8]) -> Vec<u8> {
    [&[first], bytes].concat()
}

fn records() -> Vec<Vec<u8>> {
    let released = |entity: Entity, text: &[u8]| {
        let tree = icglr::parse(text).expect("the examples are JSON");
        let valid = icglr::read(entity, &tree, &context(entity)).expect("the examples are records");
        let record: Record = valid.release().into_record();
        led(number(entity), &record.encode())
    };
    DOCUMENTS.iter().map(|(entity, text)| released(*entity, text)).collect()
}

fn messages() -> Vec<Vec<u8>> {
    let hello = v1::HelloRequest {
        protocol_min: 1,
        protocol_max: 1,
        schema_id: vec!["rmd.v1".to_owned()],
        clock_us: 1_514_764_800_000_000,
        known: vec![v1::KnownCheckpoint {
            feed: FEED.to_owned(),
            checkpoint: blocks()[0].checkpoint.clone(),
            ..v1::KnownCheckpoint::default()
        }],
        ..v1::HelloRequest::default()
    };
    let count = v1::EntityCount {
        entity: "MineSite".to_owned(),
        entitlement: "all".to_owned(),
        published: 7,
        refused: vec![v1::RuleCount { rule: "SITE-GEO".to_owned(), records: 1 }],
        ..v1::EntityCount::default()
    };
    let state = v1::FeedState {
        feed: FEED.to_owned(),
        epoch: 1,
        size: 5,
        entity: vec![count],
        ..v1::FeedState::default()
    };
    let answer = v1::HelloResponse {
        protocol: 1,
        identity: SENDER.to_owned(),
        software_version: "0.1.0".to_owned(),
        clock_us: 1_514_764_800_000_000,
        feed: vec![state],
        ..v1::HelloResponse::default()
    };
    let finding =
        v1::VerdictFinding { rule: "SITE-GEO".to_owned(), ..v1::VerdictFinding::default() };
    let verdict = v1::Verdict {
        entity: "MineSite".to_owned(),
        record_key: "CD-1".to_owned(),
        feed: FEED.to_owned(),
        epoch: 1,
        seq: 1,
        rev: 1,
        raised_at_us: 1_514_764_800_000_000,
        finding: vec![finding],
        found: 0,
    };
    vec![
        led(HELLO_REQUEST, &hello.encode_to_vec()),
        led(HELLO_RESPONSE, &answer.encode_to_vec()),
        led(VERDICT, &verdict.encode_to_vec()),
    ]
}

fn token() -> Token {
    Token {
        network: NETWORK.to_owned(),
        hub_address: "hub.example:7443".to_owned(),
        root_sha256: [7; 32],
        country: "COD".to_owned(),
        name: "cod-mines".to_owned(),
        secret: Secret::from_text(&"B".repeat(43)).unwrap_or_else(Secret::generate),
    }
}

fn request() -> Vec<u8> {
    let node: Identity = SENDER.parse().expect("it is an identity");
    keys::new_key_and_csr(&node).expect("a key can be made").1
}

/// Texts as spreadsheet programs of the region save them.
fn texts() -> Vec<Vec<u8>> {
    let text =
        "lot_number;mass;note\r\nL-1;61,5;\"two\r\nlines; \"\"quoted\"\"\"\r\n\r\nL-2;;é\r\n";
    let marked = format!("\u{feff}sep=;\r\n{text}");
    let windows = text.chars().map(|letter| u8::try_from(letter).unwrap_or(b'?'));
    let wide = marked.encode_utf16().flat_map(u16::to_le_bytes);
    vec![text.into(), marked.clone().into(), windows.collect(), wide.collect()]
}

fn workbook() -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let percent = rust_xlsxwriter::Format::new().set_num_format("0.00%");
    let day = rust_xlsxwriter::Format::new().set_num_format("dd/mm/yyyy");
    sheet
        .write_row(0, 0, ["lot_number", "mass", "date", "share", "done"])
        .and_then(|sheet| sheet.write(1, 0, "L-1"))
        .and_then(|sheet| sheet.write(1, 1, 61.5))
        .and_then(|sheet| sheet.write_with_format(1, 2, 43_101, &day))
        .and_then(|sheet| sheet.write_with_format(1, 3, 0.25, &percent))
        .and_then(|sheet| sheet.write(1, 4, true))
        .expect("the sheet has room");
    book.save_to_buffer().expect("memory can be written")
}
