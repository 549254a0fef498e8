//! How the cells of an annotated copy look.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatPattern};

use rmd_sheet::Raw;

/// What a cell is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Head,
    Plain,
    Accepted,
    Held,
    Refused,
    Fault,
    Incomplete,
}

const LOOKS: [Look; 7] = [
    Look::Head,
    Look::Plain,
    Look::Accepted,
    Look::Held,
    Look::Refused,
    Look::Fault,
    Look::Incomplete,
];

/// Formats of numbers: as it comes, day, day and time, time, percentage.
const NUMBERS: [&str; 5] = ["", "dd/mm/yyyy", "dd/mm/yyyy hh:mm:ss", "hh:mm:ss", "0.00##%"];

/// Every look with every format of numbers.
#[derive(Debug)]
pub(super) struct Looks {
    formats: Vec<Format>,
}

impl Looks {
    pub(super) fn new() -> Self {
        let all = LOOKS.iter().flat_map(|look| NUMBERS.iter().map(|number| format(*look, number)));
        Self { formats: all.collect() }
    }

    /// The format of a cell.
    pub(super) fn of(&self, look: Look, raw: &Raw) -> &Format {
        let number = match raw {
            Raw::Stamp(days) if *days < 1.0 => 3,
            Raw::Stamp(days) if days.fract() != 0.0 => 2,
            Raw::Stamp(_) => 1,
            Raw::Percent(_) => 4,
            _ => 0,
        };
        let place = LOOKS.iter().position(|known| *known == look).unwrap_or(0);
        &self.formats[place * NUMBERS.len() + number]
    }
}

fn format(look: Look, number: &str) -> Format {
    let filled = |color: u32| {
        Format::new().set_pattern(FormatPattern::Solid).set_background_color(Color::RGB(color))
    };
    let format = match look {
        Look::Head => filled(0x00DD_E3EA).set_bold(),
        Look::Plain => Format::new(),
        Look::Accepted => filled(0x00F2_F2F2).set_font_color(Color::RGB(0x0080_8080)),
        Look::Held => filled(0x00DC_E9F7),
        Look::Refused => filled(0x00FD_E9E7),
        Look::Fault => filled(0x00F4_A39A).set_bold(),
        Look::Incomplete => filled(0x00FF_E9A8),
    };
    let format = format.set_align(FormatAlign::Top);
    if number.is_empty() { format } else { format.set_num_format(number) }
}
