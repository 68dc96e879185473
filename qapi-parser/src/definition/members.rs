//! Members of structs, union bases and argument objects (docs/reference/language.md §2.4).

use super::keys::Form;
use super::model::{RawMember, TypeRef};
use super::name_judgement::Relaxed;
use super::reader::{DefinitionReader, get};
use crate::diag::Code;
use crate::ir::Feature;
use crate::name_rules;
use crate::source::Span;
use crate::subject::Subject;
use crate::suggest;
use crate::syntax::{self, ObjectValue, SpannedCondition, Value};

pub(super) const MEMBER: Form = Form {
    required: &["type"],
    optional: &["if", "features"],
};

/// The purpose of a list of members.
#[derive(Debug, Clone, Copy)]
pub(super) struct MemberListRole<'a> {
    /// The key that holds the list.
    pub key: &'static str,
    /// The noun for one of them.
    pub word: &'static str,
    /// The pragma that relaxes the rules for their names.
    pub relaxed: Relaxed<'a>,
    /// The prefix of the names of inline structs, in parts.
    pub owner: [&'a str; 3],
}

impl<'t> DefinitionReader<'_, 't> {
    /// Returns all members of `object`, each of them judged.
    pub(super) fn members(
        &mut self,
        object: &'t ObjectValue,
        role: MemberListRole<'_>,
    ) -> Vec<RawMember<'t>> {
        let mut members = Vec::with_capacity(object.members.len());
        for member in &object.members {
            if !matches!(member.value, Value::Null(_)) {
                members.push(self.member(member, role));
            }
        }
        members
    }

    fn member(&mut self, member: &'t syntax::KeyValue, role: MemberListRole<'_>) -> RawMember<'t> {
        let key = &member.key;
        let (name, optional) = match key.value.strip_prefix('*') {
            Some(name) => (name, true),
            None => (key.value.as_str(), false),
        };
        self.judge(name, key.span, role.word, role.relaxed, name_rules::member);
        let (ty, condition, features) = match &member.value {
            Value::Object(object) if self.is_inline(object) => (
                Some(self.inline_struct(object, key, name, role)),
                None,
                Vec::new(),
            ),
            Value::Object(object) => {
                self.longhand(object, key.span, Subject::named(role.word, &key.value))
            }
            value => {
                let ty = self.shorthand(value, &key.value, role);
                (ty, None, Vec::new())
            }
        };
        RawMember {
            name: name.to_owned(),
            span: key.span,
            optional,
            ty,
            condition,
            features,
        }
    }

    /// Reads a member in short form, the common case, without making a subject for messages.
    fn shorthand(
        &mut self,
        value: &'t Value,
        key: &str,
        role: MemberListRole<'_>,
    ) -> Option<TypeRef<'t>> {
        match value {
            Value::String(_) => self.type_or_array(value, Subject::plain("")),
            value => self.type_or_array(value, Subject::named(role.word, key)),
        }
    }

    fn longhand(
        &mut self,
        object: &'t ObjectValue,
        key: Span,
        subject: Subject<'_>,
    ) -> (Option<TypeRef<'t>>, Option<SpannedCondition>, Vec<Feature>) {
        if object.get("type").is_none() && !object.members.is_empty() {
            self.nested_struct(object, subject, key);
        } else {
            self.keys(object, MEMBER, subject, key);
        }
        let condition = self.condition_of(object, subject);
        let features = self.features_of(object, subject);
        let ty = get(object, "type").and_then(|ty| self.type_or_array(ty, subject));
        (ty, condition, features)
    }

    /// Reports an object without the key `type`: a struct in the place of a type's name, or a misspelt key.
    fn nested_struct(&mut self, object: &'t ObjectValue, subject: Subject<'_>, key: Span) {
        let is_key = |name: &str| {
            let known = MEMBER.required.iter().chain(MEMBER.optional).copied();
            suggest::closest(name, known).is_some() || MEMBER.optional.contains(&name)
        };
        if object
            .members
            .iter()
            .any(|member| is_key(&member.key.value))
        {
            self.keys(object, MEMBER, subject, key);
            return;
        }
        let message = format!("{subject} lacks the required key `type`");
        let error = self
            .context
            .error(Code::KEY_MISSING, key, message)
            .label(object.span, "a struct cannot be written here")
            .help("define a struct with these members, and name it here");
        self.out.report(error);
    }

    /// Returns the members of an object that a key holds, or a report that it is none.
    pub(super) fn member_object(
        &mut self,
        value: &'t Value,
        role: MemberListRole<'_>,
    ) -> Option<Vec<RawMember<'t>>> {
        if let Value::Object(object) = value {
            return Some(self.members(object, role));
        }
        let message = format!(
            "`{}` of {} `{}` must be an object of members, found {}",
            role.key,
            self.context.meta.as_str(),
            self.context.name,
            super::reader::kind_of(value)
        );
        self.error(Code::TYPE_OBJ_OR_NAME, value.span(), message);
        self.complete = false;
        None
    }
}
