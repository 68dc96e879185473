//! Alternates, recursion, `any` and `null`.

use qapi_runtime::{Any, Null};

use crate::golden::choices::{Amount, Loose, Switch, Tree, TreeRef, commands};
use crate::support::{argument, reply_error, round_trip};

#[test]
fn the_json_kind_selects_the_alternative() {
    for (json, expected) in [
        ("true", Loose::Flag(true)),
        ("2.5", Loose::Ratio(2.5)),
        ("null", Loose::Nothing(Null)),
        (r#"["a"]"#, Loose::Names(vec!["a".to_owned()])),
        (r#"{"value": 1}"#, Loose::Tree(Tree::new(1))),
    ] {
        assert_eq!(round_trip::<Loose>(json), expected);
    }
    assert_eq!(argument::<Loose>("3"), Ok(Loose::Ratio(3.0)));
}

#[test]
fn a_kind_that_no_alternative_takes_names_the_alternate() {
    let error = argument::<commands::Plant>(r#"{"tree": 1}"#).unwrap_err();
    assert_eq!(
        error,
        "Invalid parameter type for 'tree', expected: TreeRef"
    );
    assert_eq!(
        reply_error::<commands::Plant>(r#"{"tree": "x", "loose": "y"}"#),
        "Invalid parameter type for 'loose', expected: Loose"
    );
}

#[test]
fn a_client_keeps_a_kind_that_a_server_refuses() {
    for json in ["true", "7", "-0.5", "null", r#"["a", {"b": 1}]"#] {
        let tree: Tree = round_trip(&format!(r#"{{"value": 1, "right": {json}}}"#));
        let Some(right) = tree.right else {
            panic!("a tree has a right one");
        };
        assert_eq!(*right, TreeRef::Unlisted(json.parse().unwrap()));
        let more: Vec<TreeRef> = round_trip(&format!(r#"["a", {json}, "b"]"#));
        assert_eq!(more[1], *right);
        let error = argument::<commands::Plant>(&format!(r#"{{"tree": {json}}}"#)).unwrap_err();
        assert_eq!(
            error,
            "Invalid parameter type for 'tree', expected: TreeRef"
        );
    }
}

#[test]
fn a_fraction_is_judged_by_the_integer_alternative() {
    assert_eq!(argument("5"), Ok(Amount::Count(5)));
    assert_eq!(argument(r#""on""#), Ok(Amount::Word(Switch::On)));
    assert_eq!(
        reply_error::<commands::Plant>(r#"{"tree": "x", "amount": 1.5}"#),
        "Invalid parameter type for 'amount', expected: integer"
    );
    assert_eq!(
        reply_error::<commands::Plant>(r#"{"tree": "x", "amount": "some"}"#),
        "Parameter 'amount' does not accept value 'some'"
    );
}

#[test]
fn types_that_contain_each_other_are_boxed() {
    let tree: Tree = round_trip(
        r#"{"value": null, "left": {"value": [1, {"a": 18446744073709551615}]}, "right": {"value": 1}, "more": [{"value": ""}]}"#,
    );
    assert_eq!(tree.value, Any::Null);
    let inner = Box::new(Tree::new(1));
    assert_eq!(tree.right, Some(Box::new(TreeRef::Definition(inner))));
    let built = Tree::new(Any::Null)
        .with_left(Tree::new(2))
        .with_right(TreeRef::Reference("x".to_owned()));
    assert_eq!(built.left, Some(Box::new(Tree::new(2))));
}

#[test]
fn the_path_of_an_error_leads_through_everything() {
    assert_eq!(
        reply_error::<commands::Plant>(
            r#"{"tree": {"value": 1, "more": [{"value": 1}, {"value": 1, "left": {}}]}}"#
        ),
        "Parameter 'tree.more[1].left.value' is missing"
    );
}
