//! The SQL that makes a publication and its slot, and the SQL that takes them away.
//!
//! Owns these statements, as text to be read first. Refuses a slot without a bound:
//! it would fill the ministry's disk while the node is away. A slot is made behind
//! its publication, and made anew with it: the server decodes by what stood there
//! when a row was written.

use super::super::side::{self, Script};
use super::super::{Bind, Error, Kind, Session, Statement};
use super::standing::word;
use super::{Logged, PREFIX, Reason, publication, slot_stem};

/// Why changes cannot be read from the log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InstallError {
    /// The source cannot be read.
    #[error(transparent)]
    Source(#[from] Error),
    /// The server writes no such log.
    #[error(
        "mode log needs a PostgreSQL server with wal_level = logical; it has {found}. Set it in postgresql.conf and restart the server / le mode log demande un serveur PostgreSQL avec wal_level = logical ; il a {found}. Réglez-le dans postgresql.conf et redémarrez le serveur"
    )]
    Level {
        /// What it has.
        found: String,
    },
    /// The text of the column depends on who reads it, or names no row.
    #[error(transparent)]
    Type(#[from] side::InstallError),
    /// A slot would keep the log for ever.
    #[error(
        "the server sets no bound to slots: a node that is away for weeks would fill its disk. Set it (PostgreSQL 13 or later): ALTER SYSTEM SET max_slot_wal_keep_size = '2GB'; SELECT pg_reload_conf() / le serveur ne met pas de borne aux slots : un nœud absent pendant des semaines remplirait son disque. Réglez-la (PostgreSQL 13 ou plus) : ALTER SYSTEM SET max_slot_wal_keep_size = '2GB'; SELECT pg_reload_conf()"
    )]
    Unbounded,
    /// A table that the log cannot tell of.
    #[error(
        "table {table} is not a plain, logged table that the account sees; watch it by mode triggers or diff / la table {table} n'est pas une table ordinaire et journalisée que le compte voit ; surveillez-la en mode triggers ou diff"
    )]
    Table {
        /// The table.
        table: String,
    },
    /// Old rows do not hold the noted column.
    #[error(
        "column {key} of {table} is not part of what identifies its rows in the log; run ALTER TABLE {table} REPLICA IDENTITY FULL (or USING INDEX, a unique one that holds {key}), or watch it by mode triggers or diff / la colonne {key} de {table} n'identifie pas ses lignes dans le journal ; lancez ALTER TABLE {table} REPLICA IDENTITY FULL (ou USING INDEX, unique et contenant {key}), ou surveillez-la en mode triggers ou diff"
    )]
    Identity {
        /// The table.
        table: String,
        /// The column.
        key: String,
    },
}

/// The statements that are missing so that the log of these tables is kept.
pub(crate) async fn install(
    session: &mut Session,
    logged: &[Logged],
) -> Result<Script, InstallError> {
    session.begin().await?;
    let site = Site::of(session).await?;
    site.check()?;
    let mut records: Vec<&'static str> = logged.iter().map(|of| of.record).collect();
    records.dedup();
    for of in logged {
        let type_name = session.type_of(&of.table, &of.key).await?;
        side::check_type(Kind::Postgres, &of.table, &of.key, &type_name)?;
    }
    let mut statements = Vec::new();
    for record in records {
        let of: Vec<&Logged> = logged.iter().filter(|of| of.record == record).collect();
        statements.extend(missing(session, &site, record, &of).await?);
    }
    session.end().await?;
    let mut notes = Vec::new();
    if statements.is_empty() {
        notes.push(
            "Slots and publications are in place. Slots et publications sont en place.".to_owned(),
        );
    } else {
        notes.push(format!(
            "Keeps the log of changed rows for the node, at most {} of it (max_slot_wal_keep_size); \
             what is older is given up, and everything is read. Garde le journal des lignes \
             modifiées pour le nœud, au plus cette taille.",
            site.bound
        ));
        notes.push(format!(
            "Rights of {}: SELECT on the tables, and the attribute REPLICATION. Droits : SELECT \
             sur les tables, et l'attribut REPLICATION.",
            site.account
        ));
        notes.push(
            "A slot waits for the transactions that are open. Un slot attend les transactions \
             ouvertes."
                .to_owned(),
        );
    }
    if !site.is_allowed {
        statements.insert(0, format!("ALTER ROLE {} REPLICATION", quoted(&site.account)));
    }
    Ok(Script { kind: Kind::Postgres, notes, statements })
}

/// The statements that take slots and publications away: those of one record type, or
/// all of this database.
pub(crate) async fn remove(
    session: &mut Session,
    record: Option<&str>,
) -> Result<Script, InstallError> {
    let mut statement = Statement::new(session.kind());
    let like = |of: Option<&str>| match of {
        Some(record) => format!("{}$", publication(record)),
        None => PREFIX.to_owned(),
    };
    statement.push(
        "SELECT CAST(slot_name AS text) AS a, false AS b FROM pg_replication_slots \
         WHERE database = current_database() AND plugin = 'pgoutput' \
         AND regexp_replace(slot_name, '_[0-9]+$', '') ~ ",
    );
    statement
        .bind(Bind::Text(format!("^{}", like(record))), None)
        .push(" UNION ALL SELECT CAST(pubname AS text), true FROM pg_publication WHERE pubname ~ ");
    statement.bind(Bind::Text(format!("^{}", like(record))), None).push(" ORDER BY 2, 1");
    session.begin().await?;
    let rows = session.fetch(&statement, 1000).await?.rows;
    session.end().await?;
    let statements = rows.iter().map(|row| {
        let name = word(&row.cells, 0);
        match word(&row.cells, 1).as_str() {
            "true" => format!("DROP PUBLICATION IF EXISTS {}", quoted(&name)),
            _ => format!("SELECT pg_drop_replication_slot({})", literal(&name)),
        }
    });
    let statements: Vec<String> = statements.collect();
    let mut notes = Vec::new();
    if !statements.is_empty() {
        notes.push(
            "The account of the node keeps the attribute REPLICATION; ALTER ROLE … NOREPLICATION \
             takes it away. Le compte du nœud garde l'attribut REPLICATION."
                .to_owned(),
        );
    }
    Ok(Script { kind: Kind::Postgres, notes, statements })
}

async fn missing(
    session: &mut Session,
    site: &Site,
    record: &'static str,
    logged: &[&Logged],
) -> Result<Vec<String>, InstallError> {
    let standing = session.log_standing(record, logged).await?;
    let mut is_unpublished = false;
    for (index, reason) in &standing.reasons {
        let Some(of) = index.map(|index| logged[index]) else { continue };
        let (table, key) = (of.table.clone(), of.key.clone());
        match reason {
            Reason::NoTable => return Err(InstallError::Table { table }),
            Reason::NoIdentity => return Err(InstallError::Identity { table, key }),
            _ => is_unpublished = true,
        }
    }
    let is_slot_bad =
        standing.reasons.iter().any(|(_, reason)| matches!(reason, Reason::NoSlot | Reason::Lost))
            || standing.confirmed.is_none();
    if !is_unpublished && !is_slot_bad {
        return Ok(Vec::new());
    }
    let (publication, slot) =
        (publication(record), format!("{}{}", slot_stem(record), site.database));
    let mut statements = Vec::new();
    let exists = |table: &str, column: &str, name: &str| {
        format!(
            "SELECT concat('', (SELECT 1 FROM {table} WHERE {column} = {})) AS a",
            literal(name)
        )
    };
    if !session.word(&exists("pg_replication_slots", "slot_name", &slot)).await?.is_empty() {
        statements.push(format!("SELECT pg_drop_replication_slot({})", literal(&slot)));
    }
    if is_unpublished {
        if !session.word(&exists("pg_publication", "pubname", &publication)).await?.is_empty() {
            statements.push(format!("DROP PUBLICATION {}", quoted(&publication)));
        }
        let mut tables: Vec<String> = Vec::with_capacity(logged.len());
        for of in logged {
            let sql = format!(
                "SELECT format('%I.%I', n.nspname, c.relname) AS a FROM pg_catalog.pg_class c \
                 JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                 WHERE c.oid = to_regclass({})",
                literal(&of.table)
            );
            let name = session.word(&sql).await?;
            if !tables.contains(&name) {
                tables.push(name);
            }
        }
        statements.push(format!(
            "CREATE PUBLICATION {} FOR TABLE {}",
            quoted(&publication),
            tables.join(", ")
        ));
    }
    statements
        .push(format!("SELECT pg_create_logical_replication_slot({}, 'pgoutput')", literal(&slot)));
    Ok(statements)
}

/// What the server is.
struct Site {
    level: String,
    /// What slots may keep; empty where it is unbounded.
    bound: String,
    account: String,
    /// Whether the account may read slots.
    is_allowed: bool,
    /// The number of the database.
    database: String,
}

impl Site {
    async fn of(session: &mut Session) -> Result<Self, Error> {
        let mut statement = Statement::new(session.kind());
        statement.push(
            "SELECT current_setting('wal_level') AS a, \
             COALESCE(NULLIF(current_setting('max_slot_wal_keep_size', true), '-1'), '') AS b, \
             CAST(current_user AS text) AS c, (SELECT r.rolreplication OR r.rolsuper \
             FROM pg_catalog.pg_roles r WHERE r.rolname = current_user) AS d, \
             (SELECT CAST(d.oid AS text) FROM pg_catalog.pg_database d \
             WHERE d.datname = current_database()) AS e",
        );
        let cells = session.cells(&statement).await?;
        let word = |place| word(&cells, place);
        Ok(Self {
            level: word(0),
            bound: word(1),
            account: word(2),
            is_allowed: word(3) == "true",
            database: word(4),
        })
    }

    fn check(&self) -> Result<(), InstallError> {
        if self.level != "logical" {
            return Err(InstallError::Level { found: self.level.clone() });
        }
        if self.bound.is_empty() {
            return Err(InstallError::Unbounded);
        }
        Ok(())
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
