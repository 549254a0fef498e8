//! `rmd-hub key create|list|revoke`: who may read the REST API.

use std::{collections::BTreeSet, os::unix::fs::MetadataExt as _};

use clap::Subcommand;
use jiff::civil::Date;
use rmd_api::{Access, Collection, Scope};
use rmd_runtime::output;
use serde::Serialize;

use super::{Failure, Global, open};
use crate::api::key::{self, Key, NewKey, State};

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key and print it, this once · Créer une clé et l'écrire, cette seule fois
    #[command(after_help = CREATE_EXAMPLE)]
    Create(Create),
    /// List the keys and what was read with each · Lister les clés et ce que chacune a lu
    #[command(after_help = "Example · Exemple:\n  rmd-hub key list --json")]
    List,
    /// End a key, in force at its next request · Révoquer une clé, dès sa prochaine requête
    #[command(after_help = "Example · Exemple:\n  rmd-hub key revoke ministry")]
    Revoke {
        /// Name of the key · Nom de la clé
        name: String,
    },
}

const CREATE_EXAMPLE: &str = "\
Example · Exemple:
  rmd-hub key create --name ministry --scope mine-sites --scope lots \\
      --country COD --expires 2027-12-31

The reader sends it as `Authorization: Bearer KEY` or `X-API-Key: KEY`.
Le lecteur l'envoie comme `Authorization: Bearer CLÉ` ou `X-API-Key: CLÉ`.";

#[derive(Debug, clap::Args)]
pub(crate) struct Create {
    /// Name of the reader; never given twice · Nom du lecteur, jamais donné deux fois
    #[arg(long)]
    name: String,
    /// mine-sites, export-certificates or lots; several times for several · À répéter
    #[arg(long = "scope", value_name = "SCOPE", required = true, value_parser = scope)]
    scopes: Vec<Scope>,
    /// Alpha-3 code of a state that it may read; without, all · État lisible ; sans cela, tous
    #[arg(long = "country", value_name = "COD")]
    countries: Vec<String>,
    /// Last day on which it is good · Dernier jour de validité
    #[arg(long, value_name = "DAY")]
    expires: Option<Date>,
    /// Who grants it; else the user of the system · Qui l'accorde ; sinon l'utilisateur du système
    #[arg(long, value_name = "WHO")]
    by: Option<String>,
}

/// A scope by its collection: over HTTP the hub is read only.
fn scope(text: &str) -> Result<Scope, String> {
    let named = Collection::ALL.into_iter().find(|collection| collection.as_str() == text);
    let scope = named.map(Scope::read).or_else(|| text.parse().ok());
    scope.filter(|scope| scope.access == Access::Read).ok_or_else(|| {
        let all = key::scopes().map(|scope| scope.collection.as_str()).join(", ");
        format!("use one of · utilisez l'un de : {all}")
    })
}

pub(super) async fn key(global: &Global, command: KeyCommand) -> Result<(), Failure> {
    match command {
        KeyCommand::Create(args) => create(global, args).await,
        KeyCommand::List => list(global).await,
        KeyCommand::Revoke { name } => revoke(global, &name).await,
    }
}

#[derive(Debug, Serialize)]
struct Created {
    #[serde(flatten)]
    of: Key,
    /// The only time that it is shown.
    key: String,
}

async fn create(global: &Global, args: Create) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let created_by = match args.by {
        Some(by) => by,
        None => format!("uid {}", std::fs::metadata("/proc/self")?.uid()),
    };
    let new = NewKey {
        name: &args.name,
        scopes: &args.scopes.iter().copied().collect::<BTreeSet<_>>(),
        countries: &args.countries,
        created_by: &created_by,
        expires_on: args.expires,
    };
    let mut transaction = hub.store.begin().await?;
    let (of, secret) = key::create(&mut transaction, &new, hub.clock.now()).await?;
    transaction.commit().await?;
    let created = Created { of, key: secret.expose().to_owned() };
    global.format().print(&created, |created| {
        format!(
            "Give this key to the reader over a channel you trust; it is not kept and not shown again.\n\
             Remettez cette clé au lecteur par une voie sûre ; elle n'est pas conservée et ne sera \
             plus montrée.\n\n{}",
            created.key
        )
    })?;
    Ok(())
}

#[derive(Debug, Serialize)]
struct Listed {
    keys: Vec<Key>,
}

async fn list(global: &Global) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let keys = key::all(&mut *hub.store.acquire().await?, hub.clock.now()).await?;
    global.format().print(&Listed { keys }, |listed| {
        let heads = [
            "key · clé",
            "state · état",
            "reads · lit",
            "states · États",
            "until · jusqu'à",
            "requests · requêtes",
            "records · fiches",
            "last · dernière",
        ];
        output::table(&heads, &listed.keys.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(())
}

fn row(key: &Key) -> Vec<String> {
    let countries = match key.countries.as_slice() {
        [] => "all · tous".to_owned(),
        some => some.join(" "),
    };
    vec![
        key.name.clone(),
        state(key.state).to_owned(),
        key.scopes.join(" "),
        countries,
        key.expires_on.clone().unwrap_or_default(),
        key.requests.to_string(),
        key.records.to_string(),
        open::instant(key.last_used_us),
    ]
}

const fn state(state: State) -> &'static str {
    match state {
        State::Active => "active",
        State::Expired => "expired · expirée",
        State::Revoked => "revoked · révoquée",
    }
}

async fn revoke(global: &Global, name: &str) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let mut transaction = hub.store.begin().await?;
    let revoked = key::revoke(&mut transaction, name, hub.clock.now()).await?;
    transaction.commit().await?;
    global.format().print(&revoked, |key| format!("{0}: revoked · révoquée", key.name))?;
    Ok(())
}
