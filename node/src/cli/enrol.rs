//! `rmd-node enrol`: trades the Secretariat's token for a certificate.
//!
//! The keys are made here and never leave. An answer that was lost does no harm:
//! the same token with the same keys gets the same answer, so the key is kept
//! until the certificate is.

use std::{
    fs,
    io::{self, Read as _},
    path::PathBuf,
};

use anyhow::Context as _;
use clap::Args;
use rmd_feed::FeedKey;
use rmd_link::{
    Credentials, Identity,
    enrol::{self, Application, Token},
    keys,
};
use rmd_runtime::files;
use serde::Serialize;

use super::{Failure, Global, open, progress};
use crate::{
    bundle,
    config::Directory,
    journal::{
        Owner,
        adopt::epoch::{self, GoesOn},
        clock,
        enrolment::{self, Enrolment},
        revocation,
    },
    recover,
    server::RunLock,
};

/// A token is one line; a larger file is none.
const TOKEN_BYTES_MAX: u64 = 64 * 1024;

/// What `enrol` is told.
#[derive(Debug, Args)]
#[command(
    after_help = "Example · Exemple:\n  rmd-node enrol --token-file token.txt --advertise mines.gouv.cd:7441\n  rmd-node enrol - --advertise mines.gouv.cd:7441 < token.txt"
)]
pub(super) struct EnrolArgs {
    /// The token, or `-` for standard input; arguments can be seen by other users · Le jeton, ou `-`
    #[arg(required_unless_present = "token_file", conflicts_with = "token_file")]
    token: Option<String>,
    /// File that holds the token · Fichier qui contient le jeton
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Address at which the hub reaches the node · Adresse où le pivot atteint le nœud
    #[arg(long, value_name = "HOST:PORT")]
    advertise: String,
}

#[derive(Debug, Serialize)]
struct Answer {
    #[serde(flatten)]
    enrolment: Enrolment,
    feed_vkey: String,
    /// How the feeds go on that the hub held before.
    feeds: Vec<Feed>,
}

#[derive(Debug, Serialize)]
struct Feed {
    feed: &'static str,
    goes_on: GoesOn,
}

pub(super) async fn enrol(global: &Global, args: EnrolArgs) -> Result<(), Failure> {
    let opened = open::open(global).await?;
    // A running node would go on with the old certificate, and two enrolments at
    // once would each make a feed key.
    let _lock = RunLock::take(&opened.directory)?;
    clock::check(&opened.store).await?;
    let token: Token = read_token(&args)?.parse()?;
    let node = &opened.config.node;
    if (token.country.as_str(), token.name.as_str()) != (node.country.alpha3(), &node.name) {
        return Err(Failure::data(format!(
            "the token invites {}/{} and this node is {}/{}; ask for a token of its own / le jeton invite un autre nœud ; demandez-en un pour celui-ci",
            token.country,
            token.name,
            node.country.alpha3(),
            node.name
        )));
    }
    let identity = token.identity()?;
    let feed_key = feed_key(&opened.directory, &identity)?;
    let (key_pem, csr_der) = signing_request(&opened.directory, &identity)?;
    let proof = enrol::proof_digest(&token.secret.to_text(), &csr_der);
    let application = Application {
        csr_der,
        feed_vkey: feed_key.vkey(),
        feed_key_proof: feed_key.sign_bytes(&proof),
        advertise: Some(args.advertise.clone()),
        bundle_recipient: bundle::key::ensure(&opened.directory)?.recipient().to_string(),
    };
    let spinner = progress::spinner("asking the hub · demande au pivot");
    let answer = enrol::certify(&token, application, opened.store.clock()).await;
    spinner.finish_and_clear();
    let answer = answer?;
    let tls = opened.directory.tls();
    Credentials::store(&tls, &key_pem, &answer.chain_der, &answer.roots_der)?;
    let enrolment = Enrolment {
        identity: answer.identity.to_string(),
        hub_identity: answer.hub_identity.to_string(),
        hub_feed_vkey: answer.hub_feed_vkey,
        hub_address: token.hub_address,
        advertise: args.advertise,
        not_after_us: answer.not_after.as_microsecond(),
    };
    enrolment::save(&opened.store, &enrolment).await?;
    revocation::over(&opened.store).await?;
    bundle::key::enrolled(&opened.store, &answer.hub_bundle_recipient).await?;
    let owner = Owner { name: feed_key.name().to_owned(), key: feed_key.clone() };
    let feeds = epoch::enrolled(&opened.store, &owner, &answer.held).await?;
    recover::epochs::inspect(&opened.directory, &opened.store).await?;
    fs::remove_file(opened.directory.pending_key()).context("remove the key of the request")?;
    let feeds = feeds.into_iter().map(|(feed, goes_on)| Feed { feed, goes_on }).collect();
    let answer = Answer { enrolment, feed_vkey: feed_key.vkey(), feeds };
    global.format().print(&answer, text)?;
    Ok(())
}

fn read_token(args: &EnrolArgs) -> Result<String, Failure> {
    let mut text = String::new();
    match (&args.token_file, &args.token) {
        (Some(path), _) => {
            let file = fs::File::open(path)
                .with_context(|| format!("read the token in {}", path.display()))?;
            file.take(TOKEN_BYTES_MAX).read_to_string(&mut text)?;
        }
        (None, Some(token)) if token == "-" => {
            io::stdin().lock().take(TOKEN_BYTES_MAX).read_to_string(&mut text)?;
        }
        (None, token) => text = token.clone().unwrap_or_default(),
    }
    Ok(text)
}

/// The feed key of this node, made at its first enrolment and kept for good.
fn feed_key(directory: &Directory, identity: &Identity) -> Result<FeedKey, Failure> {
    let (path, name) = (directory.feed_key(), identity.owner());
    if path.exists() {
        let key = FeedKey::from_secret(&files::read_secret_text(&path)?)?;
        if key.name() != name {
            return Err(Failure::data(format!(
                "{} is the key of {} and the token is for {name}; use a new state directory / la clé des flux est d'un autre nœud ; prenez un nouveau répertoire d'état",
                path.display(),
                key.name(),
            )));
        }
        return Ok(key);
    }
    let key = FeedKey::generate(&name)?;
    make_folder(directory)?;
    files::write_secret(&path, key.secret())?;
    Ok(key)
}

/// A key for the certificate and the request to sign it; the key of an
/// unanswered request is used again.
fn signing_request(
    directory: &Directory,
    identity: &Identity,
) -> Result<(String, Vec<u8>), Failure> {
    let path = directory.pending_key();
    if path.exists() {
        let key_pem = files::read_secret_text(&path)?;
        let csr_der = keys::csr(identity, &key_pem)?;
        return Ok((key_pem, csr_der));
    }
    let (key_pem, csr_der) = keys::new_key_and_csr(identity)?;
    make_folder(directory)?;
    files::write_secret(&path, &key_pem)?;
    Ok((key_pem, csr_der))
}

fn make_folder(directory: &Directory) -> Result<(), Failure> {
    let path = directory.feed_key();
    let folder = path.parent().unwrap_or(directory.root());
    fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    Ok(())
}

fn text(answer: &Answer) -> String {
    let Enrolment { identity, hub_identity, advertise, not_after_us, .. } = &answer.enrolment;
    let feeds: String = answer.feeds.iter().map(feed_text).collect();
    format!(
        "enrolled · inscrit: {identity}\nhub · pivot: {hub_identity}\n\
         reached at · atteint à: {advertise}\ncertificate until · certificat jusqu'au: {}\n\
         feed key · clé des flux: {}\n{feeds}\nnext · ensuite:\n  rmd-node run",
        open::instant(Some(*not_after_us)),
        answer.feed_vkey,
    )
}

fn feed_text(feed: &Feed) -> String {
    let how = match feed.goes_on {
        GoesOn::AsItIs => "goes on · continue",
        GoesOn::Lacking => "waits for its entries from the hub · attend ses entrées du pivot",
        GoesOn::NewEpoch => "begins a new epoch · commence une nouvelle époque",
    };
    format!("{}: {how}\n", feed.feed)
}
