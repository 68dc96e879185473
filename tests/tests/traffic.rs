//! Traffic judged against real schemas.

#[path = "traffic/clients.rs"]
mod clients;
#[path = "traffic/impact.rs"]
mod impact;
#[path = "traffic/judges.rs"]
mod judges;
#[path = "traffic/live.rs"]
mod live;
#[path = "traffic/programs.rs"]
mod programs;
#[path = "traffic/readme.rs"]
mod readme;
#[path = "traffic/reconstructed.rs"]
mod reconstructed;
#[path = "traffic/reconstructed_client.rs"]
mod reconstructed_client;
#[path = "traffic/secrets.rs"]
mod secrets;
#[path = "traffic/workflow.rs"]
mod workflow;
