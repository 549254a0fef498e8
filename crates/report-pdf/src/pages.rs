//! From the data to pages, and from pages to the file.

use rmd_report::{Lang, MonthlyReport};
use typst::{
    diag::{SourceDiagnostic, Warned},
    foundations::Smart,
};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::{view, world::Desk};

/// The pages of a report in one language.
#[derive(Debug)]
pub struct Pages {
    document: PagedDocument,
    ident: String,
}

/// Why there are no pages. The templates are ours: each of these is a fault of ours.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The view is no JSON.
    #[error("write the view of the report")]
    View(#[source] serde_json::Error),
    /// The templates do not fit the view.
    #[error("lay out the pages: {0}")]
    Layout(String),
    /// The pages do not keep the standard of archives or of readers that speak.
    #[error("write the pages as PDF: {0}")]
    Pdf(String),
}

impl Pages {
    /// Lays the report out.
    pub fn of(report: &MonthlyReport, lang: Lang) -> Result<Self, Error> {
        let view = serde_json::to_vec(&view::View::of(report, lang)).map_err(Error::View)?;
        let Warned { output, warnings } = typst::compile::<PagedDocument>(&Desk::new(view));
        let document = output.map_err(|errors| Error::Layout(told(&errors)))?;
        // A warning is a letter without a glyph, or a layout that does not settle.
        if !warnings.is_empty() {
            return Err(Error::Layout(told(&warnings)));
        }
        let ident = format!(
            "{}/{}/{}/{}",
            report.network,
            report.month,
            report.edition.word().code,
            lang.code()
        );
        Ok(Self { document, ident })
    }

    /// How many pages there are.
    pub fn count(&self) -> usize {
        self.document.pages().len()
    }

    /// The laid-out document, for tests and pictures.
    pub fn document(&self) -> &PagedDocument {
        &self.document
    }

    /// The file: for archives (PDF/A-2a) and for readers that speak (PDF/UA-1).
    pub fn pdf(&self) -> Result<Vec<u8>, Error> {
        let standards = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1])
            .map_err(|hinted| Error::Pdf(hinted.message().to_string()))?;
        let options = PdfOptions {
            ident: Smart::Custom(self.ident.clone()),
            // The version of the typesetter would change the bytes.
            creator: Smart::Custom(Some("rmd-report".to_owned())),
            standards,
            ..PdfOptions::default()
        };
        typst_pdf::pdf(&self.document, &options).map_err(|errors| Error::Pdf(told(&errors)))
    }
}

fn told(diagnostics: &[SourceDiagnostic]) -> String {
    let told: Vec<String> = diagnostics.iter().map(|one| format!("{one:?}")).collect();
    told.join("; ")
}
