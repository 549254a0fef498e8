//! A state with a database, a node and the hub, and every way into the node.

use std::{collections::BTreeMap, fs, io::Write as _};

use anyhow::{Context as _, Result, ensure};
use rmd_demo::{
    exchange,
    network::{Network, Options},
    states::State,
    wait,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    plan::{Plan, Posted},
    planted::Made,
    post, sheets, source,
};
use crate::harness::{AS_OF, binaries, now_us};

/// Fields are dropped in this order: processes, folder.
pub(super) struct Nation {
    pub(super) network: Network,
    pub(super) plan: Plan,
    token: String,
    _folder: TempDir,
}

impl Nation {
    /// Starts everything over the rows as they are at first.
    pub(super) async fn new(plan: Plan) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("rwa.sqlite");
        let mapping = folder.path().join("mapping.toml");
        let samples: Vec<Made> = plan.mapped.iter().map(|one| one.kept.clone()).collect();
        fs::write(&mapping, source::mapping(&samples))?;
        let state = State {
            country: "RWA",
            name: "rwa-mines",
            url: format!("sqlite://{}?mode=rwc", file.display()),
            public_url: format!("sqlite://{}", file.display()),
            password: None,
            mapping,
        };
        state.execute(&source::schema(&samples)).await?;
        for one in &plan.mapped {
            for made in [
                &one.kept,
                &one.annulled,
                &one.deleted,
                &one.faulty,
                &one.bad,
                &one.misread,
                &one.doubled,
            ] {
                state.execute(&source::insert(made)).await?;
            }
            state.execute(&source::insert_double(&one.doubled)).await?;
            state.execute(&source::insert_unreadable(&one.unreadable)).await?;
        }
        let options = Options { as_of: AS_OF.to_owned(), log: Some("trace"), ..Options::default() };
        let begun = now_us();
        let mut network = Network::start(folder.path(), binaries(), &[state], options).await?;
        exchange::complete(&mut network, begun).await?;
        let create = ["api", "token", "create", "--name", "test", "--read", "--write"];
        let made = network.node_command(&network.nodes[0], &create)?;
        let token = made["token"].as_str().context("read the token")?.to_owned();
        Ok(Self { network, plan, token, _folder: folder })
    }

    /// Rows are revised, declared void and deleted.
    pub(super) async fn change_rows(&mut self) -> Result<()> {
        let begun = now_us();
        let state = &self.network.nodes[0].state;
        for one in &self.plan.mapped {
            state.execute(&source::annul(&one.annulled)).await?;
            state.execute(&source::delete(&one.deleted)).await?;
            state
                .execute(&format!(
                    "BEGIN; {} {} COMMIT;",
                    source::delete(&one.kept),
                    source::insert(&one.revised)
                ))
                .await?;
        }
        exchange::complete(&mut self.network, begun).await
    }

    /// Records come over the API: taken, replaced, refused.
    pub(super) async fn post_records(&mut self) -> Result<()> {
        for one in &self.plan.posted {
            self.post(one)?;
        }
        exchange::complete(&mut self.network, now_us()).await
    }

    fn post(&self, one: &Posted) -> Result<()> {
        let all = format!("/v1/{}", one.collection);
        let single = format!("{all}/{}", name_of(&one.kept.0)?);
        let expected = [
            ("POST", &all, one.kept.1.to_string(), 201),
            ("PUT", &single, one.revised.1.to_string(), 200),
            ("POST", &all, one.doubled.1.to_string(), 409),
            ("POST", &all, one.faulty.1.to_string(), 400),
            ("POST", &all, one.bad.1.to_string(), 400),
            ("POST", &all, one.broken.clone(), 400),
        ];
        for (method, path, body, status) in expected {
            let answer = self.request(method, path, body.as_bytes())?;
            ensure!(
                answer.status == status,
                "{method} {path}: {} {}\n{body}",
                answer.status,
                String::from_utf8_lossy(answer.body())
            );
        }
        Ok(())
    }

    /// A request with the token of the ministry's software.
    pub(super) fn request(&self, method: &str, path: &str, body: &[u8]) -> Result<post::Answer> {
        let bearer = format!("Bearer {}", self.token);
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
        post::request(&self.network.nodes[0].api, method, path, &headers, body)
    }

    /// The ministry's own answer for a record that it posted.
    pub(super) fn posted(&self, one: &Posted) -> Result<Value> {
        let path = format!("/v1/{}/{}", one.collection, name_of(&one.kept.0)?);
        self.request("GET", &path, &[])?.json()
    }

    /// Files are dropped: taken, corrected, declared void, returned, not understood.
    pub(super) async fn drop_sheets(&mut self) -> Result<BTreeMap<String, Value>> {
        let folder = self.network.nodes[0].folder.clone();
        ensure!(self.network.nodes[0].process.stop()?, "the node ends");
        let mut config = fs::OpenOptions::new().append(true).open(folder.join("config.toml"))?;
        config.write_all(b"\n[sheets]\ninterval = \"200ms\"\n")?;
        drop(config);
        let inbox = folder.join("sheets/in");
        for one in &self.plan.sheets {
            let entity = &one.kept.entity;
            let first = [&one.kept, &one.annulled, &one.faulty, &one.bad];
            sheets::workbook(&inbox.join(format!("{entity}-1.xlsx")), &first)?;
            sheets::text(&inbox.join(format!("{entity}-2.csv")), &one.corrected, &[])?;
            let void = [("_annulled_on", "2017-12-01"), ("_annulled_reason", "entered twice")];
            sheets::text(&inbox.join(format!("{entity}-3.csv")), &one.annulled, &void)?;
        }
        sheets::without_headers(&inbox.join("people.csv"), &self.plan.lost[..6])?;
        fs::write(inbox.join("broken.xlsx"), self.plan.lost[6..].join(" "))?;
        self.network.restart_node(0)?;
        let files = self.plan.sheets.len() * 3 + 2;
        let taken = wait::until("every sheet is taken or returned", || {
            self.network.nodes[0].process.check()?;
            let list = self.network.node_command(&self.network.nodes[0], &["sheet", "list"])?;
            let list = list["files"].as_array().context("read the list of sheets")?.clone();
            Ok((list.len() >= files).then_some(list))
        })
        .await?;
        self.applied().await?;
        let named = taken.into_iter().filter_map(|one| {
            let name = one["name"].as_str()?.to_owned();
            Some((name, one))
        });
        Ok(named.collect())
    }

    /// Waits until the hub has all that the node wrote.
    async fn applied(&mut self) -> Result<()> {
        wait::until("the hub has applied every feed", || {
            self.network.nodes[0].process.check()?;
            self.network.hub.check()?;
            let node = self.network.node_command(&self.network.nodes[0], &["status"])?;
            let hub = self.network.hub_command(&["status"])?;
            let written = ends(&node["feeds"], "size");
            let applied = ends(&hub["nodes"][0]["feeds"], "cursor");
            Ok((written == applied).then_some(()))
        })
        .await
    }

    /// A key that reads everything at the hub.
    pub(super) fn key(&self) -> Result<String> {
        let mut create = vec!["key", "create", "--name", "test"];
        for scope in ["mine-sites", "export-certificates", "lots"] {
            create.extend(["--scope", scope]);
        }
        let made = self.network.hub_command(&create)?;
        Ok(made["key"].as_str().context("read the key")?.to_owned())
    }
}

/// How far each feed is.
fn ends(feeds: &Value, end: &str) -> BTreeMap<String, u64> {
    let of = |feed: &Value| Some((feed["feed"].as_str()?.to_owned(), feed[end].as_u64()?));
    feeds.as_array().into_iter().flatten().filter_map(of).collect()
}

/// How a path names a record.
fn name_of(made: &Made) -> Result<String> {
    let (column, country) = match made.entity.as_str() {
        "MineSite" => ("icglr_id", ""),
        "Lot" => ("lot_number", ""),
        _ => ("identifier", "?issuingCountry=RW"),
    };
    let name = made.row[column].as_str().context("read the name of a record")?;
    Ok(format!("{}{country}", name.replace('+', "%2B")))
}

/// The paths of fields in findings of refused rows, by source key.
pub(super) fn refused(list: &Value) -> BTreeMap<String, String> {
    let rows = list["refused"].as_array().into_iter().flatten();
    rows.filter_map(|row| Some((row["source_key"].as_str()?.to_owned(), row.to_string()))).collect()
}

/// What a node says of itself, whatever its state.
pub(super) const NODE_COMMANDS: [&[&str]; 11] = [
    &["status"],
    &["quarantine", "list"],
    &["audit"],
    &["sheet", "list"],
    &["inbox", "list"],
    &["api", "token", "list"],
    &["journal", "verify"],
    &["entitlement", "show"],
    &["config", "show"],
    &["mapping", "check"],
    &["mapping", "dry-run"],
];

/// What the hub says of itself.
pub(super) const HUB_COMMANDS: [&[&str]; 7] = [
    &["status"],
    &["quarantine", "list"],
    &["node", "list"],
    &["key", "list"],
    &["bulletin", "list"],
    &["ledger", "verify"],
    &["config", "show"],
];

/// Whether a file in the node's folder may hold what is national.
pub(super) fn is_own(name: &str) -> bool {
    name.starts_with("api.sqlite")
        || name == "sheets"
        || name == "config.toml"
        || name == "mapping.toml"
}

#[test]
fn only_the_named_files_are_passed_over() {
    for name in ["node.sqlite", "node.sqlite-wal", "log", "keys/feed.key", "sheets.sqlite"] {
        assert!(!is_own(name), "{name}");
    }
    assert!(is_own("api.sqlite-wal") && is_own("sheets"));
    assert_eq!(refused(&json!({ "refused": [{ "source_key": "a" }] })).len(), 1);
}
