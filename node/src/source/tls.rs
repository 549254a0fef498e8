//! TLS to the server of a ministry: when it is spoken, and what has to hold.
//!
//! Owns what address and configuration ask for, and the defaults. With an authority
//! the server has to show a certificate of its name that this one signed. Without one,
//! TLS is spoken, unverified, where a server offers it, but not to a PostgreSQL server
//! on this machine, where it protects nothing. Refuses an authority beside a mode that
//! would not look at it. Invariant: what was asked for is never weakened; where nothing
//! was, a source on another host that is read in the clear is told of.

use std::path::{Path, PathBuf};

use sqlx::{
    ConnectOptions as _,
    mysql::{MySqlConnectOptions, MySqlConnection, MySqlSslMode},
    postgres::{PgConnectOptions, PgConnection, PgSslMode},
};

use super::Error;

/// Begins a certificate in a PEM file.
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----";

/// How much is asked of the connection, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// None.
    Off,
    /// Where the server offers it.
    Prefer,
    /// Always, with whatever certificate.
    Require,
    /// With a certificate of a known authority.
    VerifyAuthority,
    /// With one that names the host, too.
    VerifyFull,
}

impl Mode {
    /// The word, as either server's own programs take it.
    fn parse(word: &str) -> Result<Self, Error> {
        Ok(match word.to_ascii_lowercase().replace('_', "-").as_str() {
            "disable" | "disabled" => Self::Off,
            "prefer" | "preferred" => Self::Prefer,
            "require" | "required" => Self::Require,
            "verify-ca" => Self::VerifyAuthority,
            "verify-full" | "verify-identity" => Self::VerifyFull,
            _ => {
                let reason = format!(
                    "`{word}` is no sslmode; expected disable, prefer, require, verify-ca or verify-full"
                );
                return Err(Error::Address { reason });
            }
        })
    }
}

/// What was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Asked {
    mode: Option<Mode>,
    authority: Option<PathBuf>,
}

impl Asked {
    /// Takes the parameters of TLS out of an address, whichever server's words they are.
    pub(super) fn take(url: &str) -> Result<(Self, String), Error> {
        let Some((base, query)) = url.split_once('?') else {
            return Ok((Self::default(), url.to_owned()));
        };
        let (mut asked, mut rest) = (Self::default(), Vec::new());
        for pair in query.split('&') {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = percent_encoding::percent_decode_str(value).decode_utf8_lossy();
            match key {
                "sslmode" | "ssl-mode" => asked.mode = Some(Mode::parse(&value)?),
                "sslrootcert" | "ssl-root-cert" | "sslca" | "ssl-ca" => {
                    asked.trust(Path::new(value.as_ref()))?;
                }
                _ => rest.push(pair),
            }
        }
        let rest = rest.join("&");
        let url = if rest.is_empty() { base.to_owned() } else { format!("{base}?{rest}") };
        Ok((asked, url))
    }

    /// Takes the authority of a file, in the place of that of the address.
    pub(super) fn trust(&mut self, file: &Path) -> Result<(), Error> {
        let of = |reason: String| Error::Authority { path: file.to_owned(), reason };
        let text = std::fs::read_to_string(file).map_err(|error| of(error.to_string()))?;
        if !text.contains(CERTIFICATE) {
            return Err(of(format!("no {CERTIFICATE}")));
        }
        self.authority = Some(file.to_owned());
        Ok(())
    }

    /// What holds where nothing else was asked for.
    fn mode(&self, otherwise: Mode) -> Result<Mode, Error> {
        match (self.mode, &self.authority) {
            (None, None) => Ok(otherwise),
            (None, Some(_)) => Ok(Mode::VerifyFull),
            (Some(Mode::Off | Mode::Prefer | Mode::Require), Some(_)) => Err(Error::Address {
                reason: "an authority is named, and this sslmode does not look at it; write verify-full, or leave sslmode out".to_owned(),
            }),
            (Some(mode), _) => Ok(mode),
        }
    }

    /// The options of a PostgreSQL server, and what the connection will be.
    pub(super) fn postgres(
        &self,
        options: PgConnectOptions,
    ) -> Result<(PgConnectOptions, Tls), Error> {
        let is_local = options.get_socket().is_some() || is_this_machine(options.get_host());
        let mode = self.mode(if is_local { Mode::Off } else { Mode::Prefer })?;
        let options = options.ssl_mode(match mode {
            Mode::Off => PgSslMode::Disable,
            Mode::Prefer => PgSslMode::Prefer,
            Mode::Require => PgSslMode::Require,
            Mode::VerifyAuthority => PgSslMode::VerifyCa,
            Mode::VerifyFull => PgSslMode::VerifyFull,
        });
        let options = match &self.authority {
            Some(file) => options.ssl_root_cert(file),
            None => options,
        };
        Ok((options, Tls { mode, is_remote: !is_local }))
    }

    /// The same of a MySQL or MariaDB server. MySQL takes passwords through TLS alone,
    /// also on this machine.
    pub(super) fn mysql(
        &self,
        options: MySqlConnectOptions,
    ) -> Result<(MySqlConnectOptions, Tls), Error> {
        let is_local = options.get_socket().is_some() || is_this_machine(options.get_host());
        let mode = self.mode(Mode::Prefer)?;
        let options = options.ssl_mode(match mode {
            Mode::Off => MySqlSslMode::Disabled,
            Mode::Prefer => MySqlSslMode::Preferred,
            Mode::Require => MySqlSslMode::Required,
            Mode::VerifyAuthority => MySqlSslMode::VerifyCa,
            Mode::VerifyFull => MySqlSslMode::VerifyIdentity,
        });
        let options = match &self.authority {
            Some(file) => options.ssl_ca(file),
            None => options,
        };
        Ok((options, Tls { mode, is_remote: !is_local }))
    }
}

/// What the connection will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tls {
    pub(super) mode: Mode,
    /// Whether others may listen on the way.
    pub(super) is_remote: bool,
}

impl Tls {
    /// A file: nothing is on the way.
    pub(super) const NONE: Self = Self { mode: Mode::Off, is_remote: false };

    /// Connects; without TLS where it was merely preferred and fails, as the server's
    /// own programs do: an old server offers one that nobody speaks any more.
    pub(super) async fn postgres(self, options: &PgConnectOptions) -> sqlx::Result<PgConnection> {
        match options.connect().await {
            Err(error) if self.may_do_without(&error) => {
                options.clone().ssl_mode(PgSslMode::Disable).connect().await
            }
            connected => connected,
        }
    }

    /// The same.
    pub(super) async fn mysql(
        self,
        options: &MySqlConnectOptions,
    ) -> sqlx::Result<MySqlConnection> {
        match options.connect().await {
            Err(error) if self.may_do_without(&error) => {
                options.clone().ssl_mode(MySqlSslMode::Disabled).connect().await
            }
            connected => connected,
        }
    }

    fn may_do_without(self, error: &sqlx::Error) -> bool {
        let is_of_tls = matches!(error, sqlx::Error::Tls(_)) || of_rustls(error).is_some();
        self.mode == Mode::Prefer && is_of_tls
    }
}

fn is_this_machine(host: &str) -> bool {
    let name = host.trim_start_matches('[').trim_end_matches(']');
    let is_loopback = |address: std::net::IpAddr| address.is_loopback();
    // A path is the folder of a socket.
    host.starts_with('/') || name == "localhost" || name.parse().is_ok_and(is_loopback)
}

fn of_rustls(error: &sqlx::Error) -> Option<&rustls::Error> {
    match error {
        sqlx::Error::Io(error) => error.get_ref()?.downcast_ref(),
        sqlx::Error::Tls(error) => error.downcast_ref(),
        _ => None,
    }
}

/// Why a server is not believed, in English and in French; none for another trouble.
pub(super) fn distrust(error: &sqlx::Error) -> Option<[String; 2]> {
    use rustls::{CertificateError, Error as Fault};
    let [en, fr] = match of_rustls(error) {
        Some(Fault::InvalidCertificate(fault)) => match fault {
            CertificateError::UnknownIssuer | CertificateError::BadSignature => [
                "no authority that is known here signed its certificate".to_owned(),
                "aucune autorité connue ici n'a signé son certificat".to_owned(),
            ],
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                [
                    "its certificate is for another host".to_owned(),
                    "son certificat est celui d'un autre hôte".to_owned(),
                ]
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => [
                "its certificate is out of date".to_owned(),
                "son certificat est périmé".to_owned(),
            ],
            other => [other.to_string(), other.to_string()],
        },
        Some(other) => [other.to_string(), other.to_string()],
        None => match error {
            sqlx::Error::Tls(error) => [error.to_string(), error.to_string()],
            _ => return None,
        },
    };
    Some([
        format!(
            "the source's server is not believed: {en}; name the file of the authority that signed its certificate as source.ca_file, and its host in source.url as the certificate has it"
        ),
        format!(
            "le serveur de la source n'est pas cru : {fr} ; nommez le fichier de l'autorité qui a signé son certificat par source.ca_file, et son hôte dans source.url tel qu'il y figure"
        ),
    ])
}

/// What is said where others can listen, in English and in French.
pub(crate) const IN_THE_CLEAR: [&str; 2] = [
    "the source is on another host and is read without TLS: whoever is on the way can read and alter every row; turn TLS on at its server and name its authority as source.ca_file",
    "la source est sur un autre hôte et est lue sans TLS : quiconque est sur le chemin peut lire et altérer chaque ligne ; activez TLS sur son serveur et nommez son autorité par source.ca_file",
];

#[cfg(test)]
mod tests;
