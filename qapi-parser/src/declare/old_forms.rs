//! Old forms that can only be read once the whole schema is known (docs/reference/language.md §10.2 rows 13 and 15,
//! §10.3).

use std::borrow::Cow;

use crate::definition::{
    Arguments, Body, Definition, DefinitionOrigin, Definitions, RawMember, RawUnion, Reference,
    SchemaAge, TypeRef, UnionBase, Variant,
};
use crate::diag::{Code, Diagnostics};
use crate::ir::{Builtin, EnumValue};
use crate::name_map::{NameMap, NameSet};

/// Supplies what old forms imply, so that the later phases meet only today's forms.
pub(super) fn prepare(out: &mut Diagnostics, definitions: &mut Definitions<'_>) {
    kind_enums(out, definitions);
    if definitions.age.unchecked() {
        string_tags(out, definitions);
    }
    drop_overridden(definitions);
    if definitions.age == SchemaAge::Old {
        unknown_types(out, definitions);
    }
    wrapper_conditions(definitions);
}

/// Explicit definitions win over implied ones of the same name.
fn drop_overridden(definitions: &mut Definitions<'_>) {
    if definitions
        .list
        .iter()
        .all(|one| one.origin == DefinitionOrigin::Written)
    {
        return;
    }
    let written = definitions
        .list
        .iter()
        .filter(|definition| definition.origin == DefinitionOrigin::Written)
        .map(|definition| definition.name.clone())
        .collect::<NameSet<_>>();
    definitions
        .list
        .retain(|one| one.origin == DefinitionOrigin::Written || !written.contains(&one.name));
}

/// Lets members and what commands return have any value where nothing tells which (docs/reference/language.md
/// §10.2 row 30): releases up to 2.3 did not check that. A base, a branch or named arguments need members, and an
/// alternative needs a kind, so there it remains an error.
fn unknown_types(out: &mut Diagnostics, definitions: &mut Definitions<'_>) {
    let mut known = Builtin::ALL
        .iter()
        .map(|builtin| Cow::Borrowed(builtin.as_str()))
        .chain([Cow::Borrowed("QType")])
        .chain(definitions.damaged.iter().map(|name| Cow::Borrowed(*name)))
        .collect::<NameSet<_>>();
    known.extend(definitions.list.iter().map(|one| one.name.clone()));
    for definition in &mut definitions.list {
        let context = definition.context;
        for ty in values(&mut definition.body) {
            let array_of = ty.name.strip_suffix("List").filter(|_| !ty.array);
            if known.contains(&ty.name) || array_of.is_some_and(|name| known.contains(name)) {
                continue;
            }
            let message = format!("the type `{}` is unknown; any value is accepted", ty.name);
            out.report(context.warning(Code::OLD_REF_UNKNOWN, ty.span, message));
            ty.name = Cow::Borrowed("any");
        }
    }
}

/// Returns the types of everything that can have a value of any type.
fn values<'a, 't>(body: &'a mut Body<'t>) -> Vec<&'a mut TypeRef<'t>> {
    let (members, returns): (&mut [RawMember<'t>], _) = match body {
        Body::Struct { members, .. }
        | Body::Event {
            arguments: Arguments::Members(members),
            ..
        }
        | Body::Union(RawUnion {
            base: UnionBase::Members { members, .. },
            ..
        }) => (members, None),
        Body::Command {
            arguments: Arguments::Members(members),
            returns,
            ..
        } => (members, returns.as_mut()),
        Body::Command { returns, .. } => (&mut [], returns.as_mut()),
        _ => (&mut [], None),
    };
    let members = members.iter_mut().filter_map(|member| member.ty.as_mut());
    members.chain(returns).collect()
}

/// Gives each wrapper the condition of the type that it wraps.
fn wrapper_conditions(definitions: &mut Definitions<'_>) {
    if definitions
        .list
        .iter()
        .all(|one| one.origin != DefinitionOrigin::Wrapper)
    {
        return;
    }
    let conditions = definitions
        .list
        .iter()
        .filter_map(|one| Some((one.name.clone(), one.condition.clone()?)))
        .collect::<NameMap<_, _>>();
    for definition in &mut definitions.list {
        if definition.origin == DefinitionOrigin::Wrapper
            && let Body::Struct { members, .. } = &definition.body
            && let Some(ty) = members.first().and_then(|member| member.ty.as_ref())
        {
            definition.condition = conditions.get(&ty.name).cloned();
        }
    }
}

/// Makes the enumerations `FooKind` that are named but that no definition has.
fn kind_enums(out: &mut Diagnostics, definitions: &mut Definitions<'_>) {
    let named =
        |definition: &Definition<'_>| references(definition).any(|ty| ty.name.ends_with("Kind"));
    if !definitions.list.iter().any(named) {
        return;
    }
    let names = positions(definitions, |_| true);
    let mut seen = NameSet::default();
    let mut implied = Vec::new();
    for definition in &definitions.list {
        for ty in references(definition) {
            let Some(stem) = ty.name.strip_suffix("Kind") else {
                continue;
            };
            if definition.name == stem {
                continue;
            }
            let explicit = names.get(&ty.name).map(|index| &definitions.list[*index]);
            if explicit.is_some_and(|explicit| explicit.origin == DefinitionOrigin::Written) {
                continue;
            }
            let Some(owner) = names
                .get(stem)
                .map(|index| (*index, &definitions.list[*index]))
            else {
                continue;
            };
            let Some(values) = variants(owner.1) else {
                continue;
            };
            out.report(definition.context.warning(
                Code::OLD_KIND_ENUM,
                ty.span,
                format!(
                    "`{}` is the enumeration that `{stem}` used to imply",
                    ty.name
                ),
            ));
            if explicit.is_none() && seen.insert(&ty.name) {
                let name = ty.name.clone().into_owned();
                implied.push((owner.0, implied_enum(owner.1, name, values)));
            }
        }
    }
    insert(definitions, implied);
}

/// Indices of the definitions that `wanted` picks; of several with one name, the first.
fn positions<'t>(
    definitions: &Definitions<'t>,
    wanted: impl Fn(&Definition<'t>) -> bool,
) -> NameMap<Cow<'t, str>, usize> {
    definitions
        .list
        .iter()
        .enumerate()
        .rev()
        .filter(|(_, definition)| wanted(definition))
        .map(|(index, definition)| (definition.name.clone(), index))
        .collect()
}

/// Puts each new definition before the one at its index.
fn insert<'t>(definitions: &mut Definitions<'t>, mut new: Vec<(usize, Definition<'t>)>) {
    if new.is_empty() {
        return;
    }
    new.sort_by_key(|(index, _)| *index);
    let mut new = new.into_iter().peekable();
    let old = std::mem::take(&mut definitions.list);
    definitions.list.reserve(old.len() + new.len());
    for (index, definition) in old.into_iter().enumerate() {
        while let Some((_, implied)) = new.next_if(|(before, _)| *before == index) {
            definitions.list.push(implied);
        }
        definitions.list.push(definition);
    }
}

/// Gives discriminators that are strings an enumeration of the branch names.
fn string_tags(out: &mut Diagnostics, definitions: &mut Definitions<'_>) {
    let structs = positions(definitions, |one| matches!(one.body, Body::Struct { .. }));
    // The enumeration for each member that was a string: where it goes, and its values.
    let mut tags: Vec<(usize, Definition<'_>)> = Vec::new();
    let mut made: NameMap<(usize, usize), usize> = NameMap::default();
    for index in 0..definitions.list.len() {
        let definition = &definitions.list[index];
        let Some((holder, place)) = string_tag(definition, &definitions.list, &structs, &made)
        else {
            continue;
        };
        let values = variants(definition).unwrap_or_default();
        if let Some(tag) = made.get(&(holder, place)) {
            add_values(&mut tags[*tag].1, values);
            continue;
        }
        let Body::Union(union_) = &definition.body else {
            continue;
        };
        let span = union_
            .discriminator
            .map_or(definition.context.name_span, |tag| tag.span);
        let name = format!("{}Kind", definition.name);
        out.report(definition.context.warning(
            Code::OLD_STRING_TAG,
            span,
            format!(
                "the discriminator of union `{}` is a string; today it must be an enum",
                definition.name
            ),
        ));
        made.insert((holder, place), tags.len());
        tags.push((index, implied_enum(definition, name.clone(), values)));
        set_type(&mut definitions.list[holder], place, name);
    }
    insert(definitions, tags);
}

fn set_type(definition: &mut Definition<'_>, place: usize, name: String) {
    if let Body::Struct { members, .. } = &mut definition.body
        && let Some(ty) = members.get_mut(place).and_then(|member| member.ty.as_mut())
    {
        ty.name = Cow::Owned(name);
    }
}

/// Returns the definition and the place in it of a union's discriminator, if that is a string, or was
/// one until another union made an enumeration of it.
fn string_tag<'t>(
    definition: &Definition<'t>,
    list: &[Definition<'t>],
    structs: &NameMap<Cow<'t, str>, usize>,
    made: &NameMap<(usize, usize), usize>,
) -> Option<(usize, usize)> {
    let Body::Union(union_) = &definition.body else {
        return None;
    };
    let tag = union_.discriminator?.name;
    // Inline bases came with QEMU 2.6, long after string tags were removed.
    let UnionBase::Named(base) = &union_.base else {
        return None;
    };
    let mut next = structs.get(&base.name).copied();
    // A chain of bases longer than the list is a cycle.
    for _ in 0..list.len() {
        let holder = next?;
        let Body::Struct { base, members } = &list[holder].body else {
            return None;
        };
        if let Some(place) = members.iter().position(|member| member.name == tag) {
            let ty = members[place].ty.as_ref()?;
            let string = ty.name == "str" && !ty.array && !members[place].optional;
            return (string || made.contains_key(&(holder, place))).then_some((holder, place));
        }
        next = match base {
            Reference::Named(ty) => structs.get(&ty.name).copied(),
            _ => None,
        };
    }
    None
}

/// Names of the branches of a union, or of the alternatives of an alternate.
fn variants(definition: &Definition<'_>) -> Option<Vec<EnumValue>> {
    let variants = match &definition.body {
        Body::Union(union_) => &union_.branches,
        Body::Alternate { alternatives } => alternatives,
        _ => return None,
    };
    Some(
        variants
            .iter()
            .map(|variant| EnumValue {
                name: variant.name.clone(),
                condition: variant
                    .condition
                    .as_ref()
                    .map(|spanned| spanned.condition.clone()),
                features: Vec::new(),
                span: Some(variant.span),
            })
            .collect(),
    )
}

fn implied_enum<'t>(
    owner: &Definition<'t>,
    name: String,
    values: Vec<EnumValue>,
) -> Definition<'t> {
    Definition {
        context: owner.context,
        name: Cow::Owned(name),
        origin: DefinitionOrigin::Implied,
        complete: owner.complete,
        features_complete: true,
        condition: owner.condition.clone(),
        features: Vec::new(),
        body: Body::Enum {
            prefix: None,
            values,
        },
    }
}

fn add_values(definition: &mut Definition<'_>, more: Vec<EnumValue>) {
    let Body::Enum { values, .. } = &mut definition.body else {
        return;
    };
    for value in more {
        if values.iter().all(|known| known.name != value.name) {
            values.push(value);
        }
    }
}

/// Returns every type that may be a `FooKind`.
fn references<'a, 't>(definition: &'a Definition<'t>) -> impl Iterator<Item = &'a TypeRef<'t>> {
    let (members, variants, returns): (&[RawMember<'t>], &[Variant<'t>], _) = match &definition.body
    {
        Body::Struct { members, .. }
        | Body::Event {
            arguments: Arguments::Members(members),
            ..
        } => (members, &[], None),
        Body::Union(union_) => match &union_.base {
            UnionBase::Members { members, .. } => (members, &union_.branches, None),
            _ => (&[], &union_.branches, None),
        },
        Body::Alternate { alternatives } => (&[], alternatives, None),
        Body::Command {
            arguments: Arguments::Members(members),
            returns,
            ..
        } => (members, &[], returns.as_ref()),
        Body::Command { returns, .. } => (&[], &[], returns.as_ref()),
        Body::Enum { .. } | Body::Event { .. } => (&[], &[], None),
    };
    let members = members.iter().filter_map(|member| member.ty.as_ref());
    let variants = variants.iter().filter_map(|variant| variant.ty.as_ref());
    members.chain(variants).chain(returns)
}
