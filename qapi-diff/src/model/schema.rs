//! Lowers a checked schema to the wire model.

use std::collections::HashMap;
use std::rc::Rc;

use qapi_parser::ir::{self, Condition, Schema, TypeId, TypeKind};
use qapi_parser::source::Span;

use super::shapes::{
    Alternative, Branch, Command, Event, Facts, Feature, HiddenFlags, Kind, Member, Model, Object,
    Shape, Type, TypeIx, Union, Value,
};
use crate::condition::{Decided, Symbols};

impl<'s> Model<'s> {
    /// Returns the wire model of a schema. Parts that `symbols` exclude are left out; conditions that they do not
    /// decide are kept.
    ///
    /// # Panics
    /// Never: ids of types are 32 bits wide.
    pub fn of_schema(schema: &'s Schema, symbols: &Symbols) -> Self {
        let mut lowering = Lowering {
            schema,
            symbols,
            own: Vec::new(),
            empty: TypeIx(u32::try_from(schema.types.len()).expect("ids are 32 bits wide")),
        };
        let own = schema.types.iter().map(|ty| lowering.own_members(ty));
        lowering.own = own.collect();
        let mut types: Vec<_> = (0..)
            .map(TypeId)
            .zip(&schema.types)
            .map(|(id, ty)| lowering.ty(id, ty))
            .collect();
        types.push(Type::empty());
        let empty = lowering.empty;
        let or_empty = |ty: Option<TypeId>| ty.map_or(empty, |id| TypeIx(id.0));
        let commands = schema
            .commands
            .iter()
            .filter_map(|command| {
                Some(Command {
                    name: &command.name,
                    arguments: or_empty(command.arguments),
                    reply: or_empty(command.returns),
                    allow_oob: command.allow_oob,
                    hidden: Some(HiddenFlags {
                        checked: command.gen_,
                        success_response: command.success_response,
                        allow_preconfig: command.allow_preconfig,
                    }),
                    facts: lowering.facts(
                        command.condition.as_ref(),
                        &command.features,
                        Some(command.span),
                    )?,
                })
            })
            .collect();
        let events = schema
            .events
            .iter()
            .filter_map(|event| {
                Some(Event {
                    name: &event.name,
                    data: or_empty(event.arguments),
                    facts: lowering.facts(
                        event.condition.as_ref(),
                        &event.features,
                        Some(event.span),
                    )?,
                })
            })
            .collect();
        Self::new(commands, events, types, empty, false)
    }
}

struct Lowering<'s, 'o> {
    schema: &'s Schema,
    symbols: &'o Symbols,
    /// Per type: the members that it declares itself.
    own: Vec<Vec<Rc<Member<'s>>>>,
    /// Stands after the types of the schema.
    empty: TypeIx,
}

/// Its condition never holds.
struct Excluded;

impl<'s> Lowering<'s, '_> {
    /// Returns the condition as far as it is open.
    fn condition(&self, condition: Option<&Condition>) -> Result<Option<Condition>, Excluded> {
        match condition.map(|condition| self.symbols.decide(condition)) {
            None | Some(Decided::Always(true)) => Ok(None),
            Some(Decided::Open(condition)) => Ok(Some(condition)),
            Some(Decided::Always(false)) => Err(Excluded),
        }
    }

    fn facts(
        &self,
        condition: Option<&Condition>,
        features: &'s [ir::Feature],
        span: Option<Span>,
    ) -> Option<Facts<'s>> {
        Some(Facts {
            condition: self.condition(condition).ok()?,
            features: self.features(features),
            span,
        })
    }

    fn features(&self, features: &'s [ir::Feature]) -> Vec<Feature<'s>> {
        features
            .iter()
            .filter_map(|feature| {
                Some(Feature {
                    name: &feature.name,
                    condition: self.condition(feature.condition.as_ref()).ok()?,
                    span: Some(feature.span),
                })
            })
            .collect()
    }

    fn ty(&self, id: TypeId, ty: &'s ir::TypeDef) -> Type<'s> {
        let shape = match &ty.kind {
            TypeKind::Builtin(builtin) => Shape::of_builtin(*builtin),
            TypeKind::Array(array) => Shape::Array(TypeIx(array.element.0)),
            TypeKind::Enum(enum_) => Shape::Enum(self.values(enum_)),
            TypeKind::Object(object) => Shape::Object(self.object(id, object)),
            TypeKind::Alternate(alternate) => Shape::Alternate(self.alternatives(alternate)),
        };
        let named = !ty.implicit
            && ty.span.is_some()
            && matches!(
                ty.kind,
                TypeKind::Enum(_) | TypeKind::Object(_) | TypeKind::Alternate(_)
            );
        Type {
            name: named.then_some(ty.name.as_str()),
            shape,
            features: self.features(&ty.features),
            // The condition of an array's first use says nothing about other uses.
            span: ty.span.filter(|_| !matches!(ty.kind, TypeKind::Array(_))),
        }
    }

    fn values(&self, enum_: &'s ir::Enum) -> Vec<Value<'s>> {
        enum_
            .values
            .iter()
            .filter_map(|value| {
                Some(Value {
                    name: &value.name,
                    facts: self.facts(value.condition.as_ref(), &value.features, value.span)?,
                })
            })
            .collect()
    }

    fn own_members(&self, ty: &'s ir::TypeDef) -> Vec<Rc<Member<'s>>> {
        let TypeKind::Object(object) = &ty.kind else {
            return Vec::new();
        };
        let members = object.members.iter();
        members
            .filter_map(|member| {
                let span = Some(member.span);
                Some(Rc::new(Member {
                    name: &member.name,
                    ty: TypeIx(member.ty.0),
                    optional: member.optional,
                    facts: self.facts(member.condition.as_ref(), &member.features, span)?,
                }))
            })
            .collect()
    }

    fn object(&self, id: TypeId, object: &'s ir::Object) -> Object<'s> {
        let mut chain = vec![id];
        let mut base = object.base;
        while let Some(id) = base {
            chain.push(id);
            base = match &self.schema.ty(id).kind {
                TypeKind::Object(object) => object.base,
                _ => None,
            };
        }
        let members = chain.into_iter().rev();
        Object {
            members: members
                .flat_map(|id| self.own[id.index()].iter().cloned())
                .collect(),
            union_: object.union_.as_ref().map(|union| self.union_(union)),
        }
    }

    /// One branch for each value of the discriminator that can be there.
    fn union_(&self, union: &'s ir::Union) -> Union<'s> {
        let TypeKind::Enum(tag) = &self.schema.ty(union.tag).kind else {
            // The checks ensure that a discriminator is an enumeration.
            return Union {
                tag: &union.discriminator,
                branches: Vec::new(),
            };
        };
        let by_value: HashMap<_, _> = union
            .branches
            .iter()
            .map(|branch| (branch.name.as_str(), branch))
            .collect();
        let branches = tag
            .values
            .iter()
            .filter_map(|value| {
                let explicit = by_value.get(value.name.as_str()).copied();
                self.branch(value, explicit)
            })
            .collect();
        Union {
            tag: &union.discriminator,
            branches,
        }
    }

    /// Returns the branch of a value. It exists whenever the value does; where its own condition does not hold, it is
    /// empty.
    fn branch(
        &self,
        value: &'s ir::EnumValue,
        branch: Option<&'s ir::Branch>,
    ) -> Option<Branch<'s>> {
        let span = branch.and_then(|branch| branch.span).or(value.span);
        let facts = self.facts(value.condition.as_ref(), &value.features, span)?;
        let content = branch.map(|branch| (branch, self.condition(branch.condition.as_ref())));
        let (ty, content) = match content {
            Some((branch, Ok(content))) => (TypeIx(branch.ty.0), content),
            _ => (self.empty, None),
        };
        Some(Branch {
            value: &value.name,
            ty,
            facts,
            content,
        })
    }

    fn alternatives(&self, alternate: &'s ir::Alternate) -> Vec<Alternative<'s>> {
        alternate
            .alternatives
            .iter()
            .filter_map(|alternative| {
                Some(Alternative {
                    kind: kind(self.schema, alternative.ty)?,
                    ty: TypeIx(alternative.ty.0),
                    facts: self.facts(
                        alternative.condition.as_ref(),
                        &[],
                        Some(alternative.span),
                    )?,
                })
            })
            .collect()
    }
}

/// Returns the JSON kind that chooses this alternative; none for types that cannot be one.
fn kind(schema: &Schema, ty: TypeId) -> Option<Kind> {
    match &schema.ty(ty).kind {
        TypeKind::Builtin(builtin) => Shape::of_builtin(*builtin).kind(),
        TypeKind::Array(_) => Some(Kind::Array),
        TypeKind::Enum(_) => Some(Kind::String),
        TypeKind::Object(_) => Some(Kind::Object),
        TypeKind::Alternate(_) => None,
    }
}
