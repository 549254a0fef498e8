//! The statements of the side table and its triggers, dialect by dialect.
//!
//! A trigger does nothing but add rows to the side table: no look-up, no unique
//! index, no sequence that `lastval()` would show. It notes the old and the new
//! value, so that a row that moves from one record to another is seen by both.

use super::super::names::{literal, quoted};
use super::super::standing::Found;
use super::super::{Noting, SIDE_TABLE};
use super::{Kind, Script, Site, Table};

/// How long a statement waits for the locks of the ministry's own work.
const LOCK_WAIT_S: u32 = 10;

pub(super) fn notes(site: &Site, notings: &[Noting], kind: Kind) -> Vec<String> {
    let tables: Vec<&str> = notings.iter().map(|noting| noting.table.as_str()).collect();
    let tables = tables.join(", ");
    let rights = match kind {
        Kind::Sqlite => format!(
            "The account of the node has to write the file and its folder, to delete what it has \
             read from {SIDE_TABLE}; it writes nothing else. Le compte du nœud doit pouvoir écrire \
             le fichier et son dossier."
        ),
        _ => format!(
            "Rights of {}: SELECT on {tables}; SELECT and DELETE on {SIDE_TABLE} alone. Droits : \
             SELECT sur ces tables ; SELECT et DELETE sur {SIDE_TABLE} seule.",
            site.reader
        ),
    };
    let owner = match kind {
        Kind::Sqlite => None,
        Kind::Postgres | Kind::MySql => Some(
            "Run this with an account that stays: the triggers run with its rights. À lancer avec \
             un compte qui reste : les déclencheurs ont ses droits."
                .to_owned(),
        ),
    };
    let what = format!(
        "Notes the keys of changed rows of {tables} in {SIDE_TABLE}. Note dans {SIDE_TABLE} les \
         clés des lignes modifiées de ces tables."
    );
    [Some(what), Some(rights), owner].into_iter().flatten().collect()
}

pub(super) fn opening(kind: Kind) -> Vec<String> {
    match kind {
        Kind::Sqlite => vec!["BEGIN IMMEDIATE".to_owned()],
        Kind::Postgres => {
            vec!["BEGIN".to_owned(), format!("SET LOCAL lock_timeout = '{LOCK_WAIT_S}s'")]
        }
        Kind::MySql => vec![format!("SET SESSION lock_wait_timeout = {LOCK_WAIT_S}")],
    }
}

pub(super) fn closing(kind: Kind) -> Option<String> {
    (kind != Kind::MySql).then(|| "COMMIT".to_owned())
}

pub(super) fn side_table(site: &Site, kind: Kind) -> Vec<String> {
    let table = site.side(kind);
    match kind {
        Kind::Sqlite => vec![
            // AUTOINCREMENT: no number ever comes again. row_key without a type keeps
            // the value as it is.
            format!(
                "CREATE TABLE IF NOT EXISTS {table} (\n  token   INTEGER PRIMARY KEY AUTOINCREMENT,\n  \
                 record  TEXT NOT NULL,\n  watched TEXT NOT NULL,\n  row_key\n)"
            ),
            format!("CREATE INDEX IF NOT EXISTS {SIDE_TABLE}_record ON {table} (record)"),
        ],
        Kind::Postgres => vec![
            format!(
                "CREATE TABLE IF NOT EXISTS {table} (\n  token   bigint NOT NULL DEFAULT \
                 (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,\n  \
                 xact    bigint NOT NULL DEFAULT txid_current(),\n  record  text   NOT NULL,\n  \
                 watched text   NOT NULL,\n  row_key text\n)"
            ),
            format!("CREATE INDEX IF NOT EXISTS {SIDE_TABLE}_record ON {table} (record, token)"),
            format!("GRANT SELECT, DELETE ON {table} TO {}", quoted(kind, &site.reader)),
        ],
        Kind::MySql => mysql_side_table(site, &table),
    }
}

fn mysql_side_table(site: &Site, table: &str) -> Vec<String> {
    let function = site.qualified(Kind::MySql, &format!("{SIDE_TABLE}_triggers"));
    let (user, host) = site.reader.rsplit_once('@').unwrap_or((&site.reader, "%"));
    let reader = format!("{}@{}", literal(user), literal(host));
    let database = literal(&site.schema);
    vec![
        format!(
            "CREATE TABLE IF NOT EXISTS {table} (\n  token   BIGINT NOT NULL AUTO_INCREMENT,\n  \
             record  VARCHAR(64) NOT NULL,\n  watched VARCHAR(250) NOT NULL,\n  row_key TEXT NULL,\n  \
             CONSTRAINT {SIDE_TABLE}_token PRIMARY KEY (token),\n  \
             KEY {SIDE_TABLE}_record (record)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 \
             COLLATE=utf8mb4_bin"
        ),
        format!("DROP FUNCTION IF EXISTS {function}"),
        // Only an account that may change triggers sees them; this one looks for the node.
        format!(
            "CREATE FUNCTION {function}() RETURNS MEDIUMTEXT CHARSET utf8mb4\nREADS SQL DATA \
             SQL SECURITY DEFINER\nRETURN CONCAT_WS('\n',\n  (SELECT CONCAT_WS('|', '', \
             CREATE_TIME, '') FROM information_schema.TABLES\n   WHERE TABLE_SCHEMA = {database} \
             AND TABLE_NAME = '{SIDE_TABLE}'),\n  (SELECT GROUP_CONCAT(CONCAT_WS('|', \
             TRIGGER_NAME, CREATED, EVENT_OBJECT_TABLE) ORDER BY TRIGGER_NAME SEPARATOR '\n')\n   \
             FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = {database}\n   \
             AND LEFT(TRIGGER_NAME, {length}) = '{SIDE_TABLE}_'))",
            length = SIDE_TABLE.len() + 1
        ),
        format!("GRANT SELECT, DELETE ON {table} TO {reader}"),
        format!("GRANT EXECUTE ON FUNCTION {function} TO {reader}"),
    ]
}

pub(super) fn triggers(site: &Site, noting: &Noting, table: &Table, kind: Kind) -> Vec<String> {
    match kind {
        Kind::Sqlite => sqlite_triggers(site, noting, table),
        Kind::Postgres => postgres_triggers(site, noting, table),
        Kind::MySql => mysql_triggers(site, noting, table),
    }
}

/// The beginning of an INSERT, and the words that are the same in each.
fn insert(site: &Site, noting: &Noting, kind: Kind) -> (String, String) {
    (
        format!("INSERT INTO {} (record, watched, row_key)", site.side(kind)),
        format!("{}, {}", literal(noting.record), literal(&noting.table)),
    )
}

fn sqlite_triggers(site: &Site, noting: &Noting, table: &Table) -> Vec<String> {
    let kind = Kind::Sqlite;
    let (insert, words) = insert(site, noting, kind);
    let (key, on) = (&table.key, &table.name);
    let note =
        |side: &str| format!("  {insert}\n  VALUES ({words}, COALESCE({side}.{key}, ''));\n");
    let trigger = |of: &str, event: &str, body: String| {
        let name = quoted(kind, &format!("{}_{of}", noting.name()));
        [
            format!("DROP TRIGGER IF EXISTS {name}"),
            format!("CREATE TRIGGER {name} {event} ON {on}\nBEGIN\n{body}END"),
        ]
    };
    // Other bytes are another key, whatever the column's collation says.
    let moved = format!(
        "  {insert}\n  SELECT {words}, COALESCE(NEW.{key}, '')\n  \
         WHERE NEW.{key} IS NOT OLD.{key} COLLATE BINARY;\n"
    );
    let mut triggers = vec![
        trigger("ins", "AFTER INSERT", note("NEW")),
        trigger("upd", "AFTER UPDATE", note("OLD") + &moved),
        trigger("del", "AFTER DELETE", note("OLD")),
    ];
    // REPLACE removes rows without a word.
    let replaced: Vec<String> = table
        .replaced_by
        .iter()
        .map(|columns| {
            let alike = columns.iter().map(|column| {
                let column = quoted(kind, column);
                format!("{column} = NEW.{column}")
            });
            let alike = alike.collect::<Vec<_>>().join(" AND ");
            format!("  {insert}\n  SELECT {words}, COALESCE({key}, '') FROM {on} WHERE {alike};\n")
        })
        .collect();
    if !replaced.is_empty() {
        triggers.push(trigger("rep", "BEFORE INSERT", replaced.concat()));
    }
    triggers.concat()
}

fn postgres_triggers(site: &Site, noting: &Noting, table: &Table) -> Vec<String> {
    let kind = Kind::Postgres;
    let (insert, words) = insert(site, noting, kind);
    let (key, on) = (&table.key, &table.name);
    let name = noting.name();
    let function = site.qualified(kind, &name);
    let (row, all) = (quoted(kind, &format!("{name}_row")), quoted(kind, &format!("{name}_all")));
    // concat: the text that a reader gets, blanks of a char(n) included.
    vec![
        format!(
            "CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql\n\
             SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $rmd$\nBEGIN\n  \
             IF TG_OP = 'TRUNCATE' THEN\n    {insert} VALUES ({words}, NULL);\n    RETURN NULL;\n  \
             END IF;\n  IF TG_OP <> 'INSERT' THEN\n    {insert} VALUES ({words}, concat(OLD.{key}));\n  \
             END IF;\n  IF TG_OP = 'INSERT' THEN\n    {insert} VALUES ({words}, concat(NEW.{key}));\n  \
             ELSIF TG_OP = 'UPDATE' THEN\n    IF concat(NEW.{key}) COLLATE \"C\" <> concat(OLD.{key}) \
             COLLATE \"C\" THEN\n      {insert} VALUES ({words}, concat(NEW.{key}));\n    END IF;\n  \
             END IF;\n  RETURN NULL;\nEND\n$rmd$"
        ),
        format!("DROP TRIGGER IF EXISTS {row} ON {on}"),
        format!("DROP TRIGGER IF EXISTS {all} ON {on}"),
        format!(
            "CREATE TRIGGER {row} AFTER INSERT OR UPDATE OR DELETE ON {on}\n\
             FOR EACH ROW EXECUTE PROCEDURE {function}()"
        ),
        format!(
            "CREATE TRIGGER {all} AFTER TRUNCATE ON {on}\n\
             FOR EACH STATEMENT EXECUTE PROCEDURE {function}()"
        ),
        // Also for rows that a replica receives.
        format!("ALTER TABLE {on} ENABLE ALWAYS TRIGGER {row}, ENABLE ALWAYS TRIGGER {all}"),
    ]
}

fn mysql_triggers(site: &Site, noting: &Noting, table: &Table) -> Vec<String> {
    let kind = Kind::MySql;
    let (insert, words) = insert(site, noting, kind);
    let (key, on) = (&table.key, &table.name);
    let value = |side: &str| {
        let value = format!("{side}.{key}");
        let text = match table.type_name.as_str() {
            // Without the zeroes of a ZEROFILL column.
            name if name.contains("INT") => format!("CAST({value} + 0 AS CHAR)"),
            _ => value,
        };
        format!("COALESCE({text}, '')")
    };
    let note = |side: &str| format!("  {insert}\n  VALUES ({words}, {});\n", value(side));
    let trigger = |of: &str, event: &str, body: String| {
        let name = site.qualified(kind, &format!("{}_{of}", noting.name()));
        [
            format!("DROP TRIGGER IF EXISTS {name}"),
            format!("CREATE TRIGGER {name} AFTER {event} ON {on} FOR EACH ROW\nBEGIN\n{body}END"),
        ]
    };
    // Other bytes are another key, whatever the column's collation says.
    let moved = format!(
        "  IF NOT (CAST(NEW.{key} AS BINARY) <=> CAST(OLD.{key} AS BINARY)) THEN\n  {}  END IF;\n",
        note("NEW")
    );
    [
        trigger("ins", "INSERT", note("NEW")),
        trigger("upd", "UPDATE", note("OLD") + &moved),
        trigger("del", "DELETE", note("OLD")),
    ]
    .concat()
}

pub(super) fn drop_trigger(site: &Site, trigger: &Found, kind: Kind) -> Vec<String> {
    let name = quoted(kind, &trigger.name);
    match kind {
        Kind::Sqlite => vec![format!("DROP TRIGGER IF EXISTS {name}")],
        Kind::MySql if trigger.name.is_empty() => Vec::new(),
        Kind::MySql => {
            vec![format!("DROP TRIGGER IF EXISTS {}", site.qualified(kind, &trigger.name))]
        }
        Kind::Postgres => {
            let schema = if trigger.schema.is_empty() { None } else { Some(&trigger.schema) };
            let table = quoted(kind, &trigger.table);
            let table =
                schema.map_or(table.clone(), |schema| format!("{}.{table}", quoted(kind, schema)));
            let function = trigger.name.rsplit_once('_').map_or("", |(function, _)| function);
            let mut drops = vec![format!("DROP TRIGGER IF EXISTS {name} ON {table}")];
            // The function goes with the second of its triggers.
            if trigger.name.ends_with("_row") {
                drops.push(format!(
                    "DROP FUNCTION IF EXISTS {}() CASCADE",
                    site.qualified(kind, function)
                ));
            }
            drops
        }
    }
}

pub(super) fn drop_side_table(site: &Site, kind: Kind) -> Vec<String> {
    let mut drops = Vec::new();
    if kind == Kind::MySql {
        let function = site.qualified(kind, &format!("{SIDE_TABLE}_triggers"));
        drops.push(format!("DROP FUNCTION IF EXISTS {function}"));
    }
    drops.push(format!("DROP TABLE IF EXISTS {}", site.side(kind)));
    drops
}

pub(super) fn script(script: &Script) -> String {
    let mut lines: Vec<String> = script.notes.iter().map(|note| format!("-- {note}")).collect();
    let is_mysql = script.kind == Kind::MySql && !script.statements.is_empty();
    let end = if is_mysql { "//" } else { ";" };
    if is_mysql {
        lines.push("DELIMITER //".to_owned());
    }
    lines.extend(script.statements.iter().map(|statement| format!("{statement}{end}")));
    if is_mysql {
        lines.push("DELIMITER ;".to_owned());
    }
    lines.join("\n")
}
