//! The configuration, from the defaults to the faults.

use super::*;

fn load(file: &str) -> Result<Config, config::Error> {
    let dir = tempfile::tempdir().unwrap();
    let directory = Directory::new(dir.path());
    std::fs::write(directory.config(), file).unwrap();
    Config::load(&directory)
}

const LEAST: &str = r#"
[node]
country = "COD"
name = "cod-mines"
[source]
url = "sqlite:/srv/mines.sqlite"
"#;

#[test]
fn the_least_file_and_the_defaults_are_a_configuration() {
    let config = load(LEAST).unwrap();
    assert_eq!(config.node.country.alpha2(), "CD");
    assert_eq!(config.capture.interval, Duration::from_secs(10));
    assert_eq!(config.source.rows_per_second(), None);
    assert_eq!(config.clock.as_of, None);
}

#[test]
fn a_configuration_survives_being_shown() {
    let config = load(LEAST).unwrap();
    let shown = toml::to_string(&config).unwrap();
    assert_eq!(load(&shown).unwrap(), config);
}

#[test]
fn every_fault_is_told_at_once_with_its_key() {
    let told = load(&(LEAST.to_owned() + "[capture]\ninterval = \"0s\"\nspeed = 1\n"));
    let told = told.unwrap_err().to_string();
    for key in ["capture.interval", "capture.speed"] {
        assert!(told.contains(key), "{key} is not in: {told}");
    }
    let told = load(&LEAST.replace("COD", "FRA").replace("cod-mines", "COD mines"));
    let told = told.unwrap_err().to_string();
    for key in ["node.country", "node.name", "`FRA`"] {
        assert!(told.contains(key), "{key} is not in: {told}");
    }
}

#[test]
fn hours_and_zones_that_are_none_are_refused_by_key_value_and_remedy() {
    let faults = "[serve]\nhours = \"20:00\"\n[capture]\nhours = \"night\"\n";
    let told = load(&(LEAST.to_owned() + faults)).unwrap_err().to_string();
    for part in ["serve.hours", "`20:00`", "capture.hours", "`night`", "20:00-06:00", "attendu"] {
        assert!(told.contains(part), "{part} is not in: {told}");
    }
    let told = load(&(LEAST.to_owned() + "[clock]\nzone = \"Africa/Bisie\"\n"));
    let told = told.unwrap_err().to_string();
    for part in ["clock.zone", "`Africa/Bisie`", "Africa/Lubumbashi", "fuseau horaire"] {
        assert!(told.contains(part), "{part} is not in: {told}");
    }
    let right = "[serve]\nhours = \"20:00-06:00\"\n[clock]\nzone = \"Africa/Lubumbashi\"\n";
    assert!(load(&(LEAST.to_owned() + right)).is_ok());
}
