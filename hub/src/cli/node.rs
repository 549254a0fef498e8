//! `rmd-hub node`: who belongs to the network.

use clap::Subcommand;
use rmd_runtime::output;
use serde::Serialize;

use super::{
    Failure, Global, open, recover,
    standing::{self as word, WordArgs},
};
use crate::{
    recover::Word,
    registry::{
        self,
        entitlement::{self, Level},
        invitation, node,
        standing::{self, Standing, State},
    },
};

#[derive(Debug, Subcommand)]
pub(crate) enum NodeCommand {
    /// Make a single-use token for one node of one state · Créer un jeton à usage unique
    #[command(after_help = "Example · Exemple:\n  rmd-hub node invite COD cod-mines --json")]
    Invite {
        /// ISO 3166-1 alpha-3 code of the state · Code alpha-3 de l'État
        country: String,
        /// Name of the node: a-z, 0-9, `-` · Nom du nœud
        name: String,
        /// Let a known node come with a new feed key, in a new epoch · Admettre une nouvelle clé, dans une nouvelle époque
        #[arg(long)]
        new_epoch: bool,
    },
    /// Keep one of two copies of a node; the others are turned away · Garder une copie d'un nœud, écarter les autres
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub node keep COD/cod-mines --boot-random 4711 --by \"A. Officer\" --reason \"The other machine was sold\""
    )]
    Keep {
        /// ALPHA-3/name, as COD/cod-mines
        id: String,
        /// Random number of its start, as `node boots` lists it · Nombre tiré à son démarrage
        #[arg(long, value_name = "N")]
        boot_random: u64,
        /// Who decides · Qui décide
        #[arg(long, value_name = "NAME")]
        by: String,
        /// Why · Pourquoi
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// The starts of a node, newest first · Les démarrages d'un nœud
    #[command(after_help = "Example · Exemple:\n  rmd-hub node boots COD/cod-mines")]
    Boots {
        /// ALPHA-3/name, as COD/cod-mines
        id: String,
    },
    /// Confirm that a node gave way where histories differed, or that a new epoch is whole · Confirmer une reprise
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub node confirm-recovery COD/cod-mines --by \"A. Officer\" --reason \"Restored after a disk failure, letter 12\""
    )]
    ConfirmRecovery {
        /// ALPHA-3/name, as COD/cod-mines
        id: String,
        /// Who decides · Qui décide
        #[arg(long, value_name = "NAME")]
        by: String,
        /// Why · Pourquoi
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Take a node out of the network: its certificates are void at once · Exclure un nœud : ses certificats sont nuls aussitôt
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub node revoke COD/cod-mines --by \"A. Officer\" --reason \"The machine was stolen, letter 31\"\n\nA running hub knows within a second. What was received stays. The node comes back by a new\n`node invite`; with --new-epoch if its feed key may be in other hands.\nUn pivot en marche le sait en une seconde. Ce qui fut reçu reste. Le nœud revient par un nouveau\n`node invite` ; avec --new-epoch si sa clé de flux peut être en d'autres mains."
    )]
    Revoke(WordArgs),
    /// Leave a node alone for a while; nothing is lost · Laisser un nœud de côté ; rien n'est perdu
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub node suspend COD/cod-mines --by \"A. Officer\" --reason \"Figures under review\""
    )]
    Suspend(WordArgs),
    /// Follow a suspended node again, from where it was left · Reprendre un nœud suspendu là où il fut laissé
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub node resume COD/cod-mines --by \"A. Officer\" --reason \"Review closed\""
    )]
    Resume(WordArgs),
    /// List the enrolled nodes and open invitations · Lister nœuds et invitations
    #[command(after_help = "Example · Exemple:\n  rmd-hub node list")]
    List,
    /// Show one node · Montrer un nœud
    #[command(after_help = "Example · Exemple:\n  rmd-hub node show COD/cod-mines")]
    Show {
        /// ALPHA-3/name, as COD/cod-mines
        id: String,
    },
    /// Set what the hub receives of a node; the lesser of both sides counts · Fixer ce que le pivot reçoit ; le moindre des deux compte
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub node entitle COD/cod-mines transactions live\n  rmd-hub node entitle COD/cod-mines transactions shadow --entity Lot"
    )]
    Entitle {
        /// ALPHA-3/name, as COD/cod-mines
        id: String,
        /// master-data or transactions · master-data ou transactions
        feed: String,
        /// off, shadow or live
        level: Level,
        /// One record type only, as Lot · Un seul type de fiche
        #[arg(long, value_name = "ENTITY")]
        entity: Option<String>,
    },
}

pub(super) async fn node(global: &Global, command: NodeCommand) -> Result<(), Failure> {
    match command {
        NodeCommand::Invite { country, name, new_epoch } => {
            invite(global, &country, &name, new_epoch).await
        }
        NodeCommand::Keep { id, boot_random, by, reason } => {
            recover::keep(global, &id, boot_random, &Word::new(&by, &reason)?).await
        }
        NodeCommand::Boots { id } => recover::boots(global, &id).await,
        NodeCommand::ConfirmRecovery { id, by, reason } => {
            recover::confirm(global, &id, &Word::new(&by, &reason)?).await
        }
        NodeCommand::Revoke(args) => word::set(global, &args, State::Revoked).await,
        NodeCommand::Suspend(args) => word::set(global, &args, State::Suspended).await,
        NodeCommand::Resume(args) => word::set(global, &args, State::Active).await,
        NodeCommand::List => list(global).await,
        NodeCommand::Show { id } => show(global, &id).await,
        NodeCommand::Entitle { id, feed, level, entity } => {
            entitle(global, &id, &feed, entity.as_deref(), level).await
        }
    }
}

#[derive(Debug, Serialize)]
struct Invited {
    node: String,
    token: String,
    expires_at: String,
    expires_at_us: i64,
}

async fn invite(
    global: &Global,
    country: &str,
    name: &str,
    is_new_epoch: bool,
) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let now = hub.clock.now();
    let invite = (country, name);
    let invited = invitation::invite(&hub.store, &hub.config, invite, is_new_epoch, now).await?;
    let expires_at_us = invited.expires_at.as_microsecond();
    let invited = Invited {
        node: invited.node_id,
        token: invited.token.to_string(),
        expires_at: invited.expires_at.to_string(),
        expires_at_us,
    };
    global.format().print(&invited, |invited| {
        format!(
            "Give this token to the ministry over a channel you trust; it is good once, until {0}.\n\
             Remettez ce jeton au ministère par une voie sûre ; il vaut une fois, jusqu'au {0}.\n\n\
             {1}",
            invited.expires_at, invited.token
        )
    })?;
    Ok(())
}

#[derive(Debug, Serialize)]
struct ListedNode {
    #[serde(flatten)]
    node: node::Node,
    standing: Standing,
}

#[derive(Debug, Serialize)]
struct Listed {
    nodes: Vec<ListedNode>,
    invitations: Vec<invitation::Open>,
}

async fn list(global: &Global) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let mut connection = hub.store.acquire().await?;
    let mut standings = standing::all(&mut connection).await?;
    let with_standing = |node: node::Node| {
        let standing = standings.remove(&node.id).unwrap_or_default();
        ListedNode { node, standing }
    };
    let listed = Listed {
        nodes: node::all(&mut connection).await?.into_iter().map(with_standing).collect(),
        invitations: invitation::open(&mut connection, hub.clock.now()).await?,
    };
    global.format().print(&listed, |listed| {
        let mut rows: Vec<Vec<String>> = listed
            .nodes
            .iter()
            .map(|ListedNode { node, standing }| {
                let until = open::instant(Some(node.certificate_not_after_us));
                let state = word::word(standing.state).to_owned();
                vec![node.id.clone(), state, node.address.clone(), until]
            })
            .collect();
        rows.extend(listed.invitations.iter().map(|open| {
            let until = open::instant(Some(open.expires_at_us));
            vec![open.node.clone(), "invited · invité".to_owned(), String::new(), until]
        }));
        output::table(
            &["node · nœud", "state · état", "address · adresse", "until · jusqu'à"],
            &rows,
        )
    })?;
    Ok(())
}

#[derive(Debug, Serialize)]
struct Shown {
    #[serde(flatten)]
    node: node::Node,
    standing: Standing,
    entitlements: Vec<entitlement::Set>,
}

async fn show(global: &Global, id: &str) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let mut connection = hub.store.acquire().await?;
    let node = node::find(&mut connection, id).await?.ok_or_else(|| unknown(id))?;
    let entitlements = entitlement::levels(&mut connection, id).await?.listed();
    let standing = standing::of(&mut connection, id).await?;
    global.format().print(&Shown { node, standing, entitlements }, |shown| {
        let node = &shown.node;
        let mut lines = vec![format!(
            "node · nœud: {}\nidentity · identité: {}\naddress · adresse: {}\nfeed key · clé: {}\n\
             certificate · certificat: {} → {}",
            node.id,
            node.identity,
            node.address,
            node.feed_vkey,
            node.certificate_serial,
            open::instant(Some(node.certificate_not_after_us)),
        )];
        if shown.standing.since_us.is_some() {
            lines.push(word::text(&node.id, &shown.standing));
        }
        let sets = shown.entitlements.iter();
        lines.extend(sets.map(|set| format!("{} {}: {}", set.feed, set.entity, set.level)));
        lines.join("\n")
    })?;
    Ok(())
}

async fn entitle(
    global: &Global,
    id: &str,
    feed: &str,
    entity: Option<&str>,
    level: Level,
) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let mut transaction = hub.store.begin().await?;
    node::find(&mut transaction, id).await?.ok_or_else(|| unknown(id))?;
    let now = hub.clock.now();
    let set = entitlement::set(&mut transaction, id, feed, entity, level, now).await?;
    transaction.commit().await?;
    global.format().print(&serde_json::json!({"node": id, "entitlement": set}), |_| {
        format!("{id}: {feed} {} = {level}", entity.unwrap_or("*"))
    })?;
    Ok(())
}

fn unknown(id: &str) -> registry::Error {
    registry::Error::NodeUnknown(id.to_owned())
}
