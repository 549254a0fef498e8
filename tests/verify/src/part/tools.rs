//! The programs that the checks need beside Rust: database servers, npm, Python tools.
//!
//! As root on Debian they are installed; elsewhere the part fails with the command
//! that installs them. No service is started: the tests start servers of their own,
//! in folders of their own.

use std::{
    env,
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail, ensure};

use crate::{
    house::{House, output},
    log::Log,
    part::python,
};

/// Asked by Debian's packages whether they may start their service.
const POLICY: &str = "/usr/sbin/policy-rc.d";
/// The answer 101 is no.
const POLICY_NO: &str = "#!/bin/sh\nexit 101\n";

/// A program and the Debian package that brings it.
struct Tool {
    program: &'static str,
    package: &'static str,
}

/// What Debian keeps apart from its Python, and has no program by which to know it.
const ENVIRONMENTS: &str = "python3-venv";

const TOOLS: [Tool; 10] = [
    Tool { program: "initdb", package: "postgresql" },
    Tool { program: "postgres", package: "postgresql" },
    Tool { program: "mariadbd", package: "mariadb-server" },
    Tool { program: "mariadb-install-db", package: "mariadb-server" },
    // Hosts, disks and clocks of the faults.
    Tool { program: "ip", package: "iproute2" },
    Tool { program: "mkfs.ext4", package: "e2fsprogs" },
    Tool { program: "mount", package: "mount" },
    Tool { program: "faketime", package: "faketime" },
    Tool { program: "npm", package: "npm" },
    Tool { program: "python3", package: "python3" },
];

pub(crate) fn check(house: &House, log: &mut Log) -> Result<String> {
    let note = install(house, log)?;
    python::install(house, log)?;
    Ok(note)
}

fn install(house: &House, log: &mut Log) -> Result<String> {
    let packages = missing(house, log)?;
    if packages.is_empty() {
        return Ok(String::new());
    }
    let list = packages.join(" ");
    let by_hand = format!("apt-get update && apt-get install -y --no-install-recommends {list}");
    if !can_install(house) {
        bail!("missing: {list}; install them as root: {by_hand}");
    }
    {
        let _policy = Policy::deny()?;
        log.run(house.command("apt-get").arg("update"))?;
        let mut install = house.command("apt-get");
        install.args(["install", "-y", "--no-install-recommends"]).args(&packages);
        log.run(install.env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    let packages = missing(house, log)?;
    ensure!(packages.is_empty(), "installed, and still missing: {}", packages.join(" "));
    Ok(format!("installed {list}"))
}

/// The packages whose programs are not there.
fn missing(house: &House, log: &mut Log) -> Result<Vec<&'static str>> {
    let folders = folders();
    let mut packages = Vec::new();
    for Tool { program, package } in TOOLS {
        let found = folders.iter().map(|folder| folder.join(program)).find(|path| path.is_file());
        if let Some(path) = found {
            log.line(format!("{program}: {}", path.display()))?;
        } else {
            log.line(format!("{program}: not found"))?;
            packages.push(package);
        }
    }
    if !python::is_complete(house) {
        log.line("python3: cannot make an environment")?;
        packages.push(ENVIRONMENTS);
    }
    packages.dedup();
    Ok(packages)
}

/// Where programs are looked for: the search path, and where Debian keeps servers.
fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .collect();
    folders.push(PathBuf::from("/usr/sbin"));
    folders.extend(env::var_os("PATH").iter().flat_map(env::split_paths));
    folders
}

fn can_install(house: &House) -> bool {
    let user = output(house.command("id").arg("-u"));
    Path::new("/etc/debian_version").exists() && user.is_ok_and(|user| user.trim() == "0")
}

/// While it lives, packages start no service. A policy that the machine already has
/// stays as it is.
struct Policy {
    is_ours: bool,
}

impl Policy {
    fn deny() -> Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o755).open(POLICY);
        match file {
            Ok(mut file) => {
                let policy = Self { is_ours: true };
                file.write_all(POLICY_NO.as_bytes()).context("write the service policy")?;
                Ok(policy)
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                Ok(Self { is_ours: false })
            }
            Err(error) => Err(error).context("write the service policy"),
        }
    }
}

impl Drop for Policy {
    fn drop(&mut self) {
        if self.is_ours {
            let _ = fs::remove_file(POLICY);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_looked_for_where_debian_keeps_servers() {
        assert!(folders().contains(&PathBuf::from("/usr/sbin")));
    }

    #[test]
    fn each_package_is_asked_for_once() {
        let mut packages: Vec<_> = TOOLS.iter().map(|tool| tool.package).collect();
        packages.dedup();
        assert_eq!(
            packages,
            [
                "postgresql",
                "mariadb-server",
                "iproute2",
                "e2fsprogs",
                "mount",
                "faketime",
                "npm",
                "python3"
            ]
        );
    }
}
