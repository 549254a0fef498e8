//! The regional standard and the services of the network as protobuf messages.
//!
//! The text of the contract is `rmd/v1/*.proto`; the Rust types are generated
//! from it at build time into [`v1`]. The record is the generated message:
//! there is no second model. Beside it stands the closed list of error codes
//! that both binaries answer with ([`Code`], [`Fault`]).

mod code;
mod secret;

pub use code::{Code, Fault};

/// Messages and services of package `rmd.v1`, generated from `rmd/v1/*.proto`.
#[expect(
    clippy::all,
    clippy::allow_attributes,
    clippy::excessive_nesting,
    clippy::pedantic,
    reason = "generated code; its documentation is the .proto text"
)]
pub mod v1 {
    tonic::include_proto!("rmd.v1");
}

/// The compiled descriptors of every `.proto` file, for reflection and for tools.
pub const DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// The schema id that entries of this version carry in their header.
pub const SCHEMA_ID: &str = "rmd.v1";

/// The protocol versions that this build speaks: the current one and the one before.
pub const PROTOCOL_RANGE: std::ops::RangeInclusive<u32> = 1..=1;
