//! Why a node does nothing at the moment: hours in which it may not, and the cap.

use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

use crate::{cli::open, config::Config, hours::Hours};

/// When the source is read and feeds are sent, and how fast.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Pauses {
    /// In which hours are written; none while neither configuration nor mapping name one.
    zone: Option<String>,
    /// Reading of the source.
    source: Pause,
    /// Sending of feeds.
    sending: Pause,
    /// Most bytes a second of all feeds; 0 = no cap.
    bytes_per_second: u32,
}

/// One kind of work in its hours.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Pause {
    /// As the configuration has them; empty = always.
    hours: String,
    /// When it goes on, UTC microseconds; none while it may go on.
    closed_until_us: Option<i64>,
}

impl Pauses {
    /// What holds at an instant.
    pub(super) fn at(now: Timestamp, config: &Config, zone: Option<&TimeZone>) -> Self {
        let pause = |hours: &Hours| {
            let until = zone.and_then(|zone| hours.closed_until(now, zone));
            Pause {
                hours: String::from(hours.clone()),
                closed_until_us: until.map(Timestamp::as_microsecond),
            }
        };
        Self {
            zone: zone.and_then(TimeZone::iana_name).map(str::to_owned),
            source: pause(&config.capture.hours),
            sending: pause(&config.serve.hours),
            bytes_per_second: config.serve.bytes_per_second,
        }
    }

    /// Lines for a person; none where nothing is limited.
    pub(super) fn lines(&self) -> Vec<String> {
        let zone = self.zone.as_deref().unwrap_or("?");
        let mut lines = Vec::new();
        for (what, pause) in [
            ("source read · source lue", &self.source),
            ("feeds sent · flux envoyés", &self.sending),
        ] {
            if pause.hours.is_empty() {
                continue;
            }
            let now = match pause.closed_until_us {
                None => "open now · ouvert".to_owned(),
                until => format!("PAUSED until · EN PAUSE jusqu'à {}", open::instant(until)),
            };
            lines.push(format!("{what}: {} ({zone}), {now}", pause.hours));
        }
        if self.bytes_per_second > 0 {
            lines.push(format!("cap · plafond: {} bytes/s · octets/s", self.bytes_per_second));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Directory;

    fn config(more: &str) -> Config {
        let dir = tempfile::tempdir().unwrap();
        let directory = Directory::new(dir.path());
        let least = "[node]\ncountry = \"COD\"\nname = \"cod-mines\"\n\
                     [source]\nurl = \"sqlite:/srv/mines.sqlite\"\n";
        std::fs::write(directory.config(), format!("{least}{more}")).unwrap();
        Config::load(&directory).unwrap()
    }

    /// 10:00 in Lubumbashi.
    fn morning() -> Timestamp {
        "2018-01-01T08:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_node_says_until_when_it_pauses_and_how_fast_it_sends() {
        let limited = config(
            "[capture]\nhours = \"20:00-06:00\"\n\
             [serve]\nhours = \"08:00-12:00\"\nbytes_per_second = 4000\n",
        );
        let zone = TimeZone::get("Africa/Lubumbashi").unwrap();
        let pauses = Pauses::at(morning(), &limited, Some(&zone));
        assert_eq!(
            pauses.lines(),
            [
                "source read · source lue: 20:00-06:00 (Africa/Lubumbashi), \
                 PAUSED until · EN PAUSE jusqu'à 2018-01-01 18:00:00Z",
                "feeds sent · flux envoyés: 08:00-12:00 (Africa/Lubumbashi), open now · ouvert",
                "cap · plafond: 4000 bytes/s · octets/s",
            ]
        );
        let json = serde_json::to_value(&pauses).unwrap();
        assert_eq!(json["source"]["closed_until_us"], 1_514_829_600_000_000_i64);
        assert!(json["sending"]["closed_until_us"].is_null());
        assert_eq!(json["bytes_per_second"], 4000);
    }

    #[test]
    fn a_node_without_limits_says_nothing_of_them() {
        let pauses = Pauses::at(morning(), &config(""), Some(&TimeZone::UTC));
        assert!(pauses.lines().is_empty());
    }
}
