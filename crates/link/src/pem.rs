//! Certificates as PEM text (RFC 7468) and back.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};

/// The line length of RFC 7468.
const LINE: usize = 64;

pub(crate) fn from_certificates<D: AsRef<[u8]>>(certificates: &[D]) -> String {
    let mut text = String::new();
    for der in certificates {
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        let mut encoded = STANDARD.encode(der);
        while !encoded.is_empty() {
            let rest = encoded.split_off(encoded.len().min(LINE));
            text.push_str(&encoded);
            text.push('\n');
            encoded = rest;
        }
        text.push_str("-----END CERTIFICATE-----\n");
    }
    text
}

/// Every certificate of a PEM text; none if the text is malformed or holds none.
pub(crate) fn to_certificates(text: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let certificates: Vec<_> =
        CertificateDer::pem_slice_iter(text).collect::<Result<_, _>>().ok()?;
    (!certificates.is_empty()).then_some(certificates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_survive_their_text() {
        let bytes: Vec<Vec<u8>> = [1, 47, 48, 49, 500].map(|size| vec![0xa5; size]).to_vec();
        let text = from_certificates(&bytes);
        assert!(text.lines().all(|line| line.len() <= LINE));
        let read = to_certificates(text.as_bytes()).unwrap();
        assert_eq!(read.iter().map(|der| der.to_vec()).collect::<Vec<_>>(), bytes);
        assert_eq!(to_certificates(b"no certificate"), None);
    }
}
