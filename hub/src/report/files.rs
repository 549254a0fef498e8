//! The files of a report: data, workbook, text files, and the pages by `rmd-report`.
//!
//! The program of the pages stands beside this one and takes the data from their file:
//! the typesetter is heavy, and a hub that makes no reports need not carry it. What
//! names records is written so that nobody else may read it.

use std::path::{Path, PathBuf};

use rmd_report::{Edition, Lang, MonthlyReport, text, workbook};
use rmd_runtime::files;
use serde::Serialize;
use tokio::process::Command;

use super::Error;

/// The program of the pages.
const PROGRAM: &str = "rmd-report";

/// What was written, in the order of writing.
#[derive(Debug, Serialize)]
pub(crate) struct Written {
    pub(crate) files: Vec<PathBuf>,
}

/// Writes every file of a report below a folder, which is made where it is not there.
pub(crate) async fn write(
    report: &MonthlyReport,
    lang: Lang,
    folder: &Path,
) -> Result<Written, Error> {
    let made = std::fs::create_dir_all(folder);
    made.map_err(|error| Error::Folder { path: folder.to_owned(), error })?;
    let stem = match report.edition {
        Edition::Full => format!("report-{}", report.month),
        Edition::Public => format!("report-{}-public", report.month),
    };
    let mut files = Vec::new();
    let mut put = |name: String, bytes: &[u8]| {
        let path = folder.join(name);
        match report.edition {
            Edition::Full => files::write_secret(&path, bytes)?,
            Edition::Public => files::write_public(&path, bytes)?,
        }
        files.push(path);
        Ok::<(), Error>(())
    };
    let data = format!("{stem}.json");
    put(data.clone(), &serde_json::to_vec(report).map_err(Error::Json)?)?;
    for file in text::files(report)? {
        put(format!("{stem}-{}", file.name), &file.bytes)?;
    }
    put(format!("{stem}-{}.xlsx", lang.code()), &workbook::workbook(report, lang)?)?;
    let pages = folder.join(format!("{stem}-{}.pdf", lang.code()));
    typeset(&folder.join(data), lang, &pages).await?;
    files.push(pages);
    Ok(Written { files })
}

/// Has the pages made by the program beside this one.
async fn typeset(data: &Path, lang: Lang, pages: &Path) -> Result<(), Error> {
    let program = beside();
    let arguments = [data.as_os_str(), "--lang".as_ref(), lang.code().as_ref(), "--out".as_ref()];
    let command =
        format!("{PROGRAM} {} --lang {} --out {}", data.display(), lang.code(), pages.display());
    let output = Command::new(&program).args(arguments).arg(pages).output().await;
    let output = match output {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Error::NoPages { program, command });
        }
        Err(error) => return Err(Error::Pages { command, said: error.to_string() }),
    };
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Error::Pages { command, said })
}

/// Where the program of the pages is, if it is there.
fn beside() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    own.parent().map_or_else(|| PathBuf::from(PROGRAM), |folder| folder.join(PROGRAM))
}
