//! How clients reach the agent.

pub(crate) mod unix_listen;
