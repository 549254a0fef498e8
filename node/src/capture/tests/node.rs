//! A node of a test: sites and visits of a ministry, and what was published of them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rmd_feed::{FeedKey, frame};
use rmd_proto::v1::Op;
use rmd_runtime::clock::{ManualClock, SharedClock};
use rmd_standard::{Entity, Record};
use serde_json::Value;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::super::{Context, Settings, loggings, notings, run_once};
use crate::hours::Opening;
use crate::journal::brake::{Limit, Limits};
use crate::journal::marks::{self, Pass};
use crate::journal::report::{self, Quarantined};
use crate::journal::{Journal, Owner, Store, blocks_after};
use crate::mapping::{Mapping, key_text};
use crate::source::side;
use crate::source::side::Script;
use crate::source::slot;
use crate::source::testing::TestDatabase;
use crate::source::{self, Kind, Row, Statement};

const OWNER: &str = "rmd.net/COD/cod-mines";

/// Frames are not cut in these tests.
const BYTES_MAX: usize = 64 << 20;

/// Capture is tried by itself: nothing waits for a person, but for the last record
/// of a type.
pub(super) const NO_BRAKE: Limits = {
    let limit = Limit { records: u32::MAX, percent: 100 };
    Limits { deletes: limit, changes: limit }
};

/// A node with its source.
pub(super) struct Node {
    pub(super) database: TestDatabase,
    pub(super) context: Context,
    pub(super) clock: Arc<ManualClock>,
    watched: Watched,
    dir: TempDir,
}

/// How the two tables are watched.
#[derive(Debug, Clone, Copy)]
pub(super) enum Watched {
    Cursor,
    Diff,
    Triggers,
    Log,
}

impl Node {
    pub(super) async fn new(kind: Kind, watched: Watched) -> Self {
        Self::with_limits(kind, watched, source::Limits::default()).await
    }

    pub(super) async fn with_limits(kind: Kind, watched: Watched, limits: source::Limits) -> Self {
        let database = match watched {
            Watched::Log => TestDatabase::logical().await,
            _ => TestDatabase::new(kind).await,
        };
        Self::on(database, kind, watched, limits).await
    }

    pub(super) async fn on(
        database: TestDatabase,
        kind: Kind,
        watched: Watched,
        limits: source::Limits,
    ) -> Self {
        database.create(&schema(kind), &["sites", "visites", "periodes"]).await;
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new("2018-01-01T10:00:00Z".parse().unwrap()));
        let shared: SharedClock = Arc::<ManualClock>::clone(&clock);
        let owner = Owner { name: OWNER.to_owned(), key: FeedKey::generate(OWNER).unwrap() };
        let store = Store::open(&dir.path().join("node.sqlite"), Arc::clone(&shared)).await;
        let journal = Journal::braked(store.unwrap(), owner, NO_BRAKE);
        let mapping = Mapping::parse("mapping.toml", &mapping(watched)).unwrap();
        let mut settings = Settings::every(Duration::from_millis(50));
        settings.lag = Duration::from_secs(10);
        let context = Context {
            source: database.source_with(limits),
            mapping: Arc::new(mapping),
            journal,
            opening: Opening::always(Arc::clone(&shared)),
            clock: shared,
            country: "CD".to_owned(),
            settings,
            shutdown: CancellationToken::new(),
        };
        let node = Self { database, context, clock, watched, dir };
        match watched {
            Watched::Triggers => drop(node.install().await),
            Watched::Log => {
                // A visit is identified by its number alone.
                node.execute("ALTER TABLE visites REPLICA IDENTITY FULL").await;
                node.install_log().await;
            }
            Watched::Cursor | Watched::Diff => {}
        }
        node
    }

    /// Runs what `capture install` prints, as the ministry's administrator; what it printed.
    pub(super) async fn install(&self) -> Script {
        let notings = notings(&self.context.mapping);
        let mut session = self.context.source.connect().await.unwrap();
        let script = side::install(&mut session, &notings).await.unwrap();
        side::run(&self.database.admin_source(), &script).await.unwrap();
        script
    }

    /// The same for the log.
    pub(super) async fn install_log(&self) -> Script {
        let logged = loggings(&self.context.mapping);
        let mut session = self.context.source.connect().await.unwrap();
        let script = slot::install(&mut session, &logged).await.unwrap();
        side::run(&self.database.admin_source(), &script).await.unwrap();
        script
    }

    /// One line for each row that a query of two columns gives, as the node reads it.
    pub(super) async fn rows(&self, sql: &str) -> Vec<(String, String)> {
        let mut session = self.database.admin_source().connect().await.unwrap();
        let mut statement = Statement::new(session.kind());
        statement.push(sql);
        session.begin().await.unwrap();
        let rows = session.fetch(&statement, 10_000).await.unwrap().rows;
        session.end().await.unwrap();
        let text = |row: &Row, index: usize| key_text(&row.cells[index]).unwrap_or_default();
        rows.iter().map(|row| (text(row, 0), text(row, 1))).collect()
    }

    /// Notes that wait in the side table.
    pub(super) async fn waiting(&self) -> usize {
        self.rows("SELECT watched, row_key FROM rmd_changed").await.len()
    }

    /// The file of the journal.
    pub(super) fn journal_file(&self) -> PathBuf {
        self.dir.path().join("node.sqlite")
    }

    /// The mapping as it began.
    pub(super) fn mapping_text(&self) -> String {
        mapping(self.watched)
    }

    pub(super) async fn execute(&self, sql: &str) {
        self.database.execute(sql).await;
    }

    /// Puts sites `from..to`, all changed at one instant.
    pub(super) async fn add_sites(&self, from: u32, to: u32, changed_at: &str) {
        let rows: Vec<String> = (from..to).map(|number| site(number, changed_at)).collect();
        self.execute(&format!("INSERT INTO sites VALUES {}", rows.join(", "))).await;
    }

    /// One pass over every record type; none may fail.
    pub(super) async fn pass(&self) {
        for (entity, result) in run_once(&self.context).await {
            result.unwrap_or_else(|error| panic!("{entity}: {error}"));
        }
    }

    /// A pass that reads everything, as every n-th does.
    pub(super) async fn sweep(&self) {
        for (entity, result) in super::super::sweep_once(&self.context).await {
            result.unwrap_or_else(|error| panic!("{entity}: {error}"));
        }
    }

    /// The size of the feed of master data.
    pub(super) async fn size(&self) -> u64 {
        report::feeds(self.context.journal.store()).await.unwrap()[0].size
    }

    /// The sites as a follower of the feed sees them, by national id.
    pub(super) async fn published(&self) -> BTreeMap<String, Value> {
        let readers = self.context.journal.store().readers();
        let blocks = blocks_after(readers, "master-data", 1, 0, BYTES_MAX).await.unwrap();
        let entries = blocks.chunks(50).flat_map(|part| {
            let after = part[0].first_seq - 1;
            frame::open(&frame::build("master-data", 1, part, after).unwrap()).unwrap()
        });
        let mut records = BTreeMap::new();
        for entry in entries {
            let record = match (entry.op(), entry.payload()) {
                (Op::Tombstone | Op::Erase, _) | (_, None) => None,
                (_, Some(bytes)) => Some(Record::decode(Entity::MineSite, bytes).unwrap()),
            };
            records.insert(entry.header.key.clone(), record);
        }
        let mut sites = BTreeMap::new();
        for record in records.into_values().flatten() {
            let json = record.to_json();
            sites.insert(json["national_id"].as_str().unwrap().to_owned(), json);
        }
        sites
    }

    /// Names of the published sites, by national id.
    pub(super) async fn names(&self) -> BTreeMap<String, String> {
        let name = |site: &Value| site["site_name"].as_str().unwrap_or_default().to_owned();
        self.published().await.into_iter().map(|(key, site)| (key, name(&site))).collect()
    }

    pub(super) async fn quarantine(&self) -> Vec<Quarantined> {
        report::quarantine(self.context.journal.store(), None, None, 100).await.unwrap()
    }

    /// The status of the passes over a table.
    pub(super) async fn status(&self, table: &str) -> Pass {
        let passes = marks::passes(self.context.journal.store()).await.unwrap();
        passes.into_iter().find(|pass| pass.table == table).unwrap()
    }
}

/// Waits until a condition holds; panics when it does not in half a minute.
pub(super) async fn eventually<F: AsyncFn() -> bool>(what: &str, condition: F) {
    let holds = async {
        while !condition().await {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(30), holds).await;
    assert!(waited.is_ok(), "never came to pass: {what}");
}

/// One row of `sites`; its longitude grows with its number.
pub(super) fn site(number: u32, changed_at: &str) -> String {
    let longitude = 26.0 + f64::from(number) / 1000.0;
    format!("('S{number:05}', 'Site {number}', 'Vert', -8.5, {longitude:.3}, '{changed_at}')")
}

fn schema(kind: Kind) -> String {
    let (time, key) = match kind {
        Kind::Sqlite => ("TEXT", "TEXT"),
        Kind::Postgres => ("TIMESTAMP", "VARCHAR(20)"),
        Kind::MySql => ("DATETIME(6)", "VARCHAR(20)"),
    };
    format!(
        "CREATE TABLE sites (code {key} PRIMARY KEY, nom VARCHAR(80), statut VARCHAR(20), \
         lat DOUBLE PRECISION, lon DOUBLE PRECISION, modifie_le {time}); \
         CREATE INDEX sites_modifie ON sites (modifie_le); \
         CREATE TABLE visites (id INTEGER PRIMARY KEY, site {key}, jour DATE, \
         resultat VARCHAR(20), modifie_le {time}); \
         CREATE INDEX visites_site ON visites (site); \
         CREATE INDEX visites_modifie ON visites (modifie_le); \
         CREATE TABLE periodes (mois VARCHAR(7) PRIMARY KEY, nombre INTEGER)"
    )
}

pub(super) fn mapping(watched: Watched) -> String {
    let watch = |table: &str, keys: &str| match watched {
        Watched::Diff => {
            format!("[[record.watch]]\ntable = \"{table}\"\nmode = \"diff\"\n")
        }
        Watched::Cursor => format!(
            "[[record.watch]]\ntable = \"{table}\"\nmode = \"cursor\"\nchanged_at = \"modifie_le\"\n\
             keys = '''SELECT {keys} AS \"_key\", modifie_le AS \"_changed_at\" FROM {table} \
             /* where-changed */'''\n"
        ),
        Watched::Triggers | Watched::Log => {
            let mode = if matches!(watched, Watched::Log) { "log" } else { "triggers" };
            format!("[[record.watch]]\ntable = \"{table}\"\nmode = \"{mode}\"\nkey = \"{keys}\"\n")
        }
    };
    format!(
        r#"
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
[[record.child]]
list = "inspection"
key = "v.site"
rows = '''
SELECT v.site AS "_key", v.jour AS "inspection_date", v.resultat AS "inspection_result"
FROM visites v /* where-keys */
'''
{sites}
{visits}
[[record]]
entity = "ReportingPeriod"
key = "p.mois"
rows = '''
SELECT p.mois AS "_key", 'CD' AS "country", p.mois AS "period", 'transactions' AS "feed",
       p.nombre AS "record_count"
FROM periodes p /* where-keys */
'''
[[record.watch]]
table = "periodes"
mode = "diff"

[codes.certification_status]
"Vert" = "green"
"Rouge" = "red"
"#,
        sites = watch("sites", "code"),
        visits = watch("visites", "site"),
    )
}
