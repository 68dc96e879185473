//! Our client against the distribution's guest agent and ours, and the request strings that
//! people send against our agent.
//!
//! Replies and texts are those of docs/reference/agent-behaviour.md parts 3 and 9.

mod client;
mod requests;
mod restart;
mod robustness;
