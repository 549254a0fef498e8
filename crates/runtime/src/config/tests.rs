use std::{net::SocketAddr, num::NonZeroU32, time::Duration};

use serde::Deserialize;

use super::*;

const DEFAULTS: &str = r#"
name = "cod-mines"
[serve]
listen = "127.0.0.1:7443"
grace = "10s"
streams_max = 16
mode = "pull"
[log]
filter = "info"
"#;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    name: String,
    serve: Serve,
    log: Log,
    #[serde(default)]
    peers: Vec<Peer>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Serve {
    listen: SocketAddr,
    #[serde(with = "humantime_serde")]
    grace: Duration,
    streams_max: NonZeroU32,
    mode: Mode,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Pull,
    Follow,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Log {
    filter: String,
    password_file: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Peer {
    id: String,
    port: u16,
}

fn load_text(file: &str, variables: &[(&str, &str)]) -> Result<Config, Error> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    fs::write(&path, file).unwrap();
    let variables = variables.iter().map(|&(name, text)| (name.to_owned(), text.to_owned()));
    load_from(DEFAULTS, Some(&path), "RMD_NODE_", variables)
}

fn faults(file: &str, variables: &[(&str, &str)]) -> Vec<Fault> {
    match load_text(file, variables) {
        Err(Error::Faults(faults)) => faults,
        other => panic!("no faults: {other:?}"),
    }
}

fn fault_at<'f>(faults: &'f [Fault], key: &str) -> &'f Fault {
    let found = faults.iter().find(|fault| fault.key == key);
    found.unwrap_or_else(|| panic!("no fault at {key}: {faults:#?}"))
}

#[test]
fn defaults_alone_are_a_configuration() {
    let config: Config = load_from(DEFAULTS, None, "RMD_NODE_", []).unwrap();
    assert_eq!(config.name, "cod-mines");
    assert_eq!(config.serve.listen.port(), 7443);
    assert_eq!(config.serve.grace, Duration::from_secs(10));
    assert_eq!(config.serve.mode, Mode::Pull);
    assert_eq!(config.log.password_file, None);
}

#[test]
fn the_file_overrides_defaults_and_the_environment_overrides_both() {
    let file =
        "[serve]\nlisten = \"127.0.0.1:1\"\nstreams_max = 2\n[[peers]]\nid = \"a\"\nport = 1\n";
    let variables = [
        ("RMD_NODE_SERVE__LISTEN", "127.0.0.1:9"),
        ("RMD_NODE_LOG__PASSWORD_FILE", "/etc/rmd/password"),
        ("RMD_NODE_DIR", "belongs to the command line"),
        ("RMD_HUB_SERVE__LISTEN", "of another program"),
    ];
    let config = load_text(file, &variables).unwrap();
    assert_eq!(config.serve.listen.port(), 9);
    assert_eq!(config.serve.streams_max.get(), 2);
    assert_eq!(config.log.password_file.unwrap(), Path::new("/etc/rmd/password"));
    assert_eq!((config.peers[0].id.as_str(), config.peers[0].port), ("a", 1));
}

#[test]
fn a_variable_that_looks_like_a_number_can_be_text() {
    let config = load_text("", &[("RMD_NODE_LOG__FILTER", "10")]).unwrap();
    assert_eq!(config.log.filter, "10");
    let config = load_text("", &[("RMD_NODE_SERVE__STREAMS_MAX", "10")]).unwrap();
    assert_eq!(config.serve.streams_max.get(), 10);
}

#[test]
fn all_faults_are_reported_at_once_with_key_origin_and_what_is_allowed() {
    let file = r#"
colour = "green"
[serve]
listen = "nowhere"
grace = "soon"
streams_max = 0
mode = "push"
listne = "127.0.0.1:1"
[log]
filter = 7
[[peers]]
id = "a"
port = 70000
"#;
    let faults = faults(file, &[("RMD_NODE_LOG__PASSWORD_FIL", "x")]);
    assert_eq!(faults.len(), 9, "{faults:#?}");
    assert!(fault_at(&faults, "colour").message.contains("allowed here: name, serve, log, peers"));
    assert!(fault_at(&faults, "serve.listen").message.contains("socket address"));
    assert!(fault_at(&faults, "serve.grace").message.contains("duration"));
    assert!(fault_at(&faults, "serve.streams_max").message.contains("nonzero"));
    assert!(fault_at(&faults, "serve.mode").message.contains("allowed: pull, follow"));
    assert!(fault_at(&faults, "serve.listne").message.contains("unknown key"));
    assert!(fault_at(&faults, "log.filter").message.contains("expected a string"));
    assert!(fault_at(&faults, "peers.0.port").message.contains("u16"));
    let variable = fault_at(&faults, "log.password_fil");
    assert_eq!(variable.origin, "variable RMD_NODE_LOG__PASSWORD_FIL");
    assert!(fault_at(&faults, "serve.mode").origin.ends_with("config.toml"));
}

#[test]
fn missing_keys_do_not_hide_the_faults_behind_them() {
    let faults = faults("[[peers]]\n[[peers]]\nid = 1\nport = 1\n[serve]\nmode = \"push\"\n", &[]);
    let keys: Vec<_> = faults.iter().map(|fault| fault.key.as_str()).collect();
    assert_eq!(keys, ["peers.0.id", "peers.0.port", "peers.1.id", "serve.mode"]);
    assert_eq!(faults[0].message, "required, and there is no default");
    assert_eq!(faults[0].origin, "not set");
}

// A key without a default whose value no stand-in can replace once went round
// for ever.
#[test]
fn a_required_value_that_nothing_can_stand_in_for_is_one_fault() {
    #[derive(Debug, Deserialize)]
    struct Strict {
        #[expect(dead_code, reason = "the test is that it cannot be read")]
        country: Country,
    }
    #[derive(Debug, Deserialize)]
    enum Country {
        Cod,
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    fs::write(&path, "country = \"Atlantis\"\n").unwrap();
    let loaded: Result<Strict, Error> = load_from("", Some(&path), "RMD_NODE_", std::iter::empty());
    let Err(Error::Faults(faults)) = loaded else { panic!("no faults: {loaded:?}") };
    assert_eq!(faults.len(), 1, "{faults:#?}");
    assert!(fault_at(&faults, "country").message.contains("Atlantis"));
}

#[test]
fn the_message_has_one_line_per_fault() {
    let error = load_text("[serve]\nmode = \"push\"\nstreams_max = 0\n", &[]).unwrap_err();
    assert_eq!(error.to_string().lines().count(), 3);
}

#[test]
fn a_file_that_is_absent_or_no_toml_is_named() {
    let absent = load_from::<Config>(DEFAULTS, Some(Path::new("absent.toml")), "X_", []);
    let absent = absent.unwrap_err();
    assert!(matches!(absent, Error::Read { .. }));
    assert!(absent.to_string().contains("absent.toml"));
    let broken = load_text("[serve\n", &[]).unwrap_err();
    assert!(matches!(broken, Error::Syntax { .. }));
    assert!(broken.to_string().contains("config.toml"));
}
