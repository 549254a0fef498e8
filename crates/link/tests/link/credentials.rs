//! Credentials on disk and in memory.

use std::{fs, os::unix::fs::PermissionsExt as _};

use jiff::SignedDuration;
use rmd_link::{Credentials, credentials::Error};

use crate::world::{World, hub, issue, node};

#[test]
fn credentials_are_empty_before_the_first_certificate() {
    let world = World::new();
    let credentials = world.nothing();
    assert_eq!(credentials.identity(), None);
    assert_eq!(credentials.serial(), None);
    assert_eq!(credentials.not_after(), None);
    assert_eq!(credentials.renew_after(), None);
}

#[test]
fn every_clone_sees_a_reload() {
    let world = World::new();
    let dir = world.fresh_dir();
    let credentials = Credentials::load(&dir, world.clock()).unwrap();
    let clone = credentials.clone();
    let (key, issued) = issue(&node("COD"), &world.leaf());
    Credentials::store(&dir, &key, &issued.chain_der, world.authority.roots_der()).unwrap();
    assert_eq!(clone.identity(), None, "a store takes effect with the reload");
    credentials.reload().unwrap();
    assert_eq!(clone.identity(), Some(node("COD")));
    assert_eq!(clone.serial(), Some(issued.serial));
    assert_eq!(clone.not_after(), Some(issued.not_after));
}

#[test]
fn renewal_is_due_after_a_third_of_the_certificates_life() {
    let world = World::new();
    let credentials = world.credentials(&node("COD"), &world.leaf());
    // 92 days in all, 48 hours of them before the issue.
    let due = credentials.not_after().unwrap() - SignedDuration::from_hours(92 * 24 * 2 / 3);
    assert_eq!(credentials.renew_after(), Some(due));
}

#[test]
fn key_file_is_for_its_owner_alone() {
    let world = World::new();
    let dir = world.fresh_dir();
    let (key, issued) = issue(&hub(), &world.leaf());
    Credentials::store(&dir, &key, &issued.chain_der, world.authority.roots_der()).unwrap();
    let path = dir.join("identity.key");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let error = Credentials::load(&dir, world.clock()).unwrap_err();
    assert!(error.to_string().contains("chmod 600"), "{error}");
}

#[test]
fn crash_within_a_renewal_leaves_a_key_for_the_certificate_that_is_there() {
    let world = World::new();
    let (old_key, old) = issue(&node("COD"), &world.leaf());
    let (new_key, new) = issue(&node("COD"), &world.leaf());
    let roots = world.authority.roots_der();
    let serial = |dir: &std::path::Path| {
        let credentials = Credentials::load(dir, world.clock()).unwrap();
        credentials.serial().unwrap()
    };
    // Crash after the next key was written, before the certificate was.
    let dir = world.fresh_dir();
    Credentials::store(&dir, &old_key, &old.chain_der, roots).unwrap();
    rmd_runtime::files::write_secret(dir.join("identity.key.next"), &new_key).unwrap();
    assert_eq!(serial(&dir), old.serial);

    // Crash after the certificate was written, before its key took its place.
    Credentials::store(&dir, &new_key, &new.chain_der, roots).unwrap();
    fs::rename(dir.join("identity.key"), dir.join("identity.key.next")).unwrap();
    rmd_runtime::files::write_secret(dir.join("identity.key"), &old_key).unwrap();
    assert_eq!(serial(&dir), new.serial);
    assert_eq!(serial(&dir), new.serial, "and stays so");
}

#[test]
fn reload_that_fails_keeps_what_was_there() {
    let world = World::new();
    let dir = world.fresh_dir();
    let (key, issued) = issue(&node("COD"), &world.leaf());
    Credentials::store(&dir, &key, &issued.chain_der, world.authority.roots_der()).unwrap();
    let credentials = Credentials::load(&dir, world.clock()).unwrap();

    fs::write(dir.join("identity.pem"), "nothing").unwrap();
    assert!(matches!(credentials.reload(), Err(Error::Malformed { .. })));
    let (_, other) = issue(&node("COD"), &world.leaf());
    let (other_key, _) = issue(&node("COD"), &world.leaf());
    Credentials::store(&dir, &other_key, &other.chain_der, world.authority.roots_der()).unwrap();
    assert!(matches!(credentials.reload(), Err(Error::KeyMismatch { .. })));
    assert_eq!(credentials.serial(), Some(issued.serial));
}
