//! Writes down of when this program is: no sound clock is before it.
//!
//! That is the instant that the builder names, else that of the last commit, so that
//! two builds of one tree say the same; where there is neither, that of the build.

use std::{
    env,
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

#[expect(clippy::disallowed_methods, reason = "a build takes the instant at which it is made")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    // Not only at the first build of a tree: a program of today is of today.
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    let named = env::var("SOURCE_DATE_EPOCH").unwrap_or_default();
    let seconds = if named.trim().is_empty() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        // Whoever committed with a clock that is ahead must not stop every node.
        committed_at().map_or(now, |committed| committed.min(now))
    } else {
        named.trim().parse()?
    };
    println!("cargo::rustc-env=RMD_BUILT_AT={seconds}");
    Ok(())
}

/// When the last commit of this tree was made; none outside of a repository.
fn committed_at() -> Option<u64> {
    let git = Command::new("git").args(["log", "-1", "--format=%ct"]).output().ok()?;
    git.status.success().then(|| String::from_utf8(git.stdout).ok()?.trim().parse().ok())?
}
