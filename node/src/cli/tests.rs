//! Commands on a state directory, as a person calls them.

mod triggers;

use std::{collections::BTreeMap, fs, path::Path, sync::Arc, time::Duration};

use clap::Parser as _;
use rmd_feed::{FeedKey, frame};
use rmd_runtime::exit;
use rmd_standard::Entity;
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::{
    Cli, dispatch,
    open::{self, Opened},
    preview,
};
use crate::{
    capture,
    journal::{Journal, Owner, blocks_after, report, testing::OWNER},
    server,
};

const MAPPING: &str = r#"
[mapping]
name = "cod-test"
zone = "Africa/Lubumbashi"

[[record]]
entity = "MineSite"
key = "s.code"
rows = '''
SELECT s.code AS "_key", s.code AS "national_id", s.nom AS "site_name",
       s.statut AS "certification_status", 'CD' AS "address_country",
       s.lat AS "mine_site_location.geolocalization.latitude",
       s.lon AS "mine_site_location.geolocalization.longitude"
FROM sites s /* where-keys */
'''
[[record.watch]]
table = "sites"
mode = "diff"

[codes.certification_status]
"Vert" = "green"
"#;

/// A folder with a source, a mapping and a place for the node.
struct World {
    dir: TempDir,
}

impl World {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mines.sqlite");
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let mut source = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::raw_sql(
            "CREATE TABLE sites (code TEXT PRIMARY KEY, nom TEXT, statut TEXT, lat REAL, lon REAL);
             INSERT INTO sites VALUES ('1', 'Bisié', 'Vert', -1.0, 27.7), ('2', 'X', 'Bleuâtre', 0, 0)",
        )
        .execute(&mut source)
        .await
        .unwrap();
        source.close().await.unwrap();
        fs::write(dir.path().join("mines.toml"), MAPPING).unwrap();
        Self { dir }
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_str().unwrap().to_owned()
    }

    /// Calls a command on the node; its exit code.
    async fn call(&self, arguments: &[&str]) -> u8 {
        let node = self.path("node");
        let all =
            ["rmd-node", "--dir", &node, "--json"].into_iter().chain(arguments.iter().copied());
        let Cli { global, command } = Cli::try_parse_from(all).unwrap();
        match Box::pin(dispatch(&global, command)).await {
            Ok(code) => number(code),
            Err(failure) => failure.code(),
        }
    }

    async fn open(&self) -> Opened {
        let arguments = ["rmd-node", "--dir", &self.path("node"), "status"];
        open::open(&Cli::try_parse_from(arguments).unwrap().global).await.unwrap()
    }

    async fn init(&self) -> u8 {
        let (source, mapping) =
            (format!("sqlite:{}", self.path("mines.sqlite")), self.path("mines.toml"));
        self.call(&[
            "init",
            "--country",
            "COD",
            "--name",
            "cod-mines",
            "--source",
            &source,
            "--mapping",
            &mapping,
            "--listen",
            "127.0.0.1:0",
            "--as-of",
            "2018-01-01",
            "--capture-interval",
            "1s",
        ])
        .await
    }
}

/// `ExitCode` has no equality; its debug text holds its number.
fn number(code: std::process::ExitCode) -> u8 {
    let text = format!("{code:?}");
    (0..=u8::MAX).find(|n| text == format!("{:?}", exit::code(*n))).unwrap()
}

#[tokio::test]
async fn init_makes_a_node_once_and_every_reading_command_works_on_it() {
    let world = World::new().await;
    assert_eq!(world.init().await, exit::OK);
    assert_eq!(world.init().await, exit::USAGE);
    for arguments in [
        ["config", "show"].as_slice(),
        &["config", "check"],
        &["mapping", "check"],
        &["mapping", "check", "--lang", "fr", "--limit", "1", "--examples", "1"],
        &["mapping", "dry-run", "--examples", "1"],
        &["mapping", "normalisers", "--lang", "both"],
        &["mapping", "draft"],
        &["preview", "MineSite", "1"],
        &["entitlement", "show"],
        &["entitlement", "grant", "transactions"],
        &["entitlement", "revoke", "transactions", "Lot"],
        &["status"],
        &["api", "token", "create", "--name", "cadastre", "--read", "--write"],
        &["api", "token", "list"],
        &["api", "token", "revoke", "cadastre"],
        &["status"],
        &["quarantine", "list"],
        &["inbox", "list"],
        &["audit"],
    ] {
        assert_eq!(world.call(arguments).await, exit::OK, "{arguments:?}");
    }
}

#[tokio::test]
async fn a_newcomer_gets_from_an_unknown_file_to_a_checked_mapping() {
    let world = World::new().await;
    let source = format!("sqlite:{}", world.path("mines.sqlite"));
    let draft = world.path("draft.toml");
    let database = ["--source", &source, "--country", "COD"];
    let drafting = [["mapping", "draft"].as_slice(), &database, &["--out", &draft]].concat();
    assert_eq!(world.call(&drafting).await, exit::OK);
    assert_eq!(world.call(&drafting).await, exit::USAGE, "a draft overwrites nothing");
    let checking = [["mapping", "check"].as_slice(), &database, &["--mapping", &draft]].concat();
    assert_eq!(world.call(&checking).await, exit::OK, "before there is a node");
    fs::copy(&draft, world.path("mines.toml")).unwrap();
    assert_eq!(world.init().await, exit::OK);
    assert_eq!(world.call(&["mapping", "check"]).await, exit::OK);
    assert_eq!(world.call(&["mapping", "dry-run"]).await, exit::OK);
    let left = fs::read_dir(world.path("node")).unwrap();
    let left = left.filter(|entry| {
        entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("dry-run")
    });
    assert_eq!(left.count(), 0, "a dry run leaves nothing behind");
}

#[tokio::test]
async fn what_a_mapping_command_lacks_is_bad_usage() {
    let world = World::new().await;
    let source = format!("sqlite:{}", world.path("mines.sqlite"));
    let without_mapping = ["mapping", "check", "--source", &source, "--country", "COD"];
    assert_eq!(world.call(&without_mapping).await, exit::USAGE);
    let without_country = ["rmd-node", "mapping", "draft", "--source", &source];
    assert!(Cli::try_parse_from(without_country).is_err());
    assert_eq!(world.call(&["mapping", "dry-run"]).await, exit::NOT_FOUND);
    let unknown = ["mapping", "draft", "--source", &source, "--country", "COD", "--entity", "Mine"];
    assert_eq!(world.call(&unknown).await, exit::USAGE);
    let nowhere = ["mapping", "draft", "--source", "sqlite:/nowhere.sqlite", "--country", "COD"];
    assert_eq!(world.call(&nowhere).await, exit::UNAVAILABLE);
}

/// Whatever file an interrupted `init` left, and after one that was refused.
#[tokio::test]
async fn an_init_that_was_cut_or_refused_can_be_repeated() {
    let world = World::new().await;
    let (source, mapping) =
        (format!("sqlite:{}", world.path("mines.sqlite")), world.path("mines.toml"));
    let refused = ["init", "--country", "COD", "--name", "cod-mines", "--source", &source];
    let refused = [&refused[..], &["--mapping", &mapping, "--listen", "127.0.0.1:0"]].concat();
    let refused = [&refused[..], &["--capture-interval", "soon"]].concat();
    assert_eq!(world.call(&refused).await, exit::USAGE);
    assert!(!Path::new(&world.path("node")).join("config.toml").exists());
    for (name, bytes) in [("config.toml.draft", "[ser"), ("mapping.toml", ""), ("node.sqlite", "")]
    {
        fs::write(Path::new(&world.path("node")).join(name), bytes).unwrap();
    }
    assert_eq!(world.init().await, exit::OK);
    assert_eq!(world.call(&["mapping", "check"]).await, exit::OK);
    assert!(!Path::new(&world.path("node")).join("config.toml.draft").exists());
}

#[tokio::test]
async fn nobody_enrols_a_node_that_runs() {
    let world = World::new().await;
    world.init().await;
    let opened = world.open().await;
    let running = server::RunLock::take(&opened.directory).unwrap();
    let enrol = ["enrol", "no token", "--advertise", "127.0.0.1:1"];
    assert_eq!(world.call(&enrol).await, exit::USAGE);
    assert_eq!(world.call(&["status"]).await, exit::OK, "reading commands go on");
    drop(running);
    assert_eq!(world.call(&enrol).await, exit::DATA, "the token is no token");
}

#[tokio::test]
async fn faults_have_exit_codes_that_a_script_can_tell_apart() {
    let world = World::new().await;
    assert_eq!(world.call(&["status"]).await, exit::NOT_FOUND);
    world.init().await;
    for (arguments, code) in [
        (["run"].as_slice(), exit::USAGE),
        (&["journal", "verify"], exit::USAGE),
        (&["enrol", "no token", "--advertise", "127.0.0.1:1"], exit::DATA),
        (&["preview", "Mine"], exit::USAGE),
        (&["preview", "MineSite", "none"], exit::NOT_FOUND),
        (&["quarantine", "show", "MineSite", "none"], exit::NOT_FOUND),
        (&["brake", "list", "--all"], exit::OK),
        (&["brake", "show", "7"], exit::NOT_FOUND),
        (&["brake", "release", "7", "--by", "Cadastre", "--reason", "x"], exit::USAGE),
        (&["mapping", "release", "--by", "Cadastre", "--reason", "words corrected"], exit::OK),
        (&["entitlement", "grant", "shared"], exit::USAGE),
        (&["api", "token", "create", "--name", "x"], exit::USAGE),
        (&["api", "token", "revoke", "x"], exit::NOT_FOUND),
        (&["entitlement", "grant", "master-data", "Lot"], exit::USAGE),
        (&["entitlement", "grant", "master-data", "--level", "off"], exit::USAGE),
    ] {
        assert_eq!(world.call(arguments).await, code, "{arguments:?}");
    }
    fs::write(Path::new(&world.path("node")).join("mapping.toml"), "[mapping]\nnam = 1\n").unwrap();
    assert_eq!(world.call(&["mapping", "check"]).await, exit::DATA);
    fs::write(Path::new(&world.path("node")).join("config.toml"), "[serve]\nport = 1\n").unwrap();
    assert_eq!(world.call(&["config", "check"]).await, exit::USAGE);
}

#[tokio::test]
async fn an_api_that_other_machines_reach_has_to_be_asked_for() {
    let world = World::new().await;
    world.init().await;
    let path = Path::new(&world.path("node")).join("config.toml");
    let config = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{config}\n[api]\nlisten = \"0.0.0.0:7442\"\n")).unwrap();
    assert_eq!(world.call(&["config", "check"]).await, exit::USAGE);
    let asked = "listen = \"0.0.0.0:7442\"\nallow_remote = true";
    fs::write(&path, format!("{config}\n[api]\n{asked}\n")).unwrap();
    assert_eq!(world.call(&["config", "check"]).await, exit::OK);
}

#[tokio::test]
async fn a_preview_shows_the_exact_bytes_that_leave_later() {
    let world = World::new().await;
    world.init().await;
    let opened = world.open().await;
    let shown = preview::read(&opened, Entity::MineSite, &[], 10).await.unwrap();
    assert!(report::feeds(&opened.store).await.unwrap().iter().all(|feed| feed.size == 0));

    let owner = Owner { name: OWNER.to_owned(), key: FeedKey::generate(OWNER).unwrap() };
    let mapping = server::load_mapping(&opened.directory, &opened.config).unwrap();
    let context = capture::Context {
        source: server::open_source(&opened.directory, &opened.config, &mapping).unwrap(),
        mapping: Arc::new(mapping),
        journal: Journal::new(opened.store.clone(), owner),
        opening: crate::hours::Opening::always(opened.store.clock().clone()),
        clock: opened.store.clock().clone(),
        country: "CD".to_owned(),
        settings: capture::Settings::every(Duration::from_secs(1)),
        shutdown: CancellationToken::new(),
    };
    let mut appends = context.journal.appends();
    tokio::select! {
        () = capture::run(context) => panic!("capture ended by itself"),
        appended = appends.changed() => appended.unwrap(),
    }
    let blocks = blocks_after(opened.store.readers(), "master-data", 1, 0, 1 << 20).await.unwrap();
    let frame = frame::build("master-data", 1, &blocks, 0).unwrap();
    let left: BTreeMap<String, String> = frame::open(&frame)
        .unwrap()
        .into_iter()
        .map(|entry| (entry.header.key.clone(), hex::encode(entry.payload().unwrap())))
        .collect();
    let previewed: BTreeMap<String, String> =
        shown.records.into_iter().map(|record| (record.key, record.payload_hex)).collect();
    assert_eq!(previewed, left);
    assert_eq!(left.len(), 1);
}

#[tokio::test]
async fn a_country_that_is_no_member_is_bad_usage() {
    let arguments = ["rmd-node", "init", "--country", "FRA", "--name", "x", "--source", "sqlite:x"];
    let error = Cli::try_parse_from(arguments).unwrap_err();
    assert!(error.use_stderr() && error.to_string().contains("COD"), "{error}");
}

#[test]
fn every_command_has_an_example() {
    use clap::CommandFactory as _;

    fn check(command: &clap::Command) {
        if command.has_subcommands() {
            command.get_subcommands().for_each(check);
        } else if command.get_name() != "help" {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("rmd-node"), "{} has no example", command.get_name());
        }
    }
    check(&Cli::command());
}
