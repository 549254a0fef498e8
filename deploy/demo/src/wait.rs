//! Waiting for a state of the network: it is asked for, never assumed.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How long a step may take before the demonstration gives up: the first load
/// of the largest input takes a tenth of it on two cores.
const PATIENCE: Duration = Duration::from_mins(2);

/// Asks until there is an answer. The name stands in the error.
pub async fn until<T>(name: &str, mut ask: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    eventually(name, async || ask()).await
}

/// The same where the asking itself waits.
pub async fn eventually<T>(
    name: &str,
    mut ask: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let begin = Instant::now();
    loop {
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
        if begin.elapsed() > PATIENCE {
            bail!("waited {} s in vain until {name}", PATIENCE.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
