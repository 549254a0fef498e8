//! The way from a node to a source on another host: what is told where it is open to
//! everybody, and whom the node believes where an authority is named.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Command, Output, Stdio},
    thread,
};

use anyhow::{Context as _, Result, ensure};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rmd_demo::servers::{Certificate, Postgres, Setup};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::{faults::namespace::Namespace, harness::binaries};

const TABLE: &str = "CREATE TABLE sites (code TEXT PRIMARY KEY, nom TEXT);
    INSERT INTO sites VALUES ('S1', 'Un')";

const MAPPING: &str = r#"
[mapping]
name = "link"
zone = "Africa/Kigali"
[[record]]
entity = "MineSite"
key = "s.code"
rows = '''SELECT s.code AS "_key", s.code AS "national_id", s.nom AS "site_name" FROM sites s /* where-keys */'''
[[record.watch]]
table = "sites"
mode = "diff"
"#;

/// A folder with a mapping, and a PostgreSQL server with one table.
struct Ministry {
    folder: tempfile::TempDir,
    server: Postgres,
}

impl Ministry {
    async fn new(certificate: Option<Certificate>) -> Result<Self> {
        let mut setup = Setup::disposable();
        if let Some(certificate) = certificate {
            setup = setup.with_certificate(certificate);
        }
        let server = tokio::task::spawn_blocking(move || Postgres::launch(&setup)).await??;
        let mut connection = PgConnection::connect(&server.url("postgres")).await?;
        sqlx::raw_sql(AssertSqlSafe(TABLE)).execute(&mut connection).await?;
        connection.close().await?;
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("mapping.toml"), MAPPING)?;
        Ok(Self { folder, server })
    }

    /// Checks the mapping through an address, by a command that may stand before the
    /// node's, with more arguments and with the authorities of the machine in a file.
    fn check(&self, before: &[&str], url: &str, more: &[&str], machine: &str) -> Result<Output> {
        let node = binaries().node;
        let words = [before, &[node.to_str().context("name the node")?]].concat();
        Ok(Command::new(words[0])
            .args(&words[1..])
            .args(["mapping", "check", "--json", "--country", "RWA", "--source", url])
            .arg("--mapping")
            .arg(self.folder.path().join("mapping.toml"))
            .args(more)
            .env("SSL_CERT_FILE", machine)
            .env_remove("SSL_CERT_DIR")
            .stdin(Stdio::null())
            .output()?)
    }
}

/// Whether the row of the source was read.
fn is_read(output: &Output) -> bool {
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    report["records"][0]["rows"] == 1
}

fn said(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr[..]];
    both.map(String::from_utf8_lossy).join("\n")
}

/// Hands on what comes to an address of this machine to a port of its loopback.
fn relay(at: &str, to: u16) -> Result<String> {
    let listener = TcpListener::bind((at, 0))?;
    let address = listener.local_addr()?.to_string();
    thread::spawn(move || {
        // It ends with the first fault: what the node then says is no success.
        listener.incoming().try_for_each(|one| join(&one?, &TcpStream::connect(("127.0.0.1", to))?))
    });
    Ok(address)
}

/// Hands on what comes from either to the other.
fn join(one: &TcpStream, other: &TcpStream) -> io::Result<()> {
    for (from, to) in [(one, other), (other, one)] {
        let (from, to) = (from.try_clone()?, to.try_clone()?);
        thread::spawn(move || hand_on(from, to));
    }
    Ok(())
}

fn hand_on(mut from: TcpStream, mut to: TcpStream) -> io::Result<()> {
    let mut bytes = [0; 8 << 10];
    loop {
        let read = from.read(&mut bytes)?;
        if read == 0 {
            return to.shutdown(std::net::Shutdown::Write);
        }
        to.write_all(&bytes[..read])?;
    }
}

// Goal: whoever reads a source on another host in the clear is told so, by the check of
// the mapping, in both languages, and in no other case. Method: a relay on this host's
// end of a cable between two network namespaces; the node is on the other end. Where
// there are none, on an address that is no loopback address by its name.
#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_read_in_the_clear_over_a_network_is_told_of() -> Result<()> {
    let ministry = Ministry::new(None).await?;
    let namespace = Namespace::new().ok();
    let own = namespace.as_ref().map_or("0.0.0.0", |namespace| &namespace.own);
    let prefix = namespace.as_ref().map(|space| ["ip", "netns", "exec", &space.name]);
    let before = prefix.as_ref().map_or(&[][..], |prefix| &prefix[..]);
    let address = relay(own, ministry.server.port)?;
    let url = format!("postgres://rmd@{address}/postgres");
    let told = said(&ministry.check(before, &url, &[], "/dev/null")?);
    for words in ["on another host and is read without TLS", "est lue sans TLS", "source.ca_file"] {
        ensure!(told.contains(words), "`{words}` is not in: {told}");
    }
    let strict = ministry.check(before, &format!("{url}?sslmode=require"), &[], "/dev/null")?;
    ensure!(!strict.status.success(), "{}", said(&strict));
    // The same server from its own machine.
    let url = ministry.server.public_url("postgres");
    let near = ministry.check(&[], &url, &[], "/dev/null")?;
    ensure!(is_read(&near) && !said(&near).contains("without TLS"), "{}", said(&near));
    Ok(())
}

/// An authority, its certificate in a file, and a server's certificate by it.
fn authority(folder: &std::path::Path, name: &str) -> Result<(String, Certificate)> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    let file = folder.join(name);
    fs::write(&file, issuer.pem())?;
    let key = KeyPair::generate()?;
    let certificate =
        CertificateParams::new(vec!["127.0.0.1".to_owned()])?.signed_by(&key, &issuer)?;
    let certificate = Certificate { certificate: certificate.pem(), key: key.serialize_pem() };
    Ok((file.display().to_string(), certificate))
}

// Goal: what stands in the manual about authorities holds: the driver believes those of the
// machine beside the named one, and with none on the machine the named one alone. Method:
// the certificate is of another authority than the named one, once known to the machine.
#[tokio::test(flavor = "multi_thread")]
async fn with_no_authorities_of_the_machine_the_named_one_alone_is_believed() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (public, certificate) = authority(folder.path(), "public.pem")?;
    let (ministrys, _) = authority(folder.path(), "ministry.pem")?;
    let ministry = Ministry::new(Some(certificate)).await?;
    let url = ministry.server.public_url("postgres");
    let check = |named: &str, machine| ministry.check(&[], &url, &["--ca-file", named], machine);
    let both = check(&ministrys, &public)?;
    ensure!(is_read(&both), "the manual says that both are believed: {}", said(&both));
    let alone = check(&ministrys, "/dev/null")?;
    let told = said(&alone);
    ensure!(!is_read(&alone) && told.contains("no authority that is known here"), "{told}");
    let right = check(&public, "/dev/null")?;
    ensure!(is_read(&right), "{}", said(&right));
    Ok(())
}
