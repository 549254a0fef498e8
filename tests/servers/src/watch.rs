//! A server process that ends with the value that holds it.
//!
//! It runs under a shell that ends it as soon as the shell's input is closed, which
//! the system does for us in whatever way this process ends, and that takes its folder
//! away if nobody else does.

use std::{
    fs::File,
    io::{Read as _, Seek as _},
    net::{Ipv4Addr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

use crate::account::Home;

/// Longest start of a server on a busy machine.
const START_MAX: Duration = Duration::from_mins(1);

/// Between two looks at a server that starts.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Both servers say so in their log, after the last of their preparations.
const READY: &str = "ready";

/// Takes a signal, a folder or nothing, and a command. An interrupt of the terminal is
/// for whoever holds the value; the command reads none of our input.
const WATCH: &str = r#"
signal=$1 folder=$2
shift 2
trap '' INT
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
{ cat <&3 >/dev/null; kill -s "$signal" "$server"; } 2>/dev/null &
watch=$!
wait "$server"
code=$?
kill "$watch" 2>/dev/null
[ -z "$folder" ] || rm -rf "$folder"
exit "$code"
"#;

/// A running server.
#[derive(Debug)]
pub(crate) struct Watched {
    shell: Child,
}

impl Watched {
    /// Starts a server and waits until it is ready; `signal` ends it at once.
    pub(crate) fn start(
        command: &Command,
        signal: &str,
        home: &mut Home,
        port: u16,
        log: &Path,
    ) -> Result<Self> {
        let out = File::create(log).with_context(|| format!("write {}", log.display()))?;
        // Open before the folder can go away with a server that ends at once.
        let said = File::open(log)?;
        let folder = home.hand_over().unwrap_or_default();
        let shell = Command::new("sh")
            .args(["-c", WATCH, "watch", signal])
            .arg(folder)
            .arg(command.get_program())
            .args(command.get_args())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(out.try_clone()?)
            .stderr(out)
            .spawn()
            .context("start a shell")?;
        let mut watched = Self { shell };
        watched.until_ready(port, said)?;
        Ok(watched)
    }

    fn until_ready(&mut self, port: u16, mut log: File) -> Result<()> {
        let until = Instant::now() + START_MAX;
        loop {
            let ended = self.shell.try_wait()?;
            let mut said = String::new();
            log.rewind()?;
            log.read_to_string(&mut said)?;
            if let Some(status) = ended {
                bail!("the server ended with {status}: {}", said.trim());
            }
            // The port answers before a login is accepted.
            if said.contains(READY) && TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Ok(());
            }
            if Instant::now() > until {
                bail!("the server took longer than a minute to start: {}", said.trim());
            }
            std::thread::park_timeout(LOOK_AGAIN);
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // Nothing is left to be done if the shell is gone already.
        let _ = self.shell.wait();
    }
}
