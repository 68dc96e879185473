//! What the commands do, one module per family. They know files, programs and interfaces; they do
//! not know the wire.

pub(crate) mod exec;
pub(crate) mod file;
pub(crate) mod network;
pub(crate) mod time;
