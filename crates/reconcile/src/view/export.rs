//! A line of an export declaration with the certificate that it quotes.

use std::sync::Arc;

use rmd_proto::v1;

use crate::Fact;

/// A line of an export declaration and what is around it.
#[derive(Debug, Clone)]
pub struct ExportView {
    /// The line.
    pub export: Arc<Fact<v1::ExportDeclaration>>,
    /// The certificate that it quotes.
    pub certificate: CertificateLink,
}

/// What a quoted certificate leads to.
#[derive(Debug, Clone)]
pub enum CertificateLink {
    /// No certificate is quoted.
    Unquoted,
    /// A certificate that no state has.
    Unknown {
        /// The state that would have issued it, alpha-2.
        country: String,
        /// Its number.
        identifier: String,
    },
    /// A certificate of the regional view.
    Known(Arc<Fact<v1::ExportCertificate>>),
}
