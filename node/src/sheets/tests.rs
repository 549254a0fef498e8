//! Sheets on real files: a folder, a journal, workbooks as people make them.

mod copies;
mod entities;
mod files;
mod folder;
mod forgotten;
mod fuzz;
mod held;
mod private;
mod settled;
mod support;
mod texts;
