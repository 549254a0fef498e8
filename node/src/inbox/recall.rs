//! The hub's own frames, for a hub that was restored from a backup.

use prost::Message as _;
use rmd_proto::{Fault, v1};

use super::{Inbox, check_name, unavailable};
use crate::journal::Error;

impl Inbox {
    /// The first applied frame that ends after a seq; none at the end.
    pub(crate) async fn frame_after(
        &self,
        feed: &str,
        epoch: u32,
        after_seq: u64,
    ) -> Result<Option<v1::Frame>, Fault> {
        check_name(feed)?;
        let bytes: Option<Vec<u8>> = sqlx::query_scalar(
            "SELECT frame
             FROM inbox_frame
             WHERE feed = ?1 AND epoch = ?2 AND last_seq > ?3
             ORDER BY first_seq
             LIMIT 1",
        )
        .bind(feed)
        .bind(epoch)
        .bind(i64::try_from(after_seq).unwrap_or(i64::MAX))
        .fetch_optional(self.store.readers())
        .await
        .map_err(|error| unavailable(error.into()))?;
        bytes.map(|bytes| v1::Frame::decode(bytes.as_slice())).transpose().map_err(|_| {
            unavailable(Error::inconsistent("inbox_frame", "frame", after_seq.cast_signed()))
        })
    }
}
