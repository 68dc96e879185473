//! Unions (docs/reference/language.md §2.4).

use super::keys::Form;
use super::members::MemberListRole;
use super::model::{Body, Discriminator, RawUnion, UnionBase, Variant};
use super::name_judgement::Relaxed;
use super::reader::{DefinitionReader, get, kind_of};
use crate::diag::Code;
use crate::subject::Subject;
use crate::syntax::{self, ObjectValue, Value};

pub(super) const FORM: Form = Form {
    required: &["union", "base", "discriminator", "data"],
    optional: &["if", "features"],
};

pub(super) const BRANCH: Form = Form {
    required: &["type"],
    optional: &["if"],
};

impl<'t> DefinitionReader<'_, 't> {
    pub(super) fn union_(&mut self, object: &'t ObjectValue) -> Body<'t> {
        if self.tolerant()
            && let Some(body) = self.opt_old_union(object)
        {
            return body;
        }
        if !self.keys(object, FORM, self.subject(), self.context.name_span) {
            self.complete = false;
        }
        let base = get(object, "base").map_or(UnionBase::Broken, |base| self.union_base(base));
        if matches!(base, UnionBase::Broken) {
            self.complete = false;
        }
        let discriminator =
            get(object, "discriminator").and_then(|value| self.discriminator(value));
        let branches = match get(object, "data") {
            None => Vec::new(),
            Some(Value::Object(data)) => {
                let mut branches = Vec::with_capacity(data.members.len());
                for member in &data.members {
                    if !matches!(member.value, Value::Null(_)) {
                        branches.push(self.branch(member));
                    }
                }
                branches
            }
            Some(other) => {
                let message = format!(
                    "`data` of a union must be an object, found {}",
                    kind_of(other)
                );
                self.error(Code::DATA_OBJECT, other.span(), message);
                self.complete = false;
                Vec::new()
            }
        };
        Body::Union(RawUnion {
            base,
            discriminator,
            branches,
        })
    }

    fn union_base(&mut self, base: &'t Value) -> UnionBase<'t> {
        match base {
            Value::String(_) => self
                .type_name(base, Subject::plain("`base`"))
                .map_or(UnionBase::Broken, UnionBase::Named),
            Value::Object(object) => {
                let role = MemberListRole {
                    key: "base",
                    word: "base member",
                    relaxed: Relaxed::Members(self.context.name),
                    owner: ["q_obj_", self.context.name, "-base"],
                };
                UnionBase::Members {
                    extends: None,
                    members: self.members(object, role),
                }
            }
            other => {
                let message = format!(
                    "`base` of a union must be an object of members or the name of a type, found {}",
                    kind_of(other)
                );
                self.error(Code::TYPE_OBJ_OR_NAME, other.span(), message);
                UnionBase::Broken
            }
        }
    }

    fn discriminator(&mut self, value: &'t Value) -> Option<Discriminator<'t>> {
        if let Value::String(name) = value {
            return Some(Discriminator {
                name: &name.value,
                span: name.span,
            });
        }
        let message = format!(
            "`discriminator` must be the name of a base member, found {}",
            kind_of(value)
        );
        self.error(Code::NAME_NOT_STRING, value.span(), message);
        None
    }

    fn branch(&mut self, member: &'t syntax::KeyValue) -> Variant<'t> {
        let key = &member.key;
        let (ty, condition) = match &member.value {
            Value::Object(object) => {
                let subject = Subject::named("branch", &key.value);
                self.keys(object, BRANCH, subject, key.span);
                let condition = self.condition_of(object, subject);
                let ty = get(object, "type").and_then(|ty| self.type_name(ty, subject));
                (ty, condition)
            }
            value @ Value::String(_) => (self.type_name(value, Subject::plain("")), None),
            value => (
                self.type_name(value, Subject::named("branch", &key.value)),
                None,
            ),
        };
        Variant {
            name: key.value.as_str().to_owned(),
            span: key.span,
            ty,
            condition,
        }
    }
}
