//! Mineral codes.
