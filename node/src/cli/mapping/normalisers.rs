//! `rmd-node mapping normalisers`: what can stand in `[record.normalise]`.

use std::process::ExitCode;

use clap::Args;
use rmd_runtime::exit;

use super::lang::Lang;
use crate::{
    cli::{Failure, Global},
    mapping::normalisers::{LISTED, Listed},
};

/// What `mapping normalisers` is told.
#[derive(Debug, Args)]
#[command(after_help = "Example · Exemple:\n  rmd-node mapping normalisers --lang fr")]
pub(in crate::cli) struct NormalisersArgs {
    /// Language of the text; by default that of the terminal · Langue du texte
    #[arg(long, value_enum)]
    lang: Option<Lang>,
}

pub(super) fn normalisers(global: &Global, args: &NormalisersArgs) -> Result<ExitCode, Failure> {
    let lang = Lang::chosen(args.lang);
    global.format().print(&LISTED, |listed| text(listed, lang))?;
    Ok(exit::code(exit::OK))
}

fn text(listed: &[Listed], lang: Lang) -> String {
    let mut lines = vec![lang.pick(
        "Under [[record]] or [[record.child]], in a table [record.normalise] or [record.child.normalise];\n\
         a list [\"a\", \"b\"] applies several, in that order.\n",
        "Sous [[record]] ou [[record.child]], dans une table [record.normalise] ou [record.child.normalise] ;\n\
         une liste [\"a\", \"b\"] en applique plusieurs, dans cet ordre.\n",
    )];
    for one in listed {
        lines.push(format!("{}\n  {}", one.name, lang.pick(one.en, one.fr)));
        for parameter in one.parameters {
            let says = lang.pick(parameter.en, parameter.fr);
            lines.push(format!("    {}: {} - {says}", parameter.name, parameter.values));
        }
        let after = if one.after.is_empty() { "(absent)" } else { one.after };
        lines.push(format!("    {}\n    {} -> {after}\n", one.example, one.before));
    }
    lines.join("\n")
}
