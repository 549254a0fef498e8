//! Real signals to a real process: this one. They reach every lifecycle of the
//! process, so this file holds one test.

use std::{
    convert::Infallible,
    future::pending,
    process::{self, Command, ExitCode},
    time::Duration,
};

use rmd_runtime::{Lifecycle, exit};

const LONG: Duration = Duration::from_hours(1);

fn send(signal: &str) {
    let kill = format!("kill -{signal} {}", process::id());
    assert!(Command::new("sh").args(["-c", &kill]).status().expect("a shell").success());
}

fn is(code: ExitCode, number: u8) -> bool {
    format!("{code:?}") == format!("{:?}", ExitCode::from(number))
}

/// One signal asks for the end and waits for the tasks; a second one does not wait.
/// On one thread a spawned task runs after its lifecycle has begun to listen.
#[tokio::test]
async fn the_first_signal_asks_and_the_second_aborts() {
    for signal in ["TERM", "INT"] {
        let lifecycle = Lifecycle::new(LONG);
        let soft = lifecycle.soft();
        lifecycle.spawn("polite", async move {
            send(signal);
            soft.cancelled().await;
            Ok::<_, Infallible>(())
        });
        assert!(is(lifecycle.run_until_signal().await, exit::OK));
    }

    let lifecycle = Lifecycle::new(LONG);
    let soft = lifecycle.soft();
    lifecycle.spawn("stuck", async move {
        send("TERM");
        soft.cancelled().await;
        send("TERM");
        pending::<Result<(), Infallible>>().await
    });
    assert!(is(lifecycle.run_until_signal().await, exit::FAILURE));
}
