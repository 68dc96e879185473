//! Old forms of unions: simple and anonymous ones (docs/reference/language.md §10.2 rows 10, 11, 14 and §10.3).

use std::borrow::Cow;

use super::keys::Form;
use super::model::{
    Body, Definition, DefinitionOrigin, Discriminator, RawMember, RawUnion, Reference, TypeRef,
    UnionBase, Variant,
};
use super::reader::{DefinitionReader, get};
use crate::diag::Code;
use crate::ir::EnumValue;
use crate::subject::Subject;
use crate::syntax::{self, ObjectValue, Value};

const SIMPLE: Form = Form {
    required: &["union", "data"],
    optional: &["base", "if", "features"],
};

const ANONYMOUS: Form = Form {
    required: &["union", "data", "discriminator"],
    optional: &["base", "if", "features"],
};

impl<'t> DefinitionReader<'_, 't> {
    /// Returns the body of a union in one of the old forms; none if it is in the current form.
    pub(super) fn opt_old_union(&mut self, object: &'t ObjectValue) -> Option<Body<'t>> {
        let data = get(object, "data")?;
        match get(object, "discriminator") {
            Some(Value::Object(discriminator)) if discriminator.members.is_empty() => {
                self.warn(
                    Code::OLD_ANON_UNION,
                    discriminator.span,
                    format!(
                        "union `{}` is what is now called an alternate",
                        self.context.name
                    ),
                );
                self.keys(object, ANONYMOUS, self.subject(), self.context.name_span);
                let alternatives = self.alternatives(data);
                Some(Body::Alternate { alternatives })
            }
            Some(_) => None,
            None => match data {
                Value::Object(branches) if may_be_simple(object) => {
                    Some(self.simple_union(object, branches))
                }
                _ => None,
            },
        }
    }

    fn simple_union(&mut self, object: &'t ObjectValue, data: &'t ObjectValue) -> Body<'t> {
        let name = self.context.name;
        self.keys(object, SIMPLE, self.subject(), self.context.name_span);
        let extends = match self.optional_name(get(object, "base"), Subject::plain("`base`")) {
            Reference::Named(ty) => {
                self.warn(
                    Code::OLD_UNION_BASE,
                    ty.span,
                    format!("union `{name}` has a base but no discriminator"),
                );
                Some(ty)
            }
            Reference::None | Reference::Broken => {
                self.warn(
                    Code::OLD_SIMPLE_UNION,
                    self.context.name_span,
                    format!("union `{name}` has no discriminator: its branches are values of a member `data`"),
                );
                None
            }
        };
        let branches = data
            .members
            .iter()
            .filter(|member| !matches!(member.value, Value::Null(_)))
            .map(|member| self.simple_branch(member))
            .collect::<Vec<_>>();
        let kind = format!("{name}Kind");
        self.kind_enum(kind.clone(), &branches);
        let tag = RawMember {
            name: "type".to_owned(),
            span: self.context.name_span,
            optional: false,
            ty: Some(TypeRef {
                name: Cow::Owned(kind),
                array: false,
                span: self.context.name_span,
            }),
            condition: None,
            features: Vec::new(),
        };
        Body::Union(RawUnion {
            base: UnionBase::Members {
                extends,
                members: vec![tag],
            },
            discriminator: Some(Discriminator {
                name: "type",
                span: self.context.name_span,
            }),
            branches,
        })
    }

    /// Returns a branch of any type, wrapped in an object with the one member `data`.
    fn simple_branch(&mut self, member: &'t syntax::KeyValue) -> Variant<'t> {
        let key = &member.key;
        let subject = Subject::named("branch", &key.value);
        let (ty, condition) = match &member.value {
            Value::Object(object) if self.is_inline(object) => {
                let name = format!("q_obj_{}.{}", self.context.name, key.value);
                let role = super::members::MemberListRole {
                    key: "data",
                    word: "member",
                    relaxed: super::name_judgement::Relaxed::Members(self.context.name),
                    owner: [&name, "", ""],
                };
                self.warn(
                    Code::OLD_INLINE_STRUCT,
                    object.span,
                    format!("the type of {subject} is defined inline; today it needs a struct with a name"),
                );
                (
                    Some(self.implied_struct(object, name.clone(), key.span, role)),
                    None,
                )
            }
            _ => self.any_type(member, subject),
        };
        Variant {
            name: key.value.as_str().to_owned(),
            span: key.span,
            ty: ty.map(|ty| self.wrapper(ty)),
            condition,
        }
    }

    fn wrapper(&mut self, ty: TypeRef<'t>) -> TypeRef<'t> {
        let suffix = if ty.array { "List" } else { "" };
        let name = format!("q_obj_{}{suffix}-wrapper", ty.name);
        let span = ty.span;
        let data = RawMember {
            name: "data".to_owned(),
            span,
            optional: false,
            ty: Some(ty),
            condition: None,
            features: Vec::new(),
        };
        self.imply(
            name.clone(),
            Body::Struct {
                base: Reference::None,
                members: vec![data],
            },
            DefinitionOrigin::Wrapper,
        );
        TypeRef {
            name: Cow::Owned(name),
            array: false,
            span,
        }
    }

    fn kind_enum(&mut self, name: String, branches: &[Variant<'t>]) {
        let values = branches
            .iter()
            .map(|branch| EnumValue {
                name: branch.name.clone(),
                condition: branch
                    .condition
                    .as_ref()
                    .map(|spanned| spanned.condition.clone()),
                features: Vec::new(),
                span: Some(branch.span),
            })
            .collect();
        self.imply(
            name,
            Body::Enum {
                prefix: None,
                values,
            },
            DefinitionOrigin::Implied,
        );
    }

    /// Adds an implied definition.
    fn imply(&mut self, name: String, body: Body<'t>, origin: DefinitionOrigin) {
        self.implied.push(Definition {
            context: self.context,
            name: Cow::Owned(name),
            origin,
            complete: true,
            features_complete: true,
            condition: None,
            features: Vec::new(),
            body,
        });
    }
}

/// Returns true if the union may be a simple one: bases that are objects came after simple unions had lost theirs.
fn may_be_simple(object: &ObjectValue) -> bool {
    get(object, "base").is_none_or(|base| matches!(base, Value::String(_)))
}
