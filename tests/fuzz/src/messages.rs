//! The messages of peers, and the records of feeds that are not national ones.
//!
//! The first byte chooses the message. What each side refuses in a Hello, a verdict
//! or an erasure beyond its shape is decided, and tested, where it is heard.

use prost::Message;
use rmd_proto::v1;

use crate::Answer;

/// One reader for each message that a peer may send.
const READERS: [fn(&[u8]) -> Answer; 14] = [
    read::<v1::HelloRequest>,
    read::<v1::HelloResponse>,
    read::<v1::Verdict>,
    read::<v1::PullRequest>,
    read::<v1::FollowRequest>,
    read::<v1::ProveResponse>,
    read::<v1::PushRequest>,
    read::<v1::PushResponse>,
    read::<v1::AnnounceRequest>,
    read::<v1::ReturnResponse>,
    read::<v1::RecallResponse>,
    read::<v1::CertifyRequest>,
    read::<v1::Decision>,
    read::<v1::SiteStatusBulletin>,
];

/// Numbers of messages, as the first byte of an input.
pub(crate) const HELLO_REQUEST: u8 = 0;
pub(crate) const HELLO_RESPONSE: u8 = 1;
pub(crate) const VERDICT: u8 = 2;

/// A message of a peer.
pub fn message(bytes: &[u8]) -> Answer {
    let Some((first, rest)) = bytes.split_first() else { return Answer::Refused };
    READERS[usize::from(*first) % READERS.len()](rest)
}

fn read<M: Message + Default + PartialEq>(bytes: &[u8]) -> Answer {
    let Ok(message) = M::decode(bytes) else { return Answer::Refused };
    let again = M::decode(message.encode_to_vec().as_slice()).expect("it was written");
    assert!(again == message, "what was written reads otherwise");
    Answer::Taken
}
