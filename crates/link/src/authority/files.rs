//! The files of the authority: `root.key`, `root.pem`, `issuing.key`, `issuing.pem`.
//!
//! `root.pem` may hold several roots while one replaces another; the first is in
//! use. `root.key` is only ever written here.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rcgen::KeyPair;
use rmd_runtime::files::{read_secret, write_public, write_secret};

use super::{Error, template::Made};
use crate::pem;

const ROOT_KEY: &str = "root.key";
const ROOT: &str = "root.pem";
const ISSUING_KEY: &str = "issuing.key";
const ISSUING: &str = "issuing.pem";

pub(super) struct Opened {
    pub(super) issuing_key: KeyPair,
    pub(super) issuing_der: Vec<u8>,
    pub(super) roots_der: Vec<Vec<u8>>,
    /// Of the issuing certificate, for messages.
    pub(super) path: PathBuf,
}

pub(super) fn refuse_existing(dir: &Path) -> Result<(), Error> {
    let taken = [ROOT_KEY, ROOT, ISSUING_KEY, ISSUING].map(|name| dir.join(name));
    match taken.into_iter().find(|path| path.exists()) {
        Some(path) => Err(Error::Exists { path }),
        None => Ok(()),
    }
}

/// Keys before certificates: an authority that was half written is found out by
/// the certificate that is missing.
pub(super) fn write(dir: &Path, made: &Made) -> Result<(), Error> {
    fs::create_dir_all(dir).map_err(access(dir))?;
    write_secret(dir.join(ROOT_KEY), &made.root_key_pem)?;
    write_secret(dir.join(ISSUING_KEY), &made.issuing_key_pem)?;
    write_public(dir.join(ISSUING), pem::from_certificates(&[&made.issuing_der]))?;
    write_public(dir.join(ROOT), pem::from_certificates(&[&made.root_der]))?;
    Ok(())
}

pub(super) fn read(dir: &Path) -> Result<Opened, Error> {
    let path = dir.join(ISSUING);
    let mut issuing = certificates(&path)?;
    let key_path = dir.join(ISSUING_KEY);
    let key = String::from_utf8(read_secret(&key_path)?).ok();
    let issuing_key = key
        .and_then(|pem| KeyPair::from_pem(&pem).ok())
        .ok_or(Error::Malformed { path: key_path, expected: "private key (PEM)" })?;
    let roots_der = certificates(&dir.join(ROOT))?;
    Ok(Opened { issuing_key, issuing_der: issuing.swap_remove(0), roots_der, path })
}

/// At least one.
fn certificates(path: &Path) -> Result<Vec<Vec<u8>>, Error> {
    let text = fs::read(path).map_err(access(path))?;
    let malformed = || Error::Malformed { path: path.to_owned(), expected: "certificate (PEM)" };
    let found = pem::to_certificates(&text).ok_or_else(malformed)?;
    Ok(found.iter().map(|der| der.to_vec()).collect())
}

fn access(path: &Path) -> impl FnOnce(std::io::Error) -> Error + use<> {
    let path = path.to_owned();
    move |source| Error::Access { path, source }
}
