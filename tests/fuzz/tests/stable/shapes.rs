//! Inputs drawn field by field: right in their shape, wrong in what they say.

use proptest::prelude::*;
use prost::Message as _;
use rmd_fuzz::seeds;
use rmd_proto::v1;

/// Bytes that a bomb unpacks to: twice what a frame may hold.
const BOMB_BYTES: usize = 16 << 20;

/// What is drawn for a target; damage alone where its seeds show every shape.
pub(crate) fn of(target: &str) -> Option<BoxedStrategy<Vec<u8>>> {
    Some(match target {
        "frame" => frame().prop_map(|frame| frame.encode_to_vec()).boxed(),
        "block" => block().prop_map(|block| block.encode_to_vec()).boxed(),
        "columns" => columns().boxed(),
        "entry" => entry().prop_map(|entry| entry.encode_to_vec()).boxed(),
        "checkpoint_inside" => note().boxed(),
        "bundle_inside" => envelope().boxed(),
        "json" => (any::<u8>(), json()).prop_map(|(first, text)| led(first, &text)).boxed(),
        "message" => (any::<u8>(), empties()).prop_map(|(first, rest)| led(first, &rest)).boxed(),
        "workbook" => workbook().boxed(),
        _ => return None,
    })
}

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..most)
}

fn led(first: u8, rest: &[u8]) -> Vec<u8> {
    [&[first], rest].concat()
}

fn header(seq: u64) -> impl Strategy<Value = v1::EntryHeader> {
    let words = (1_u32..3, seq..seq + 2, "\\PC{0,12}", "\\PC{0,12}", 0_u64..3);
    let rest = (0_i32..6, -1_i64..3, 0..=seq, prop::option::weighted(0.1, bytes(40)));
    (words, rest).prop_map(|((epoch, seq, entity, key, rev), (op, time, before, digest))| {
        v1::EntryHeader {
            feed: "master-data".to_owned(),
            epoch,
            seq,
            entity,
            key,
            rev,
            op,
            captured_at_us: time,
            previous_seq: before,
            payload_digest: digest,
            schema_id: "rmd.v1".to_owned(),
            ..v1::EntryHeader::default()
        }
    })
}

fn entry_at(seq: u64) -> impl Strategy<Value = v1::Entry> {
    let salt = prop_oneof![Just(vec![7; 16]), Just(Vec::new()), bytes(20)];
    let erased = prop_oneof![4 => Just(Vec::new()), 1 => Just(vec![7; 32]), 1 => bytes(40)];
    (header(seq), salt, bytes(40), erased).prop_map(|(header, salt, payload, erased_digest)| {
        v1::Entry { header: header.encode_to_vec(), salt, payload, erased_digest }
    })
}

fn entry() -> impl Strategy<Value = v1::Entry> {
    (1_u64..4).prop_flat_map(entry_at)
}

fn block() -> impl Strategy<Value = v1::EntryBlock> {
    let some = (0_u64..5).prop_flat_map(|count| (1..=count).map(entry_at).collect::<Vec<_>>());
    some.prop_map(|entry| v1::EntryBlock { entry })
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut compressor = zstd::bulk::Compressor::new(1).unwrap();
    compressor.set_parameter(zstd::zstd_safe::CParameter::ChecksumFlag(true)).unwrap();
    compressor.compress(bytes).unwrap()
}

/// Columns as their writer might make them: few flags, small numbers, runs of either.
fn columns() -> impl Strategy<Value = Vec<u8>> {
    let byte =
        prop_oneof![6 => 0_u8..16, 2 => prop_oneof![Just(0x0A_u8), Just(0x08)], 1 => any::<u8>()];
    let run = (byte, 1_usize..12).prop_map(|(byte, count)| vec![byte; count]);
    let announced = prop_oneof![
        4 => bytes(1).prop_map(|_| vec![0x7F]),
        2 => Just(vec![0xFF, 0x10]),
        1 => Just(vec![0x80, 0x80, 0x40]),
        1 => bytes(4),
    ];
    let all = (announced, prop::collection::vec(run, 0..60));
    all.prop_map(|(announced, runs)| [announced, runs.concat()].concat())
}

/// Frames whose bodies pass for packed blocks, bombs among them.
fn frame() -> impl Strategy<Value = v1::Frame> {
    let bomb = packed(&vec![0; BOMB_BYTES]);
    let empty_entries = packed(&[0x0A, 0].repeat(100_000));
    let body = prop_oneof![
        8 => block().prop_map(|block| packed(&block.encode_to_vec())),
        2 => bytes(100).prop_map(|rest| [&b"\x28\xb5\x2f\xfd\x24"[..], &rest].concat()),
        1 => prop_oneof![Just(bomb), Just(empty_entries)],
    ];
    let end = prop_oneof![6 => 0_u64..5, 1 => Just(100_000), 1 => any::<u64>()];
    (prop_oneof![4 => Just(1), 1 => 0_u64..3], end, body, "\\PC{0,60}").prop_map(
        |(first_seq, last_seq, body, checkpoint)| v1::Frame {
            feed: "master-data".to_owned(),
            epoch: 1,
            first_seq,
            last_seq,
            body,
            checkpoint,
        },
    )
}

/// Archives that unpack to more than they look like, and texts that are fewer than they
/// say.
fn workbook() -> impl Strategy<Value = Vec<u8>> {
    let sheet = b"<worksheet><sheetData/></worksheet>".as_slice();
    let bomb = seeds::archive(sheet, &vec![b' '; BOMB_BYTES]);
    let wide = seeds::archive(&vec![b'<'; BOMB_BYTES], b"<sst/>");
    let texts = (any::<u64>(), 0_usize..3000).prop_map(|(count, real)| {
        let texts = "<si><t>a</t></si>".repeat(real);
        format!("<sst count=\"{count}\" uniqueCount=\"{count}\">{texts}</sst>")
    });
    prop_oneof![
        20 => texts.prop_map(move |texts| seeds::archive(sheet, texts.as_bytes())),
        1 => prop_oneof![Just(bomb), Just(wide)],
    ]
}

/// The three lines of a checkpoint, and lines after them.
fn note() -> impl Strategy<Value = Vec<u8>> {
    let origin = prop_oneof![
        6 => Just("rmd.net/COD/cod-mines/master-data/1".to_owned()),
        1 => "\\PC{0,20}",
    ];
    let size = prop_oneof![any::<u64>().prop_map(|size| size.to_string()), "[0-9 +-]{0,22}"];
    let root = prop_oneof![Just(format!("{}=", "A".repeat(43))), "[A-Za-z0-9+/=]{0,50}"];
    (origin, size, root, "(\\PC{0,9}\n){0,3}")
        .prop_map(|(origin, size, root, rest)| format!("{origin}\n{size}\n{root}\n{rest}").into())
}

/// A manifest of any content, in an envelope as it must be.
fn envelope() -> impl Strategy<Value = Vec<u8>> {
    let part = (any::<u64>(), any::<u64>())
        .prop_map(|(first_seq, last_seq)| v1::BundlePart { first_seq, last_seq });
    let parts = prop::collection::vec(part, 0..4);
    let state = prop::option::of(any::<u64>().prop_map(|size| v1::FeedState {
        feed: "master-data".to_owned(),
        epoch: 1,
        size,
        ..v1::FeedState::default()
    }));
    let texts = ("\\PC{0,9}", bytes(64), 0_u32..3);
    (parts, state, texts, 0_u32..4, any::<u64>()).prop_map(
        |(part, state, (text, signature, protocol), part_number, frames)| {
            let manifest = v1::BundleManifest {
                protocol,
                network: "net".to_owned(),
                sender: text.clone(),
                receiver: text.clone(),
                software_version: text,
                bundle_id: vec![7; 16],
                frames_sha256: vec![7; 32],
                part,
                part_number,
                frames,
                state,
                ..v1::BundleManifest::default()
            };
            let manifest = manifest.encode_to_vec();
            let envelope = v1::BundleEnvelope { manifest, signature }.encode_to_vec();
            let length = u32::try_from(envelope.len()).unwrap().to_be_bytes();
            [&b"rmd.v1 bundle 1\n"[..], &length, &envelope].concat()
        },
    )
}

/// Almost JSON, with members that the standard has.
fn json() -> impl Strategy<Value = Vec<u8>> {
    let member = "(\"(mass|tag|creator|withheld|polygon|inputLot|lotNumber|mineral|.{0,4})\":(\\[\\]|\\{\\}|null|-?[0-9]{1,20}(e[0-9]{1,3})?|\"\\PC{0,8}\"),?){0,6}";
    prop_oneof![
        (1_usize..3, member).prop_map(|(depth, members)| {
            let inner = format!("{{{}}}", members.trim_end_matches(','));
            format!("{}{inner}{}", "[".repeat(depth - 1), "]".repeat(depth - 1)).into()
        }),
        (0_usize..5000).prop_map(|depth| "[".repeat(depth).into()),
    ]
}

/// Empty elements of a list: two bytes each on the wire, a hundred in memory.
fn empties() -> impl Strategy<Value = Vec<u8>> {
    (1_u8..16, 0_usize..20_000).prop_map(|(field, count)| [field << 3 | 2, 0].repeat(count))
}
