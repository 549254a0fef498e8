//! The parts that cargo does alone.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use crate::{house::House, log::Log};

/// Begin of the names of the tests of the part faults.
const FAULTS: &str = "faults::";

const MESSAGES: &str = "--message-format=json-render-diagnostics";

pub(crate) fn fmt(house: &House, log: &mut Log) -> Result<String> {
    log.run(&mut house.cargo(["fmt", "--all", "--check"]))?;
    Ok(String::new())
}

pub(crate) fn clippy(house: &House, log: &mut Log) -> Result<String> {
    let mut cargo = house.cargo(["clippy", "--workspace", "--all-targets", "--locked"]);
    log.run(cargo.args(["--", "-D", "warnings"]))?;
    Ok(String::new())
}

pub(crate) fn doc(house: &House, log: &mut Log) -> Result<String> {
    let mut cargo = house.cargo(["doc", "--workspace", "--no-deps", "--locked"]);
    log.run(cargo.env("RUSTDOCFLAGS", "-D warnings"))?;
    Ok(String::new())
}

/// Everything but the whole-network tests and the fuzzer, which has a part of its own.
pub(crate) fn test(house: &House, log: &mut Log) -> Result<String> {
    let mut cargo = house.cargo(["test", "--workspace", "--no-fail-fast", "--locked"]);
    log.run(cargo.args(["--exclude", "rmd-tests", "--exclude", "rmd-fuzz"]))?;
    counted(log)
}

/// The targets of the fuzzer, each for its share of the time.
pub(super) fn fuzz(house: &House, log: &mut Log, variables: &[(&str, String)]) -> Result<String> {
    let choice = Choice { names: &[], variables };
    of_program(house, log, ("rmd-fuzz", "stable"), &choice)
}

/// The whole-network tests, but for those of a part of their own.
pub(crate) fn network(house: &House, log: &mut Log) -> Result<String> {
    let choice = Choice { names: &["--skip", FAULTS], ..Choice::default() };
    of_program(house, log, ("rmd-tests", "network"), &choice)
}

/// What is done to the network on purpose; of one kind, where one is named.
pub(super) fn faults(
    house: &House,
    log: &mut Log,
    kind: Option<&str>,
    variables: &[(&str, String)],
) -> Result<String> {
    let name = format!("{FAULTS}{}", kind.map(|kind| format!("{kind}::")).unwrap_or_default());
    let choice = Choice { names: &[&name], variables };
    of_program(house, log, ("rmd-tests", "network"), &choice)
}

/// The example mappings of `deploy/mappings`.
pub(crate) fn mappings(house: &House, log: &mut Log) -> Result<String> {
    of_program(house, log, ("rmd-tests", "mappings"), &Choice::default())
}

/// Which tests of a program are run, and what they are told.
#[derive(Default)]
struct Choice<'a> {
    names: &'a [&'a str],
    variables: &'a [(&'a str, String)],
}

/// One program of the tests that start processes, built together with the whole
/// workspace: chosen alone, they would select other features of what they share
/// with it, and everything below would be built once more.
fn of_program(
    house: &House,
    log: &mut Log,
    (package, target): (&str, &str),
    choice: &Choice<'_>,
) -> Result<String> {
    let build = ["test", "--workspace", "--no-run", "--locked", MESSAGES];
    let messages = log.capture(&mut house.cargo(build))?;
    let package = house.packages.iter().find(|known| known.name == package);
    let manifest = &package.context("find the package of the tests")?.manifest_path;
    let folder = manifest.parent().context("find the folder of the tests")?;
    let mut failed = Vec::new();
    for program in test_programs(&messages, manifest, target) {
        // The log keeps what passing tests print: seeds, and the phases that kills hit.
        let mut command = house.command(&program);
        command.args(choice.names).arg("--nocapture").current_dir(folder);
        command.envs(choice.variables.iter().map(|(name, value)| (name, value)));
        if let Err(error) = log.run(&mut command) {
            failed.push(format!("{error:#}"));
        }
    }
    ensure!(failed.is_empty(), "{}", failed.join("; "));
    counted(log)
}

/// The programs that hold the tests of that name of one package, among the messages
/// of a build.
fn test_programs(messages: &str, manifest: &Path, target: &str) -> Vec<PathBuf> {
    let artifacts = messages.lines().filter_map(|line| serde_json::from_str(line).ok());
    artifacts
        .filter(|artifact: &Artifact| artifact.profile.test && artifact.manifest_path == manifest)
        .filter(|artifact| artifact.target.name == target)
        .filter_map(|artifact| artifact.executable)
        .collect()
}

/// What cargo says of a program that it built.
#[derive(Deserialize)]
struct Artifact {
    manifest_path: PathBuf,
    profile: Profile,
    target: Target,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

/// How many tests passed. None at all means that the wrong thing was run.
fn counted(log: &Log) -> Result<String> {
    let passed = passed_tests(&log.text()?);
    ensure!(passed > 0, "no test was run");
    Ok(format!("{passed} tests"))
}

fn passed_tests(log: &str) -> u64 {
    let results = log.lines().filter_map(|line| line.trim().strip_prefix("test result: ok. "));
    results.filter_map(|result| result.split(' ').next()?.parse::<u64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_of_one_package_and_name_are_found() {
        let line = |folder: &str, name: &str, test: bool, executable: &str| {
            format!(
                "{{\"reason\":\"compiler-artifact\",\"manifest_path\":\"/{folder}/Cargo.toml\",\
                 \"target\":{{\"name\":\"{name}\"}},\
                 \"profile\":{{\"test\":{test}}},\"executable\":{executable}}}"
            )
        };
        let messages = [
            line("tests", "network", true, "\"/target/network-1\""),
            line("tests", "mappings", true, "\"/target/mappings-1\""),
            line("tests", "network", true, "null"),
            line("tests", "network", false, "\"/target/rmd-node\""),
            line("hub", "network", true, "\"/target/hub-1\""),
            "{\"reason\":\"build-finished\",\"success\":true}".to_owned(),
        ];
        let of = |name| test_programs(&messages.join("\n"), Path::new("/tests/Cargo.toml"), name);
        assert_eq!(of("network"), [PathBuf::from("/target/network-1")]);
        assert_eq!(of("mappings"), [PathBuf::from("/target/mappings-1")]);
    }

    #[test]
    fn tests_are_counted_over_all_binaries() {
        let log = "running 2 tests\ntest result: ok. 38 passed; 0 failed; 0 ignored\n\n\
                   test result: ok. 4 passed; 0 failed\ntest result: FAILED. 9 passed; 1 failed\n";
        assert_eq!(passed_tests(log), 42);
        assert_eq!(passed_tests("nothing"), 0);
    }
}
