//! Whatever is done to a file, it is refused, and costs no memory.

use std::io::{Read as _, Write as _};

use proptest::prelude::*;
use prost::Message as _;
use rmd_feed::bundle::{
    AGE_HEADER_BYTES_MAX, BundleKey, Error, FRAME_MESSAGE_BYTES_MAX, MANIFEST_BYTES_MAX, Recipient,
    open,
};
use rmd_proto::v1;

use super::made::Made;

fn decrypted(made: &Made, part: &[u8]) -> Vec<u8> {
    let identity: age::x25519::Identity = made.key.secret().parse().unwrap();
    let identity: &dyn age::Identity = &identity;
    let decryptor = age::Decryptor::new(part).unwrap();
    let mut plain = Vec::new();
    decryptor.decrypt(std::iter::once(identity)).unwrap().read_to_end(&mut plain).unwrap();
    plain
}

/// What anybody who knows the recipient can make.
fn encrypted(recipient: &Recipient, plain: &[u8]) -> Vec<u8> {
    let recipient: age::x25519::Recipient = recipient.to_string().parse().unwrap();
    let recipient: &dyn age::Recipient = &recipient;
    let encryptor = age::Encryptor::with_recipients(std::iter::once(recipient)).unwrap();
    let mut out = encryptor.wrap_output(Vec::new()).unwrap();
    out.write_all(plain).unwrap();
    out.finish().unwrap()
}

// Header, MAC, nonce and every byte of the payload: the whole file.
#[test]
fn a_file_with_one_altered_byte_is_refused_at_every_position() {
    let made = Made::new(&[1, 2], 0, 1 << 20);
    let part = &made.parts[0];
    assert_eq!(made.read(part).unwrap().len(), 2);
    for position in 0..part.len() {
        for mask in [1, 0x20, 0x80] {
            let mut altered = part.clone();
            altered[position] ^= mask;
            let taken = made.read(&altered);
            assert!(taken.is_err(), "byte {position} of {} ^ {mask:#04x} was taken", part.len());
        }
    }
}

// Somebody who encrypts anew what was altered: manifest, signature, lengths, frames.
#[test]
fn an_altered_byte_under_a_new_encryption_is_refused_at_every_position() {
    let made = Made::new(&[1, 2], 0, 1 << 20);
    let recipient = made.key.recipient();
    let plain = decrypted(&made, &made.parts[0]);
    assert_eq!(made.read(&encrypted(&recipient, &plain)).unwrap().len(), 2);
    for position in 0..plain.len() {
        let mut altered = plain.clone();
        altered[position] ^= 0x01;
        let taken = made.read(&encrypted(&recipient, &altered));
        assert!(taken.is_err(), "byte {position} of {} was taken", plain.len());
    }
}

#[test]
fn a_file_that_is_cut_off_or_has_more_is_refused() {
    let made = Made::new(&[2], 0, 1 << 20);
    let part = &made.parts[0];
    for length in 0..part.len() {
        assert!(made.read(&part[..length]).is_err(), "{length} of {} bytes", part.len());
    }
    let longer = [part.as_slice(), &[0]].concat();
    assert!(made.read(&longer).is_err());
    let recipient = made.key.recipient();
    let plain = decrypted(&made, part);
    for length in 0..plain.len() {
        let cut = encrypted(&recipient, &plain[..length]);
        assert!(made.read(&cut).is_err(), "{length} of {} bytes inside", plain.len());
    }
}

#[test]
fn an_announced_length_beyond_its_limit_is_refused_before_it_is_read() {
    let made = Made::new(&[2], 0, 1 << 20);
    let recipient = made.key.recipient();
    let plain = decrypted(&made, &made.parts[0]);
    let envelope = 16;
    let length = u32::from_be_bytes(plain[envelope..envelope + 4].try_into().unwrap());
    let frame = envelope + 4 + usize::try_from(length).unwrap();
    for (at, limit) in [(envelope, MANIFEST_BYTES_MAX + 128), (frame, FRAME_MESSAGE_BYTES_MAX)] {
        for announced in [u32::MAX, u32::try_from(limit + 1).unwrap()] {
            let mut altered = plain.clone();
            altered[at..at + 4].copy_from_slice(&announced.to_be_bytes());
            let refused = made.read(&encrypted(&recipient, &altered)).unwrap_err();
            let (seen, limit) = (u64::from(announced), limit as u64);
            let is_named = matches!(
                refused,
                Error::Oversized { seen: told, limit: most, .. } if told == seen && most == limit
            );
            assert!(is_named, "{refused}");
        }
    }
}

#[test]
fn a_header_without_an_end_is_given_up_at_its_limit() {
    struct Endless(usize);
    impl std::io::Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0 += buffer.len();
            buffer.fill(b'a');
            Ok(buffer.len())
        }
    }
    let mut endless = Endless(0);
    assert!(matches!(open(&mut endless, &BundleKey::generate()), Err(Error::Header(_))));
    assert!(endless.0 <= AGE_HEADER_BYTES_MAX, "{} bytes were read", endless.0);
}

#[test]
fn a_refusal_says_in_both_languages_what_to_do() {
    let made = Made::new(&[2], 0, 1 << 20);
    let mut altered = made.parts[0].clone();
    let last = altered.len() - 1;
    altered[last] ^= 1;
    let told = made.read(&altered).unwrap_err().to_string();
    assert!(told.contains("ask for it again") && told.contains("redemandez-le"), "{told}");
    assert!(!format!("{:?}", made.key).contains("SECRET"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn arbitrary_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..2048)) {
        prop_assert!(open(bytes.as_slice(), &BundleKey::generate()).is_err());
    }

    #[test]
    fn arbitrary_bytes_behind_the_encryption_are_refused(
        lead in 0..4_usize,
        bytes in prop::collection::vec(any::<u8>(), 0..512),
    ) {
        let key = BundleKey::generate();
        let length = u32::try_from(bytes.len()).unwrap().to_be_bytes();
        let envelope = v1::BundleEnvelope { manifest: bytes.clone(), signature: bytes.clone() };
        let envelope = envelope.encode_to_vec();
        let announced = u32::try_from(envelope.len()).unwrap().to_be_bytes();
        let magic = b"rmd.v1 bundle 1\n".as_slice();
        let plain = match lead {
            0 => bytes,
            1 => [magic, &bytes].concat(),
            2 => [magic, &length, &bytes].concat(),
            _ => [magic, &announced, &envelope].concat(),
        };
        prop_assert!(open(encrypted(&key.recipient(), &plain).as_slice(), &key).is_err());
    }
}
