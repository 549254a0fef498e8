//! `rmd-hub migrate`: brings the tables of the store to this program's version.

use super::{Failure, Global, open};

pub(super) async fn migrate(global: &Global) -> Result<(), Failure> {
    let hub = open::connect(global).await?;
    let applied = hub.store.pending().await?;
    hub.store.migrate().await?;
    global.format().print(&serde_json::json!({"applied": applied}), |_| {
        if applied.is_empty() {
            "nothing to do · rien à faire".to_owned()
        } else {
            format!("applied · appliqué:\n  {}", applied.join("\n  "))
        }
    })?;
    Ok(())
}
