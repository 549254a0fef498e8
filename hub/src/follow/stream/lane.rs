//! The frames of a first load, two at a time.
//!
//! On PostgreSQL the rows of a frame are written while those of the frame before it
//! are. Owns which frames may go so, and their order: a frame is committed after the
//! one before it, or not at all. What is dropped here is undone by the store.

use std::{
    collections::{HashSet, VecDeque},
    future,
    sync::Arc,
};

use rmd_proto::{Code, Fault};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    task::JoinSet,
};

use crate::follow::{
    Error,
    landing::{Landing, Prepared},
};

/// Frames whose rows are written at once: the hub prepares a frame in half of the
/// time in which one process of the server writes it.
const WIDTH: usize = 2;

/// Feeds that load so at once in this process. Two connections each are half of the
/// store's, so that a frame whose turn it is always gets one.
const LANES_MAX: usize = 4;

static LANES: Semaphore = Semaphore::const_new(LANES_MAX);

/// Frames on their way, oldest first.
#[derive(Debug)]
pub(super) struct Lane {
    feed: String,
    running: VecDeque<Running>,
    /// None where frames go one by one.
    permit: Option<SemaphorePermit<'static>>,
}

#[derive(Debug)]
struct Running {
    names: HashSet<u64>,
    /// One task, which ends with the value.
    task: JoinSet<Result<Prepared, Error>>,
}

impl Lane {
    /// One for a feed that is loaded, if the store can do it and there is room; else one
    /// that takes nothing.
    pub(super) fn open(landing: &Landing, is_load: bool) -> Self {
        let permit = (is_load && landing.can_go_ahead()).then(|| LANES.try_acquire().ok());
        let feed = landing.owner.feed.clone();
        Self { feed, running: VecDeque::new(), permit: permit.flatten() }
    }

    /// The load is over: takes nothing more, and leaves its place to another feed.
    pub(super) fn close(&mut self) {
        self.permit = None;
    }

    /// Whether one more frame may come.
    pub(super) fn has_room(&self) -> bool {
        self.running.len() < WIDTH
    }

    /// Whether no frame is on its way.
    pub(super) fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    /// Begins to write the rows of a frame; gives it back if it must wait for those
    /// that are on their way.
    pub(super) fn take(
        &mut self,
        landing: &Arc<Landing>,
        mut prepared: Box<Prepared>,
    ) -> Result<(), Box<Prepared>> {
        if self.permit.is_none() {
            return Err(prepared);
        }
        let Some(names) = prepared.take_names() else { return Err(prepared) };
        if !self.running.iter().all(|before| before.names.is_disjoint(&names)) {
            return Err(prepared);
        }
        let landing = Arc::clone(landing);
        let mut task = JoinSet::new();
        task.spawn(async move { landing.ahead(*prepared).await });
        self.running.push_back(Running { names, task });
        Ok(())
    }

    /// The oldest frame once its rows are written; never if there is none. Nothing is
    /// lost if it is not waited for.
    pub(super) async fn next(&mut self) -> Result<Prepared, Error> {
        let Some(first) = self.running.front_mut() else { return future::pending().await };
        let Some(written) = first.task.join_next().await else { return future::pending().await };
        self.running.pop_front();
        written.unwrap_or_else(|error| {
            let fault = Fault::new(Code::Internal, error.to_string());
            Err(Error::FeedUnfit { feed: self.feed.clone(), fault })
        })
    }
}

#[cfg(test)]
mod tests;
