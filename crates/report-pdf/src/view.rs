//! The report as the templates take it: every text ready to be read.
//!
//! Owns what is shown and in which order, and every number as the language writes it;
//! the templates own places and colours. A part without data is `None`, which the
//! templates must say.

mod cases;
mod changes;
mod cover;
mod findings;
mod flows;
mod grid;
mod matching;
mod method;
mod reporting;
mod statuses;

use rmd_report::{Edition, Lang, MonthlyReport};
use serde::Serialize;
use serde_json::Value;

use crate::prose::{Prose, filled};

/// Everything on the pages.
#[derive(Debug, Serialize)]
pub(crate) struct View {
    lang: &'static str,
    /// The labels, by their names.
    t: Value,
    is_public: bool,
    title: String,
    month: String,
    day: String,
    /// Year, month and day of the evaluation, for the file.
    date: [i16; 3],
    network: String,
    edition: String,
    notice: Option<String>,
    cover: cover::Cover,
    reporting: Option<reporting::Reporting>,
    flows: Option<flows::Flows>,
    matching: Option<matching::Matching>,
    findings: Option<findings::Findings>,
    cases: Option<cases::Cases>,
    statuses: Option<statuses::Statuses>,
    method: method::Method,
}

impl View {
    pub(crate) fn of(report: &MonthlyReport, lang: Lang) -> Self {
        let pen = Pen { report, lang, prose: Prose::of(lang) };
        let day = report.evaluated_on;
        let mut t = serde_json::json!(pen.prose);
        set(&mut t, lang);
        Self {
            lang: lang.code(),
            t,
            is_public: report.edition == Edition::Public,
            title: format!("{} · {}", pen.prose.title, lang.month(report.month)),
            month: lang.month(report.month),
            day: lang.day(day),
            date: [day.year(), day.month().into(), day.day().into()],
            network: report.network.clone(),
            edition: report.edition.word().of(lang).to_owned(),
            notice: report
                .notice
                .as_ref()
                .map(|notice| lang.set(lang.pick(&notice.en, &notice.fr))),
            cover: cover::of(pen),
            reporting: report.reporting.as_ref().map(|part| reporting::of(pen, part)),
            flows: report.flows.as_ref().map(|part| flows::of(pen, part)),
            matching: report.matching.as_ref().map(|part| matching::of(pen, part)),
            findings: report.findings.as_ref().map(|part| findings::of(pen, part)),
            cases: report.cases.as_ref().map(|part| cases::of(pen, part)),
            statuses: report.statuses.as_ref().map(|part| statuses::of(pen, part)),
            method: method::of(pen),
        }
    }
}

/// With what a part of the view is written.
#[derive(Debug, Clone, Copy)]
struct Pen<'r> {
    report: &'r MonthlyReport,
    lang: Lang,
    prose: &'static Prose,
}

impl Pen<'_> {
    /// A sentence with its names filled in.
    fn say(self, text: &str, values: &[(&str, &str)]) -> String {
        filled(&self.lang.set(text), values)
    }

    fn count(self, count: u64) -> String {
        self.lang.count(count)
    }
}

/// A text as it begins a line.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Every text below a value, as the language sets it.
fn set(value: &mut Value, lang: Lang) {
    match value {
        Value::String(text) => *text = lang.set(text),
        Value::Array(values) => values.iter_mut().for_each(|value| set(value, lang)),
        Value::Object(values) => values.values_mut().for_each(|value| set(value, lang)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The states of the region, in the order of tables, alpha-2.
fn states() -> impl Iterator<Item = &'static str> {
    rmd_report::words::states()
}
