//! Mistakes in how a definition or directive is written: the syntax is right, the form is not.

#![expect(
    clippy::needless_pass_by_value,
    reason = "without references everywhere the table of mistakes is easier to read"
)]

use super::{Change, Mistake};
use crate::generate::{Item, Random, Value};

macro_rules! mistakes {
    ($($name:literal $code:literal $change:expr;)*) => {
        pub(super) const ALL: &[Mistake] = &[$(Mistake { name: $name, code: $code, change: Change::Form($change) },)*];
    };
}

mistakes! {
    "a definition has an unknown key" "KEY-UNKNOWN" |m, r| set(m, r, &METAS, "bogus", Value::Bool(true));
    "an event has a reply" "KEY-UNKNOWN" |m, r| set(m, r, &["event"], "returns", text("str"));
    "a key stands twice" "SYN-DUP-KEY" |m, r| in_one(m, r, &METAS, |members| {
        let twin = members[0].clone();
        members.push(twin);
        true
    });
    "a type has no data" "KEY-MISSING" |m, r| drop_key(m, r, &["enum", "struct", "union", "alternate"], "data");
    "a union has no base" "KEY-MISSING" |m, r| drop_key(m, r, &["union"], "base");
    "a union has no discriminator" "KEY-MISSING" |m, r| drop_key(m, r, &["union"], "discriminator");
    "a member has no type" "KEY-MISSING" |m, r| member(m, r, Value::object([("features", Value::Array(Vec::new()))]));
    "a value has no name" "KEY-MISSING" |m, r| value(m, r, Value::object([("if", text("A"))]));
    "a member has an unknown key" "KEY-UNKNOWN" |m, r| member(m, r, Value::object([("type", text("str")), ("bogus", text("x"))]));
    "a branch has features" "KEY-UNKNOWN" |m, r| {
        let branch = Value::object([("type", text("FreshBranch")), ("features", Value::Array(Vec::new()))]);
        m.push(item(Value::object([("struct", text("FreshBranch")), ("data", Value::object([]))])));
        m.push(item(union_with(branch)));
        let _ = r;
        true
    };
    "a definition has no meta-type" "META-ONE" |m, r| drop_meta(m, r);
    "a definition has two meta-types" "META-ONE" |m, r| set(m, r, &["command"], "event", text("FRESH"));
    "a name is no string" "META-NAME" |m, r| set_meta(m, r, Value::Bool(true));
    "the values of an enumeration are no array" "ENUM-DATA" |m, r| set(m, r, &["enum"], "data", Value::object([]));
    "a prefix is no string" "ENUM-PREFIX" |m, r| set(m, r, &["enum"], "prefix", Value::strings(["a"]));
    "the branches of a union are no object" "DATA-OBJECT" |m, r| set(m, r, &["union"], "data", Value::strings(["str"]));
    "the alternatives of an alternate are no object" "DATA-OBJECT" |m, r| set(m, r, &["alternate"], "data", text("str"));
    "an alternate is empty" "ALT-EMPTY" |m, r| set(m, r, &["alternate"], "data", Value::object([]));
    "the members of a struct are a name" "TYPE-OBJ-OR-NAME" |m, r| set(m, r, &["struct"], "data", text("QType"));
    "the base of a union is an array" "TYPE-OBJ-OR-NAME" |m, r| set(m, r, &["union"], "base", Value::strings(["str"]));
    "arguments are an array" "TYPE-OBJ-OR-NAME" |m, r| unboxed(m, r, Value::strings(["str"]));
    "boxed arguments have no name" "TYPE-NAME" |m, r| in_one(m, r, &["command", "event"], |members| {
        members.retain(|(key, _)| key != "data" && key != "boxed");
        members.push(("boxed".into(), Value::Bool(true)));
        members.push(("data".into(), Value::object([("a", text("str"))])));
        true
    });
    "boxed arguments are none" "BOXED-DATA" |m, r| in_one(m, r, &["command", "event"], |members| {
        members.retain(|(key, _)| key != "data" && key != "boxed");
        members.push(("boxed".into(), Value::Bool(true)));
        true
    });
    "the base of a struct is an array" "TYPE-NAME" |m, r| set(m, r, &["struct"], "base", Value::strings(["str"]));
    "a branch is an array" "TYPE-NAME" |m, _| {
        m.push(item(union_with(Value::strings(["str"]))));
        true
    };
    "a type is a boolean" "TYPE-NAME-OR-ARRAY" |m, r| member(m, r, Value::Bool(true));
    "a reply is an object" "TYPE-NAME-OR-ARRAY" |m, r| set(m, r, &["command"], "returns", Value::object([]));
    "an array is of nothing" "TYPE-ARRAY-ONE" |m, r| member(m, r, Value::Array(Vec::new()));
    "an array is of two types" "TYPE-ARRAY-ONE" |m, r| set(m, r, &["command"], "returns", Value::strings(["str", "int"]));
    "an array is of arrays" "TYPE-ARRAY-ONE" |m, r| member(m, r, Value::Array(vec![Value::strings(["str"])]));
    "a value is a boolean" "NAME-NOT-STRING" |m, r| value(m, r, Value::Bool(false));
    "a discriminator is a boolean" "NAME-NOT-STRING" |m, r| set(m, r, &["union"], "discriminator", Value::Bool(true));
    "a feature is a boolean" "NAME-NOT-STRING" |m, r| set(m, r, &METAS, "features", Value::Array(vec![Value::Bool(true)]));
    "features are a name" "FEAT-LIST" |m, r| set(m, r, &METAS, "features", text("fresh"));
    "a flag that is only ever false is true" "FLAG-FALSE" |m, r| {
        let flag = ["gen", "success-response"][r.below(2)];
        set(m, r, &["command"], flag, Value::Bool(true))
    };
    "a flag that is only ever true is false" "FLAG-TRUE" |m, r| {
        let flag = ["allow-oob", "allow-preconfig", "coroutine"][r.below(3)];
        set(m, r, &["command"], flag, Value::Bool(false))
    };
    "a flag is a string" "FLAG-TRUE" |m, r| set(m, r, &["command"], "allow-preconfig", text("true"));
    "a condition is a boolean" "COND-TYPE" |m, r| set(m, r, &METAS, "if", Value::Bool(false));
    "a condition is an array" "COND-TYPE" |m, r| set(m, r, &METAS, "if", Value::strings(["A"]));
    "a condition is nothing" "COND-ONE-KEY" |m, r| set(m, r, &METAS, "if", Value::object([]));
    "a condition is two things" "COND-ONE-KEY" |m, r| {
        let both = Value::object([("all", Value::strings(["A"])), ("not", text("B"))]);
        set(m, r, &METAS, "if", both)
    };
    "a condition is an unknown thing" "KEY-UNKNOWN" |m, r| set(m, r, &METAS, "if", Value::object([("none", Value::strings(["A"]))]));
    "a condition needs all of one" "COND-LIST" |m, r| set(m, r, &METAS, "if", Value::object([("all", text("A"))]));
    "an item is an array" "TOP-NOT-OBJECT" |m, r| insert(m, r, Value::Array(Vec::new()));
    "an item is a string" "TOP-NOT-OBJECT" |m, r| insert(m, r, text("text"));
    "an included file is not there" "INC-READ" |m, r| insert(m, r, include(text("no-such-file.json")));
    "an included file is not named" "INC-TYPE" |m, r| insert(m, r, include(Value::strings(["a.json"])));
    "an include directive has another key" "INC-EXTRA" |m, r| insert(m, r, Value::object([("include", text("a.json")), ("if", text("A"))]));
    "a file includes itself" "INC-LOOP" |m, r| insert(m, r, include(text("./schema.json")));
    "a pragma directive has another key" "PRAGMA-EXTRA" |m, r| insert(m, r, Value::object([("pragma", Value::object([])), ("if", text("A"))]));
    "a pragma directive is a name" "PRAGMA-TYPE" |m, r| insert(m, r, Value::object([("pragma", text("doc-required"))]));
    "a pragma is unknown" "PRAGMA-UNKNOWN" |m, r| insert(m, r, pragma("no-such-pragma", Value::Bool(true)));
    "a pragma is no boolean" "PRAGMA-BOOL" |m, r| insert(m, r, pragma("doc-required", text("yes")));
    "a pragma is no list" "PRAGMA-LIST" |m, r| insert(m, r, pragma("documentation-exceptions", text("Fresh")));
    "a pragma's list has a boolean" "PRAGMA-LIST" |m, r| insert(m, r, pragma("documentation-exceptions", Value::Array(vec![Value::Bool(true)])));
}

const METAS: [&str; 6] = ["enum", "struct", "union", "alternate", "command", "event"];

fn text(text: &str) -> Value {
    Value::string(text)
}

fn include(target: Value) -> Value {
    Value::object([("include", target)])
}

fn pragma(name: &str, value: Value) -> Value {
    Value::object([("pragma", Value::object([(name, value)]))])
}

fn item(value: Value) -> Item {
    Item { doc: None, value }
}

fn union_with(branch: Value) -> Value {
    Value::object([
        ("union", text("FreshUnion")),
        ("base", Value::object([("tag", text("QType"))])),
        ("discriminator", text("tag")),
        ("data", Value::object([("qnull", branch)])),
    ])
}

fn insert(items: &mut Vec<Item>, rng: &mut Random, value: Value) -> bool {
    items.insert(rng.between(0, items.len()), item(value));
    true
}

/// Changes the keys of one definition of some kind.
fn in_one(
    items: &mut [Item],
    rng: &mut Random,
    metas: &[&str],
    change: impl Fn(&mut Vec<(String, Value)>) -> bool,
) -> bool {
    let count = items.len();
    let start = rng.below(count);
    (0..count).any(|step| {
        let Value::Object(members) = &mut items[(start + step) % count].value else {
            return false;
        };
        let mut changed = members.clone();
        let of_meta = members.iter().any(|(key, _)| metas.contains(&key.as_str()));
        let fits = of_meta && change(&mut changed);
        if fits {
            *members = changed;
        }
        fits
    })
}

fn set(items: &mut [Item], rng: &mut Random, metas: &[&str], key: &str, value: Value) -> bool {
    in_one(items, rng, metas, |members| {
        // These exclude each other.
        if key == "allow-oob" || key == "coroutine" {
            members.retain(|(key, _)| key != "allow-oob" && key != "coroutine");
        }
        members.retain(|(it, _)| it != key);
        members.push((key.to_owned(), value.clone()));
        true
    })
}

fn unboxed(items: &mut [Item], rng: &mut Random, data: Value) -> bool {
    in_one(items, rng, &["command", "event"], |members| {
        members.retain(|(key, _)| key != "data" && key != "boxed");
        members.push(("data".to_owned(), data.clone()));
        true
    })
}

fn drop_key(items: &mut [Item], rng: &mut Random, metas: &[&str], key: &str) -> bool {
    in_one(items, rng, metas, |members| {
        members.retain(|(it, _)| it != key);
        true
    })
}

/// Takes the meta-type from something that nothing refers to.
fn drop_meta(items: &mut [Item], rng: &mut Random) -> bool {
    in_one(items, rng, &["command", "event"], |members| {
        members.retain(|(it, _)| it != "command" && it != "event");
        // The rest of the object must not be empty, so that it is all that is wrong.
        !members.is_empty()
    })
}

fn set_meta(items: &mut [Item], rng: &mut Random, value: Value) -> bool {
    in_one(items, rng, &["command", "event"], |members| {
        let meta = members
            .iter_mut()
            .find(|(key, _)| key == "command" || key == "event");
        meta.map(|(_, name)| *name = value.clone()).is_some()
    })
}

/// Adds a struct with a member.
fn member(items: &mut Vec<Item>, rng: &mut Random, value: Value) -> bool {
    let data = Value::object([("fresh-member", value)]);
    insert(
        items,
        rng,
        Value::object([("struct", text("FreshStruct")), ("data", data)]),
    )
}

/// Adds a value to an enumeration.
fn value(items: &mut [Item], rng: &mut Random, value: Value) -> bool {
    in_one(items, rng, &["enum"], |members| {
        let data = members.iter_mut().find(|(key, _)| key == "data");
        match data {
            Some((_, Value::Array(data))) => {
                data.push(value.clone());
                true
            }
            _ => false,
        }
    })
}
