//! Pages as a reader finds them: what they say, in both languages, and that they are
//! the same for the same data.

use std::process::Command;

use rmd_report::{Lang, MonthlyReport, sample, words};
use rmd_report_pdf::Pages;
use typst::layout::{Frame, FrameItem};

fn pages(report: &MonthlyReport, lang: Lang) -> Pages {
    Pages::of(report, lang).expect("a report is laid out")
}

/// The text of every page, as it stands on it, with plain spaces.
fn text(pages: &Pages) -> String {
    let mut text = String::new();
    for page in pages.document().pages() {
        collect(&page.frame, &mut text);
        text.push('\n');
    }
    text.replace(['\u{a0}', '\u{202f}'], " ")
}

fn collect(frame: &Frame, text: &mut String) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => collect(&group.frame, text),
            FrameItem::Text(run) => {
                text.push_str(&run.text);
                text.push(' ');
            }
            _ => {}
        }
    }
}

/// Without the spaces, because lines are broken and words are divided where they must.
fn squeezed(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_whitespace() && !"-\u{2010}\u{ad}".contains(*letter))
        .collect()
}

fn assert_says(text: &str, wanted: &str) {
    assert!(squeezed(text).contains(&squeezed(wanted)), "{wanted:?} is not on the pages");
}

#[test]
fn the_same_data_give_the_same_bytes() {
    for report in [sample::realistic(), sample::nearly_empty()] {
        let first = pages(&report, Lang::Fr).pdf().unwrap();
        assert_eq!(first, pages(&report, Lang::Fr).pdf().unwrap());
        assert!(first.starts_with(b"%PDF-1.7"));
        assert_ne!(first, pages(&report, Lang::En).pdf().unwrap());
    }
}

#[test]
fn the_pages_hold_every_state_and_part_in_both_languages() {
    for lang in Lang::ALL {
        let report = sample::realistic();
        let text = text(&pages(&report, lang));
        for alpha2 in words::states() {
            assert_says(&text, lang.country(alpha2));
        }
        for rule in &report.method.rules {
            assert_says(&text, &lang.set(lang.pick(&rule.en, &rule.fr)));
        }
        for mineral in ["260900", "261100", "261590", "710812"] {
            assert_says(&text, &words::mineral(mineral, lang));
        }
        assert_says(&text, lang.pick("22 November 2026", "22 novembre 2026"));
        assert_says(
            &text,
            &report.notice.as_ref().map(|one| lang.pick(&one.en, &one.fr).to_owned()).unwrap(),
        );
        assert_says(
            &text,
            lang.pick("never shown as an official status", "jamais montrées comme statut officiel"),
        );
        for feed in &report.method.feeds {
            assert_says(&text, &feed.root[..16]);
        }
    }
}

#[test]
fn figures_stand_on_the_pages_as_the_language_writes_them() {
    let report = sample::realistic();
    let flows = report.flows.as_ref().unwrap();
    let cell = flows.cells.iter().find_map(|cell| match cell.mass {
        rmd_report::Figure::Mg(mg) if cell.month == report.month && mg > 5_000_000_000 => Some(mg),
        _ => None,
    });
    let mg = cell.unwrap();
    for lang in Lang::ALL {
        assert_says(&text(&pages(&report, lang)), &lang.kilograms(mg, 0));
    }
}

#[test]
fn the_notice_stands_on_every_page() {
    let report = sample::realistic();
    let pages = pages(&report, Lang::En);
    for page in pages.document().pages() {
        let mut text = String::new();
        collect(&page.frame, &mut text);
        assert_says(&text, "every figure and name is made up");
    }
}

#[test]
fn parts_without_data_say_so_and_show_no_zero() {
    for (lang, wanted) in [(Lang::En, "no data yet"), (Lang::Fr, "pas encore de données")] {
        let text = text(&pages(&sample::nearly_empty(), lang));
        assert_says(&text, wanted);
        // The four figures of the first page.
        assert!(squeezed(&text).matches(&squeezed(wanted)).count() >= 4);
        assert!(!text.contains(" 0 "), "a zero stands where there are no data");
    }
}

#[test]
fn a_public_edition_names_no_party_on_any_page() {
    for lang in Lang::ALL {
        let full = text(&pages(&sample::realistic(), lang));
        let public = text(&pages(&sample::public(), lang));
        for party in sample::PARTIES {
            assert_says(&full, party);
            assert!(!squeezed(&public).contains(&squeezed(party)), "{party} is on a public page");
        }
        assert_says(&public, lang.pick("Public edition", "Édition publique"));
    }
}

/// What stands on a page keeps within its margins: a table that is too wide does not.
#[test]
fn nothing_runs_off_a_page() {
    for report in [sample::realistic(), sample::public(), sample::nearly_empty()] {
        for lang in Lang::ALL {
            for page in pages(&report, lang).document().pages() {
                let width = page.frame.width().to_pt();
                let right = rightmost(&page.frame, 0.0);
                assert!(right <= width - 40.0, "{right} of {width}");
            }
        }
    }
}

/// Where the text that is furthest to the right ends, in points.
fn rightmost(frame: &Frame, left: f64) -> f64 {
    let ends = frame.items().map(|(at, item)| {
        let left = left + at.x.to_pt();
        match item {
            FrameItem::Group(group) => rightmost(&group.frame, left),
            FrameItem::Text(run) => left + run.width().to_pt(),
            _ => 0.0,
        }
    });
    ends.fold(0.0, f64::max)
}

#[test]
fn the_program_writes_what_it_reads_and_refuses_what_is_no_report() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("report.json");
    let out = folder.path().join("report.pdf");
    let run = || {
        let program = env!("CARGO_BIN_EXE_rmd-report");
        let arguments = [data.as_os_str(), "--lang".as_ref(), "fr".as_ref(), "--out".as_ref()];
        Command::new(program).args(arguments).arg(&out).output().unwrap()
    };
    assert_eq!(run().status.code(), Some(66));
    std::fs::write(&data, "{}").unwrap();
    assert_eq!(run().status.code(), Some(65));
    let report = sample::realistic();
    let mut newer = serde_json::to_value(&report).unwrap();
    newer["format"] = 99.into();
    std::fs::write(&data, newer.to_string()).unwrap();
    let refused = run();
    assert_eq!(refused.status.code(), Some(65));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("form 99"));
    std::fs::write(&data, serde_json::to_string(&report).unwrap()).unwrap();
    assert_eq!(run().status.code(), Some(0));
    assert_eq!(std::fs::read(&out).unwrap(), pages(&report, Lang::Fr).pdf().unwrap());
}
