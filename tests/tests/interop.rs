//! Our client against the distribution's guest agent and ours, and the request strings that
//! people send against our agent.
//!
//! Replies and texts are those of docs/reference/agent-behaviour.md parts 3 and 9.

mod interop {
    pub(crate) mod client;
    pub(crate) mod requests;
    pub(crate) mod restart;
    pub(crate) mod robustness;
}
