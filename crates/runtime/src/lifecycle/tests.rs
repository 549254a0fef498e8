use std::{convert::Infallible, future::pending, io, sync::atomic::AtomicU32};

use tokio::sync::oneshot;

use super::*;

const LONG: Duration = Duration::from_hours(1);

fn is(code: ExitCode, number: u8) -> bool {
    // `ExitCode` has no equality; its debug text is its number.
    format!("{code:?}") == format!("{:?}", ExitCode::from(number))
}

#[tokio::test]
async fn an_end_that_was_asked_for_is_ok_and_waits_for_tasks() {
    let lifecycle = Lifecycle::new(LONG);
    let (soft, finished) = (lifecycle.soft(), Arc::new(AtomicU32::new(0)));
    let count = finished.clone();
    lifecycle.spawn("tidy", async move {
        soft.cancelled().await;
        tokio::task::yield_now().await;
        count.fetch_add(1, Ordering::SeqCst);
        Ok::<_, Infallible>(())
    });
    lifecycle.handle().stop();
    assert!(is(lifecycle.run_until_signal().await, exit::OK));
    assert_eq!(finished.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_task_that_fails_ends_the_process_with_exit_code_1() {
    let lifecycle = Lifecycle::new(LONG);
    let other = lifecycle.soft();
    lifecycle.spawn("other", async move {
        other.cancelled().await;
        Ok::<_, Infallible>(())
    });
    lifecycle.spawn("failing", async { Err(io::Error::other("disk is full")) });
    assert!(is(lifecycle.run_until_signal().await, exit::FAILURE));
}

#[tokio::test]
async fn a_task_that_panics_ends_the_process_with_exit_code_1() {
    let lifecycle = Lifecycle::new(LONG);
    lifecycle.spawn("panicking", async {
        tokio::task::yield_now().await;
        assert!(LONG.is_zero(), "this panic is part of the test");
        Ok::<_, Infallible>(())
    });
    assert!(is(lifecycle.run_until_signal().await, exit::FAILURE));
}

#[tokio::test]
async fn a_task_that_is_done_ends_nothing() {
    let lifecycle = Lifecycle::new(LONG);
    lifecycle.spawn("short", async { Ok::<_, Infallible>(()) }).await.unwrap();
    assert!(!lifecycle.handle().is_stopping());
    assert!(is(lifecycle.shutdown().await, exit::OK));
}

#[tokio::test]
async fn a_task_that_outlasts_the_grace_period_is_dropped() {
    let grace = Duration::from_millis(20);
    let lifecycle = Lifecycle::new(grace);
    let (alive, dropped) = oneshot::channel::<()>();
    lifecycle.spawn("stuck", async move {
        let _alive = alive;
        pending::<Result<(), Infallible>>().await
    });
    let begin = tokio::time::Instant::now();
    assert!(is(lifecycle.shutdown().await, exit::FAILURE));
    assert!(begin.elapsed() >= grace);
    assert!(dropped.await.is_err(), "the task still holds what it held");
}

#[tokio::test]
async fn an_aborted_task_is_no_failure() {
    let lifecycle = Lifecycle::new(LONG);
    let task = lifecycle.spawn("stream", pending::<Result<(), Infallible>>());
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert!(is(lifecycle.shutdown().await, exit::OK));
}

#[tokio::test]
async fn what_cuts_the_grace_period_short_does_not_wait() {
    let lifecycle = Lifecycle::new(LONG);
    lifecycle.spawn("stuck", pending::<Result<(), Infallible>>());
    assert!(is(lifecycle.end(async {}).await, exit::FAILURE));
}

#[test]
fn a_log_line_holds_all_causes() {
    #[derive(Debug, thiserror::Error)]
    #[error("open the journal")]
    struct Outer(#[source] io::Error);
    assert_eq!(chain(&Outer(io::Error::other("disk is full"))), "open the journal: disk is full");
}
