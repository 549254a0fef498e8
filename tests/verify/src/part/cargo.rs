//! The parts that cargo does alone.

use anyhow::{Result, ensure};

use crate::{house::House, log::Log};

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

/// Everything but the whole-network tests.
pub(crate) fn test(house: &House, log: &mut Log) -> Result<String> {
    let cargo = ["test", "--workspace", "--exclude", "rmd-tests", "--no-fail-fast", "--locked"];
    log.run(&mut house.cargo(cargo))?;
    counted(log)
}

pub(crate) fn network(house: &House, log: &mut Log) -> Result<String> {
    log.run(&mut house.cargo(["test", "--package", "rmd-tests", "--no-fail-fast", "--locked"]))?;
    counted(log)
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
    fn tests_are_counted_over_all_binaries() {
        let log = "running 2 tests\ntest result: ok. 38 passed; 0 failed; 0 ignored\n\n\
                   test result: ok. 4 passed; 0 failed\ntest result: FAILED. 9 passed; 1 failed\n";
        assert_eq!(passed_tests(log), 42);
        assert_eq!(passed_tests("nothing"), 0);
    }
}
