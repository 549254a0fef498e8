//! The node's key that opens bundles, and the recipient of the hub.
//!
//! The private key is a file of mode 0600 beside the feed key, made once and
//! never sent. The hub's recipient is pinned at the enrolment, or by the first
//! `--to`; another one takes the operator's word.

use std::fs;

use rmd_feed::bundle::{BundleKey, Recipient};
use rmd_runtime::files;

use super::Error;
use crate::{config::Directory, journal::Store};

/// Under which name the hub's recipient stands.
const HUB: &str = "hub";

/// The key of the node, made where there is none.
pub(crate) fn ensure(directory: &Directory) -> Result<BundleKey, Error> {
    let path = directory.bundle_key();
    if !path.exists() {
        let folder = path.parent().unwrap_or(directory.root());
        fs::create_dir_all(folder).map_err(|error| Error::File { path: path.clone(), error })?;
        files::write_secret(&path, BundleKey::generate().secret())?;
    }
    // Read again: another process may have written after us.
    Ok(BundleKey::from_secret(&files::read_secret_text(&path)?)?)
}

/// Pins the recipient that the hub sent at the enrolment; one that is none is left out.
pub(crate) async fn enrolled(store: &Store, recipient: &str) -> Result<(), Error> {
    match recipient.parse::<Recipient>() {
        Ok(recipient) => pin(store, &recipient).await,
        Err(_) => Ok(()),
    }
}

/// The recipient to which bundles for the hub are encrypted. `given` is pinned if
/// none is; in the place of another one only if it `replaces` it.
pub(super) async fn of_hub(
    store: &Store,
    given: Option<&Recipient>,
    replaces: bool,
) -> Result<Recipient, Error> {
    let pinned: Option<String> =
        sqlx::query_scalar("SELECT recipient FROM bundle_recipient WHERE owner = ?1")
            .bind(HUB)
            .fetch_optional(store.readers())
            .await?;
    let pinned = pinned.map(|text| text.parse::<Recipient>()).transpose()?;
    match (pinned, given) {
        (None, None) => Err(Error::NoRecipient),
        (Some(pinned), None) => Ok(pinned),
        (Some(pinned), Some(given)) if pinned == *given => Ok(pinned),
        (Some(_), Some(_)) if !replaces => Err(Error::OtherRecipient),
        (_, Some(given)) => {
            pin(store, given).await?;
            Ok(given.clone())
        }
    }
}

async fn pin(store: &Store, recipient: &Recipient) -> Result<(), Error> {
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    sqlx::query(
        "INSERT INTO bundle_recipient (owner, recipient, pinned_at_us) VALUES (?1, ?2, ?3)
         ON CONFLICT (owner) DO UPDATE SET
             recipient = excluded.recipient,
             pinned_at_us = excluded.pinned_at_us",
    )
    .bind(HUB)
    .bind(recipient.to_string())
    .bind(store.now_us())
    .execute(&mut *transaction)
    .await?;
    Ok(transaction.commit().await?)
}
