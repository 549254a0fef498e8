//! The commands in the documents are commands of the binaries.
//!
//! Each is given to its binary with `--help` behind it, so that nothing is done: what
//! was renamed or taken away is refused by name.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};

use crate::harness::binaries;

/// What a clerk, an operator or a machine reads.
const DOCUMENTS: [&str; 8] = [
    "README.md",
    "docs/RECONCILIATION.md",
    "docs/OPERATIONS.md",
    "docs/OPERATIONS.fr.md",
    "deploy/Dockerfile",
    "deploy/compose.yaml",
    "deploy/systemd/rmd-hub.service",
    "deploy/systemd/rmd-node.service",
];

const BINARIES: [&str; 2] = ["rmd-node", "rmd-hub"];

/// What stands before the name of a binary that is called: nothing, the functions of the
/// manual, the services of the containers.
const CALLERS: [&str; 5] = ["", "as_node", "as_hub", "node", "hub"];

/// What the binaries say of an argument or command that they do not have.
const UNKNOWN: [&str; 2] = ["unexpected argument", "unrecognized subcommand"];

/// The words behind the name of a binary, each list once.
fn commands(text: &str) -> BTreeSet<(&'static str, Vec<String>)> {
    let joined = text.replace("\\\n", " ");
    let mut found = BTreeSet::new();
    let (mut is_fenced, mut prose) = (false, String::new());
    for line in joined.lines() {
        if line.trim_start().starts_with("```") {
            is_fenced = !is_fenced;
        } else if is_fenced {
            found.extend(command_in(line));
        } else {
            prose.push_str(line);
            prose.push(' ');
        }
    }
    // Outside of blocks, commands stand between back-ticks, quotes or on a line of a service.
    found.extend(prose.split('`').skip(1).step_by(2).filter_map(command_in));
    let list = ["command: [", "CMD ["];
    for line in joined.lines() {
        let line = line.trim();
        if let Some(command) = line.strip_prefix("ExecStart=/usr/local/bin/") {
            found.extend(command_in(command));
        } else if let Some(command) = list.iter().find_map(|begin| line.strip_prefix(begin)) {
            found.extend(command_in(&command.replace([']', ',', '"'], " ")));
        }
    }
    found
}

/// The command of a line, if it calls one of the binaries: first, or behind what calls it.
fn command_in(line: &str) -> Option<(&'static str, Vec<String>)> {
    let words = words(line);
    let is_called = |place: usize| {
        let before = place.checked_sub(1).map_or("", |before| words[before].as_str());
        CALLERS.contains(&before) || before.contains('=')
    };
    let binary_at = |place: usize| BINARIES.iter().find(|binary| words[place] == **binary);
    let (place, binary) = (0..words.len())
        .filter(|place| is_called(*place))
        .find_map(|place| Some((place, *binary_at(place)?)))?;
    let arguments: Vec<String> = words.into_iter().skip(place + 1).collect();
    (!arguments.is_empty()).then_some((binary, arguments))
}

/// Words as a shell has them, up to what is not the command's own.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for letter in line.chars() {
        match (letter, quote) {
            ('\'' | '"', None) => quote = Some(letter),
            (letter, Some(open)) if letter == open => quote = None,
            ('|' | '<' | '>' | ';' | '&' | '#' | ')' | '…', None) => break,
            (letter, None) if letter.is_whitespace() => {
                words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()));
            }
            (letter, _) => word.push(letter),
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}

#[test]
fn each_command_in_the_documents_is_one_of_the_binaries() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("tests has a parent")?;
    let built = binaries();
    let (mut count, mut wrong) = (0, Vec::new());
    for document in DOCUMENTS {
        let path: PathBuf = root.join(document);
        let text = fs::read_to_string(&path).with_context(|| format!("read {document}"))?;
        for (binary, arguments) in commands(&text) {
            let program = if binary == "rmd-node" { &built.node } else { &built.hub };
            let output = Command::new(program).args(&arguments).arg("--help").output()?;
            let said = String::from_utf8_lossy(&output.stderr);
            if UNKNOWN.iter().any(|words| said.contains(words)) {
                wrong.push(format!("{document}: {binary} {}\n{said}", arguments.join(" ")));
            }
            count += 1;
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    ensure!(count > 100, "only {count} commands were found in the documents");
    Ok(())
}

/// Keys of the configuration that are named as variables: binary, section, key.
fn variables(text: &str) -> BTreeSet<(&'static str, String, String)> {
    let is_part = |letter: char| letter.is_ascii_uppercase() || letter == '_';
    let tokens = text.split(|letter: char| !is_part(letter));
    let of = |token: &str| {
        let (binary, rest) = token
            .strip_prefix("RMD_NODE_")
            .map(|rest| ("node", rest))
            .or_else(|| token.strip_prefix("RMD_HUB_").map(|rest| ("hub", rest)))?;
        let (section, key) = rest.split_once("__")?;
        Some((binary, section.to_lowercase(), key.to_lowercase()))
    };
    tokens.filter_map(of).filter(|(_, section, _)| section != "section").collect()
}

#[test]
fn each_variable_in_the_documents_is_a_key_of_the_configuration() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("tests has a parent")?;
    let mut count = 0;
    for document in DOCUMENTS {
        let text = fs::read_to_string(root.join(document))?;
        for (binary, section, key) in variables(&text) {
            let defaults = fs::read_to_string(root.join(binary).join("config.default.toml"))?;
            let of_section =
                defaults.split("\n[").find(|part| part.starts_with(&format!("{section}]")));
            let is_key =
                |line: &str| line.trim_start_matches("# ").starts_with(&format!("{key} = "));
            let is_known = of_section.is_some_and(|part| part.lines().any(is_key));
            ensure!(is_known, "{document}: {binary} has no {section}.{key}");
            count += 1;
        }
    }
    ensure!(count > 0, "no variable was found");
    Ok(())
}

#[test]
fn what_the_image_copies_is_there() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("tests has a parent")?;
    let text = fs::read_to_string(root.join("deploy/Dockerfile"))?;
    let copies = text.lines().filter_map(|line| line.strip_prefix("COPY "));
    let mut count = 0;
    for copied in copies.filter(|copied| !copied.starts_with("--from")) {
        let words: Vec<&str> = copied.split_whitespace().collect();
        for source in &words[..words.len() - 1] {
            ensure!(root.join(source).exists(), "deploy/Dockerfile copies {source}");
            count += 1;
        }
    }
    ensure!(count > 5, "only {count} were found");
    Ok(())
}

#[test]
fn commands_are_found_wherever_they_stand() {
    let text = "Run `rmd-node brake list`, or\n\n```sh\nas_hub rmd-hub node invite COD x > y\n\
                rmd-node init --name 'a b' \\\n    --listen 1\n```\n\
                ExecStart=/usr/local/bin/rmd-node run\n    command: [\"rmd-hub\", \"run\"]\n";
    let found: Vec<String> = commands(text)
        .into_iter()
        .map(|(binary, arguments)| format!("{binary} {}", arguments.join("+")))
        .collect();
    assert_eq!(
        found,
        [
            "rmd-hub node+invite+COD+x",
            "rmd-hub run",
            "rmd-node brake+list",
            "rmd-node init+--name+a b+--listen+1",
            "rmd-node run",
        ]
    );
}
