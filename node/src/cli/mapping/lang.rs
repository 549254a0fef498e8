//! One language at a time for texts that a person reads.

use clap::ValueEnum;

/// The language of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Lang {
    /// English.
    En,
    /// French.
    Fr,
    /// Both, one behind the other.
    Both,
}

// The one place where the environment is read besides configuration: the language
// belongs to the person at the terminal and not to the node, whose `config.toml`
// several people share. It chooses words alone; exit codes, `--json` and what is
// written to files are the same in every language, and `--lang` decides first.

/// What says in which language a person reads, the first that is set.
const VARIABLES: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];

impl Lang {
    /// What was asked for, or the language of the terminal.
    pub(super) fn chosen(asked: Option<Self>) -> Self {
        let terminal = || {
            let set = VARIABLES.iter().filter_map(|name| std::env::var(name).ok());
            Self::of_locale(&set.into_iter().find(|value| !value.is_empty()).unwrap_or_default())
        };
        asked.unwrap_or_else(terminal)
    }

    fn of_locale(locale: &str) -> Self {
        if locale.to_lowercase().starts_with("fr") { Self::Fr } else { Self::En }
    }

    /// The text in this language.
    pub(super) fn pick(self, en: &str, fr: &str) -> String {
        match self {
            Self::En => en.to_owned(),
            Self::Fr => fr.to_owned(),
            Self::Both => format!("{en} / {fr}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Lang;

    #[test]
    fn the_language_of_the_terminal_is_french_or_english() {
        for (locale, lang) in [
            ("fr_CD.UTF-8", Lang::Fr),
            ("FR", Lang::Fr),
            ("en_GB", Lang::En),
            ("", Lang::En),
            ("C", Lang::En),
            ("sw_TZ", Lang::En),
        ] {
            assert_eq!(Lang::of_locale(locale), lang, "{locale}");
        }
        assert_eq!(Lang::chosen(Some(Lang::Both)).pick("a", "b"), "a / b");
    }
}
