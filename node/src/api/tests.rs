//! The API of a node on real files.

mod crashes;
mod erasing;
mod filters;
mod following;
mod posts;
mod requests;
mod tokens;
