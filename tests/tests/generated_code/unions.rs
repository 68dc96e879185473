//! Unions: closed, open, nested.

use crate::golden::unions::client::ClientMethods;
use crate::golden::unions::{
    Backend, BackendBranch, BackendFile, BackendKind, BackendTypeWrapper, Busy, Circle, Dashed,
    Drawing, DrawingBranch, Line, LineBranch, LineStyle, Shape, ShapeBranch, ShapeKind, State,
    StateBranch, StateKind, commands,
};
use crate::support::{Canned, argument, arguments, reply_error, round_trip};

#[test]
fn the_tag_follows_from_the_branch_and_stands_where_the_schema_has_it() {
    let shape = Shape::new("x", 1, ShapeBranch::Circle(Circle::new(2.5))).with_layer(3);
    assert_eq!(shape.kind.tag(), ShapeKind::Circle);
    assert_eq!(
        arguments(&commands::Draw(shape.clone())),
        r#"{"name": "x", "members": 1, "kind": "circle", "layer": 3, "radius": 2.5}"#
    );
    let read: Shape =
        round_trip(r#"{"name": "x", "members": 1, "kind": "circle", "layer": 3, "radius": 2.5}"#);
    assert_eq!(read, shape);
}

#[test]
fn members_may_come_in_any_order() {
    let shape: Shape = argument(r#"{"radius": 1, "kind": "circle", "members": 2, "name": "y"}"#)
        .expect("order does not matter");
    assert_eq!(
        shape,
        Shape::new("y", 2, ShapeBranch::Circle(Circle::new(1.0)))
    );
}

#[test]
fn a_branch_without_members_is_a_unit() {
    let shape: Shape = round_trip(r#"{"name": "x", "members": 0, "kind": "point"}"#);
    assert_eq!(shape.kind, ShapeBranch::Point);
    assert_eq!(shape.kind.as_str(), "point");
}

#[test]
fn a_union_can_be_a_branch() {
    let shape: Shape = round_trip(
        r#"{"name": "x", "members": 1, "kind": "square", "style": "dashed", "width": 2, "gap": 4}"#,
    );
    let line = Line::new(LineBranch::Dashed(Dashed::new(4))).with_width(2);
    assert_eq!(line.style.tag(), LineStyle::Dashed);
    assert_eq!(shape.kind, ShapeBranch::Square(line));
}

#[test]
fn common_members_are_checked_before_those_of_the_branch() {
    for (json, expected) in [
        (r#"{"kind": "circle"}"#, "Parameter 'name' is missing"),
        (
            r#"{"name": "x", "kind": "cube"}"#,
            "Parameter 'members' is missing",
        ),
        (
            r#"{"name": "x", "members": 1}"#,
            "Parameter 'kind' is missing",
        ),
        (
            r#"{"name": "x", "members": 1, "kind": "cube", "layer": "y"}"#,
            "Parameter 'kind' does not accept value 'cube'",
        ),
        (
            r#"{"name": "x", "members": 1, "kind": "circle", "layer": "y"}"#,
            "Invalid parameter type for 'layer', expected: integer",
        ),
        (
            r#"{"name": "x", "members": 1, "kind": "circle"}"#,
            "Parameter 'radius' is missing",
        ),
        (
            r#"{"name": "x", "members": 1, "kind": "point", "radius": 1}"#,
            "Parameter 'radius' is unexpected",
        ),
        (
            r#"{"name": "x", "members": 1, "kind": "square", "style": "solid", "gap": 1}"#,
            "Parameter 'gap' is unexpected",
        ),
    ] {
        assert_eq!(argument::<Shape>(json), Err(expected.to_owned()), "{json}");
    }
}

#[test]
fn a_branch_from_the_future_is_kept_as_received() {
    let state: State = round_trip(r#"{"state": "dreaming", "of": ["sheep"], "depth": 2}"#);
    let StateBranch::Unlisted { tag, rest } = &state.state else {
        panic!("{state:?}");
    };
    assert_eq!((&**tag, rest.len()), ("dreaming", 2));
    assert_eq!(state.state.tag(), StateKind::Unlisted("dreaming".into()));
    let busy: State = round_trip(r#"{"state": "busy", "job": "x"}"#);
    assert_eq!(busy, State::from(StateBranch::Busy(Busy::new("x"))));
    assert_eq!(busy.state.tag(), StateKind::Busy);
}

#[test]
fn an_open_union_can_have_a_closed_tag() {
    let drawing: Drawing =
        round_trip(r#"{"kind": "cube", "state": {"state": "idle"}, "edges": 12}"#);
    assert_eq!(drawing.kind.tag(), None);
    assert_eq!(drawing.kind.as_str(), "cube");
    let drawing: Drawing = round_trip(r#"{"kind": "square", "state": {"state": "idle"}}"#);
    assert_eq!(drawing.kind, DrawingBranch::Square);
    assert_eq!(drawing.kind.tag(), Some(ShapeKind::Square));
    assert_eq!(
        reply_error::<Drawing>(r#"{"kind": 1, "state": {"state": "idle"}}"#),
        "Invalid parameter type for 'kind', expected: string"
    );
}

#[test]
fn a_union_that_was_simple_once_has_no_wrappers_in_rust_and_keeps_them_on_the_wire() {
    for (backend, json) in [
        (Backend::null(), r#"{"type": "null"}"#),
        (
            Backend::file(BackendFile::new("x")).with_label("y"),
            r#"{"type": "file", "label": "y", "data": {"out": "x"}}"#,
        ),
        (Backend::new_("x"), r#"{"type": "new", "data": "x"}"#),
        (
            Backend::from_(Circle::new(1.5)),
            r#"{"type": "from", "radius": 1.5}"#,
        ),
        (
            Backend::type_(BackendTypeWrapper::new("x").with_more(1)),
            r#"{"type": "type", "data": "x", "more": 1}"#,
        ),
    ] {
        assert_eq!(round_trip::<Backend>(json), backend);
        assert_eq!(arguments(&commands::OpenBackend(backend)), json);
    }
    let file = BackendBranch::File(BackendFile::new("x"));
    assert_eq!(file.tag(), BackendKind::File);
    assert_eq!(Backend::from(file), Backend::file(BackendFile::new("x")));
    for (json, expected) in [
        (r#"{"type": "file"}"#, "Parameter 'data' is missing"),
        (
            r#"{"type": "file", "data": {}}"#,
            "Parameter 'data.out' is missing",
        ),
        (
            r#"{"type": "new", "data": "x", "more": 1}"#,
            "Parameter 'more' is unexpected",
        ),
    ] {
        assert_eq!(
            argument::<Backend>(json),
            Err(expected.to_owned()),
            "{json}"
        );
    }
}

#[test]
fn a_command_whose_arguments_are_one_value_is_given_that_value() {
    let mut client = Canned::new("{}");
    client
        .open_backend(Backend::null())
        .expect("it is answered");
    assert_eq!(client.1, [r#"open-backend {"type": "null"}"#]);
}
