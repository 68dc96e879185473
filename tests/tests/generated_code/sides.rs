//! Types that are sent in both directions: clients keep values that are not in the schema, servers reject them.

use qapi_runtime::Error;

use crate::golden::sides::server::{Handler, Server};
use crate::golden::sides::{
    Capability, CapabilityStatus, Channel, ChannelBranch, Medium, commands,
};
use crate::support::{argument, reply, respond, round_trip};

#[test]
fn a_client_keeps_a_value_that_a_server_refuses() {
    let text = r#"{"capability": "switchover-ack", "state": true}"#;
    let status: CapabilityStatus = round_trip(text);
    assert_eq!(
        status.capability,
        Capability::Unlisted("switchover-ack".into())
    );
    assert_eq!(
        argument::<CapabilityStatus>(text),
        Err("Parameter 'capability' does not accept value 'switchover-ack'".to_owned())
    );
    let listed = r#"{"capability": "events", "state": true}"#;
    assert_eq!(argument(listed), Ok(reply::<CapabilityStatus>(listed)));
}

#[test]
fn a_client_keeps_a_branch_that_a_server_refuses() {
    let text = r#"{"medium": "pipe", "inode": 7}"#;
    let channel: Channel = round_trip(text);
    assert_eq!(channel.medium.tag(), Medium::Unlisted("pipe".into()));
    assert!(matches!(channel.medium, ChannelBranch::Unlisted { .. }));
    assert_eq!(
        argument::<Channel>(text),
        Err("Parameter 'medium' does not accept value 'pipe'".to_owned())
    );
}

#[test]
fn names_that_are_not_listed_are_not_values_as_text() {
    for name in ["", "compres", "compress ", "Compress", "switchover-ack"] {
        assert!(name.parse::<Capability>().is_err(), "{name:?}");
        let kept = Capability::from_wire(name);
        assert_eq!(kept, Capability::Unlisted(name.into()));
        assert_eq!(kept.to_string(), name);
    }
    for value in Capability::VALUES {
        assert_eq!(value.as_str().parse().as_ref(), Ok(value));
        assert_eq!(&Capability::from_wire(value.as_str()), value);
    }
}

/// Refuses nothing itself.
struct Switches;

impl Handler for Switches {
    fn set_capabilities(&self, _: commands::SetCapabilities) -> Result<(), Error> {
        Ok(())
    }

    fn open(&self, arguments: commands::Open) -> Result<Vec<Channel>, Error> {
        Ok(arguments.channels)
    }
}

#[test]
fn a_server_checks_arguments_of_any_depth() {
    let ask = |request: &str| respond(Server(Switches), request);
    let status = |name: &str| {
        format!(
            r#"{{"execute": "set-capabilities", "arguments": {{"capabilities": [{{"capability": "{name}", "state": true}}]}}}}"#
        )
    };
    assert!(ask(&status("events")).contains(r#""return""#));
    let refused = ask(&status("later"));
    assert!(
        refused.contains("does not accept value 'later'"),
        "{refused}"
    );
    let refused =
        ask(r#"{"execute": "open", "arguments": {"channels": [{"medium": "pipe", "inode": 7}]}}"#);
    assert!(
        refused.contains("does not accept value 'pipe'"),
        "{refused}"
    );
}
