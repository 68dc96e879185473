//! One client for servers of two revisions.

use qapi_runtime::Command;
use qapi_runtime::introspect::ServerCommands;

use crate::golden::revisions::commands::{self, Blow, Light, QueryLamps, TrimWick};
use crate::golden::revisions::events::{self, Event};
use crate::golden::revisions::{
    Bulb, Colour, Horn, HornBranch, Hour, Lamps, Lit, Loudness, Signal, SignalKind, Time,
};
use crate::support::{arguments, reply, round_trip, text, with_members};

#[test]
fn commands_and_events_know_their_revisions() {
    assert_eq!(commands::REVISIONS, ["1.0", "2.0"]);
    assert_eq!(Light::REVISIONS, ["1.0", "2.0"]);
    assert_eq!(TrimWick::REVISIONS, ["1.0"]);
    assert_eq!(events::Fog::REVISIONS, ["2.0"]);
    assert_eq!(events::LampOut::REVISIONS, ["1.0", "2.0"]);
}

#[test]
fn a_server_says_which_commands_it_has() {
    let old = ServerCommands::from_iter([("light", true), ("trim-wick", true)]);
    let new = ServerCommands::from_iter([("light", true), ("trim-wick", false)]);
    assert!(old.supports::<TrimWick>() && !new.supports::<TrimWick>());
    assert!(old.supports::<Light>() && new.supports::<Light>());
    assert!(!new.supports::<QueryLamps>());
}

#[test]
fn a_type_that_was_renamed_has_the_members_of_both() {
    let old: Lamps = reply(r#"{"all": [{"watts": 40, "colour": "pale", "wick": 3}]}"#);
    let bulb = &old.all[0];
    assert_eq!((bulb.watts, bulb.wick, &bulb.socket), (40, Some(3), &None));
    assert_eq!(bulb.colour, Colour::Unlisted("pale".into()));
    assert_eq!(old.spare, None);
    let new: Lamps = round_trip(
        r#"{"all": [{"watts": 18446744073709551615, "colour": "red", "socket": "E27"}], "spare": []}"#,
    );
    assert_eq!(new.all[0].watts, u64::MAX);
    assert_eq!(new.spare, Some(Vec::new()));
}

#[test]
fn requests_fit_both_revisions() {
    let light = Light::new(Bulb::new(40, Colour::White), Time::Minutes(5));
    assert_eq!(
        arguments(&light),
        r#"{"lamp": {"watts": 40, "colour": "white"}, "minutes": 5}"#
    );
    let bulb = Bulb::new(40, Colour::Red).with_socket("E27");
    let light = Light::new(bulb, Time::Until(Hour::Dawn)).with_blink(true);
    assert_eq!(
        arguments(&light),
        r#"{"lamp": {"watts": 40, "colour": "red", "socket": "E27"}, "minutes": "dawn", "blink": true}"#
    );
}

#[test]
fn a_reply_that_was_empty_has_optional_members() {
    type Reply = <Light as Command>::Reply;
    assert_eq!(reply::<Reply>("{}"), Lit::default());
    assert_eq!(reply::<Reply>(r#"{"since": 7}"#).since, Some(7));
}

#[test]
fn values_and_branches_are_those_of_both_and_open() {
    assert_eq!(Colour::VALUES, [Colour::White, Colour::Red, Colour::Yellow]);
    let fog = Horn::new(HornBranch::Fog(Loudness::default()));
    assert_eq!(arguments(&Blow::new(fog)), r#"{"horn": {"kind": "fog"}}"#);
    let air = Horn::new(HornBranch::Air(Loudness::default().with_decibels(90)));
    assert_eq!(text(&air), r#"{"kind": "air", "decibels": 90}"#);
    let json = r#"{"kind": "steam", "bars": 3}"#;
    assert!(matches!(
        round_trip::<Horn>(json).kind,
        HornBranch::Unlisted { .. }
    ));
}

#[test]
fn a_struct_that_became_a_union_has_the_members_of_all_branches() {
    let old: Signal = reply(r#"{"flashes": 3, "pause": 0.5}"#);
    assert_eq!((old.flashes, old.pause, old.kind), (3, Some(0.5), None));
    let new: Signal = reply(r#"{"kind": "morse", "flashes": 3, "text": "SOS"}"#);
    assert_eq!(new.kind, Some(SignalKind::Morse));
    assert_eq!(new.text.as_deref(), Some("SOS"));
}

#[test]
fn events_of_both_are_known() {
    let decode = |name: &str, data: &str| {
        with_members(data, |data| Event::decode(name, data)).expect("the data fit")
    };
    assert_eq!(decode("FOG", "{}"), Event::Fog(events::Fog));
    let out = decode("LAMP_OUT", r#"{"colour": "yellow"}"#);
    assert_eq!(out, Event::LampOut(events::LampOut::new(Colour::Yellow)));
}
