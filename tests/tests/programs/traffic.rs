//! Traffic judged against real schemas.

mod clients;
mod impact;
mod judges;
mod live;
mod programs;
mod readme;
mod reconstructed;
mod reconstructed_client;
mod secrets;
mod workflow;
