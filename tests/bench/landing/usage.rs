//! Processor time of a program and of a PostgreSQL server, as the kernel counts it.

use std::{fs, ops::Sub, time::Duration};

use anyhow::{Context as _, Result};
use sqlx::PgConnection;

/// Clock ticks a second in `/proc`: 100 on every Linux.
const TICKS: u32 = 100;

#[derive(Debug, Clone, Copy)]
pub(super) struct Usage {
    pub(super) program: Duration,
    pub(super) server: Duration,
}

impl Sub for Usage {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            program: self.program.saturating_sub(before.program),
            server: self.server.saturating_sub(before.server),
        }
    }
}

impl Usage {
    /// Of a process, and of a server with all its processes, those that ended too.
    pub(super) fn of(program: u32, postmaster: Option<u32>) -> Result<Self> {
        let own = stat(program)?.own;
        let Some(postmaster) = postmaster else {
            return Ok(Self { program: own, server: Duration::ZERO });
        };
        let mut server = stat(postmaster)?.with_ended;
        for entry in fs::read_dir("/proc")?.filter_map(Result::ok) {
            let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            // A process may end while we look.
            if let Ok(found) = stat(id)
                && found.parent == postmaster
            {
                server += found.own;
            }
        }
        Ok(Self { program: own, server })
    }
}

/// The process that started the server's others.
pub(super) async fn postmaster(connection: &mut PgConnection) -> Result<u32> {
    let id: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(connection).await?;
    Ok(stat(id.unsigned_abs())?.parent)
}

struct Stat {
    parent: u32,
    own: Duration,
    with_ended: Duration,
}

fn stat(id: u32) -> Result<Stat> {
    let text = fs::read_to_string(format!("/proc/{id}/stat"))?;
    // The name stands in parentheses and may hold anything.
    let (_, rest) = text.rsplit_once(')').context("read a line of /proc")?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let field = |number: usize| -> Result<u32> {
        let text = fields.get(number).context("read a line of /proc")?;
        text.parse().context("read a number of /proc")
    };
    let ticks = |count: u32| Duration::from_secs(1) * count / TICKS;
    // Fields 4 and 14 to 17 of proc(5), behind the name.
    let own = ticks(field(11)? + field(12)?);
    Ok(Stat { parent: field(1)?, own, with_ended: own + ticks(field(13)? + field(14)?) })
}
