//! What the demonstration changes in the national databases.

use anyhow::Result;

use crate::states::State;

/// Changes a child row in COD, a parent row in RWA, and deletes a row in UGA.
pub async fn second_exchange(states: &[State]) -> Result<()> {
    for state in states {
        state.execute(&statements(state)).await?;
    }
    Ok(())
}

/// One more change in one state, different at every call: for watching rows arrive.
pub async fn one_more(states: &[State], turn: usize) -> Result<String> {
    let state = &states[turn % states.len()];
    let (statement, what) = match state.country {
        "COD" => (
            format!(
                "UPDATE visites SET workers_numb = '{}', modifie_le = strftime('%Y-%m-%d %H:%M:%S', 'now', '+2 hours')
                 WHERE vid = (SELECT vid FROM visites ORDER BY pcode, visit_date DESC, vid DESC LIMIT 1)",
                20 + turn
            ),
            "workers of the first site",
        ),
        "RWA" => (
            format!("UPDATE sites SET workers = {}, updated_at = {} WHERE id = 3", 40 + turn, now(state)),
            "workers of NGO-001",
        ),
        _ => (
            format!("UPDATE site_register SET diggers = {} WHERE site_ref = 'KGL-02'", 30 + turn),
            "diggers of KGL-02",
        ),
    };
    state.execute(&statement).await?;
    Ok(format!("{}: {what} changed", state.country))
}

fn statements(state: &State) -> String {
    match state.country {
        // The visit is not the last of its site, so it is a child row alone.
        "COD" => "UPDATE visites
                  SET project = 'Démonstration corrigée', modifie_le = strftime('%Y-%m-%d %H:%M:%S', 'now', '+2 hours')
                  WHERE vid = (
                      SELECT v.vid FROM visites v
                      WHERE v.visit_date < (SELECT MAX(l.visit_date) FROM visites l WHERE l.pcode = v.pcode)
                      ORDER BY v.pcode, v.vid LIMIT 1)"
            .to_owned(),
        "RWA" => format!("UPDATE sites SET workers = 48, place = 'Ridge, east side', updated_at = {} WHERE id = 3", now(state)),
        _ => "DELETE FROM site_register WHERE site_ref = 'KGL-07'".to_owned(),
    }
}

/// The local time of the ministry, as its software would write it.
fn now(state: &State) -> &'static str {
    if state.url.starts_with("postgres") {
        "CURRENT_TIMESTAMP AT TIME ZONE 'Africa/Kigali'"
    } else {
        "strftime('%Y-%m-%d %H:%M:%S', 'now', '+2 hours')"
    }
}
