//! Receipts: the hub cosigns each checkpoint of a node that it has durably applied.
//!
//! Owns the cosignature key, a file of mode 0600 beside the feed key and never in
//! the store. The feed key vouches for it, so a node that pinned the feed key when
//! it enrolled takes receipts without another ceremony, and a lost file is made
//! again. It refuses to sign what is no note.

use std::{path::Path, sync::Arc};

use rmd_feed::{Cosigner, FeedKey};
use rmd_proto::v1;
use rmd_runtime::{SharedClock, files};

use crate::registry;

/// File of the cosignature key in the state directory.
const COSIGNER_KEY: &str = "keys/cosigner.key";

/// With what receipts are given. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Cosigning {
    cosigner: Arc<Cosigner>,
    proof: Vec<u8>,
    clock: SharedClock,
}

impl Cosigning {
    /// Reads the cosignature key of the hub in `dir`, or makes it where there is none;
    /// `key` is the hub's feed key, `hub` its name on checkpoints.
    pub(crate) fn open(
        dir: &Path,
        (key, hub): (&FeedKey, &str),
        clock: SharedClock,
    ) -> Result<Self, registry::Error> {
        let path = dir.join(COSIGNER_KEY);
        let cosigner = if path.exists() {
            Cosigner::from_secret(&files::read_secret_text(&path)?)?
        } else {
            let cosigner = Cosigner::generate(&format!("{hub}/receipts"))?;
            files::write_secret(&path, cosigner.secret())?;
            cosigner
        };
        Ok(Self { proof: cosigner.vouched_by(key), cosigner: Arc::new(cosigner), clock })
    }

    /// The public key, and the feed key's word for it.
    pub(crate) fn key(&self) -> v1::CosignatureKey {
        let vkey = self.cosigner.verifier().vkey().to_owned();
        v1::CosignatureKey { vkey, proof: self.proof.clone() }
    }

    /// The receipt for a checkpoint that is durably applied: the note with the
    /// cosignature of now. Empty for what is no note.
    pub(crate) fn receipt(&self, checkpoint: &str) -> String {
        let at_s = u64::try_from(self.clock.now().as_second()).unwrap_or(0);
        self.cosigner.cosign(checkpoint, at_s).unwrap_or_default()
    }
}
