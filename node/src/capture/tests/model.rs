//! Any order of writes, commits and passes, in any mode: what the node published,
//! replayed from its feed, is what the source holds.
//!
//! Writers have rows of their own, so that none waits for another; their
//! transactions stay open over any number of passes and end in any order. After a
//! pass by triggers, log or diff the feed is what is committed at that moment; by cursor
//! it is so after the next sweep, since no column tells of a deletion.

use std::collections::BTreeMap;

use proptest::{collection::vec, prelude::*, test_runner::Config};

use super::node::{Node, Watched};
use crate::source::Kind;
use crate::source::testing::Writer;

/// Writers at once where the database has more than one.
const WRITERS: usize = 3;

/// Rows of each writer: few, so that their changes meet.
const ROWS: usize = 4;

/// Runs for each mode and each kind of server.
const CASES: u32 = 6;

#[derive(Debug, Clone, Copy)]
enum Step {
    /// A writer does something, in a transaction that stays open.
    Write(usize, usize, Change),
    /// A writer ends its transaction.
    End(usize, End),
    /// The node reads what was nominated.
    Pass,
    /// The node reads everything.
    Sweep,
}

#[derive(Debug, Clone, Copy)]
enum Change {
    Put,
    Delete,
    /// The name, by a number.
    Name(u8),
    /// A visit to the site.
    Visit,
    /// To the next site of the same writer.
    MoveVisit,
    DeleteVisit,
}

#[derive(Debug, Clone, Copy)]
enum End {
    Commit,
    Rollback,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let change = prop_oneof![
        3 => Just(Change::Put),
        2 => Just(Change::Delete),
        4 => (0..4_u8).prop_map(Change::Name),
        2 => Just(Change::Visit),
        1 => Just(Change::MoveVisit),
        1 => Just(Change::DeleteVisit),
    ];
    let end = prop_oneof![4 => Just(End::Commit), 1 => Just(End::Rollback)];
    let step = prop_oneof![
        6 => (0..WRITERS, 0..ROWS, change).prop_map(|(w, row, change)| Step::Write(w, row, change)),
        3 => (0..WRITERS, end).prop_map(|(w, end)| Step::End(w, end)),
        2 => Just(Step::Pass),
        1 => Just(Step::Sweep),
    ];
    vec(step, 10..40)
}

/// The run of one database; it goes on from case to case.
struct World {
    kind: Kind,
    watched: Watched,
    node: Node,
    writers: Vec<Writer>,
    is_open: [bool; WRITERS],
    /// Seconds of the ministry's clock.
    tick: u32,
}

/// Name and number of visits, by the code of the site.
type Sites = BTreeMap<String, (String, usize)>;

impl World {
    async fn new(kind: Kind, watched: Watched) -> Self {
        let node = Node::new(kind, watched).await;
        let mut writers = Vec::new();
        for _ in 0..if kind == Kind::Sqlite { 1 } else { WRITERS } {
            writers.push(node.database.writer().await);
        }
        if kind == Kind::MySql {
            // Else an update locks the gaps between its rows, in which others write.
            let level = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
            futures_util::future::join_all(writers.iter_mut().map(|w| w.execute(level))).await;
        }
        // One site stays: the last record of a type waits for a person.
        let stays = "('STAYS99', 'Stays', 'Vert', -8.5, 29.00, '2017-06-01 08:00:00')";
        node.execute(&format!("INSERT INTO sites VALUES {stays}")).await;
        Self { kind, watched, node, writers, is_open: [false; WRITERS], tick: 0 }
    }

    async fn run(&mut self, steps: &[Step]) {
        for step in steps {
            match *step {
                Step::Write(writer, row, change) => self.write(writer, row, change).await,
                Step::End(writer, end) => self.end(writer, end).await,
                Step::Pass => self.pass().await,
                Step::Sweep => {
                    self.node.sweep().await;
                    self.compare("after a sweep").await;
                }
            }
        }
        for writer in 0..WRITERS {
            self.end(writer, End::Commit).await;
        }
        match self.watched {
            Watched::Cursor => self.node.sweep().await,
            Watched::Diff | Watched::Triggers | Watched::Log => self.node.pass().await,
        }
        self.compare("at the end").await;
        if matches!(self.watched, Watched::Triggers) {
            assert_eq!(self.node.waiting().await, 0, "notes wait at the end");
        }
    }

    async fn pass(&self) {
        self.node.pass().await;
        if !matches!(self.watched, Watched::Cursor) {
            self.compare("after a pass").await;
        }
    }

    async fn write(&mut self, writer: usize, row: usize, change: Change) {
        let writer = writer % self.writers.len();
        self.tick += 1;
        let (minute, second) = (self.tick / 60 % 60, self.tick % 60);
        let now = format!("2018-01-01 {:02}:{minute:02}:{second:02}", 1 + self.tick / 3600);
        let code = |row: usize| format!("W{writer}R{}", row % ROWS);
        let (site, next) = (code(row), code(row + 1));
        // By its key alone: a server that scans would wait for the rows of others.
        let visit = writer * 10 + row;
        let longitude = 26.0 + f64::from(u32::try_from(writer * 10 + row).unwrap()) / 100.0;
        let sql = match change {
            Change::Put => {
                let values = format!("'{site}', 'Put', 'Vert', -8.5, {longitude:.2}, '{now}'");
                self.put("sites", &values)
            }
            Change::Delete => format!("DELETE FROM sites WHERE code = '{site}'"),
            Change::Name(name) => {
                format!(
                    "UPDATE sites SET nom = 'N{name}', modifie_le = '{now}' WHERE code = '{site}'"
                )
            }
            Change::Visit => {
                let values = format!("{visit}, '{site}', '2017-05-01', 'Vert', '{now}'");
                self.put("visites", &values)
            }
            Change::MoveVisit => format!(
                "UPDATE visites SET site = '{next}', modifie_le = '{now}' WHERE id = {visit}"
            ),
            Change::DeleteVisit => format!("DELETE FROM visites WHERE id = {visit}"),
        };
        if !self.is_open[writer] {
            self.writers[writer].execute("BEGIN").await;
            self.is_open[writer] = true;
        }
        self.writers[writer].execute(&sql).await;
    }

    /// Puts a row unless it is there.
    fn put(&self, table: &str, values: &str) -> String {
        match self.kind {
            Kind::Postgres => {
                format!("INSERT INTO {table} VALUES ({values}) ON CONFLICT DO NOTHING")
            }
            Kind::MySql => format!("INSERT IGNORE INTO {table} VALUES ({values})"),
            Kind::Sqlite => format!("INSERT OR IGNORE INTO {table} VALUES ({values})"),
        }
    }

    async fn end(&mut self, writer: usize, end: End) {
        let writer = writer % self.writers.len();
        if std::mem::take(&mut self.is_open[writer]) {
            let word = match end {
                End::Commit => "COMMIT",
                End::Rollback => "ROLLBACK",
            };
            self.writers[writer].execute(word).await;
        }
    }

    async fn compare(&self, when: &str) {
        let visits: Vec<(String, String)> = self.node.rows("SELECT site, id FROM visites").await;
        let sites = self.node.rows("SELECT code, nom FROM sites").await;
        let source = sites.into_iter().map(|(code, name)| {
            let visits = visits.iter().filter(|(site, _)| *site == code).count();
            (code, (name, visits))
        });
        let source: Sites = source.collect();
        let published = self.node.published().await.into_iter().map(|(code, site)| {
            let name = site["site_name"].as_str().unwrap_or_default().to_owned();
            (code, (name, site["inspection"].as_array().map_or(0, Vec::len)))
        });
        let published: Sites = published.collect();
        assert_eq!(published, source, "{when}, {:?} {:?}", self.kind, self.watched);
    }
}

fn holds(kind: Kind, watched: Watched) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let world = std::cell::RefCell::new(runtime.block_on(World::new(kind, watched)));
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let result = runner.run(&steps(), |steps| {
        let mut world = world.borrow_mut();
        let run = std::panic::AssertUnwindSafe(|| runtime.block_on(world.run(&steps)));
        std::panic::catch_unwind(run).map_err(|_| TestCaseError::fail("see above"))
    });
    result.unwrap_or_else(|error| panic!("{kind:?} {watched:?}: {error}"));
}

#[test]
fn what_is_published_by_triggers_is_what_is_committed() {
    for kind in super::KINDS {
        holds(kind, Watched::Triggers);
    }
}

#[test]
fn what_is_published_by_the_log_is_what_is_committed() {
    holds(Kind::Postgres, Watched::Log);
}

#[test]
fn what_is_published_by_diff_is_what_is_committed() {
    for kind in super::KINDS {
        holds(kind, Watched::Diff);
    }
}

#[test]
fn what_is_published_by_cursor_is_what_is_committed_after_a_sweep() {
    for kind in super::KINDS {
        holds(kind, Watched::Cursor);
    }
}
