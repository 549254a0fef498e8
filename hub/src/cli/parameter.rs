//! `rmd-hub parameter`: the limits of the rules, and how they are changed.

use clap::Subcommand;
use rmd_reconcile::{
    Parameter, Parameters,
    parameter::{Limit, Row},
};
use rmd_runtime::output;
use rmd_standard::{country, mineral};
use serde::Serialize;

use super::{Failure, Global, open};
use crate::{
    parameter::{self, Approver, Changed, Proposal},
    recover::Word,
    share,
};

#[derive(Debug, Subcommand)]
pub(crate) enum ParameterCommand {
    /// Every limit, its default and what is in force · Chaque limite, par défaut et en vigueur
    #[command(after_help = LIST_EXAMPLE)]
    List(Scope),
    /// Changes that were made, by version · Changements faits, par version
    #[command(after_help = "Example · Exemple:\n  rmd-hub parameter history --json")]
    History,
    /// Changes that were asked for · Changements demandés
    #[command(after_help = "Example · Exemple:\n  rmd-hub parameter proposals")]
    Proposals,
    /// Ask for a change; somebody else approves it · Demander un changement, qu'un autre approuve
    #[command(after_help = PROPOSE_EXAMPLE)]
    Propose(Propose),
    /// Put a change in force and tell every node · Mettre en vigueur et le dire à chaque nœud
    #[command(after_help = APPROVE_EXAMPLE)]
    Approve(Decide),
    /// Refuse a change · Refuser un changement
    #[command(after_help = REFUSE_EXAMPLE)]
    Refuse(Decide),
}

const LIST_EXAMPLE: &str = "\
Example · Exemple:
  rmd-hub parameter list --country RWA --mineral 260900";

const PROPOSE_EXAMPLE: &str = "\
Example · Exemple:
  rmd-hub parameter propose pair_weight_serious 12% --country RWA --mineral 260900 \\
      --by 'A. Analyst' --reason 'moisture of the wet season'";

const APPROVE_EXAMPLE: &str = "\
Example · Exemple:
  rmd-hub parameter approve 3 --by 'Head of unit' --reason 'committee of 12 November'";

const REFUSE_EXAMPLE: &str = "\
Example · Exemple:
  rmd-hub parameter refuse 3 --by 'Head of unit' --reason 'no evidence given'";

#[derive(Debug, clap::Args)]
pub(crate) struct Scope {
    /// Alpha-3 code of the state; without, every state · État ; sans cela, tous
    #[arg(long, value_name = "COD")]
    country: Option<String>,
    /// HS code of the mineral; without, every mineral · Code SH ; sans cela, tous
    #[arg(long, value_name = "HS6")]
    mineral: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Propose {
    /// Name of the limit, as `list` gives it · Nom de la limite, selon `list`
    name: String,
    /// The limit, as 5%, 50kg, 20km, 60 · La limite, par exemple 5%, 50kg, 20km, 60
    value: String,
    #[command(flatten)]
    scope: Scope,
    /// Who asks · Qui le demande
    #[arg(long, value_name = "WHO")]
    by: String,
    /// Why · Pourquoi
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Decide {
    /// Number of the proposal · Numéro de la proposition
    proposal: i64,
    /// Who decides; not who proposed · Qui décide ; pas l'auteur de la proposition
    #[arg(long, value_name = "WHO")]
    by: String,
    /// Why · Pourquoi
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

pub(super) async fn parameter(global: &Global, command: ParameterCommand) -> Result<(), Failure> {
    match command {
        ParameterCommand::List(scope) => list(global, &scope).await,
        ParameterCommand::History => history(global).await,
        ParameterCommand::Proposals => proposals(global).await,
        ParameterCommand::Propose(args) => propose(global, args).await,
        ParameterCommand::Approve(args) => decide(global, args, true).await,
        ParameterCommand::Refuse(args) => decide(global, args, false).await,
    }
}

/// State by alpha-2 and mineral by HS6, as limits have them.
fn place(scope: &Scope) -> Result<(Option<String>, Option<String>), parameter::Error> {
    let state = |code: &String| {
        let known = country::alpha2_of(&code.to_uppercase());
        known.map(str::to_owned).ok_or_else(|| parameter::Error::Country(code.clone()))
    };
    let mineral =
        |code: &String| mineral::hs6(code).ok_or_else(|| parameter::Error::Mineral(code.clone()));
    Ok((
        scope.country.as_ref().map(state).transpose()?,
        scope.mineral.as_ref().map(mineral).transpose()?,
    ))
}

#[derive(Debug, Serialize)]
struct Listed {
    version: u32,
    limits: Vec<InForce>,
}

#[derive(Debug, Serialize)]
struct InForce {
    name: &'static str,
    rule: &'static str,
    unit: rmd_reconcile::Unit,
    value: i64,
    default: i64,
    written: String,
    en: &'static str,
    fr: &'static str,
}

impl InForce {
    fn of(limit: &'static Limit, parameters: &Parameters, country: &str, mineral: &str) -> Self {
        let value = parameters.get(limit.parameter, country, mineral);
        let default = Parameters::default().get(limit.parameter, country, mineral);
        let written = parameter::written(limit, value);
        let (name, rule, unit) = (limit.name, limit.rule.id(), limit.unit);
        Self { name, rule, unit, value, default, written, en: limit.en, fr: limit.fr }
    }
}

async fn list(global: &Global, scope: &Scope) -> Result<(), Failure> {
    let (country, mineral) = place(scope)?;
    let (country, mineral) = (country.unwrap_or_default(), mineral.unwrap_or_default());
    let hub = open::open(global).await?;
    let parameters = parameter::in_force(&mut *hub.store.acquire().await?).await?;
    let limits =
        Parameter::all().map(|limit| InForce::of(limit, &parameters, &country, &mineral)).collect();
    let listed = Listed { version: parameters.version, limits };
    global.format().print(&listed, |listed| {
        let heads = ["rule · règle", "limit · limite", "value · valeur", "", ""];
        let rows = listed.limits.iter().map(|one| {
            let changed = if one.value == one.default { "" } else { "*" };
            [one.rule, one.name, &one.written, changed, one.en].map(str::to_owned).to_vec()
        });
        format!(
            "version {}\n{}\n* changed · modifiée",
            listed.version,
            output::table(&heads, &rows.collect::<Vec<_>>())
        )
    })?;
    Ok(())
}

/// Where a change counts, for a person.
fn scope_text(country: Option<&str>, mineral: Option<&str>) -> String {
    let all = "all · tous";
    let country = country.and_then(country::alpha3_of).unwrap_or(all);
    format!("{country} / {}", mineral.unwrap_or(all))
}

fn written(name: &str, value: i64) -> String {
    let limit = Parameter::of(name).map(Parameter::limit);
    limit.map_or_else(|| value.to_string(), |limit| parameter::written(limit, value))
}

async fn history(global: &Global) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let changes = parameter::changes(&mut *hub.store.acquire().await?).await?;
    global.format().print(&changes, |changes| {
        let heads = ["version", "limit · limite", "", "value · valeur", "by · par", "on · le"];
        let row = |one: &Changed| {
            let scope = scope_text(one.country.as_deref(), one.mineral.as_deref());
            let value = written(&one.parameter, one.value);
            let at = open::instant(Some(one.at_us));
            [
                one.version.to_string(),
                one.parameter.clone(),
                scope,
                value,
                one.decided_by.clone(),
                at,
            ]
            .to_vec()
        };
        output::table(&heads, &changes.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(())
}

async fn proposals(global: &Global) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let all = parameter::list(&mut *hub.store.acquire().await?).await?;
    global.format().print(&all, |all| {
        let heads =
            ["number · numéro", "state · état", "limit · limite", "", "value · valeur", "by · par"];
        let row = |one: &Proposal| {
            let scope = scope_text(one.country.as_deref(), one.mineral.as_deref());
            let value = written(&one.parameter, one.value);
            let number = one.number.to_string();
            [
                number,
                one.state.clone(),
                one.parameter.clone(),
                scope,
                value,
                one.proposed_by.clone(),
            ]
            .to_vec()
        };
        output::table(&heads, &all.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(())
}

async fn propose(global: &Global, args: Propose) -> Result<(), Failure> {
    let (country, mineral) = place(&args.scope)?;
    let limit = parameter::limit(&args.name)?;
    let value = parameter::read(limit, &args.value)?;
    let word = Word::new(&args.by, &args.reason)?;
    let hub = open::open(global).await?;
    let row = Row { parameter: args.name, country, mineral, value };
    let mut transaction = hub.store.begin().await?;
    let proposal = parameter::propose(&mut transaction, &row, &word, hub.clock.now()).await?;
    transaction.commit().await?;
    global.format().print(&proposal, told)?;
    Ok(())
}

async fn decide(global: &Global, args: Decide, is_approved: bool) -> Result<(), Failure> {
    let word = Word::new(&args.by, &args.reason)?;
    let hub = open::open(global).await?;
    let policy = hub.config.share.policy();
    let publisher =
        share::Publisher::open(hub.store.clone(), &hub.dir, hub.clock.clone(), policy).await?;
    let (key, name) = publisher.signer();
    let now = hub.clock.now();
    let mut transaction = hub.store.begin().await?;
    let proposal = if is_approved {
        let approver = Approver { by: &word, signer: (&key, &name) };
        parameter::approve(&mut transaction, args.proposal, approver, now).await?
    } else {
        parameter::refuse(&mut transaction, args.proposal, &word, now).await?
    };
    transaction.commit().await?;
    global.format().print(&proposal, told)?;
    Ok(())
}

/// A line for a person.
fn told(proposal: &Proposal) -> String {
    let Proposal { number, parameter, state, version, .. } = proposal;
    let scope = scope_text(proposal.country.as_deref(), proposal.mineral.as_deref());
    let value = written(parameter, proposal.value);
    let version = version.map_or_else(String::new, |version| format!(", version {version}"));
    format!("proposal · proposition {number}: {parameter} = {value} ({scope}): {state}{version}")
}
