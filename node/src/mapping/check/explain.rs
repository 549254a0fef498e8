//! How the source would look rows up by key.
//!
//! Owns the reading of three servers' plans for one question: does it read all
//! of the base table? On a small table a server scans even where an index
//! exists, so each is asked in a way that shows the index: `PostgreSQL` with
//! sequential scans discouraged, MySQL by its possible keys.

use rmd_standard::Cell;
use serde_json::Value;

use crate::mapping::plan::Plan;
use crate::mapping::read::key_text;
use crate::mapping::template::Condition;
use crate::source::{Error, Kind, Rows, Session, Statement};

/// Steps of a plan that are shown; none of the ministry's queries comes near.
const STEPS_MAX: usize = 200;

/// One query to be explained.
pub(super) struct Query {
    /// `rows` or the name of the list.
    pub(super) name: String,
    /// Where in the mapping it stands.
    pub(super) place: String,
    /// The table behind the key column, as the FROM names it.
    pub(super) base: String,
    statement: Statement,
}

/// What the server answered.
pub(super) struct Steps {
    pub(super) plan: Vec<String>,
    pub(super) scans_base: bool,
}

/// The re-reads of a record type.
pub(super) fn queries(plan: &Plan<'_>, keys: &[String], kind: Kind) -> Vec<Query> {
    let record = plan.record;
    let entity = record.entity.name();
    let condition = Condition::Among { key: &plan.rows.key, keys };
    let mut queries = vec![Query {
        name: "rows".to_owned(),
        place: entity.to_owned(),
        base: base_of(&record.key),
        statement: explained(kind, |statement| record.rows.write(statement, condition)),
    }];
    for (child, query) in record.children.iter().zip(&plan.children) {
        let condition = Condition::Among { key: &query.key, keys };
        queries.push(Query {
            name: child.list.to_owned(),
            place: format!("{entity} {}", child.list),
            base: base_of(&child.key),
            statement: explained(kind, |statement| child.rows.write(statement, condition)),
        });
    }
    queries
}

fn explained(kind: Kind, write: impl FnOnce(&mut Statement)) -> Statement {
    let mut statement = Statement::new(kind);
    statement.push(match kind {
        Kind::Sqlite => "EXPLAIN QUERY PLAN ",
        Kind::Postgres => "EXPLAIN (FORMAT JSON) ",
        Kind::MySql => "EXPLAIN ",
    });
    statement.push("SELECT * FROM (\n");
    write(&mut statement);
    statement.push("\n) AS rmd_rows");
    statement
}

/// Explains one query in the open snapshot.
pub(super) async fn run(session: &mut Session, query: &Query) -> Result<Steps, Error> {
    if session.kind() == Kind::Postgres {
        let mut discourage = Statement::new(Kind::Postgres);
        discourage.push("SET LOCAL enable_seqscan = off");
        session.fetch(&discourage, 0).await?;
    }
    let rows = session.fetch(&query.statement, STEPS_MAX).await?;
    if session.kind() == Kind::Postgres {
        let mut allow = Statement::new(Kind::Postgres);
        allow.push("SET LOCAL enable_seqscan = on");
        session.fetch(&allow, 0).await?;
    }
    Ok(match session.kind() {
        Kind::Sqlite => sqlite(&rows, &query.base),
        Kind::Postgres => postgres(&rows, &query.base),
        Kind::MySql => mysql(&rows, &query.base),
    })
}

/// The qualifier of a key column; empty if it has none.
fn base_of(key: &str) -> String {
    let mut parts = key.rsplit('.').skip(1);
    parts.next().unwrap_or_default().trim_matches('"').to_owned()
}

fn texts<'r>(rows: &'r Rows, column: &'r str) -> impl Iterator<Item = Option<String>> + 'r {
    let index = rows.fields.iter().position(|field| field.name.eq_ignore_ascii_case(column));
    rows.rows.iter().map(move |row| key_text(row.cells.get(index?).unwrap_or(&Cell::Null)))
}

/// One table of a plan: its names, and whether an index leads to its rows.
struct Visit {
    names: Vec<String>,
    by_index: bool,
}

/// Whether all of the base table is read. Where the plan does not name it, it is a
/// view, and the tables behind it count.
fn scans(visits: &[Visit], base: &str) -> bool {
    let is_base = |name: &String| base.is_empty() || name.eq_ignore_ascii_case(base);
    let mut own = visits.iter().filter(|visit| visit.names.iter().any(is_base)).peekable();
    if own.peek().is_some() {
        return own.any(|visit| !visit.by_index);
    }
    !visits.is_empty() && visits.iter().all(|visit| !visit.by_index)
}

fn sqlite(rows: &Rows, base: &str) -> Steps {
    let plan: Vec<String> = texts(rows, "detail").flatten().collect();
    let visits = plan.iter().filter_map(|step| {
        let mut words = step.split_whitespace();
        let (verb, table) = (words.next()?, words.next()?);
        let is_table = matches!(verb, "SCAN" | "SEARCH") && table != "CONSTANT";
        let by_index = verb == "SEARCH" && !step.contains("AUTOMATIC");
        let is_ours = table == "rmd_rows" || table.starts_with('(');
        (is_table && !is_ours).then(|| Visit { names: vec![table.to_owned()], by_index })
    });
    let visits: Vec<Visit> = visits.collect();
    Steps { plan, scans_base: scans(&visits, base) }
}

fn mysql(rows: &Rows, base: &str) -> Steps {
    let column = |name: &str| texts(rows, name).map(Option::unwrap_or_default).collect::<Vec<_>>();
    let (tables, types) = (column("table"), column("type"));
    let (possible, used) = (column("possible_keys"), column("key"));
    let (mut plan, mut visits) = (Vec::new(), Vec::new());
    for (((table, kind), possible), used) in tables.iter().zip(&types).zip(&possible).zip(&used) {
        plan.push(format!("{table}: {kind}, possible keys [{possible}], key [{used}]"));
        let by_index = !matches!(kind.as_str(), "ALL" | "index") || !possible.is_empty();
        if !table.starts_with('<') && !table.is_empty() {
            visits.push(Visit { names: vec![table.clone()], by_index });
        }
    }
    Steps { plan, scans_base: scans(&visits, base) }
}

fn postgres(rows: &Rows, base: &str) -> Steps {
    let (mut plan, mut visits) = (Vec::new(), Vec::new());
    let text = rows.rows.first().and_then(|row| key_text(row.cells.first()?)).unwrap_or_default();
    if let Ok(tree) = serde_json::from_str::<Value>(&text) {
        walk(&tree[0]["Plan"], &mut plan, &mut visits);
    }
    Steps { plan, scans_base: scans(&visits, base) }
}

fn walk(node: &Value, plan: &mut Vec<String>, visits: &mut Vec<Visit>) {
    let text = |key: &str| node[key].as_str().unwrap_or_default();
    let (kind, table, alias) = (text("Node Type"), text("Relation Name"), text("Alias"));
    let condition = text("Index Cond");
    if table.is_empty() {
        plan.push(kind.to_owned());
    } else {
        plan.push(format!("{kind} on {table} {alias} ({condition})"));
        let by_index = kind.starts_with("Bitmap") || !condition.is_empty();
        visits.push(Visit { names: vec![alias.to_owned(), table.to_owned()], by_index });
    }
    for child in node["Plans"].as_array().into_iter().flatten() {
        walk(child, plan, visits);
    }
}
