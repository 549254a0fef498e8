//! A case that is asked, answered and decided in files alone.

use anyhow::{Context as _, Result, ensure};
use rmd_demo::wait::until;
use serde_json::Value;

use super::{Apart, outcomes};

impl Apart {
    fn at_hub(&self, case_id: &str) -> Result<Value> {
        self.network.hub_command(&["case", "show", case_id])
    }

    /// Waits until the notice of a case in its state's feed is of a revision.
    async fn told(&self, case_id: &str, rev: u64) -> Result<()> {
        until(&format!("revision {rev} of the notice is there"), || {
            let shown = self.at_hub(case_id)?;
            Ok((shown["notices"][0]["rev"].as_u64() == Some(rev)).then_some(()))
        })
        .await
    }

    /// A return bundle goes to the node, and nothing in it is refused.
    fn bring_back(&self, name: &str) -> Result<()> {
        let (code, taken) = self.take_back(&self.returned(name)?)?;
        ensure!(code == 0 && outcomes(&taken).contains(&"applied"), "{taken:#}");
        Ok(())
    }
}

// Goal: a ministry that no network reaches is heard like any other. Method: what was found
// is asked in a return bundle; the answer leaves in a bundle of the feed of answers alone,
// is imported twice and shows once; the decision goes back.
#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_asked_answered_and_decided_without_a_network() -> Result<()> {
    let apart = Apart::new().await?;
    let (code, imported) = apart.import(&apart.export("first", &[])?)?;
    ensure!(code == 0, "{imported:#}");
    apart.network.hub_command(&["reconcile", "run", "--all"])?;
    let case_id = until("a case is open", || {
        let listed = apart.network.hub_command(&["case", "list", "--state", "open"])?;
        Ok(listed["cases"][0]["case_id"].as_str().map(str::to_owned))
    })
    .await?;
    apart.network.hub_command(&["case", "send", &case_id, "--by", "An Officer"])?;
    apart.told(&case_id, 1).await?;
    apart.bring_back("asked")?;
    let node = |arguments: &[&str]| apart.network.node_command(apart.node(), arguments);
    ensure!(node(&["case", "show", &case_id])?["state"] == "sent", "it was not asked");

    let text = "pesé humide à la frontière";
    let reply = ["case", "reply", &case_id, "--by", "Cadastre minier", "--text", text];
    node(&reply)?;
    let answer = apart.export("answer", &[])?;
    ensure!(answer.len() == 1, "{answer:?}");
    let name = answer[0].file_name().context("name the file")?.to_string_lossy().into_owned();
    ensure!(name.contains("answers"), "{name}");
    for word in ["applied", "known"] {
        let (code, imported) = apart.import(&answer)?;
        ensure!(code == 0 && outcomes(&imported) == [word], "{imported:#}");
    }
    apart.told(&case_id, 2).await?;
    let shown = apart.at_hub(&case_id)?;
    ensure!(shown["state"] == "answered" && shown["answers"] == 1, "{shown:#}");
    ensure!(shown["replies"][0]["text"] == text, "{shown:#}");

    let decide = ["case", "decide", &case_id, "explained", "--by", "An Analyst", "--reason"];
    apart.network.hub_command(&[&decide[..], &["the slip shows it"]].concat())?;
    apart.told(&case_id, 3).await?;
    apart.bring_back("decided")?;
    let seen = node(&["case", "show", &case_id])?;
    ensure!(seen["state"] == "explained", "{seen:#}");
    ensure!(seen["decision"]["reason"] == "the slip shows it", "{seen:#}");
    ensure!(seen["replies"][0]["is_received"] == true, "{seen:#}");
    apart.assert_same().await
}
