//! Three national databases whose tables look nothing alike.
//!
//! COD: French names, one row a visit, capture by change times. RWA:
//! normalised tables in English. UGA: flat registers without change times,
//! capture by comparison. Each has its schema, its rows and its mapping in a
//! folder of its own under `deploy/demo/states`.

mod ipis;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};

use crate::servers::{MariaDb, Postgres};

pub use ipis::CREDIT;

/// Servers for the states that do not use SQLite.
#[derive(Debug)]
pub struct Servers {
    /// Holds the database of RWA.
    pub postgres: Postgres,
    /// Holds the database of UGA.
    pub mariadb: MariaDb,
}

/// One state of the demonstration.
#[derive(Debug, Clone)]
pub struct State {
    /// ISO 3166-1 alpha-3.
    pub country: &'static str,
    /// Name of its node.
    pub name: &'static str,
    /// URL of the national database for this process, with its password.
    pub url: String,
    /// URL for the node's configuration, without a password.
    pub public_url: String,
    /// Password of the national database.
    pub password: Option<String>,
    /// The mapping file.
    pub mapping: PathBuf,
}

impl State {
    /// Identifier on the hub: ALPHA-3 / name.
    pub fn node_id(&self) -> String {
        format!("{}/{}", self.country, self.name)
    }

    /// Runs statements of the demonstration in the national database.
    pub async fn execute(&self, statements: &str) -> Result<()> {
        sqlx::any::install_default_drivers();
        let mut connection = AnyConnection::connect(&self.url)
            .await
            .with_context(|| format!("open the national database of {}", self.country))?;
        sqlx::raw_sql(AssertSqlSafe(statements.to_owned()))
            .execute(&mut connection)
            .await
            .with_context(|| format!("write to the national database of {}", self.country))?;
        connection.close().await?;
        Ok(())
    }
}

/// Makes the three databases below `folder`; visits come from the IPIS file when it is given.
pub async fn create(
    folder: &Path,
    ipis: Option<&Path>,
    servers: Option<&Servers>,
) -> Result<[State; 3]> {
    let cod = sqlite_state(folder, "COD", "cod-mines");
    cod.execute(include_str!("../states/cod/schema.sql")).await?;
    let sites = if let Some(file) = ipis {
        ipis::load(&cod, file).await?
    } else {
        cod.execute(include_str!("../states/cod/visits.sql")).await?;
        ["demo00001".to_owned(), "demo00002".to_owned()]
    };
    // The ministry touched each visit on its day.
    cod.execute("UPDATE visites SET modifie_le = visit_date || ' 12:00:00'").await?;
    let trade = include_str!("../states/cod/trade.sql")
        .replace("SITE_1", &sites[0])
        .replace("SITE_2", &sites[1]);
    cod.execute(&trade).await?;

    let mut rwa = sqlite_state(folder, "RWA", "rwa-mines");
    let mut uga = sqlite_state(folder, "UGA", "uga-mines");
    if let Some(servers) = servers {
        servers.postgres.create_database("national").await?;
        rwa.url = servers.postgres.url("national");
        rwa.public_url = servers.postgres.public_url("national");
        rwa.password = Some(servers.postgres.password.clone());
        uga.url = servers.mariadb.url("national");
        uga.public_url = servers.mariadb.public_url("national");
        uga.password = Some(servers.mariadb.password.clone());
    }
    rwa.execute(include_str!("../states/rwa/schema.sql")).await?;
    rwa.execute(include_str!("../states/rwa/data.sql")).await?;
    uga.execute(include_str!("../states/uga/schema.sql")).await?;
    uga.execute(include_str!("../states/uga/data.sql")).await?;
    Ok([cod, rwa, uga])
}

fn sqlite_state(folder: &Path, country: &'static str, name: &'static str) -> State {
    let file = folder.join(format!("{}.sqlite", country.to_lowercase()));
    let mapping = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("states")
        .join(country.to_lowercase())
        .join("mapping.toml");
    State {
        country,
        name,
        url: format!("sqlite://{}?mode=rwc", file.display()),
        public_url: format!("sqlite://{}", file.display()),
        password: None,
        mapping,
    }
}
