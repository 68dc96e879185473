//! Logins, from any source.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// A logged-in user.
#[derive(Debug, PartialEq)]
pub(crate) struct User {
    pub(crate) name: String,
    /// Time of the earliest login that lasts, in seconds since the epoch.
    pub(crate) login_time: f64,
}

/// Each user once, with the earliest login.
pub(super) fn earliest(sessions: impl IntoIterator<Item = User>) -> Vec<User> {
    let mut users: Vec<User> = Vec::new();
    let mut index_of = HashMap::new();
    for session in sessions {
        match index_of.entry(session.name.clone()) {
            Entry::Vacant(place) => {
                place.insert(users.len());
                users.push(session);
            }
            Entry::Occupied(index) => {
                let user = &mut users[*index.get()];
                user.login_time = user.login_time.min(session.login_time);
            }
        }
    }
    users
}
