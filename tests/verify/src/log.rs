//! The log of one part, and the commands that write it.
//!
//! Output goes to `target/verify/PART.log` and is shown only if the part fails. A
//! command that outlasts its part's limit is killed with all its descendants: a
//! hung test is a failed test.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

/// How often a running command is looked at; short against any part.
const POLL: Duration = Duration::from_millis(20);

#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    file: File,
    deadline: Instant,
}

impl Log {
    pub(crate) fn create(folder: &Path, part: &str, limit: Duration) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
        let path = folder.join(format!("{part}.log"));
        let file = File::create(&path).with_context(|| format!("create {}", path.display()))?;
        Ok(Self { path, file, deadline: Instant::now() + limit })
    }

    /// Adds a line.
    pub(crate) fn line(&mut self, text: impl AsRef<str>) -> Result<()> {
        writeln!(self.file, "{}", text.as_ref()).context("write the log")
    }

    /// Runs a command to its end; an error names it if it fails.
    pub(crate) fn run(&mut self, command: &mut Command) -> Result<()> {
        let out = self.file.try_clone()?;
        self.run_into(command, out)
    }

    /// Runs a command and keeps what it prints on standard output out of the log.
    pub(crate) fn capture(&mut self, command: &mut Command) -> Result<String> {
        let path = self.path.with_extension("out");
        let out = File::create(&path).with_context(|| format!("create {}", path.display()))?;
        self.run_into(command, out)?;
        let text = fs::read_to_string(&path);
        let _ = fs::remove_file(&path);
        text.with_context(|| format!("read {}", path.display()))
    }

    fn run_into(&mut self, command: &mut Command, out: File) -> Result<()> {
        let text = describe(command);
        self.line(format!("$ {text}"))?;
        command.stdout(out).stderr(self.file.try_clone()?);
        let mut child = command.spawn().with_context(|| format!("start `{text}`"))?;
        let status = self.wait(&mut child).with_context(|| format!("run `{text}`"))?;
        if !status.success() {
            bail!("`{text}` failed: {status}");
        }
        Ok(())
    }

    /// Everything that was written so far.
    pub(crate) fn text(&self) -> Result<String> {
        let bytes = fs::read(&self.path)
            .with_context(|| format!("read the log {}", self.path.display()))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn wait(&self, child: &mut Child) -> Result<ExitStatus> {
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status);
            }
            if Instant::now() >= self.deadline {
                kill_tree(child);
                bail!("still running at the limit of its part, killed");
            }
            thread::sleep(POLL);
        }
    }
}

/// A command as a person would type it.
fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Kills a command and everything that it started, the youngest first.
fn kill_tree(child: &mut Child) {
    for pid in descendants(child.id()).into_iter().rev() {
        // One that ended meanwhile is no fault.
        let _ = Command::new("kill").args(["-KILL", &pid.to_string()]).status();
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// The processes below one, parents before children; empty where there is no `/proc`.
fn descendants(root: u32) -> Vec<u32> {
    let pairs: Vec<(u32, u32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let pid = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            Some((parent_of(&stat)?, pid))
        })
        .collect();
    let mut found = vec![root];
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        found.extend(pairs.iter().filter(|pair| pair.0 == parent).map(|pair| pair.1));
        next += 1;
    }
    found.split_off(1)
}

/// The parent in a line of `/proc/PID/stat`; the name before it may hold anything.
fn parent_of(stat: &str) -> Option<u32> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use super::*;

    fn log(limit: Duration) -> (PathBuf, Log) {
        let name = format!("rmd-verify-{}-{}", std::process::id(), limit.as_millis());
        let folder = std::env::temp_dir().join(name);
        let log = Log::create(&folder, "part", limit).unwrap();
        (folder, log)
    }

    /// A process that is dead and not yet collected by its new parent does not count.
    fn is_alive(pid: &str) -> bool {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        !stat.is_empty() && !stat.contains(") Z ")
    }

    fn shell(script: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).stdin(Stdio::null());
        shell
    }

    #[test]
    fn the_log_holds_the_command_and_both_its_outputs() {
        let (folder, mut log) = log(Duration::from_mins(1));
        log.run(&mut shell("echo out; echo err >&2")).unwrap();
        let error = log.run(&mut shell("exit 7")).unwrap_err();
        assert!(error.to_string().contains("exit 7"));
        assert_eq!(
            log.text().unwrap(),
            "$ sh -c echo out; echo err >&2\nout\nerr\n$ sh -c exit 7\n"
        );
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_is_captured_stays_out_of_the_log() {
        let (folder, mut log) = log(Duration::from_mins(2));
        assert_eq!(log.capture(&mut shell("echo out; echo err >&2")).unwrap(), "out\n");
        assert_eq!(log.text().unwrap(), "$ sh -c echo out; echo err >&2\nerr\n");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_hung_command_is_killed_with_what_it_started() {
        let (folder, mut log) = log(Duration::from_millis(300));
        let error = log.run(&mut shell("tail -f /dev/null & echo $!; wait")).unwrap_err();
        assert!(format!("{error:#}").contains("killed"));
        let pid = log.text().unwrap().lines().last().unwrap().to_owned();
        let begin = Instant::now();
        while is_alive(&pid) {
            assert!(begin.elapsed() < Duration::from_secs(10), "process {pid} lives on");
            thread::yield_now();
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn the_parent_is_found_behind_any_name() {
        assert_eq!(parent_of("7 (a) b (c)) S 42 7 7 0"), Some(42));
        assert_eq!(parent_of("no process"), None);
    }
}
