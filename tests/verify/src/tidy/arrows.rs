//! Arrows between the crates point one way, and pure crates stay pure.
//!
//! proto ← standard, feed; proto, runtime ← link; standard, runtime ← api; standard ←
//! report; all of these ← node, hub; report, runtime ← report-pdf, which no hub links.
//! Node and hub never import each other. The demo knows the network only as processes, and
//! makes records as the standard and the rules have them; the network tests play the
//! demo's network, and may speak the protocol, to be a peer that misbehaves; the
//! measurements may speak it, to be a peer that costs nothing; the score makes sets with
//! the demo and judges them with the rules.
//! Private database servers are for tests and the demo, and in no product.

use std::path::Path;

use super::Fault;
use crate::house::Package;

/// What each crate of ours may import of the others.
const ARROWS: [(&str, &[&str]); 19] = [
    (SERVERS, &[]),
    ("rmd-proto", &[]),
    ("rmd-standard", &["rmd-proto"]),
    ("rmd-feed", &["rmd-proto"]),
    ("rmd-reconcile", &["rmd-proto", "rmd-standard"]),
    ("rmd-sheet", &[]),
    ("rmd-runtime", &[]),
    ("rmd-link", &["rmd-proto", "rmd-runtime"]),
    ("rmd-api", &["rmd-proto", "rmd-standard", "rmd-runtime"]),
    ("rmd-report", &["rmd-standard"]),
    ("rmd-report-pdf", &["rmd-report", "rmd-runtime"]),
    (
        "rmd-node",
        &[
            "rmd-proto",
            "rmd-standard",
            "rmd-feed",
            "rmd-sheet",
            "rmd-runtime",
            "rmd-link",
            "rmd-api",
            SERVERS,
        ],
    ),
    (
        "rmd-hub",
        &[
            "rmd-proto",
            "rmd-standard",
            "rmd-feed",
            "rmd-reconcile",
            "rmd-sheet",
            "rmd-report",
            "rmd-runtime",
            "rmd-link",
            "rmd-api",
            SERVERS,
        ],
    ),
    ("rmd-demo", &["rmd-proto", "rmd-standard", "rmd-reconcile", SERVERS]),
    ("rmd-tests", &["rmd-proto", "rmd-feed", "rmd-runtime", "rmd-link", "rmd-demo"]),
    (
        "rmd-bench",
        &["rmd-proto", "rmd-standard", "rmd-feed", "rmd-runtime", "rmd-link", "rmd-demo"],
    ),
    (
        "rmd-fuzz",
        &["rmd-proto", "rmd-standard", "rmd-feed", "rmd-sheet", "rmd-runtime", "rmd-link"],
    ),
    ("rmd-score", &["rmd-proto", "rmd-standard", "rmd-reconcile", "rmd-demo"]),
    ("rmd-verify", &[]),
];

/// Starts private database servers.
const SERVERS: &str = "rmd-servers";

/// What is shipped: its tests alone start servers.
const SHIPPED: [&str; 2] = ["rmd-node", "rmd-hub"];

/// Crates that decide and do no I/O.
const PURE: [&str; 4] = ["rmd-standard", "rmd-feed", "rmd-reconcile", "rmd-report"];

/// What a crate that does no I/O has no use for.
const IMPURE: [&str; 11] = [
    "axum",
    "futures-util",
    "hyper-util",
    "rustls",
    "sqlx",
    "tokio",
    "tokio-rustls",
    "tokio-stream",
    "tokio-util",
    "tonic",
    "tracing",
];

pub(super) fn check(packages: &[Package], root: &Path) -> Vec<Fault> {
    let mut faults = Vec::new();
    for package in packages {
        let path = package.manifest_path.strip_prefix(root).unwrap_or(&package.manifest_path);
        let rules = check_package(package);
        faults.extend(rules.map(|rule| Fault::new(&path.to_string_lossy(), 0, rule)));
    }
    faults
}

fn check_package(package: &Package) -> impl Iterator<Item = String> + '_ {
    let allowed =
        ARROWS.iter().find(|(name, _)| *name == package.name).map(|(_, allowed)| *allowed);
    let unknown = allowed.is_none().then(|| {
        format!("{} has no place in the house: add its arrows to tidy/arrows.rs", package.name)
    });
    let is_pure = PURE.contains(&package.name.as_str());
    let wrong = package.dependencies.iter().filter_map(move |dependency| {
        let name = dependency.name.as_str();
        if name.starts_with("rmd-") && !allowed?.contains(&name) {
            return Some(format!("{} must not import {name}", package.name));
        }
        // What its tests use does not reach a binary.
        let is_built_in = dependency.kind.as_deref() != Some("dev");
        if name == SERVERS && is_built_in && SHIPPED.contains(&package.name.as_str()) {
            return Some(format!("{} starts servers in its tests alone", package.name));
        }
        (is_pure && is_built_in && IMPURE.contains(&name))
            .then(|| format!("{} does no I/O and must not import {name}", package.name))
    });
    unknown.into_iter().chain(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::Dependency;

    fn faults(name: &str, dependencies: &[(&str, Option<&str>)]) -> Vec<String> {
        let dependencies = dependencies
            .iter()
            .map(|&(name, kind)| Dependency {
                name: name.to_owned(),
                kind: kind.map(str::to_owned),
            })
            .collect();
        let package =
            Package { name: name.to_owned(), manifest_path: "Cargo.toml".into(), dependencies };
        check_package(&package).collect()
    }

    #[test]
    fn arrows_that_point_up_are_allowed() {
        assert!(faults("rmd-node", &[("rmd-feed", None), ("sqlx", None)]).is_empty());
        assert!(faults("rmd-tests", &[("rmd-proto", Some("dev"))]).is_empty());
    }

    #[test]
    fn node_and_hub_never_import_each_other() {
        assert_eq!(faults("rmd-node", &[("rmd-hub", None)]).len(), 1);
        assert_eq!(faults("rmd-hub", &[("rmd-node", Some("dev"))]).len(), 1);
        assert_eq!(faults("rmd-proto", &[("rmd-standard", Some("build"))]).len(), 1);
    }

    #[test]
    fn pure_crates_import_no_runtime() {
        assert_eq!(faults("rmd-feed", &[("tokio", None), ("zstd", None)]).len(), 1);
        assert!(faults("rmd-feed", &[("tokio", Some("dev"))]).is_empty());
        assert!(faults("rmd-link", &[("tokio", None)]).is_empty());
    }

    #[test]
    fn products_start_servers_in_their_tests_alone() {
        assert!(faults("rmd-node", &[("rmd-servers", Some("dev"))]).is_empty());
        assert!(faults("rmd-demo", &[("rmd-servers", None)]).is_empty());
        assert_eq!(faults("rmd-hub", &[("rmd-servers", None)]).len(), 1);
    }

    #[test]
    fn a_new_crate_has_to_be_given_its_place() {
        assert_eq!(faults("rmd-utils", &[("rmd-hub", None)]).len(), 1);
    }

    #[test]
    fn the_table_itself_points_one_way() {
        for (index, (name, allowed)) in ARROWS.iter().enumerate() {
            for import in *allowed {
                let place = ARROWS.iter().position(|(other, _)| other == import);
                assert!(place.is_some_and(|place| place < index), "{name} <- {import}");
            }
        }
    }
}
