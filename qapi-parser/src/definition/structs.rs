//! Structs (docs/reference/language.md §2.4).

use super::keys::Form;
use super::members::MemberListRole;
use super::model::Body;
use super::name_judgement::Relaxed;
use super::reader::{DefinitionReader, get};
use crate::subject::Subject;
use crate::syntax::ObjectValue;

pub(super) const FORM: Form = Form {
    required: &["struct", "data"],
    optional: &["base", "if", "features"],
};

/// The same before QEMU 2.4.
const OLD_FORM: Form = Form {
    required: &["type", "data"],
    optional: FORM.optional,
};

impl<'t> DefinitionReader<'_, 't> {
    pub(super) fn struct_(&mut self, object: &'t ObjectValue) -> Body<'t> {
        let form = if object.get("struct").is_some() {
            FORM
        } else {
            OLD_FORM
        };
        if !self.keys(object, form, self.subject(), self.context.name_span) {
            self.complete = false;
        }
        let role = MemberListRole {
            key: "data",
            word: "member",
            relaxed: Relaxed::Members(self.context.name),
            owner: ["q_obj_", self.context.name, ""],
        };
        let members = get(object, "data")
            .and_then(|data| self.member_object(data, role))
            .unwrap_or_default();
        let base = self.optional_name(get(object, "base"), Subject::plain("`base`"));
        Body::Struct { base, members }
    }
}
