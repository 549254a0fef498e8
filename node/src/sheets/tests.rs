//! Sheets on real files: a folder, a journal, workbooks as people make them.

mod copies;
mod entities;
mod files;
mod folder;
mod fuzz;
mod support;
mod texts;
