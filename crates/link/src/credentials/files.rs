//! The files of the credentials: `identity.pem`, `identity.key`, `roots.pem`.
//!
//! Key and certificate are two files, so a renewal cannot replace both at once.
//! The new key is first written beside the old one as `identity.key.next`; the
//! certificate is the switch. Whatever the instant of a crash, the certificate
//! that is there finds its key.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rmd_runtime::files::{read_secret, write_public, write_secret};
use rustls::{
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    sign::CertifiedKey,
};

use super::Error;
use crate::{pem, provider};

const CHAIN: &str = "identity.pem";
const KEY: &str = "identity.key";
const KEY_NEXT: &str = "identity.key.next";
const ROOTS: &str = "roots.pem";

/// What the files hold.
pub(super) struct Material {
    pub(super) own: CertifiedKey,
    pub(super) roots: Vec<CertificateDer<'static>>,
}

pub(super) fn store<D: AsRef<[u8]>>(
    dir: &Path,
    key_pem: &str,
    chain_der: &[D],
    roots_der: &[D],
) -> Result<(), Error> {
    fs::create_dir_all(dir).map_err(access(dir))?;
    // Roots first: an old certificate under new roots is repaired by the next
    // renewal, a new one under old roots may be refused by ourselves.
    write_public(dir.join(ROOTS), pem::from_certificates(roots_der))?;
    write_secret(dir.join(KEY_NEXT), key_pem)?;
    write_public(dir.join(CHAIN), pem::from_certificates(chain_der))?;
    promote(dir)
}

/// None if there is no certificate yet.
pub(super) fn read(dir: &Path) -> Result<Option<Material>, Error> {
    let Some(chain) = certificates(&dir.join(CHAIN))? else { return Ok(None) };
    let roots_path = dir.join(ROOTS);
    let roots = certificates(&roots_path)?
        .ok_or_else(|| access(&roots_path)(io::ErrorKind::NotFound.into()))?;
    // A crash between the certificate and the promotion of its key.
    if dir.join(KEY_NEXT).exists() && pair(dir, KEY_NEXT, &chain).is_ok() {
        promote(dir)?;
    }
    let own = pair(dir, KEY, &chain)?;
    Ok(Some(Material { own, roots }))
}

fn promote(dir: &Path) -> Result<(), Error> {
    fs::rename(dir.join(KEY_NEXT), dir.join(KEY)).map_err(access(dir))?;
    fs::File::open(dir).and_then(|folder| folder.sync_all()).map_err(access(dir))
}

fn pair(dir: &Path, key: &str, chain: &[CertificateDer<'static>]) -> Result<CertifiedKey, Error> {
    let path = dir.join(key);
    let bytes = read_secret(&path)?;
    let key = PrivateKeyDer::from_pem_slice(&bytes)
        .map_err(|_| Error::Malformed { path, expected: "private key (PEM)" })?;
    CertifiedKey::from_der(chain.to_vec(), key, &provider::provider())
        .map_err(|source| Error::KeyMismatch { dir: dir.to_owned(), source })
}

fn certificates(path: &Path) -> Result<Option<Vec<CertificateDer<'static>>>, Error> {
    let text = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        text => text.map_err(access(path))?,
    };
    let malformed = || Error::Malformed { path: path.to_owned(), expected: "certificate (PEM)" };
    pem::to_certificates(&text).ok_or_else(malformed).map(Some)
}

fn access(path: &Path) -> impl FnOnce(io::Error) -> Error + use<> {
    let path: PathBuf = path.to_owned();
    move |source| Error::Access { path, source }
}
