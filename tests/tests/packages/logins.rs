//! Users with a login session, as systemd's login manager has them.

use serde_json::{Value, json};

use crate::guest::Guest;

pub(crate) fn are_the_same_from_either_list(guest: &mut Guest) {
    assert_eq!(users(guest), json!([]));
    // A terminal for as long as the input is open.
    guest.shell("(sleep 100000 | script -qfc 'login -f root' /dev/null >/dev/null 2>&1) & echo $! >/run/login");
    guest.wait_until("loginctl list-sessions --no-legend | wc -l", "1");
    guest.wait_until("who | wc -l", "1");
    let from_file = users(guest);
    guest.run("mv /run/utmp /run/utmp-before");
    let from_login_manager = users(guest);
    guest.run("mv /run/utmp-before /run/utmp");
    for users in [&from_file, &from_login_manager] {
        assert_eq!(users[0]["user"], "root", "{users}");
        assert_eq!(users.as_array().map(Vec::len), Some(1), "{users}");
    }
    let time = |users: &Value| users[0]["login-time"].as_f64().expect("a number");
    let since = time(&from_file) - time(&from_login_manager);
    assert!(since.abs() < 120.0, "{from_file} {from_login_manager}");
    guest.run("loginctl terminate-user root");
    guest.report("logins are told");
}

fn users(guest: &mut Guest) -> Value {
    guest.agent.run("guest-get-users", &json!({}))
}
