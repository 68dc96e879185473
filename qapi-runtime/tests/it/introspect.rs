//! A server's description of itself, read and compared with a client's schema.

use qapi_runtime::introspect::{Introspection, MissingKind, QuerySchema, ServerCommands};
use qapi_runtime::wire::Document;
use qapi_runtime::{ClientError, ClientErrorKind, Command, Decode, Error, Execute, Writer};

/// Types of both schemas, by the names that a server might give them.
const TYPES: &str = r#"
    {"name": "str", "meta-type": "builtin", "json-type": "string"},
    {"name": "int", "meta-type": "builtin", "json-type": "int"},
    {"name": "number", "meta-type": "builtin", "json-type": "number"},
    {"name": "bool", "meta-type": "builtin", "json-type": "boolean"},
    {"name": "any", "meta-type": "builtin", "json-type": "value"},
    {"name": "0", "meta-type": "object", "members": []}"#;

/// A schema with these entries beside the types.
fn schema(entries: &str) -> Introspection {
    let text = format!("[{entries}{TYPES}]");
    text.parse()
        .unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A schema of one command `c` with arguments of type 7 and a reply of type 8, which `types` describe.
fn command(types: &str) -> Introspection {
    schema(&format!(
        r#"{{"name": "c", "meta-type": "command", "arg-type": "7", "ret-type": "8"}},{types}"#
    ))
}

fn arguments(members: &str) -> Introspection {
    command(&format!(
        r#"{{"name": "7", "meta-type": "object", "members": [{members}]}},
           {{"name": "8", "meta-type": "object", "members": []}},"#
    ))
}

fn reply(members: &str) -> Introspection {
    command(&format!(
        r#"{{"name": "7", "meta-type": "object", "members": []}},
           {{"name": "8", "meta-type": "object", "members": [{members}]}},"#
    ))
}

#[track_caller]
fn lacks(server: &Introspection, client: &Introspection, expected: &[&str]) {
    let found: Vec<_> = server
        .missing(client)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(found, expected);
}

const A: &str = r#"{"name": "a", "type": "str"}"#;
const OPTIONAL_A: &str = r#"{"name": "a", "type": "str", "default": null}"#;
const INTEGER_A: &str = r#"{"name": "a", "type": "int"}"#;
const NUMBER_A: &str = r#"{"name": "a", "type": "number"}"#;

#[test]
fn a_server_of_the_same_schema_lacks_nothing() {
    for schema in [arguments(A), reply(OPTIONAL_A), schema("")] {
        lacks(&schema, &schema, &[]);
    }
}

#[test]
fn commands_and_events_are_found_missing() {
    let client = schema(
        r#"{"name": "c", "meta-type": "command", "arg-type": "0", "ret-type": "0", "allow-oob": true,
            "features": ["deprecated", "fast"]},
           {"name": "d", "meta-type": "command", "arg-type": "0", "ret-type": "0"},
           {"name": "E", "meta-type": "event", "arg-type": "0"},
           {"name": "F", "meta-type": "event", "arg-type": "0"},"#,
    );
    let server = schema(
        r#"{"name": "F", "meta-type": "event", "arg-type": "0"},
           {"name": "c", "meta-type": "command", "arg-type": "0", "ret-type": "0"},
           {"name": "new", "meta-type": "command", "arg-type": "0", "ret-type": "0"},"#,
    );
    lacks(
        &server,
        &client,
        &[
            "c: the server lacks the feature `fast`",
            "c: the server does not execute it out of band",
            "d: the server lacks this command",
            "E: the server lacks this event",
        ],
    );
    assert_eq!(client.commands().collect::<Vec<_>>(), ["c", "d"]);
    assert_eq!(client.events().collect::<Vec<_>>(), ["E", "F"]);
    assert!(client.has_command("d") && !client.has_command("E") && !server.has_command("d"));
    assert!(server.has_event("F") && !server.has_event("c") && !server.has_event("E"));
    assert!(client.has_feature("c", "fast") && !server.has_feature("c", "fast"));
}

#[test]
fn arguments_are_checked_by_what_the_server_takes() {
    let lacking = "c arguments.a: the server lacks this member";
    lacks(&arguments(""), &arguments(OPTIONAL_A), &[lacking]);
    lacks(
        &arguments(""),
        &arguments(A),
        &["c arguments.a: the server lacks this member, which is mandatory here"],
    );
    let demanded = "c arguments.a: the server requires this member, which is optional here";
    lacks(&arguments(A), &arguments(OPTIONAL_A), &[demanded]);
    lacks(&arguments(A), &arguments(""), &[demanded]);
    lacks(&arguments(OPTIONAL_A), &arguments(A), &[]);
    lacks(&arguments(OPTIONAL_A), &arguments(""), &[]);
    lacks(&arguments(NUMBER_A), &arguments(INTEGER_A), &[]);
    lacks(
        &arguments(INTEGER_A),
        &arguments(NUMBER_A),
        &["c arguments.a: the server has `int` there, not `number`"],
    );
}

#[test]
fn replies_are_checked_by_what_the_client_needs() {
    lacks(
        &reply(OPTIONAL_A),
        &reply(A),
        &["c reply.a: the server may leave out this member, which is mandatory here"],
    );
    lacks(&reply(A), &reply(OPTIONAL_A), &[]);
    lacks(&reply(A), &reply(""), &[]);
    lacks(
        &reply(""),
        &reply(OPTIONAL_A),
        &["c reply.a: the server lacks this member"],
    );
    lacks(&reply(INTEGER_A), &reply(NUMBER_A), &[]);
    lacks(
        &reply(NUMBER_A),
        &reply(INTEGER_A),
        &["c reply.a: the server has `number` there, not `int`"],
    );
    assert!(reply(OPTIONAL_A).missing(&reply(A))[0].is_breaking());
    assert!(!reply("").missing(&reply(OPTIONAL_A))[0].is_breaking());
}

#[test]
fn the_way_leads_through_arrays_branches_and_alternatives_and_ends_in_recursion() {
    let tree = |values: &str, more: &str, alternatives: &str| {
        command(&format!(
            r#"{{"name": "7", "meta-type": "object", "members": [{{"name": "t", "type": "[1]"}}]}},
               {{"name": "8", "meta-type": "array", "element-type": "1"}},
               {{"name": "[1]", "meta-type": "array", "element-type": "1"}},
               {{"name": "1", "meta-type": "object", "tag": "kind",
                 "members": [{{"name": "kind", "type": "2"}}, {{"name": "next", "type": "1", "default": null}},
                             {{"name": "any", "type": "any", "default": null}}],
                 "variants": [{{"case": "leaf", "type": "3"}}{more}]}},
               {{"name": "2", "meta-type": "enum", "values": [{values}]}},
               {{"name": "3", "meta-type": "object", "members": [{{"name": "size", "type": "4"}}]}},
               {{"name": "4", "meta-type": "alternate", "members": [{alternatives}]}},"#
        ))
    };
    let client = tree(
        r#""leaf", "node""#,
        r#", {"case": "node", "type": "3"}"#,
        r#"{"type": "int"}, {"type": "str"}"#,
    );
    lacks(&client, &client, &[]);
    let server = tree(r#""leaf""#, "", r#"{"type": "int"}"#);
    lacks(
        &server,
        &client,
        &[
            "c arguments.t[][=node]: the server lacks this branch",
            "c arguments.t[][=leaf].size[string]: the server lacks this alternative",
            "c reply[][=node]: the server lacks this branch",
            "c reply[][=leaf].size[string]: the server lacks this alternative",
        ],
    );
    let server = tree(
        r#""leaf", "node""#,
        "",
        r#"{"type": "int"}, {"type": "str"}"#,
    );
    lacks(
        &server,
        &client,
        &[
            "c arguments.t[][=node]: the server lacks this branch",
            "c reply[][=node]: the server lacks this branch",
        ],
    );
}

#[test]
fn a_type_may_have_become_an_alternate_or_back() {
    let either = r#"{"name": "9", "meta-type": "alternate", "members": [{"type": "str"}, {"type": "bool"}]},"#;
    let with = |ty: &str| {
        command(&format!(
            r#"{{"name": "7", "meta-type": "object", "members": [{{"name": "a", "type": "{ty}"}}]}},
               {{"name": "8", "meta-type": "object", "members": []}},{either}"#
        ))
    };
    lacks(&with("9"), &with("str"), &[]);
    lacks(
        &with("str"),
        &with("9"),
        &["c arguments.a[boolean]: the server lacks this alternative"],
    );
    lacks(
        &with("9"),
        &with("int"),
        &["c arguments.a: the server has `alternate` there, not `int`"],
    );
    lacks(&with("any"), &with("int"), &[]);
    lacks(
        &with("int"),
        &with("any"),
        &["c arguments.a: the server has `int` there, not `value`"],
    );
}

#[test]
fn values_may_be_described_in_the_new_form_and_meta_types_be_unknown() {
    let with = |form: &str| {
        command(&format!(
            r#"{{"name": "7", "meta-type": "object", "members": [{{"name": "a", "type": "9"}},
                                                                  {{"name": "b", "type": "10"}}]}},
               {{"name": "8", "meta-type": "object", "members": []}},
               {{"name": "9", "meta-type": "enum", {form}}},
               {{"name": "10", "meta-type": "tensor", "rank": 3}},"#
        ))
    };
    let old = with(r#""values": ["x"]"#);
    let new =
        with(r#""members": [{"name": "x", "features": ["quick"]}, {"name": "y"}], "values": []"#);
    lacks(&new, &old, &[]);
    lacks(
        &old,
        &new,
        &[
            "c arguments.a=x: the server lacks the feature `quick`",
            "c arguments.a=y: the server lacks this value",
        ],
    );
}

#[test]
fn input_that_is_not_a_schema_is_rejected_with_its_place() {
    for (text, expected) in [
        ("{", "it is not JSON"),
        ("1", "Invalid parameter type for 'value', expected: array"),
        ("{}", "Parameter 'return' is missing"),
        (
            r#"{"return": [{}]}"#,
            "Parameter 'return[0].name' is missing",
        ),
        ("[{}]", "Parameter '[0].name' is missing"),
        (
            r#"[{"name": "c", "meta-type": "command", "arg-type": "0", "ret-type": "0"}]"#,
            "`c` refers to type `0`, which is not described",
        ),
        (
            r#"[{"name": "o", "meta-type": "object", "members": [{"name": "a"}]}]"#,
            "Parameter '[0].members[0].type' is missing",
        ),
        (
            r#"[{"name": "e", "meta-type": "enum"}]"#,
            "Parameter '[0].values' is missing",
        ),
    ] {
        let error = text.parse::<Introspection>().expect_err(text).to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn a_schema_is_written_as_it_was_read() {
    let text = format!(
        r#"[{{"name": "c", "meta-type": "command", "arg-type": "1", "ret-type": "[2]", "allow-oob": true, "features": []}},
            {{"name": "1", "meta-type": "object", "members": [{{"name": "t", "type": "2", "features": ["f"]}}, {{"name": "n", "type": "3", "default": null}}],
              "tag": "t", "variants": [{{"case": "x", "type": "0"}}]}},
            {{"name": "[2]", "meta-type": "array", "element-type": "2"}},
            {{"name": "2", "meta-type": "enum", "members": [{{"name": "x", "features": ["deprecated"]}}], "values": ["x"]}},
            {{"name": "3", "meta-type": "alternate", "members": [{{"type": "int"}}, {{"type": "str"}}]}},
            {{"name": "E", "meta-type": "event", "arg-type": "0", "features": ["f"]}},{TYPES}]"#
    );
    let schema: Introspection = text.parse().expect("it is a schema");
    let read = |text: &str| -> serde_json::Value { serde_json::from_str(text).expect("JSON") };
    assert_eq!(read(&schema.to_json()), read(&text));
    assert_eq!(schema.to_json().lines().count(), schema.entries().len() + 2);
    let mut line = Writer::new();
    line.value(&schema);
    let line = line.into_string();
    assert_eq!(read(&line), read(&text));
    let carried: Introspection = format!(r#"{{"return": {line}}}"#)
        .parse()
        .expect("the reply");
    assert_eq!(carried, schema);
}

/// A server that knows some commands and answers each with one text.
struct Canned(&'static [(&'static str, &'static str)]);

impl Execute for Canned {
    fn execute<C: Command>(&mut self, _: &C) -> Result<C::Reply, ClientError> {
        let answer = self.0.iter().find(|(name, _)| *name == C::NAME);
        let Some((_, text)) = answer else {
            let desc = format!("The command {} has not been found", C::NAME);
            return Err(ClientError::new(
                C::NAME,
                ClientErrorKind::Command(Error::command_not_found(desc)),
            ));
        };
        let document = Document::parse(text.as_bytes()).expect("the text is JSON");
        Ok(C::Reply::decode(document.lenient()).expect("the text fits"))
    }
}

#[test]
fn one_request_lists_the_commands_of_machines_and_of_guests() {
    const MACHINE: &[(&str, &str)] = &[(
        "query-commands",
        r#"[{"name": "query-qmp-schema"}, {"name": "stop"}]"#,
    )];
    let mut machine = Canned(MACHINE);
    assert_eq!(machine.supports::<QuerySchema>().ok(), Some(true));
    let mut guest = Canned(&[(
        "guest-info",
        r#"{"version": "1.0", "supported_commands": [{"name": "guest-exec", "enabled": false},
            {"name": "guest-ping", "enabled": true, "success-response": true}]}"#,
    )]);
    assert_eq!(guest.supports::<QuerySchema>().ok(), Some(false));
    let commands = guest.server_commands().expect("it is answered");
    assert_eq!(
        commands.iter().collect::<Vec<_>>(),
        [("guest-exec", false), ("guest-ping", true)]
    );
    assert!(commands.has("guest-exec") && !commands.is_enabled("guest-exec"));
    assert!(commands.is_enabled("guest-ping") && !commands.has("guest-pong"));
    let old = Canned(&[("guest-info", r#"{"version": "0.15"}"#)]).server_commands();
    assert_eq!(old.expect("it is answered"), ServerCommands::default());
    let nothing = Canned(&[]).server_commands();
    assert!(nothing.is_err_and(|error| error.server_error().is_some()));
}

#[test]
fn a_missing_part_says_if_it_breaks_clients() {
    let lacks = schema("").missing(&arguments(""));
    assert_eq!(lacks[0].kind, MissingKind::Command);
    assert!(lacks[0].is_breaking());
}
