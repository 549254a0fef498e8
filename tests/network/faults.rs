//! What goes wrong in a ministry, done to real processes.
//!
//! Each test names its fault in one [`Fault`]: what is done, and what must hold. What
//! must hold after every one of them is in one place, [`line::Line::settle`]: the sources
//! equal the regional view, every entry of every feed is there once, and both sides
//! compute the same roots. The ordinary run takes a short form of each; RMD_FAULTS=long
//! takes the long one (`cargo verify -- --faults`).

mod absence;
mod afar;
mod clock;
mod cut;
mod disk;
mod fault;
mod kills;
mod line;
pub(crate) mod namespace;
mod pause;
mod proxy;
mod retry;
mod source;
mod writers;

use fault::{Fault, form};
use line::{Line, Make};
