//! What the typesetter sees of the world: our templates, the view, the fonts.
//!
//! Refuses everything else: no file, no package, no clock.

use std::{fmt, sync::OnceLock};

use typst::{
    Library, LibraryExt as _, World,
    diag::{FileError, FileResult},
    foundations::{Bytes, Datetime, Duration},
    syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot},
    text::{Font, FontBook},
    utils::LazyHash,
};

/// Name and text of each template; the first is the one that is laid out.
const TEMPLATES: [(&str, &str); 8] = [
    ("report.typ", include_str!("../template/report.typ")),
    ("look.typ", include_str!("../template/look.typ")),
    ("cover.typ", include_str!("../template/cover.typ")),
    ("reporting.typ", include_str!("../template/reporting.typ")),
    ("flows.typ", include_str!("../template/flows.typ")),
    ("tables.typ", include_str!("../template/tables.typ")),
    ("parts.typ", include_str!("../template/parts.typ")),
    ("method.typ", include_str!("../template/method.typ")),
];

/// Where the templates read the view.
const VIEW: &str = "view.json";

/// The families that the templates name; the others stay unread.
const FAMILIES: [&str; 2] = ["Libertinus Serif", "DejaVu Sans Mono"];

/// The table on which one report is laid out.
pub(crate) struct Desk {
    library: LazyHash<Library>,
    sources: Vec<Source>,
    view: (FileId, Bytes),
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}

impl Desk {
    pub(crate) fn new(view: Vec<u8>) -> Self {
        let source = |(name, text): (&str, &str)| Source::new(id(name), text.to_owned());
        Self {
            library: LazyHash::new(Library::default()),
            sources: TEMPLATES.map(source).to_vec(),
            view: (id(VIEW), Bytes::new(view)),
        }
    }
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &fonts().book
    }

    fn main(&self) -> FileId {
        id(TEMPLATES[0].0)
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let found = self.sources.iter().find(|source| source.id() == id);
        found.cloned().ok_or_else(|| missing(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.view.0 { Ok(self.view.1.clone()) } else { Err(missing(id)) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        fonts().fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

struct Fonts {
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

/// Read once: a process may lay out both languages.
fn fonts() -> &'static Fonts {
    static FONTS: OnceLock<Fonts> = OnceLock::new();
    FONTS.get_or_init(|| {
        let all = typst_assets::fonts().flat_map(|data| Font::iter(Bytes::new(data)));
        let wanted = |font: &Font| FAMILIES.contains(&font.info().family.as_str());
        let fonts: Vec<Font> = all.filter(wanted).collect();
        Fonts { book: LazyHash::new(FontBook::from_fonts(&fonts)), fonts }
    })
}

fn id(name: &str) -> FileId {
    let path = VirtualPath::new(name).expect("our own names are paths");
    RootedPath::new(VirtualRoot::Project, path).intern()
}

fn missing(id: FileId) -> FileError {
    FileError::NotFound(id.vpath().get_without_slash().into())
}
