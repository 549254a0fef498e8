//! Mappings: what is refused without a database, and what only one can tell.

mod live;
mod parse;
