//! The hub's own feeds: which there are, and who may read each.
//!
//! `shared` goes to every node; each node has one `verdicts` of its own. On the
//! wire all of the latter have one name; in the store and on their checkpoints
//! the node's id stands behind it. So the origin that is signed names the
//! audience: a frame of one node's verdicts can be neither stored nor believed
//! as another's. `checkpoints` goes to auditors and to no node; it alone may begin
//! another epoch, since nobody gives its entries back to a hub that was restored.

use rmd_feed::Origin;

/// The epoch that the hub writes for nodes; a new one begins only with a lost key or store.
pub(crate) const EPOCH: u32 = 1;

/// One of the hub's own feeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnFeed {
    /// Name on the wire, in entries and in frames.
    name: &'static str,
    /// Name in the store and in the origin.
    stored: String,
    epoch: u32,
}

impl OwnFeed {
    /// Name of the feed that goes to every node.
    pub(crate) const SHARED: &'static str = "shared";
    /// Name of the feed of which each node has one.
    pub(crate) const VERDICTS: &'static str = "verdicts";

    /// Name of the feed that auditors follow.
    pub(crate) const CHECKPOINTS: &'static str = "checkpoints";

    /// Decisions, bulletins and whatever else every node gets.
    pub(crate) fn shared() -> Self {
        Self { name: Self::SHARED, stored: Self::SHARED.to_owned(), epoch: EPOCH }
    }

    /// The nodes' checkpoints, for auditors.
    pub(crate) fn checkpoints(epoch: u32) -> Self {
        Self { name: Self::CHECKPOINTS, stored: Self::CHECKPOINTS.to_owned(), epoch }
    }

    /// What one node is told of its own records.
    pub(crate) fn verdicts(node_id: &str) -> Self {
        let stored = format!("{}/{node_id}", Self::VERDICTS);
        Self { name: Self::VERDICTS, stored, epoch: EPOCH }
    }

    /// Everything that one node may be sent.
    pub(crate) fn of_node(node_id: &str) -> [Self; 2] {
        [Self::shared(), Self::verdicts(node_id)]
    }

    /// The feed that the store names so, in the epoch that it has there; none if it is
    /// no feed of the hub.
    pub(crate) fn from_stored(stored: &str, epoch: u32) -> Option<Self> {
        match stored.split_once('/') {
            None if stored == Self::CHECKPOINTS => Some(Self::checkpoints(epoch)),
            None => (stored == Self::SHARED).then(Self::shared),
            Some((name, node_id)) => (name == Self::VERDICTS).then(|| Self::verdicts(node_id)),
        }
    }

    /// Name on the wire, in entries and in frames.
    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }

    /// Name in the store.
    pub(crate) fn stored(&self) -> &str {
        &self.stored
    }

    /// The epoch of its entries.
    pub(crate) const fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Name on checkpoints; `hub` as in `rmd.net/hub`.
    pub(crate) fn origin(&self, hub: &str) -> Origin {
        Origin::new(hub, &self.stored, self.epoch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_feed_is_found_again_by_its_stored_name_and_no_other_is() {
        for feed in OwnFeed::of_node("COD/cod-mines") {
            assert_eq!(OwnFeed::from_stored(feed.stored(), EPOCH), Some(feed));
        }
        let checkpoints = OwnFeed::checkpoints(7);
        assert_eq!(OwnFeed::from_stored(checkpoints.stored(), 7), Some(checkpoints));
        for name in ["", "verdicts", "master-data", "shared/COD/cod-mines"] {
            assert_eq!(OwnFeed::from_stored(name, EPOCH), None);
        }
    }

    #[test]
    fn verdicts_of_two_nodes_have_one_name_and_two_origins() {
        let [one, two] = ["COD/cod-mines", "RWA/rwa-mines"].map(OwnFeed::verdicts);
        assert_eq!(one.name(), two.name());
        assert_ne!(one.origin("rmd.net/hub"), two.origin("rmd.net/hub"));
        assert_eq!(one.origin("rmd.net/hub").as_str(), "rmd.net/hub/verdicts/COD/cod-mines/1");
    }
}
