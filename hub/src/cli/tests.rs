//! The command line: what it takes, and that it explains itself.

use clap::{Command as Clap, CommandFactory as _, Parser as _};

use super::Cli;

mod manual;

#[test]
fn every_documented_call_is_understood() {
    for call in [
        "rmd-hub init --dir D --network net --enrol-listen 127.0.0.1:0 --advertise-enrol h:1 \
         --portal-listen 127.0.0.1:0 --api-listen 127.0.0.1:0 --store-url postgres://u@h/d --password-file p --as-of 2018-01-01",
        "rmd-hub migrate",
        "rmd-hub node invite COD cod-mines --json",
        "rmd-hub --dir D --json node list",
        "rmd-hub node show COD/cod-mines",
        "rmd-hub node entitle COD/cod-mines transactions live",
        "rmd-hub node entitle COD/cod-mines transactions shadow --entity Lot",
        "rmd-hub run --dir D",
        "rmd-hub status --json --dir D",
        "rmd-hub key create --name ministry --scope mine-sites --scope lots:read --country COD \
         --country RWA --expires 2027-12-31 --by Officer",
        "rmd-hub key list --json",
        "rmd-hub key revoke ministry",
        "rmd-hub site show CD-1",
        "rmd-hub site set-status CD-1 red --by NAME --reason TEXT --document FILE --lifts",
        "rmd-hub site history CD-1 --day 2026-03-01 --known-at 2026-03-31 --json",
        "rmd-hub site history CD-1 --known-at 2026-03-31T12:00:00Z",
        "rmd-hub site reminders --all --limit 5",
        "rmd-hub site rebuild",
        "rmd-hub exporter show CD/E-1",
        "rmd-hub exporter history CD/E-1 --day 2026-03-01",
        "rmd-hub exporter set-status CD/E-1 red --by NAME --reason TEXT --document FILE",
        "rmd-hub appeal open 2026-0001 --by NAME --reason TEXT --document FILE --deadline 2026-12-31",
        "rmd-hub appeal list --all",
        "rmd-hub appeal show A-2026-0001",
        "rmd-hub appeal decide A-2026-0001 upheld --status green --by NAME --reason TEXT --document FILE",
        "rmd-hub bulletin list --limit 5",
        "rmd-hub quarantine list --node COD/cod-mines",
        "rmd-hub calendar --from 2026-01 --to 2026-12 --json",
        "rmd-hub month close 2026-10 --by NAME",
        "rmd-hub month list",
        "rmd-hub month show 2026-10 --edition 1",
        "rmd-hub month verify 2026-10 --json",
        "rmd-hub statistics --year 2026 --public --csv",
        "rmd-hub ledger verify",
        "rmd-hub reconcile run --day 2026-10-15 --all --json",
        "rmd-hub reconcile status",
        "rmd-hub finding list --rule R16 --country COD --severity 3 --state open",
        "rmd-hub finding show 3f9a61",
        "rmd-hub config show",
        "rmd-hub config check",
        "rmd-hub completions bash",
    ] {
        let parsed = Cli::try_parse_from(call.split_whitespace());
        assert!(parsed.is_ok(), "{call}: {}", parsed.unwrap_err());
    }
}

#[test]
fn what_cannot_be_meant_is_refused() {
    for call in [
        "rmd-hub",
        "rmd-hub init --dir D",
        "rmd-hub site set-status CD-1 purple --by N --reason T --document F",
        "rmd-hub site set-status CD-1 red --by N --reason T",
        "rmd-hub node entitle COD/cod-mines transactions sometimes",
        "rmd-hub init --network net --advertise-enrol h:1 --as-of 2018-02-30",
        "rmd-hub site history CD-1 --day 2026-02-30",
        "rmd-hub site history CD-1 --known-at yesterday",
        "rmd-hub exporter set-status CD/E-1 --by NAME --reason TEXT --document FILE",
        "rmd-hub appeal open 2026-0001 --by NAME --reason TEXT --document FILE",
        "rmd-hub appeal decide A-1 lost --by NAME --reason TEXT --document FILE",
        "rmd-hub bulletin list --limit 0",
        "rmd-hub month close 2026-13 --by NAME",
        "rmd-hub month close 2026-10",
        "rmd-hub calendar --feed verdicts",
        "rmd-hub statistics --csv --json",
        "rmd-hub key create --name ministry",
        "rmd-hub key create --name ministry --scope lots:write",
        "rmd-hub key create --name ministry --scope everything",
        "rmd-hub key create --name ministry --scope lots --expires 2018-02-30",
    ] {
        assert!(Cli::try_parse_from(call.split_whitespace()).is_err(), "{call}");
    }
}

#[test]
fn every_command_has_an_example_and_speaks_french() {
    fn check(command: &Clap, path: &str) {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        assert!(about.contains(" · "), "{path} has no French: {about}");
        let children: Vec<&Clap> =
            command.get_subcommands().filter(|child| child.get_name() != "help").collect();
        if children.is_empty() {
            let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(after.contains("Example · Exemple:"), "{path} has no example");
        }
        for child in children {
            check(child, &format!("{path} {}", child.get_name()));
        }
    }
    check(&Cli::command(), "rmd-hub");
}
