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
    can_go_ahead: bool,
    /// While frames are on their way.
    permit: Option<SemaphorePermit<'static>>,
}

#[derive(Debug)]
struct Running {
    names: HashSet<u64>,
    /// One task, which ends with the value.
    task: JoinSet<Result<Prepared, Error>>,
}

impl Lane {
    /// One that takes frames if the store can do it.
    pub(super) fn open(landing: &Landing) -> Self {
        let (can_go_ahead, feed) = (landing.can_go_ahead(), landing.owner.feed.clone());
        Self { feed, running: VecDeque::new(), can_go_ahead, permit: None }
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
    /// that are on their way, or too many feeds are loaded.
    pub(super) fn take(
        &mut self,
        landing: &Arc<Landing>,
        mut prepared: Box<Prepared>,
    ) -> Result<(), Box<Prepared>> {
        if !self.can_go_ahead || self.permit.is_none() && !self.enter() {
            return Err(prepared);
        }
        let names = prepared.take_names();
        let free = |names: &HashSet<u64>| {
            self.running.iter().all(|before| before.names.is_disjoint(names))
        };
        let Some(names) = names.filter(free) else {
            self.leave_if_empty();
            return Err(prepared);
        };
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
        self.leave_if_empty();
        written.unwrap_or_else(|error| {
            let fault = Fault::new(Code::Internal, error.to_string());
            Err(Error::FeedUnfit { feed: self.feed.clone(), fault })
        })
    }

    fn enter(&mut self) -> bool {
        self.permit = LANES.try_acquire().ok();
        self.permit.is_some()
    }

    /// Leaves its place to another feed: who loads takes one again.
    fn leave_if_empty(&mut self) {
        if self.running.is_empty() {
            self.permit = None;
        }
    }
}

#[cfg(test)]
mod tests;
