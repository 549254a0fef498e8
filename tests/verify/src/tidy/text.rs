//! Rules for every text of the repository.

use super::Fault;

/// Hosts of package registries, in two halves. Where packages come from is a matter
/// of each machine's own settings.
const HOSTS: [(&str, &str); 10] = [
    ("crates", ".io"),
    ("registry.npmjs", ".org"),
    ("registry.yarnpkg", ".com"),
    ("pypi", ".org"),
    ("files.pythonhosted", ".org"),
    ("deb.debian", ".org"),
    ("security.debian", ".org"),
    ("proxy.golang", ".org"),
    ("index.docker", ".io"),
    ("ghcr", ".io"),
];

/// Folders of one machine, in two halves.
const FOLDERS: [(&str, &str); 2] = [("/wor", "k/"), ("/roo", "t/")];

/// Marks of what is not finished, in two halves.
const MARKS: [(&str, &str); 3] = [("TO", "DO"), ("FIX", "ME"), ("XX", "X")];

pub(super) fn check(path: &str, text: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let mut add = |rule: String| faults.push(Fault::new(path, index + 1, rule));
        for host in HOSTS.map(join).iter().filter(|host| has_word(line, host)) {
            add(format!("names the registry host {host}"));
        }
        for folder in FOLDERS.map(join).iter().filter(|folder| has_folder(line, folder)) {
            add(format!("names the folder {folder} of one machine"));
        }
        for mark in MARKS.map(join).iter().filter(|mark| has_word(line, mark)) {
            add(format!("{mark}: finish it, or open an issue"));
        }
    }
    faults
}

/// Lock files may name the registry, not where one machine fetched it from.
pub(super) fn check_lock(path: &str, text: &str) -> Vec<Fault> {
    let lines = text.lines().enumerate().filter(|(_, line)| line.contains("\"resolved\":"));
    let rule = "a lock file that holds addresses binds the build to one mirror; remove `resolved`";
    lines.map(|(index, _)| Fault::new(path, index + 1, rule)).collect()
}

fn join((left, right): (&str, &str)) -> String {
    format!("{left}{right}")
}

/// Whether the word stands in the line with no letter, digit or `_` beside it.
pub(super) fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        ![before, after].into_iter().flatten().any(|char| char.is_alphanumeric() || char == '_')
    })
}

/// Whether an absolute path begins with the folder; `ca/…/key.pem` is relative.
fn has_folder(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|char| !char.is_alphanumeric() && !"_-.}>)*/$".contains(char))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(line: &str) -> usize {
        check("README.md", line).len()
    }

    #[test]
    fn registry_hosts_are_found_inside_addresses() {
        for host in HOSTS.map(join) {
            assert_eq!(count(&format!("fetch https://{host}/x")), 1, "{host}");
            assert_eq!(count(&format!("fetch https://index.{host}")), 1, "{host}");
        }
        assert_eq!(count("the npm registry and the crate audio"), 0);
    }

    #[test]
    fn folders_of_one_machine_are_found() {
        for folder in FOLDERS.map(join) {
            assert_eq!(count(&format!("see {folder}main")), 1);
            assert_eq!(count(&format!("`{folder}`")), 1);
            assert_eq!(count(&format!("/srv{folder}x and ca{folder}key.pem")), 0);
        }
    }

    #[test]
    fn unfinished_work_is_found_as_a_word_only() {
        for mark in MARKS.map(join) {
            assert_eq!(count(&format!("// {mark}: later")), 1);
            assert_eq!(count(&format!("A{mark}S")), 0);
        }
        assert_eq!(count("todos los sitios"), 0);
    }

    #[test]
    fn a_lock_file_without_addresses_passes() {
        assert!(check_lock("package-lock.json", "\"integrity\": \"sha512-x\"").is_empty());
        assert_eq!(check_lock("package-lock.json", "\"resolved\": \"https://x\"").len(), 1);
    }
}
