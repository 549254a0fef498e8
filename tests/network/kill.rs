//! Power cuts: node and hub are killed at any moment and nothing is lost or doubled.
