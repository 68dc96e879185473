//! Mistakes in what a schema says: it is well-formed, but does not hold together.

use super::{Change, Mistake};
use crate::generate::{
    Alternative, Arguments, Base, Body, Branch, CommandFlags, Condition, Definition, EnumValue,
    Feature, Member, Model, Random, TypeRef,
};

macro_rules! mistakes {
    ($($name:literal $code:literal $change:expr;)*) => {
        pub(super) const ALL: &[Mistake] = &[$(Mistake { name: $name, code: $code, change: Change::Meaning($change) },)*];
    };
}

mistakes! {
    "a member has an unknown type" "REF-UNKNOWN" |m, r| member(m, r, |it| it.ty = plain("NoSuchType"));
    "a member has an array of an unknown type" "REF-UNKNOWN" |m, r| {
        let mut member = member_named("fresh-member");
        member.ty = TypeRef { name: "NoSuchType".into(), array: true };
        add_member(m, r, &member)
    };
    "a base is unknown" "REF-UNKNOWN" |m, r| base(m, r, |_| Some("NoSuchType".into()));
    "arguments are of an unknown type" "REF-UNKNOWN" |m, r| arguments(m, r, |_| Some(Arguments::Named("NoSuchType".into())));
    "a reply is of an unknown type" "REF-UNKNOWN" |m, r| returns(m, r, |_| Some(plain("NoSuchType")));
    "a branch is of an unknown type" "REF-UNKNOWN" |m, r| branch(m, r, |_| Some("NoSuchType".into()));
    "an alternative is of an unknown type" "REF-UNKNOWN" |m, r| alternative(m, r, |_| Some(plain("NoSuchType")));
    "a command is used as a type" "REF-UNKNOWN" |m, r| {
        let Some(name) = name_of(m, r, "command") else { return false };
        member(m, r, |it| it.ty = plain(&name))
    };
    "a member stands twice, once optional" "CLASH" |m, r| members(m, r, |members, r| {
        let Some(index) = some_index(members.len(), r) else { return false };
        let mut twin = members[index].clone();
        twin.optional = !twin.optional;
        members.push(twin);
        true
    });
    "a member repeats one of the base" "CLASH" |m, r| {
        let shared = member_named("shared");
        m.definitions.push(definition("FreshBase", struct_(None, vec![shared.clone()])));
        m.definitions.push(definition("FreshHeir", struct_(Some("FreshBase"), vec![shared])));
        let _ = r;
        true
    };
    "two members differ only where C does not" "CLASH" |m, _| {
        let members = vec![member_named("__a.b_c"), member_named("__a-b_c")];
        m.definitions.push(definition("FreshMembers", struct_(None, members)));
        true
    };
    "a value stands twice" "CLASH" |m, r| values(m, r, |values, r| {
        let Some(index) = some_index(values.len(), r) else { return false };
        let twin = values[index].clone();
        values.push(twin);
        true
    });
    "a feature stands twice" "CLASH" |m, r| any(m, r, |it| {
        let Some(feature) = it.features.first().cloned() else { return false };
        it.features.push(feature);
        true
    });
    "a definition stands twice" "DEF-DUP" |m, r| {
        let Some(index) = some_index(m.definitions.len(), r) else { return false };
        let twin = m.definitions[index].clone();
        m.definitions.push(twin);
        true
    };
    "a command is called like a built-in type" "DEF-DUP-PREDEF" |m, r| named(m, r, "command", "uint8");
    "an enumeration is called like the predefined one" "DEF-DUP-PREDEF" |m, _| add(m, "QType", enum_(&["a"]));
    "a base is no struct" "BASE-KIND" |m, r| {
        let kind = ["enum", "union", "alternate"][r.below(3)];
        let Some(name) = name_of(m, r, kind) else { return false };
        base(m, r, move |_| Some(name.clone()))
    };
    "a base is built in" "BASE-KIND" |m, r| base(m, r, |_| Some("str".into()));
    "a struct is its own base" "OBJ-CYCLE" |m, r| base(m, r, |own| Some(own.into()));
    "two structs are each other's base" "OBJ-CYCLE" |m, _| {
        m.definitions.push(definition("FreshOne", struct_(Some("FreshTwo"), Vec::new())));
        add(m, "FreshTwo", struct_(Some("FreshOne"), Vec::new()))
    };
    "a union is a branch of itself" "OBJ-CYCLE" |m, r| branch(m, r, |own| Some(own.into()));
    "a discriminator is no member" "TAG-MISSING" |m, r| union_(m, r, |_, discriminator, _| {
        *discriminator = "no-such-member".into();
        true
    });
    "a discriminator is no enumeration" "TAG-ENUM" |m, r| tag(m, r, |it| it.ty = plain("str"));
    "a discriminator is optional" "TAG-MISSING" |m, r| union_(m, r, |_, discriminator, _| {
        discriminator.insert(0, '*');
        true
    });
    "the member of a discriminator is optional" "TAG-OPTIONAL" |m, r| tag(m, r, |it| it.optional = true);
    "the member of a discriminator is conditional" "TAG-COND" |m, r| tag(m, r, |it| it.condition = Some(symbol("A")));
    "a branch is for no value" "BRANCH-VALUE" |m, r| {
        m.definitions.push(definition("FreshBranch", struct_(None, Vec::new())));
        union_(m, r, |_, _, branches| {
            branches.push(branch_for("no-such-value", "FreshBranch"));
            true
        })
    };
    "a branch is no object" "BRANCH-TYPE" |m, r| {
        let kind = ["enum", "alternate"][r.below(2)];
        let Some(name) = name_of(m, r, kind) else { return false };
        branch(m, r, move |_| Some(name.clone()))
    };
    "a branch is built in" "BRANCH-TYPE" |m, r| branch(m, r, |_| Some("int".into()));
    "a branch repeats a common member" "CLASH" |m, _| {
        m.definitions.push(definition("FreshValues", enum_(&["one"])));
        m.definitions.push(definition("FreshBranch", struct_(None, vec![member_named("tag")])));
        add(m, "FreshUnion", union_of("FreshValues", &[("one", "FreshBranch")]))
    };
    "a branch of a branch repeats a common member" "CLASH" |m, _| {
        m.definitions.push(definition("FreshValues", enum_(&["one"])));
        m.definitions.push(definition("FreshLeaf", struct_(None, vec![member_named("tag")])));
        let mut inner = union_of("FreshValues", &[("one", "FreshLeaf")]);
        if let Body::Union { base: Base::Inline(members), discriminator, .. } = &mut inner {
            members[0].name = "kind".into();
            *discriminator = "kind".into();
        }
        m.definitions.push(definition("FreshInner", inner));
        add(m, "FreshUnion", union_of("FreshValues", &[("one", "FreshInner")]))
    };
    "a union has no branch" "UNION-EMPTY" |m, _| {
        m.definitions.push(definition("FreshValues", enum_(&[])));
        add(m, "FreshUnion", union_of("FreshValues", &[]))
    };
    "arguments are no object" "ARG-KIND" |m, r| {
        let kind = ["enum", "alternate"][r.below(2)];
        let Some(name) = name_of(m, r, kind) else { return false };
        arguments(m, r, move |_| Some(Arguments::Named(name.clone())))
    };
    "boxed arguments are built in" "ARG-KIND" |m, r| arguments(m, r, |_| Some(Arguments::Boxed("any".into())));
    "a union is taken apart" "ARG-UNBOXED-UNION" |m, r| {
        let Some(name) = name_of(m, r, "union") else { return false };
        arguments(m, r, move |_| Some(Arguments::Named(name.clone())))
    };
    "an argument is conditional" "ARG-UNBOXED-COND" |m, r| arguments(m, r, |_| {
        let mut member = member_named("fresh");
        member.condition = Some(symbol("A"));
        Some(Arguments::Inline(vec![member]))
    });
    "an inherited argument is conditional" "ARG-UNBOXED-COND" |m, r| {
        let mut member = member_named("fresh");
        member.condition = Some(symbol("A"));
        m.definitions.push(definition("FreshBase", struct_(None, vec![member])));
        m.definitions.push(definition("FreshHeir", struct_(Some("FreshBase"), Vec::new())));
        arguments(m, r, |_| Some(Arguments::Named("FreshHeir".into())))
    };
    "a reply is no object" "RET-KIND" |m, r| {
        let kind = ["enum", "alternate"][r.below(2)];
        let Some(name) = name_of(m, r, kind) else { return false };
        let array = r.chance(50);
        returns(m, r, move |_| Some(TypeRef { name: name.clone(), array }))
    };
    "a reply is built in" "RET-KIND" |m, r| returns(m, r, |_| Some(plain("int")));
    "two alternatives look the same" "ALT-AMBIG" |m, r| alternates(m, r, |alternatives| {
        let mut twin = alternatives[0].clone();
        twin.name = "fresh-alternative".into();
        alternatives.push(twin);
    });
    "a string may be a number" "ALT-AMBIG" |m, _| add(m, "FreshAlternate", Body::Alternate {
        alternatives: vec![alternative_of("a", "str"), alternative_of("b", "int")],
    });
    "an alternative may be anything" "BRANCH-TYPE" |m, r| alternative(m, r, |_| Some(plain("any")));
    "an alternative is an alternate" "BRANCH-TYPE" |m, r| alternative(m, r, |own| Some(plain(own)));
    "a member has upper case" "NAME-LOWER" |m, r| added_member(m, r, "freshName");
    "a member has an underscore" "NAME-LOWER" |m, r| added_member(m, r, "fresh_name");
    "a member has a reserved prefix" "NAME-RESERVED" |m, r| added_member(m, r, "has-fresh");
    "a member has a reserved name" "NAME-RESERVED" |m, r| added_member(m, r, "u");
    "a member starts with a digit" "NAME-INVALID" |m, r| added_member(m, r, "9lives");
    "a member has the compiler's prefix" "NAME-INVALID" |m, r| added_member(m, r, "q-fresh");
    "a value has upper case" "NAME-LOWER" |m, r| added_value(m, r, "Fresh");
    "a value has a blank" "NAME-INVALID" |m, r| added_value(m, r, "fresh value");
    "a value is empty" "NAME-INVALID" |m, r| added_value(m, r, "");
    "a type has a hyphen" "NAME-CAMEL" |m, _| add(m, "Fresh-Type", struct_(None, Vec::new()));
    "a type starts in lower case" "NAME-CAMEL" |m, _| add(m, "fresh", enum_(&["a"]));
    "a type is called a list" "NAME-LIST-SUFFIX" |m, _| add(m, "FreshList", struct_(None, Vec::new()));
    "an event has lower case" "NAME-EVENT-CASE" |m, r| named(m, r, "event", "FRESH_event");
    "a command has upper case" "NAME-LOWER" |m, r| named(m, r, "command", "freshCommand");
    "a command has an underscore" "NAME-LOWER" |m, r| named(m, r, "command", "fresh_command");
    "a feature has upper case" "NAME-LOWER" |m, r| any(m, r, |it| {
        it.features.push(feature("Fresh"));
        true
    });
    "a type is deprecated" "FEAT-SPECIAL-TYPE" |m, r| {
        let special = ["deprecated", "unstable"][r.below(2)];
        any(m, r, |it| {
            it.features.push(feature(special));
            it.is_type()
        })
    };
    "there are too many features" "FEAT-LIMIT" |m, _| {
        let mut event = definition("FRESH_EVENT", Body::Event { arguments: Arguments::None });
        event.features = (0..65).map(|number| feature(&format!("fresh-{number}"))).collect();
        m.definitions.push(event);
        true
    };
    "a command is out of band and a coroutine" "FLAG-OOB-CORO" |m, r| commands(m, r, |_, _, _, flags| {
        flags.allow_oob = true;
        flags.coroutine = true;
        true
    });
    "a symbol has lower case" "COND-IDENT" |m, r| any(m, r, |it| {
        it.condition = Some(Condition::Not(Box::new(symbol("config"))));
        true
    });
    "a member's symbol is C" "COND-IDENT" |m, r| {
        let mut member = member_named("fresh-member");
        member.condition = Some(symbol("defined(A)"));
        add_member(m, r, &member)
    };
    "a condition needs all of nothing" "COND-EMPTY" |m, r| any(m, r, |it| {
        it.condition = Some(Condition::Any(vec![symbol("A"), Condition::All(Vec::new())]));
        true
    });
}

fn some_index(count: usize, rng: &mut Random) -> Option<usize> {
    (count > 0).then(|| rng.below(count))
}

fn symbol(name: &str) -> Condition {
    Condition::Symbol(name.to_owned())
}

fn feature(name: &str) -> Feature {
    Feature {
        name: name.to_owned(),
        condition: None,
    }
}

fn plain(name: &str) -> TypeRef {
    TypeRef {
        name: name.to_owned(),
        array: false,
    }
}

fn member_named(name: &str) -> Member {
    Member {
        name: name.to_owned(),
        optional: false,
        ty: plain("str"),
        condition: None,
        features: Vec::new(),
    }
}

fn alternative_of(name: &str, ty: &str) -> Alternative {
    Alternative {
        name: name.to_owned(),
        ty: plain(ty),
        condition: None,
    }
}

fn branch_for(name: &str, ty: &str) -> Branch {
    Branch {
        name: name.to_owned(),
        ty: ty.to_owned(),
        condition: None,
    }
}

fn definition(name: &str, body: Body) -> Definition {
    Definition {
        name: name.to_owned(),
        body,
        condition: None,
        features: Vec::new(),
    }
}

fn struct_(base: Option<&str>, members: Vec<Member>) -> Body {
    Body::Struct {
        base: base.map(str::to_owned),
        members,
    }
}

fn enum_(values: &[&str]) -> Body {
    let values = values.iter().map(|name| EnumValue {
        name: (*name).to_owned(),
        condition: None,
        features: Vec::new(),
    });
    Body::Enum {
        prefix: None,
        values: values.collect(),
    }
}

fn union_of(values: &str, branches: &[(&str, &str)]) -> Body {
    let mut tag = member_named("tag");
    tag.ty = plain(values);
    Body::Union {
        base: Base::Inline(vec![tag]),
        discriminator: "tag".to_owned(),
        branches: branches
            .iter()
            .map(|(name, ty)| branch_for(name, ty))
            .collect(),
    }
}

fn add(model: &mut Model, name: &str, body: Body) -> bool {
    model.definitions.push(definition(name, body));
    true
}

/// Changes one definition, any that `change` accepts.
fn any(
    model: &mut Model,
    rng: &mut Random,
    mut change: impl FnMut(&mut Definition) -> bool,
) -> bool {
    let count = model.definitions.len();
    let start = rng.below(count);
    (0..count).any(|step| {
        let definition = &mut model.definitions[(start + step) % count];
        let mut changed = definition.clone();
        let fits = change(&mut changed);
        if fits {
            *definition = changed;
        }
        fits
    })
}

/// Returns the name of some definition of a kind.
fn name_of(model: &Model, rng: &mut Random, meta: &str) -> Option<String> {
    let all: Vec<_> = model
        .definitions
        .iter()
        .filter(|it| it.meta() == meta)
        .collect();
    rng.pick(&all).map(|it| it.name.clone())
}

/// Renames a definition that nothing refers to by name.
fn named(model: &mut Model, rng: &mut Random, meta: &str, name: &str) -> bool {
    let excused = model.pragmas.command_returns.clone();
    any(model, rng, |it| {
        let fits = it.meta() == meta && !excused.contains(&it.name);
        name.clone_into(&mut it.name);
        fits
    })
}

fn members(
    model: &mut Model,
    rng: &mut Random,
    mut change: impl FnMut(&mut Vec<Member>, &mut Random) -> bool,
) -> bool {
    let mut own = rng.clone();
    any(model, rng, |it| {
        it.own_members_mut()
            .is_some_and(|members| change(members, &mut own))
    })
}

fn member(model: &mut Model, rng: &mut Random, change: impl Fn(&mut Member)) -> bool {
    members(model, rng, |members, rng| {
        let index = some_index(members.len(), rng);
        index
            .inspect(|index| change(&mut members[*index]))
            .is_some()
    })
}

/// Adds a member to a definition that is not excused from the rules for names.
fn add_member(model: &mut Model, rng: &mut Random, member: &Member) -> bool {
    let excused = model.pragmas.member_names.clone();
    any(model, rng, |it| {
        // A conditional argument would be a second mistake.
        let fits = it.is_type() && !excused.contains(&it.name);
        it.own_members_mut().is_some_and(|members| {
            members.push(member.clone());
            fits
        })
    })
}

fn added_member(model: &mut Model, rng: &mut Random, name: &str) -> bool {
    add_member(model, rng, &member_named(name))
}

fn values(
    model: &mut Model,
    rng: &mut Random,
    mut change: impl FnMut(&mut Vec<EnumValue>, &mut Random) -> bool,
) -> bool {
    let mut own = rng.clone();
    let excused = model.pragmas.member_names.clone();
    any(model, rng, |it| match &mut it.body {
        Body::Enum { values, .. } if !excused.contains(&it.name) => change(values, &mut own),
        _ => false,
    })
}

fn added_value(model: &mut Model, rng: &mut Random, name: &str) -> bool {
    values(model, rng, |values, _| {
        values.push(EnumValue {
            name: name.to_owned(),
            condition: None,
            features: Vec::new(),
        });
        true
    })
}

/// Gives a struct another base.
fn base(model: &mut Model, rng: &mut Random, other: impl Fn(&str) -> Option<String>) -> bool {
    any(model, rng, |it| match &mut it.body {
        Body::Struct { base, .. } => {
            *base = other(&it.name);
            true
        }
        _ => false,
    })
}

fn union_(
    model: &mut Model,
    rng: &mut Random,
    change: impl Fn(&mut Base, &mut String, &mut Vec<Branch>) -> bool,
) -> bool {
    any(model, rng, |it| match &mut it.body {
        Body::Union {
            base,
            discriminator,
            branches,
        } => change(base, discriminator, branches),
        _ => false,
    })
}

/// Changes the member that selects the branch, where it is written in the union.
fn tag(model: &mut Model, rng: &mut Random, change: impl Fn(&mut Member)) -> bool {
    union_(model, rng, |base, discriminator, _| {
        let Base::Inline(members) = base else {
            return false;
        };
        let tag = members.iter_mut().find(|it| it.name == *discriminator);
        tag.map(&change).is_some()
    })
}

/// Gives a branch another type.
fn branch(model: &mut Model, rng: &mut Random, other: impl Fn(&str) -> Option<String>) -> bool {
    any(model, rng, |it| match &mut it.body {
        Body::Union { branches, .. } => {
            let branch = branches.first_mut().zip(other(&it.name));
            branch.map(|(branch, ty)| branch.ty = ty).is_some()
        }
        _ => false,
    })
}

fn alternates(model: &mut Model, rng: &mut Random, change: impl Fn(&mut Vec<Alternative>)) -> bool {
    any(model, rng, |it| match &mut it.body {
        Body::Alternate { alternatives } => {
            change(alternatives);
            true
        }
        _ => false,
    })
}

/// Gives an alternative another type.
fn alternative(
    model: &mut Model,
    rng: &mut Random,
    other: impl Fn(&str) -> Option<TypeRef>,
) -> bool {
    any(model, rng, |it| match &mut it.body {
        Body::Alternate { alternatives } => {
            let alternative = alternatives.first_mut().zip(other(&it.name));
            alternative
                .map(|(alternative, ty)| alternative.ty = ty)
                .is_some()
        }
        _ => false,
    })
}

/// Changes name, arguments, reply and flags of a command.
fn commands(
    model: &mut Model,
    rng: &mut Random,
    change: impl Fn(&str, &mut Arguments, &mut Option<TypeRef>, &mut CommandFlags) -> bool,
) -> bool {
    any(model, rng, |it| match &mut it.body {
        Body::Command {
            arguments,
            returns,
            flags,
        } => change(&it.name, arguments, returns, flags),
        _ => false,
    })
}

/// Gives a command or event other arguments.
fn arguments(
    model: &mut Model,
    rng: &mut Random,
    other: impl Fn(&str) -> Option<Arguments>,
) -> bool {
    any(model, rng, |it| match &mut it.body {
        Body::Command { arguments, .. } | Body::Event { arguments } => {
            other(&it.name).map(|other| *arguments = other).is_some()
        }
        _ => false,
    })
}

/// Gives a command, one that may return only objects, another reply.
fn returns(model: &mut Model, rng: &mut Random, other: impl Fn(&str) -> Option<TypeRef>) -> bool {
    let excused = model.pragmas.command_returns.clone();
    commands(model, rng, |name, _, returns, _| {
        *returns = other(name);
        !excused.iter().any(|it| it == name)
    })
}
