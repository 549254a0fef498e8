//! Writes findings of one rule about one subject.

use crate::{
    Measure, Named, Outcome, Raised, Rule, Sentence, Severity, Subject, SubjectKind,
    view::{CertificateView, LotView, SiteMonthView, SiteView},
};

/// What all findings of a rule about a subject share.
pub(crate) struct Finder {
    /// The rule.
    pub(crate) rule: Rule,
    /// What they are about.
    pub(crate) subject: Subject,
    /// The state that may answer, alpha-2.
    pub(crate) country: String,
    /// The records they rest on.
    pub(crate) evidence: Vec<Named>,
}

impl Finder {
    /// Findings about a lot, that rest on it and on these other records.
    pub(crate) fn about_lot(
        rule: Rule,
        view: &LotView,
        others: impl IntoIterator<Item = Named>,
    ) -> Self {
        let evidence = others.into_iter().chain([view.lot.named.clone()]).collect();
        let subject = Subject::new(SubjectKind::Lot, view.lot.key());
        Self { rule, subject, country: view.lot.country().to_owned(), evidence }
    }

    /// Findings about a certificate, that rest on it and on these other records.
    pub(crate) fn about_certificate(
        rule: Rule,
        view: &CertificateView,
        others: impl IntoIterator<Item = Named>,
    ) -> Self {
        let certificate = &view.certificate;
        let evidence = others.into_iter().chain([certificate.named.clone()]).collect();
        let subject = Subject::new(SubjectKind::Certificate, certificate.key());
        Self { rule, subject, country: certificate.country().to_owned(), evidence }
    }

    /// Findings about a site's month, that rest on it and on these other records.
    pub(crate) fn about_month(
        rule: Rule,
        view: &SiteMonthView,
        others: impl IntoIterator<Item = Named>,
    ) -> Self {
        let production = &view.production;
        let evidence = others.into_iter().chain([production.named.clone()]).collect();
        let subject = Subject::new(SubjectKind::SiteMonth, production.key());
        Self { rule, subject, country: production.country().to_owned(), evidence }
    }

    /// Findings about a site, that rest on it and on these other records.
    pub(crate) fn about_site(
        rule: Rule,
        view: &SiteView,
        others: impl IntoIterator<Item = Named>,
    ) -> Self {
        let site = &view.facts.site;
        let evidence = others.into_iter().chain([site.named.clone()]).collect();
        let subject = Subject::new(SubjectKind::MineSite, site.key());
        Self { rule, subject, country: site.country().to_owned(), evidence }
    }

    /// One finding.
    pub(crate) fn raise(
        &self,
        severity: Severity,
        sentence: &'static Sentence,
        measures: Vec<Measure>,
    ) -> Outcome {
        let mut evidence = self.evidence.clone();
        evidence.sort_unstable();
        evidence.dedup();
        Outcome::found(Raised {
            rule: self.rule,
            severity,
            subject: self.subject.clone(),
            country: self.country.clone(),
            evidence,
            measures,
            sentence,
            detail: String::new(),
        })
    }
}
