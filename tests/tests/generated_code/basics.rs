//! Structs, enumerations, commands.

use qapi_runtime::{CommandInfo, Error};

use crate::golden::basics::client::ClientMethods;
use crate::golden::basics::server::{Handler, Server};
use crate::golden::basics::{
    Colour, Judgement, MoveTin, MoveTinMandatory, Nothing, Paint, Quality, Tin, commands,
};
use crate::support::{Canned, argument, arguments, reply, reply_error, respond, round_trip, text};

#[test]
fn members_of_the_base_come_first() {
    let paint: Paint = round_trip(
        r#"{"serial-number": 18446744073709551615, "colour": "dark-blue", "litres": 0.5, "tags": ["a"]}"#,
    );
    let expected = Paint::new(u64::MAX, Colour::DarkBlue)
        .with_litres(0.5)
        .with_tags(vec!["a".to_owned()]);
    assert_eq!(paint, expected);
}

#[test]
fn an_absent_member_is_not_written_and_null_is_not_absent() {
    let paint: Paint = round_trip(r#"{"serial-number": 1, "colour": "red"}"#);
    assert_eq!(paint.litres, None);
    assert_eq!(
        reply_error::<Paint>(r#"{"serial-number": 1, "colour": "red", "litres": null}"#),
        "Invalid parameter type for 'litres', expected: number"
    );
    let empty: Paint = round_trip(r#"{"serial-number": 1, "colour": "red", "tags": []}"#);
    assert_eq!(empty.tags, Some(Vec::new()));
}

#[test]
fn an_enumeration_that_servers_judge_is_closed() {
    assert_eq!("red".parse::<Colour>(), Ok(Colour::Red));
    assert_eq!(Colour::DarkBlue.to_string(), "dark-blue");
    assert_eq!(Colour::VALUES, [Colour::Red, Colour::DarkBlue]);
    assert_eq!(
        argument::<Paint>(r#"{"serial-number": 1, "colour": "pink"}"#),
        Err("Parameter 'colour' does not accept value 'pink'".to_owned())
    );
    assert!("pink".parse::<Colour>().is_err());
}

#[test]
fn an_enumeration_that_only_servers_send_keeps_what_is_not_listed() {
    let judgement: Judgement = round_trip(r#"{"quality": "superb", "remark": "from the future"}"#);
    assert_eq!(judgement.quality, Quality::Unlisted("superb".into()));
    assert_eq!(judgement.quality.as_str(), "superb");
    assert_eq!(Quality::from_wire("3star"), Quality::_3star);
    assert_eq!(Quality::VALUES, [Quality::Plain, Quality::_3star]);
}

#[test]
fn unknown_members_are_ignored_in_replies_only() {
    let json = r#"{"serial-number": 7, "lid": true}"#;
    assert_eq!(reply::<Tin>(json), Tin::new(7));
    assert_eq!(
        argument::<Tin>(json),
        Err("Parameter 'lid' is unexpected".to_owned())
    );
}

#[test]
fn a_struct_without_members_is_an_empty_object() {
    assert_eq!(round_trip::<Nothing>("{}"), Nothing);
    assert_eq!(Nothing::new(), Nothing);
}

#[test]
fn commands_know_their_names_and_flags() {
    let info: Vec<_> = commands::COMMANDS.iter().map(|it| it.name).collect();
    let names = [
        "mix-paint",
        "judge-paint",
        "store-paint",
        "list-nothing",
        "stop",
        "install-machine",
        "move-tin",
    ];
    assert_eq!(info, names);
    let stop = CommandInfo::new("stop")
        .with_success_response(false)
        .with_oob(true)
        .with_preconfig(true);
    assert_eq!(commands::COMMANDS[4], stop);
    let mix_paint = CommandInfo::new("mix-paint");
    assert_eq!(commands::COMMANDS[0], mix_paint);
}

#[test]
fn arguments_are_written_flat_whether_implicit_named_or_boxed() {
    let command = commands::MixPaint::new("green").with_parts(vec![Paint::new(1, Colour::Red)]);
    assert_eq!(
        arguments(&command),
        r#"{"name": "green", "parts": [{"serial-number": 1, "colour": "red"}]}"#
    );
    let flat = r#"{"serial-number": 2, "colour": "red"}"#;
    assert_eq!(arguments(&commands::JudgePaint::new(2, Colour::Red)), flat);
    assert_eq!(
        arguments(&commands::StorePaint(Paint::new(2, Colour::Red))),
        flat
    );
    assert_eq!(arguments(&commands::Stop), "{}");
}

#[test]
fn undescribed_arguments_are_kept() {
    let json = r#"{"model": "x", "power": [1], "speed": null}"#;
    let command: commands::InstallMachine = argument(json).expect("further members are fine");
    assert_eq!(command.model.as_deref(), Some("x"));
    assert_eq!(command.extra.len(), 2);
    assert_eq!(text(&command), json);
}

/// A shop with one paint.
#[derive(Default)]
struct Shop;

impl Handler for Shop {
    fn mix_paint(&self, arguments: commands::MixPaint) -> Result<Paint, Error> {
        if arguments.name == "none" {
            return Err(Error::generic("there is no empty tin"));
        }
        let parts = arguments.parts.unwrap_or_default();
        Ok(parts
            .into_iter()
            .next()
            .unwrap_or_else(|| Paint::new(0, Colour::Red)))
    }

    fn store_paint(&self, arguments: Paint) -> Result<Vec<Tin>, Error> {
        Ok(vec![Tin::new(arguments.serial_number)])
    }

    fn stop(&self) -> Result<(), Error> {
        Ok(())
    }
}

#[track_caller]
fn answers(request: &str, expected: &str) {
    assert_eq!(respond(Server(Shop), request).trim_end(), expected);
}

#[test]
fn a_server_answers_in_the_words_of_the_protocol() {
    for (request, expected) in [
        (
            r#"{"execute": "mix-paint", "arguments": {"name": "x", "parts": [{"serial-number": 5, "colour": "red"}]}}"#,
            r#"{"return": {"serial-number": 5, "colour": "red"}}"#,
        ),
        (
            r#"{"execute": "store-paint", "arguments": {"serial-number": 5, "colour": "red"}}"#,
            r#"{"return": [{"serial-number": 5}]}"#,
        ),
        (r#"{"execute": "stop"}"#, ""),
        (
            r#"{"execute": "mix-paint", "arguments": {"name": "none"}}"#,
            r#"{"error": {"class": "GenericError", "desc": "there is no empty tin"}}"#,
        ),
        (
            r#"{"execute": "list-nothing"}"#,
            r#"{"error": {"class": "CommandNotFound", "desc": "Command list-nothing has been disabled: not implemented"}}"#,
        ),
    ] {
        answers(request, expected);
    }
}

#[test]
fn a_server_checks_arguments_in_schema_order() {
    for (arguments, desc) in [
        ("{}", "Parameter 'name' is missing"),
        (
            r#"{"name": 1}"#,
            "Invalid parameter type for 'name', expected: string",
        ),
        (
            r#"{"name": "x", "parts": {}}"#,
            "Invalid parameter type for 'parts', expected: array",
        ),
        (
            r#"{"name": "x", "parts": [{"serial-number": 1, "colour": "red"}, {"serial-number": 1.5}]}"#,
            "Parameter 'parts[1].serial-number' expects uint64",
        ),
        (
            r#"{"name": "x", "parts": [{"serial-number": 1, "colour": "grey"}]}"#,
            "Parameter 'parts[0].colour' does not accept value 'grey'",
        ),
        (
            r#"{"name": "x", "parts": [{"serial-number": 1, "colour": "red", "lid": 1}]}"#,
            "Parameter 'parts[0].lid' is unexpected",
        ),
        (
            r#"{"name": "x", "shake": 128}"#,
            "Parameter 'shake' expects int8_t",
        ),
        (
            r#"{"name": "x", "shake": null}"#,
            "Invalid parameter type for 'shake', expected: integer",
        ),
        (
            r#"{"unknown": 1, "parts": 1}"#,
            "Parameter 'name' is missing",
        ),
        (
            r#"{"unknown": 1, "name": "x"}"#,
            "Parameter 'unknown' is unexpected",
        ),
    ] {
        let request = format!(r#"{{"execute": "mix-paint", "arguments": {arguments}}}"#);
        let expected = format!(r#"{{"error": {{"class": "GenericError", "desc": "{desc}"}}}}"#);
        answers(&request, &expected);
    }
    answers(
        r#"{"execute": "stop", "arguments": {"now": true}}"#,
        r#"{"error": {"class": "GenericError", "desc": "Parameter 'now' is unexpected"}}"#,
    );
}

#[test]
fn a_client_has_a_method_per_command() {
    let mut client = Canned::new(r#"{"serial-number": 5, "colour": "red"}"#);
    let paint = client.mix_paint(commands::MixPaint::new("x").with_shake(3));
    assert_eq!(paint.expect("it is answered"), Paint::new(5, Colour::Red));
    client.stop().expect("it is answered");
    assert_eq!(
        client.1,
        [r#"mix-paint {"name": "x", "shake": 3}"#, "stop {}"]
    );
}

#[test]
fn extra_members_can_be_sent() {
    let command = commands::InstallMachine::new().with_extra("power", 3);
    assert_eq!(arguments(&command), r#"{"power": 3}"#);
}

#[test]
fn a_command_called_as_its_arguments_are_is_one_type_with_them() {
    let command: commands::MoveTin = MoveTin::new(MoveTinMandatory {
        from: "a".to_owned(),
        to: "b".to_owned(),
    });
    let mut client = Canned::new("{}");
    let moved = client.move_tin(command.with_carefully(true));
    moved.expect("it is answered");
    assert_eq!(
        client.1,
        [r#"move-tin {"from": "a", "to": "b", "carefully": true}"#]
    );
}
