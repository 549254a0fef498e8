//! Each normaliser over a table of texts, and all of them over any text.

mod every;
mod tables;
