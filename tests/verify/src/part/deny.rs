//! What may be built in: `cargo deny` with the rules of `.deny.toml`.
//!
//! The tool is installed once, under `target/tools`, and built without optimisation:
//! half a minute instead of several, and it runs for a second.

use anyhow::Result;

use crate::{house::House, log::Log};

const VERSION: &str = "0.20.2";

pub(crate) fn check(house: &House, log: &mut Log) -> Result<String> {
    let folder = house.tools().join(format!("cargo-deny-{VERSION}"));
    let program = folder.join("bin/cargo-deny");
    if !program.is_file() {
        let mut install = house.cargo(["install", "cargo-deny", "--locked", "--debug"]);
        install.args(["--version", VERSION, "--root"]).arg(&folder);
        // Neither is of use in a tool that is built once and thrown away with `target`.
        install.env("CARGO_PROFILE_DEV_DEBUG", "false").env("CARGO_INCREMENTAL", "0");
        log.run(&mut install)?;
    }
    let mut deny = house.command(&program);
    deny.args(["--config", ".deny.toml", "--locked", "check", "--hide-inclusion-graph"]);
    deny.args(["bans", "licenses", "sources"]);
    if house.advisories {
        deny.arg("advisories");
    }
    log.run(&mut deny)?;
    Ok(if house.advisories { "with advisories".to_owned() } else { String::new() })
}
