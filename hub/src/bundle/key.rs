//! The hub's key that opens bundles, and the recipients of the nodes.
//!
//! The private key is a file of mode 0600 beside the feed key, made once and
//! never sent. A node's recipient is pinned at its enrolment, or by the first
//! `--to`; another one takes an officer's word.

use std::{fs, path::Path};

use jiff::Timestamp;
use rmd_feed::bundle::{BundleKey, Recipient};
use rmd_runtime::files;
use sqlx::AnyConnection;

use super::Error;
use crate::store::{self, Store, expect_rows};

/// File of the key.
const FILE: &str = "keys/bundle.key";

/// Under which name the hub's own recipient stands.
const HUB: &str = "hub";

/// The key of the hub in `dir`, made where there is none, and its recipient in the
/// store, where the enrolment finds it.
pub(crate) async fn ensure(dir: &Path, store: &Store, now: Timestamp) -> Result<BundleKey, Error> {
    let path = dir.join(FILE);
    if !path.exists() {
        let folder = path.parent().unwrap_or(dir);
        let file = |error| Error::File { path: path.clone(), error };
        fs::create_dir_all(folder).map_err(file)?;
        files::write_secret(&path, BundleKey::generate().secret())?;
    }
    // Read again: another process may have written after us.
    let key = BundleKey::from_secret(&files::read_secret_text(&path)?)?;
    let recipient = key.recipient().to_string();
    if of(&mut *store.acquire().await?, HUB).await?.as_ref() != Some(&recipient) {
        let mut transaction = store.begin().await?;
        pin(&mut transaction, HUB, &recipient, now).await?;
        transaction.commit().await?;
    }
    Ok(key)
}

/// The hub's own recipient as text; empty before its key was made.
pub(crate) async fn own(connection: &mut AnyConnection) -> Result<String, store::Error> {
    Ok(of(connection, HUB).await?.unwrap_or_default())
}

/// Pins the recipient that a node sent with its enrolment; one that is none is left out.
pub(crate) async fn enrolled(
    connection: &mut AnyConnection,
    node_id: &str,
    recipient: &str,
    now: Timestamp,
) -> Result<(), store::Error> {
    match recipient.parse::<Recipient>() {
        Ok(recipient) => pin(connection, node_id, &recipient.to_string(), now).await,
        Err(_) => Ok(()),
    }
}

/// The recipient to which bundles for a node are encrypted. `given` is pinned if
/// none is; in the place of another one only if it `replaces` it.
pub(super) async fn for_node(
    connection: &mut AnyConnection,
    node_id: &str,
    given: Option<&Recipient>,
    replaces: bool,
    now: Timestamp,
) -> Result<Recipient, Error> {
    let pinned = of(connection, node_id).await?;
    let pinned = pinned.map(|text| text.parse::<Recipient>()).transpose()?;
    match (pinned, given) {
        (None, None) => Err(Error::NoRecipient(node_id.to_owned())),
        (Some(pinned), None) => Ok(pinned),
        (Some(pinned), Some(given)) if pinned == *given => Ok(pinned),
        (Some(_), Some(_)) if !replaces => Err(Error::OtherRecipient(node_id.to_owned())),
        (_, Some(given)) => {
            pin(connection, node_id, &given.to_string(), now).await?;
            Ok(given.clone())
        }
    }
}

async fn of(connection: &mut AnyConnection, owner: &str) -> Result<Option<String>, store::Error> {
    let row: Option<(String,)> =
        sqlx::query_as("SELECT recipient FROM bundle_recipient WHERE owner = $1")
            .bind(owner)
            .fetch_optional(connection)
            .await?;
    Ok(row.map(|(recipient,)| recipient))
}

async fn pin(
    connection: &mut AnyConnection,
    owner: &str,
    recipient: &str,
    now: Timestamp,
) -> Result<(), store::Error> {
    let affected = sqlx::query(
        "INSERT INTO bundle_recipient (owner, recipient, pinned_at_us) VALUES ($1, $2, $3) \
         ON CONFLICT (owner) DO UPDATE SET \
         recipient = excluded.recipient, \
         pinned_at_us = excluded.pinned_at_us",
    )
    .bind(owner)
    .bind(recipient)
    .bind(now.as_microsecond())
    .execute(connection)
    .await?
    .rows_affected();
    expect_rows("bundle_recipient", 1, affected)
}
