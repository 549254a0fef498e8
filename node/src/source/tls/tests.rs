//! Servers with a certificate: whom the node believes, and what it says otherwise.

use jiff::tz::TimeZone;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rmd_servers::{Certificate, MariaDb, Postgres, Setup};
use sqlx::{mysql::MySqlConnectOptions, postgres::PgConnectOptions};

use super::{Asked, Mode};
use crate::source::{Error, Limits, Source};

/// An authority of a ministry.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { issuer }
    }

    fn certificate_of(&self, host: &str) -> Certificate {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Certificate { certificate: certificate.pem(), key: key.serialize_pem() }
    }
}

/// The two servers, disposable, each with a certificate of the host.
struct Servers {
    postgres: Postgres,
    mariadb: MariaDb,
}

impl Servers {
    async fn of(authority: &Authority, host: &str) -> Self {
        let setup = Setup::disposable().with_certificate(authority.certificate_of(host));
        let start = move || Self {
            postgres: Postgres::launch(&setup).unwrap(),
            mariadb: MariaDb::launch(&setup).unwrap(),
        };
        tokio::task::spawn_blocking(start).await.unwrap()
    }

    fn urls(&self) -> [String; 2] {
        [self.postgres.public_url("postgres"), self.mariadb.public_url("national")]
    }
}

fn source(url: &str) -> Result<Source, Error> {
    Source::new(url, None, TimeZone::UTC, Limits::default())
}

#[tokio::test]
async fn a_server_is_believed_by_its_authority_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (own, other) = (Authority::new(), Authority::new());
    let files = [("own.pem", &own), ("other.pem", &other)].map(|(name, authority)| {
        let file = dir.path().join(name);
        std::fs::write(&file, authority.issuer.pem()).unwrap();
        file
    });
    let servers = Servers::of(&own, "127.0.0.1").await;
    for url in servers.urls() {
        let believed = source(&url).unwrap().trusting(&files[0]).unwrap();
        let mut session = believed.connect().await.unwrap_or_else(|error| panic!("{url}: {error}"));
        assert!(session.is_encrypted().await, "{url}");

        let fooled = source(&url).unwrap().trusting(&files[1]).unwrap();
        let error = fooled.connect().await.unwrap_err();
        assert!(matches!(error, Error::Untrusted { .. }), "{url}: {error}");
        for words in ["no authority that is known here", "source.ca_file", "aucune autorité"] {
            assert!(error.to_string().contains(words), "{url}: {error}");
        }
        // The same in the words of the address, where no file is named by the configuration.
        let named = format!("{url}?sslmode=verify-full&sslrootcert={}", files[0].display());
        assert!(source(&named).unwrap().connect().await.is_ok(), "{url}");
        let unknown = source(&format!("{url}?ssl-mode=VERIFY_IDENTITY")).unwrap();
        assert!(matches!(unknown.connect().await, Err(Error::Untrusted { .. })), "{url}");
    }
}

#[tokio::test]
async fn a_certificate_of_another_host_is_refused_unless_only_its_authority_counts() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let file = dir.path().join("authority.pem");
    std::fs::write(&file, authority.issuer.pem()).unwrap();
    let servers = Servers::of(&authority, "db.mines.example").await;
    for url in servers.urls() {
        let strict = source(&url).unwrap().trusting(&file).unwrap();
        let error = strict.connect().await.unwrap_err().to_string();
        assert!(error.contains("for another host"), "{url}: {error}");
        let named = format!("{url}?sslmode=verify-ca");
        let lax = source(&named).unwrap().trusting(&file).unwrap();
        assert!(lax.connect().await.is_ok(), "{url}");
    }
}

#[tokio::test]
async fn a_server_without_tls_is_refused_where_it_is_asked_for() {
    let start = || (Postgres::launch(&Setup::disposable()), MariaDb::launch(&Setup::disposable()));
    let (postgres, mariadb) = tokio::task::spawn_blocking(start).await.unwrap();
    let (postgres, mariadb) = (postgres.unwrap(), mariadb.unwrap());
    for url in [postgres.public_url("postgres"), mariadb.public_url("national")] {
        let error = source(&format!("{url}?sslmode=require")).unwrap().connect().await.unwrap_err();
        assert!(error.to_string().contains("does not support TLS"), "{url}: {error}");
        let mut session =
            source(&format!("{url}?sslmode=prefer")).unwrap().connect().await.unwrap();
        assert!(!session.is_encrypted().await && !session.is_in_the_clear(), "{url}: it is near");
    }
}

#[test]
fn defaults_depend_on_where_the_server_is_and_on_what_is_known_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("authority.pem");
    std::fs::write(&file, Authority::new().issuer.pem()).unwrap();
    let modes = |host: &str, asked: &Asked| {
        let postgres = PgConnectOptions::new().host(host);
        let mysql = MySqlConnectOptions::new().host(host);
        (asked.postgres(postgres).unwrap().1, asked.mysql(mysql).unwrap().1)
    };
    let mut asked = Asked::default();
    for (host, is_remote, mode) in [
        ("127.0.0.1", false, Mode::Off),
        ("::1", false, Mode::Off),
        ("localhost", false, Mode::Off),
        ("db.mines.example", true, Mode::Prefer),
    ] {
        let (postgres, mysql) = modes(host, &asked);
        assert_eq!((postgres.mode, postgres.is_remote), (mode, is_remote), "{host}");
        assert_eq!((mysql.mode, mysql.is_remote), (Mode::Prefer, is_remote), "{host}");
    }
    asked.trust(&file).unwrap();
    let (postgres, mysql) = modes("127.0.0.1", &asked);
    assert_eq!((postgres.mode, mysql.mode), (Mode::VerifyFull, Mode::VerifyFull));
}

#[test]
fn what_cannot_be_meant_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let (file, empty) = (dir.path().join("authority.pem"), dir.path().join("empty.pem"));
    std::fs::write(&file, Authority::new().issuer.pem()).unwrap();
    std::fs::write(&empty, "").unwrap();
    let file = file.display();
    for (url, words) in [
        ("postgres://reader@db/mines?sslmode=allow".to_owned(), "`allow` is no sslmode"),
        (format!("mysql://reader@db/mines?sslmode=require&ssl-ca={file}"), "does not look at it"),
        (format!("postgres://r@db/mines?sslrootcert={}", empty.display()), "BEGIN CERTIFICATE"),
        ("postgres://r@db/mines?sslrootcert=/none.pem".to_owned(), "/none.pem"),
    ] {
        let error = source(&url).unwrap_err().to_string();
        assert!(error.contains(words), "{url}: {error}");
    }
}
