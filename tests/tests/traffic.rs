//! Traffic judged against real schemas.

#[path = "traffic/impact.rs"]
mod impact;
#[path = "traffic/judges.rs"]
mod judges;
#[path = "traffic/live.rs"]
mod live;
#[path = "traffic/reconstructed.rs"]
mod reconstructed;
