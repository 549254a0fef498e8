//! Parts of bundles: the file as a carrier brings it, and what is inside.

use std::io::Write as _;

use rmd_feed::{
    bundle::{Error, Expected, open},
    limits::FRAME_BYTES_MAX,
};

use crate::{
    Answer,
    owner::{self, NETWORK, RECEIVER, SENDER, named},
};

/// A file that was carried here.
pub fn bundle(bytes: &[u8]) -> Answer {
    match read(bytes) {
        Ok(()) => Answer::Taken,
        Err(error) => {
            let text = error.to_string();
            let (english, french) = text.split_once('\n').expect("a line in each language");
            named(english, french);
            Answer::Refused
        }
    }
}

/// What a part holds when decrypted, encrypted anew: anybody who knows the receiver
/// can make that.
pub fn bundle_inside(bytes: &[u8]) -> Answer {
    bundle(&encrypted(bytes))
}

/// Encrypted to the receiver.
pub(crate) fn encrypted(plain: &[u8]) -> Vec<u8> {
    let recipient: age::x25519::Recipient =
        owner::bundle_key().recipient().to_string().parse().expect("it is a recipient of age");
    let recipient: &dyn age::Recipient = &recipient;
    let encryptor = age::Encryptor::with_recipients(std::iter::once(recipient));
    let mut out = encryptor
        .expect("there is a recipient")
        .wrap_output(Vec::new())
        .expect("memory can be written");
    out.write_all(plain).expect("memory can be written");
    out.finish().expect("memory can be written")
}

fn read(bytes: &[u8]) -> Result<(), Error> {
    let opened = open(bytes, &owner::bundle_key())?;
    let verifier = owner::key().verifier();
    let expected =
        Expected { network: NETWORK, receiver: RECEIVER, sender: SENDER, verifier: &verifier };
    let mut frames = opened.verify(expected)?;
    let mut next = frames.manifest().first_seq();
    while let Some(frame) = frames.next_frame()? {
        assert_eq!(frame.first_seq, next, "frames follow one another");
        assert!(frame.body.len() <= FRAME_BYTES_MAX + 8192);
        next = frame.last_seq + 1;
    }
    assert_eq!(next, frames.manifest().last_seq() + 1, "the part holds what it announces");
    Ok(())
}
