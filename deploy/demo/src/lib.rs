//! The whole network on one machine: national databases, nodes, hub.
//!
//! Everything here starts the real binaries as processes of their own and uses
//! only their command lines, sockets and signals. The comparison at the end
//! reads the national databases with SQL of its own and shares no code with
//! the node.

pub mod binaries;
pub mod changes;
pub mod cli;
pub mod compare;
pub mod exchange;
pub mod generate;
pub mod network;
pub mod play;
pub mod report;
pub mod states;
pub mod tell;
pub mod wait;

pub use rmd_servers as servers;
