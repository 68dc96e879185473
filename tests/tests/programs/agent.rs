//! The guest agent beside the distribution's: in its own process, and in virtual machines.

mod differential;
mod interop;
mod python_client;
mod qga_suite;
mod readme;
mod soak;
mod vectors;
mod vm;
