//! The sections of the configuration and their limits.
//!
//! A section checks its own values; a fault names key, value and remedy in
//! English and French.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use jiff::civil::Date;
use rmd_link::{BadRate, Throttle};
use rmd_standard::{country::alpha2_of, effective::Policy};
use serde::{Deserialize, Serialize};

use crate::cases::Terms;

/// Which network this is the hub of.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Network {
    /// Lower-case letters, digits, dots and hyphens; at most 63 bytes.
    pub(crate) name: String,
}

impl Network {
    pub(super) fn check(&self, faults: &mut Vec<String>) {
        if !is_network_name(&self.name) {
            faults.push(fault(
                "network.name",
                &self.name,
                "1 to 63 of a-z, 0-9, `-`, `.`",
                "1 à 63 de a-z, 0-9, `-`, `.`",
            ));
        }
    }
}

/// Where the regional view is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Store {
    /// `sqlite:PATH` or `postgres://USER@HOST/DATABASE`, without a password.
    pub(crate) url: String,
    /// File that holds the password; empty for none.
    pub(crate) password_file: String,
}

impl Store {
    pub(super) fn check(&self, faults: &mut Vec<String>) {
        if let Err((en, fr)) = check_store_url(&self.url) {
            // The value is not shown: it may hold a password.
            faults.push(fault("store.url", "…", en, fr));
        }
    }
}

/// The listener on which nodes get their certificates.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Enrol {
    pub(crate) listen: SocketAddr,
    /// `host:port` as nodes reach it.
    pub(crate) advertise: String,
    /// How long an invitation is good; at most 30 days.
    #[serde(with = "humantime_serde")]
    pub(crate) invitation_lifetime: Duration,
}

impl Enrol {
    pub(super) fn check(&self, faults: &mut Vec<String>) {
        if !is_address(&self.advertise) {
            faults.push(fault("enrol.advertise", &self.advertise, "host:port", "hôte:port"));
        }
        let limit = Duration::from_hours(30 * 24);
        if self.invitation_lifetime.is_zero() || self.invitation_lifetime > limit {
            let value = format!("{:?}", self.invitation_lifetime);
            faults.push(fault("enrol.invitation_lifetime", &value, "1s to 30days", "1s à 30days"));
        }
    }
}

/// The pages.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Portal {
    pub(crate) listen: SocketAddr,
    /// Rows on a page, 10 to 200.
    pub(crate) page_size: u32,
    /// Text on every page in English; empty for none.
    pub(crate) banner_en: String,
    /// Text on every page in French; empty for none.
    pub(crate) banner_fr: String,
}

impl Portal {
    pub(super) fn check(&self, faults: &mut Vec<String>) {
        if !(10..=200).contains(&self.page_size) {
            let value = self.page_size.to_string();
            faults.push(fault("portal.page_size", &value, "10 to 200", "10 à 200"));
        }
    }
}

/// The standard's REST API.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Api {
    pub(crate) listen: SocketAddr,
    /// Whether `listen` may be another address than loopback.
    pub(crate) allow_remote: bool,
    /// Requests of a key in a minute; 0 for no limit.
    pub(crate) requests_per_minute: u32,
}

impl Api {
    pub(super) fn check(&self, faults: &mut Vec<String>) {
        if !self.listen.ip().is_loopback() && !self.allow_remote {
            faults.push(fault(
                "api.listen",
                &self.listen.to_string(),
                "a loopback address as 127.0.0.1:7402, or set api.allow_remote = true behind a \
                 proxy that speaks TLS",
                "une adresse de bouclage comme 127.0.0.1:7402, ou mettez api.allow_remote = true \
                 derrière un mandataire qui parle TLS",
            ));
        }
    }
}

/// Auditors outside.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Audit {
    /// Where auditors are answered; empty for nowhere.
    pub(crate) listen: String,
    /// `host:port` as auditors reach it.
    pub(crate) advertise: String,
    /// How long a feed that was published waits for its next checkpoint.
    #[serde(with = "humantime_serde")]
    pub(crate) checkpoint_interval: Duration,
}

impl Audit {
    /// Where auditors are answered; none for nowhere. Checked at load.
    pub(crate) fn listen(&self) -> Option<SocketAddr> {
        self.listen.parse().ok()
    }

    pub(super) fn check(&self, faults: &mut Vec<String>) {
        if !self.listen.is_empty() && self.listen().is_none() {
            let (en, fr) =
                ("an address as 0.0.0.0:7404, or empty", "une adresse comme 0.0.0.0:7404, ou vide");
            faults.push(fault("audit.listen", &self.listen, en, fr));
        }
        if !self.advertise.is_empty() && !is_address(&self.advertise) {
            let (en, fr) = ("host:port, or empty", "hôte:port, ou vide");
            faults.push(fault("audit.advertise", &self.advertise, en, fr));
        }
        let limit = Duration::from_hours(1);
        if self.checkpoint_interval.is_zero() || self.checkpoint_interval > limit {
            let value = format!("{:?}", self.checkpoint_interval);
            faults.push(fault("audit.checkpoint_interval", &value, "up to 1h", "au plus 1h"));
        }
    }
}

/// The connections to the nodes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Link {
    #[serde(with = "humantime_serde")]
    pub(crate) retry_initial: Duration,
    #[serde(with = "humantime_serde")]
    pub(crate) retry_max: Duration,
    /// Most bytes a second over all pushes together; 0 for no cap.
    pub(crate) bytes_per_second: u32,
}

impl Link {
    /// The cap on bytes.
    pub(crate) fn throttle(&self) -> Result<Throttle, BadRate> {
        Throttle::new(self.bytes_per_second)
    }

    pub(super) fn check(&self, faults: &mut Vec<String>) {
        if self.retry_initial.is_zero() || self.retry_initial > self.retry_max {
            let value = format!("{:?}", self.retry_initial);
            faults.push(fault(
                "link.retry_initial",
                &value,
                "more than 0 and at most link.retry_max",
                "plus de 0 et au plus link.retry_max",
            ));
        }
        if self.throttle().is_err() {
            faults.push(fault(
                "link.bytes_per_second",
                &self.bytes_per_second.to_string(),
                "0 (no cap) or 500 to 100000000",
                "0 (sans plafond) ou de 500 à 100000000",
            ));
        }
    }
}

/// Decisions and bulletins.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Share {
    #[serde(with = "humantime_serde")]
    pub(crate) poll: Duration,
    #[serde(with = "humantime_serde")]
    pub(crate) refresh: Duration,
    /// Months that a Yellow site or exporter has, 1 to 24.
    pub(crate) yellow_months: u32,
    /// The same in states with a period of their own, by their ALPHA-3 codes.
    #[serde(default)]
    pub(crate) yellow_months_of: BTreeMap<String, u32>,
}

impl Share {
    /// What the clock of statuses depends on.
    pub(crate) fn policy(&self) -> Policy {
        let of = self.yellow_months_of.iter();
        let of = of.filter_map(|(alpha3, months)| Some((alpha2_of(alpha3)?.to_owned(), *months)));
        Policy { yellow_months: self.yellow_months, yellow_months_of: of.collect() }
    }

    pub(super) fn check(&self, faults: &mut Vec<String>) {
        let of = self.yellow_months_of.iter();
        let of = of.map(|(state, months)| (format!("share.yellow_months_of.{state}"), *months));
        let all = std::iter::once(("share.yellow_months".to_owned(), self.yellow_months)).chain(of);
        for (key, months) in all.filter(|(_, months)| !(1..=24).contains(months)) {
            faults.push(fault(&key, &months.to_string(), "1 to 24", "1 à 24"));
        }
        for state in self.yellow_months_of.keys().filter(|state| alpha2_of(state).is_none()) {
            let (en, fr) = ("a member's ALPHA-3 code, as COD", "le code ALPHA-3 d'un membre : COD");
            faults.push(fault("share.yellow_months_of", state, en, fr));
        }
        for (key, value) in [("share.poll", self.poll), ("share.refresh", self.refresh)] {
            if value < Duration::from_millis(50) {
                faults.push(fault(key, &format!("{value:?}"), "at least 50ms", "au moins 50ms"));
            }
        }
    }
}

/// Who begins to reconcile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Begun {
    /// The hub, whenever something came.
    Always,
    /// Whoever calls `rmd-hub reconcile run`.
    ByHand,
}

/// What records of several states say about each other.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reconcile {
    pub(crate) run: Begun,
}

/// What states are asked about findings.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cases {
    /// Days that a state has for an answer, 1 to 365.
    pub(crate) answer_days: u16,
    /// Days after which a case is sent by itself; 0: an officer sends.
    pub(crate) send_after_days: u16,
}

impl Cases {
    /// As the task takes it.
    pub(crate) const fn terms(&self) -> Terms {
        let Self { answer_days, send_after_days } = *self;
        Terms { answer_days, send_after_days }
    }

    pub(super) fn check(&self, faults: &mut Vec<String>) {
        if !(1..=365).contains(&self.answer_days) {
            let value = self.answer_days.to_string();
            faults.push(fault("cases.answer_days", &value, "1 to 365", "1 à 365"));
        }
        if self.send_after_days > 365 {
            let value = self.send_after_days.to_string();
            faults.push(fault(
                "cases.send_after_days",
                &value,
                "0 (an officer sends) to 365",
                "0 (un agent envoie) à 365",
            ));
        }
    }
}

/// The day for which statuses count.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Clock {
    /// ISO day; empty for today.
    pub(crate) as_of: String,
}

impl Clock {
    /// The configured day; none for today. Checked at load.
    pub(crate) fn day(&self) -> Option<Date> {
        self.as_of.parse().ok()
    }

    pub(super) fn check(&self, faults: &mut Vec<String>) {
        if !self.as_of.is_empty() && self.day().is_none() {
            faults.push(fault("clock.as_of", &self.as_of, "an ISO day", "un jour ISO"));
        }
    }
}

/// The process.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Run {
    #[serde(with = "humantime_serde")]
    pub(crate) grace: Duration,
}

/// The log.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Log {
    pub(crate) filter: String,
}

/// Whether a text can be the name of a network: it stands in identities.
pub(crate) fn is_network_name(name: &str) -> bool {
    (1..=63).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b))
}

/// Whether a text is `host:port`.
pub(crate) fn is_address(address: &str) -> bool {
    address.rsplit_once(':').is_some_and(|(host, port)| {
        !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0)
    })
}

/// What is wrong with the address of a store, in English and French.
pub(crate) fn check_store_url(url: &str) -> Result<(), (&'static str, &'static str)> {
    if url.strip_prefix("sqlite:").is_some_and(|path| !path.is_empty()) {
        return Ok(());
    }
    let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"));
    let Some(rest) = rest else {
        return Err((
            "sqlite:PATH or postgres://USER@HOST/DATABASE",
            "sqlite:CHEMIN ou postgres://UTILISATEUR@HÔTE/BASE",
        ));
    };
    let authority = rest.split('/').next().unwrap_or(rest);
    let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
    if user.contains(':') || rest.contains("password=") {
        return Err((
            "no password in the address; name a file in store.password_file",
            "pas de mot de passe dans l'adresse ; nommez un fichier dans store.password_file",
        ));
    }
    Ok(())
}

fn fault(key: &str, value: &str, en: &str, fr: &str) -> String {
    format!("{key} = \"{value}\": must be {en}\n{key} = « {value} » : doit être {fr}")
}
