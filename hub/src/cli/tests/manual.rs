//! The commands of the manual about statuses do what it says, on a store.

use std::{fs, path::Path};

use clap::Parser as _;
use rmd_proto::v1::CertificationStatus;
use rmd_standard::{Entity, effective::Policy};

use crate::{
    cli::{Cli, Global, dispatch, open},
    share::{
        decision, site,
        subject::Subject,
        testing::{TestSite, insert_site},
    },
    standing::{self, appeal},
};

const SITE: &str = "CD-1.0432+27.7301-0012";
const EXPORTER: &str = "CD/CD-EXP-1";

/// What stands before the commands of the hub.
const CALLED: &str = "as_hub rmd-hub ";

/// The commands of the hub in the chapter about decisions, as words.
fn commands(manual: &str) -> Vec<Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let text = fs::read_to_string(root.join(manual)).unwrap().replace("\\\n", " ");
    let (_, chapter) = text.split_once("\n## 12 ").expect("a chapter about decisions");
    let (chapter, _) = chapter.split_once("\n## 13 ").expect("a chapter behind it");
    chapter.lines().filter_map(|line| line.strip_prefix(CALLED)).map(words).collect()
}

/// Words as a shell has them, with single quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (place, part) in line.split('\'').enumerate() {
        if place % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

/// Puts a paper where a command names one.
fn with_paper(papers: &Path, word: String) -> String {
    let Some(paper) = word.strip_prefix("/etc/rmd/") else { return word };
    let paper = papers.join(paper);
    fs::write(&paper, "What was decided\n").unwrap();
    paper.display().to_string()
}

async fn call(dir: &Path, words: &[String]) {
    let place = ["rmd-hub", "--dir", dir.to_str().unwrap()].map(str::to_owned);
    let cli = Cli::try_parse_from(place.iter().chain(words)).unwrap();
    let done = Box::pin(dispatch(&cli.global, cli.command)).await;
    assert!(done.is_ok(), "{}: {:?}", words.join(" "), done.err());
}

async fn fill(hub: &open::Opened) {
    let mut transaction = hub.store.begin().await.unwrap();
    let key = site::key_of(SITE);
    let site = TestSite {
        icglr_id: &key,
        country: "CD",
        status: "green",
        district: "",
        inspected: Some("2026-06-01"),
    };
    insert_site(&mut transaction, &site).await;
    for statement in [
        "INSERT INTO record
             (entity, record_key, node_id, country, feed, epoch, seq, rev, op, captured_at_us,
              received_at_us, schema_id, mapping_id, findings, withheld, shadow)
         VALUES ('ExporterStatus', $1, 'COD/cod-mines', 'CD', 'master-data', 1, 2, 1, 'upsert',
                 1483228800000000, 1483228800000000, 'rmd.v1', '', '[]', '', 0)",
        "INSERT INTO exporter_status
             (record_key, rev, void, country, exporter_identifier, certification_status,
              certification_status_since)
         VALUES ($1, 1, 0, 'CD', 'CD-EXP-1', 'green', '2026-01-01')",
    ] {
        sqlx::query(statement).bind(EXPORTER).execute(&mut *transaction).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_manual_decides_appeals_and_asks_for_the_history() {
    for manual in ["OPERATIONS.md", "OPERATIONS.fr.md"] {
        let folder = tempfile::tempdir().unwrap();
        let (dir, papers) = (folder.path().join("hub"), folder.path());
        let init = "init --network net --enrol-listen 127.0.0.1:0 --advertise-enrol h:1 \
                    --portal-listen 127.0.0.1:0 --api-listen 127.0.0.1:0 --as-of 2026-11-22";
        call(&dir, &words(init)).await;
        call(&dir, &words("migrate")).await;
        let global = Cli::try_parse_from(["rmd-hub", "--dir", dir.to_str().unwrap(), "migrate"]);
        let global: Global = global.unwrap().global;
        let hub = open::open(&global).await.unwrap();
        fill(&hub).await;
        let commands = commands(manual);
        assert!(commands.len() >= 14, "{manual}: {} commands", commands.len());
        for command in commands {
            let words = command.into_iter().map(|word| with_paper(papers, word));
            call(&dir, &words.collect::<Vec<_>>()).await;
        }
        let mut connection = hub.store.acquire().await.unwrap();
        let today = hub.clock.today();
        let appeal = appeal::find(&mut connection, "A-2026-0001", today).await.unwrap();
        assert_eq!((appeal.state, appeal.record_key.as_str()), ("upheld", EXPORTER));
        let site = site::key_of(SITE);
        let [sites, exporters] = standing::ENTITIES;
        for (entity, key, expected) in [
            (sites, site.as_str(), CertificationStatus::Red),
            (exporters, EXPORTER, CertificationStatus::Green),
        ] {
            assert_eq!(now(&mut connection, entity, key, &hub).await, expected, "{manual}: {key}");
        }
    }
}

async fn now(
    connection: &mut sqlx::AnyConnection,
    entity: Entity,
    key: &str,
    hub: &open::Opened,
) -> CertificationStatus {
    let subject = Subject::of_keys(connection, entity, &[key]).await.unwrap().pop().unwrap();
    let own = decision::of_site(connection, key).await.unwrap();
    let (day, now) = (hub.clock.today(), hub.clock.now());
    subject.effective(&own, day, now, &Policy::default()).status
}
