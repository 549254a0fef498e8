//! What a workbook unpacks to, measured before it is parsed.
//!
//! The sizes that an archive declares can lie, so each part is unpacked once
//! into nothing. Refused: parts that unpack to far more than they are packed,
//! parts that would have to be held whole and are too large for it, a single
//! text without end, macros.

use std::{
    fs::File,
    io::{BufReader, Read},
    path::Path,
};

use zip::{ZipArchive, result::ZipError};

use crate::Error;

/// Parts of an archive; a workbook of a hundred sheets has some hundreds.
const PARTS_MAX: usize = 4096;

/// All sheets together, unpacked; they are read as they come.
const UNPACKED_BYTES_MAX: u64 = 4 << 30;

/// What is held in memory while a workbook is read: its texts. Each costs about
/// twice its bytes there, so this keeps the whole below 256 MiB.
const TEXTS_BYTES_MAX: u64 = 48 << 20;

/// Styles and the list of sheets.
const OTHER_BYTES_MAX: u64 = 16 << 20;

/// Between two tags; a cell holds less than 128 KiB of UTF-8.
const RUN_BYTES_MAX: usize = 1 << 20;

/// How many times larger a part may become, once it is large at all. Sheets of
/// equal rows reach 40; the format itself allows 1032.
const RATIO_MAX: u64 = 120;
const RATIO_FROM_BYTES: u64 = 16 << 20;

/// Refuses a workbook that must not be parsed.
pub(super) fn check(path: &Path) -> Result<(), Error> {
    let file = File::open(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(broken)?;
    if archive.len() > PARTS_MAX {
        let (found, most) = (archive.len() as u64, PARTS_MAX as u64);
        return Err(Error::TooLarge { what: "parts · parties", found, most });
    }
    let mut total = 0_u64;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(broken)?;
        let name = part.name().map_err(broken)?.into_owned();
        if name.ends_with("vbaProject.bin") {
            return Err(Error::Macros);
        }
        let kind = Kind::of(&name);
        if kind == Kind::Unread {
            continue;
        }
        total += measure(part, &shown(&name), kind)?;
        if total > UNPACKED_BYTES_MAX {
            return Err(Error::Bomb { part: shown(&name) });
        }
    }
    Ok(())
}

/// What is done with a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sheet,
    Texts,
    Other,
    /// Pictures, printer settings: nobody looks at them.
    Unread,
}

impl Kind {
    fn of(name: &str) -> Self {
        let file = name.rsplit('/').next().unwrap_or(name);
        let extension = Path::new(file).extension().unwrap_or_default();
        let is_xml =
            extension.eq_ignore_ascii_case("xml") || extension.eq_ignore_ascii_case("rels");
        match name {
            _ if !is_xml => Self::Unread,
            _ if file.eq_ignore_ascii_case("sharedStrings.xml") => Self::Texts,
            _ if name.contains("worksheets/") && !name.contains("_rels") => Self::Sheet,
            _ => Self::Other,
        }
    }

    const fn bytes_max(self) -> u64 {
        match self {
            Self::Sheet | Self::Unread => UNPACKED_BYTES_MAX,
            Self::Texts => TEXTS_BYTES_MAX,
            Self::Other => OTHER_BYTES_MAX,
        }
    }
}

fn measure<R: Read>(
    mut part: zip::read::ZipFile<'_, R>,
    name: &str,
    kind: Kind,
) -> Result<u64, Error> {
    let packed = part.compressed_size();
    let bomb = || Error::Bomb { part: name.to_owned() };
    let mut buffer = vec![0; 64 << 10];
    let (mut bytes, mut run) = (0_u64, 0_usize);
    loop {
        let read = part.read(&mut buffer);
        let read = read.map_err(|error| Error::Broken { what: format!("{name}: {error}") })?;
        if read == 0 {
            break;
        }
        if bytes == 0 && kind == Kind::Texts {
            declared_count(&buffer[..read], name)?;
        }
        bytes += read as u64;
        for piece in buffer[..read].split_inclusive(|byte| *byte == b'<') {
            run += piece.len();
            if run > RUN_BYTES_MAX {
                return Err(bomb());
            }
            if piece.last() == Some(&b'<') {
                run = 0;
            }
        }
        if bytes > RATIO_FROM_BYTES && bytes / packed.max(1) > RATIO_MAX {
            return Err(bomb());
        }
        if bytes > kind.bytes_max() {
            let most = kind.bytes_max();
            let what = if kind == Kind::Texts {
                "bytes of different texts · octets de textes différents"
            } else {
                "bytes of a part · octets d'une partie"
            };
            return Err(Error::TooLarge { what, found: bytes, most });
        }
    }
    Ok(bytes)
}

/// The reader makes room for as many texts as the part says that it has.
fn declared_count(head: &[u8], name: &str) -> Result<(), Error> {
    let text = String::from_utf8_lossy(&head[..head.len().min(4096)]).into_owned();
    let Some((_, rest)) = text.split_once("uniqueCount") else { return Ok(()) };
    let digits: String = rest.chars().skip_while(|letter| !letter.is_ascii_digit()).collect();
    let end = digits.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(digits.len());
    // No text takes fewer than five bytes.
    let fits = digits[..end].parse::<u64>().is_ok_and(|count| count <= TEXTS_BYTES_MAX / 5);
    if end == 0 || fits { Ok(()) } else { Err(Error::Bomb { part: name.to_owned() }) }
}

/// The name of a part in a message: whoever made the archive chose it.
fn shown(name: &str) -> String {
    const CHARACTERS_MAX: usize = 80;
    let plain = |letter: char| if letter.is_control() { '\u{fffd}' } else { letter };
    name.chars().take(CHARACTERS_MAX).map(plain).collect()
}

fn broken(error: ZipError) -> Error {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => Error::Encrypted,
        other => Error::Broken { what: other.to_string() },
    }
}
