//! Mine-site ids.
