//! `rmd-node api`: who may use the node's API.

use clap::{Args, Subcommand};
use rmd_runtime::output;
use serde::Serialize;

use super::{Failure, Global, open};
use crate::api::{
    Store,
    token::{self, Listed, Rights, Unmade},
};

/// What can be done with the API.
#[derive(Debug, Subcommand)]
pub(super) enum ApiCommand {
    /// Tokens of those who may use it · Jetons de ceux qui peuvent l'utiliser
    #[command(subcommand)]
    Token(TokenCommand),
}

/// What can be done with tokens.
#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Make a token and show it once · Créer un jeton et le montrer une fois
    #[command(
        after_help = "Example · Exemple:\n  rmd-node api token create --name cadastre --read --write"
    )]
    Create(CreateArgs),
    /// List tokens, never the tokens themselves · Lister les jetons, jamais leur texte
    #[command(after_help = "Example · Exemple:\n  rmd-node api token list --json")]
    List,
    /// Refuse a token from now on · Refuser désormais un jeton
    #[command(after_help = "Example · Exemple:\n  rmd-node api token revoke cadastre")]
    Revoke {
        /// Name of the token · Nom du jeton
        name: String,
    },
}

/// A new token.
#[derive(Debug, Args)]
pub(super) struct CreateArgs {
    /// Who will use it, in your words · Qui l'utilisera, dans vos mots
    #[arg(long)]
    name: String,
    /// May read records, complete ones included · Peut lire les fiches, même complètes
    #[arg(long)]
    read: bool,
    /// May post and replace records · Peut envoyer et remplacer des fiches
    #[arg(long)]
    write: bool,
}

#[derive(Debug, Serialize)]
struct Created {
    name: String,
    token: String,
    #[serde(flatten)]
    rights: Rights,
}

#[derive(Debug, Serialize)]
struct Tokens {
    tokens: Vec<Listed>,
}

#[derive(Debug, Serialize)]
struct Revoked {
    revoked: String,
}

pub(super) async fn api(global: &Global, command: ApiCommand) -> Result<(), Failure> {
    let ApiCommand::Token(command) = command;
    let opened = open::open(global).await?;
    let clock = opened.store.clock().clone();
    let store = Store::open(&opened.directory.api_store(), clock).await?;
    match command {
        TokenCommand::Create(CreateArgs { name, read, write }) => {
            let rights = Rights { read, write };
            let secret = token::create(&store, &name, rights).await.map_err(unmade)?;
            let created = Created { name, token: secret.reveal().to_owned(), rights };
            global.format().print(&created, created_text)?;
        }
        TokenCommand::List => {
            let tokens = token::list(&store).await?;
            global.format().print(&Tokens { tokens }, list_text)?;
        }
        TokenCommand::Revoke { name } => {
            if !token::revoke(&store, &name).await? {
                return Err(Failure::not_found(format!(
                    "no token named {name} is in use / aucun jeton de ce nom n'est en service"
                )));
            }
            global.format().print(&Revoked { revoked: name }, |revoked| {
                format!("{} is refused from now on · est désormais refusé", revoked.revoked)
            })?;
        }
    }
    Ok(())
}

fn unmade(error: Unmade) -> Failure {
    match error {
        Unmade::Store(error) => error.into(),
        error => Failure::usage(error.to_string()),
    }
}

fn created_text(created: &Created) -> String {
    format!(
        "{}\nKeep it now, it is not shown again. Send it as `Authorization: Bearer …` or `X-API-Key: …`.\nGardez-le maintenant, il ne sera plus montré.",
        created.token
    )
}

fn list_text(tokens: &Tokens) -> String {
    let row = |token: &Listed| {
        let rights = match (token.may_read, token.may_write) {
            (true, true) => "read write",
            (true, false) => "read",
            (false, true) => "write",
            (false, false) => "",
        };
        vec![
            token.name.clone(),
            rights.to_owned(),
            open::instant(Some(token.created_at_us)),
            open::instant(token.last_used_us),
            open::instant(token.revoked_at_us),
        ]
    };
    let heads = [
        "token · jeton",
        "may · peut",
        "made · créé",
        "last used · dernier usage",
        "revoked · révoqué",
    ];
    output::table(&heads, &tokens.tokens.iter().map(row).collect::<Vec<_>>())
}
