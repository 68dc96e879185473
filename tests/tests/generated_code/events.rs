//! Events and features. What is deprecated is used here on purpose.

#![allow(deprecated, reason = "the tests are about it")]

use crate::golden::happenings::events::{
    Event, PoweredOff, Reported, Tick, TinsMoved, TinsMovedMandatory,
};
use crate::golden::happenings::{Cause, Report, commands};
use crate::support::with_members;

fn event(name: &str, data: &str) -> Result<Event, String> {
    with_members(data, |members| Event::decode(name, members)).map_err(|error| error.to_string())
}

#[test]
fn an_event_is_chosen_by_its_name() {
    assert_eq!(
        event("POWERED_OFF", r#"{"cause": "guest", "after": 3, "new": 1}"#),
        Ok(Event::PoweredOff(
            PoweredOff::new(Cause::Guest).with_after(3)
        ))
    );
    let moved = TinsMoved::from(TinsMovedMandatory {
        row: 1,
        shelf: 2,
        count: 3,
    });
    assert_eq!(
        event("TINS_MOVED", r#"{"row": 1, "shelf": 2, "count": 3}"#),
        Ok(Event::TinsMoved(moved))
    );
    assert_eq!(event("TICK", "{}"), Ok(Event::Tick(Tick)));
    assert_eq!(
        event("REPORTED", r#"{"cause": "god"}"#),
        Ok(Event::Reported(Reported(Report::new(Cause::Unlisted(
            "god".into()
        )))))
    );
    assert_eq!(
        event("POWERED_OFF", "{}"),
        Err("Parameter 'cause' is missing".to_owned())
    );
}

#[test]
fn an_event_from_the_future_is_kept() {
    let Ok(Event::Unlisted { name, data }) = event("SOMETHING_NEW", r#"{"a": 1}"#) else {
        panic!("it should be kept");
    };
    assert_eq!((&*name, data.len()), ("SOMETHING_NEW", 1));
    assert_eq!(Event::Unlisted { name, data }.name(), "SOMETHING_NEW");
    assert_eq!(Event::Tick(Tick).name(), Tick::NAME);
}

#[test]
fn features_can_be_asked_for() {
    assert_eq!(commands::Report::FEATURES, ["deprecated", "unstable"]);
    assert_eq!(
        Report::MEMBER_FEATURES,
        [("cause", "unstable"), ("old-cause", "deprecated")]
    );
    assert_eq!(Cause::MEMBER_FEATURES, [("host", "deprecated")]);
}
