//! Commands and events.

use qapi_parser::diag::Meta;
use qapi_parser::ir::{self, TypeId};

use super::bodies::{is_empty_object, reference};
use super::build::{Owner, PlanBuilder, deprecation, struct_derives};
use super::items::{Arguments, Command, Derives, Event, ItemHead, Ty};
use crate::rust_names;
use crate::selector::Subject;

impl PlanBuilder<'_> {
    pub(super) fn command(&self, command: &ir::Command) -> Command {
        let source = self.source_name(&command.name, &command.name);
        let name = rust_names::item_name(source);
        let owner = self.owner(&command.name, Some(Meta::Command), command.doc);
        let mut arguments = self.arguments(&owner, command.arguments, command.boxed);
        if let (false, Arguments::Fields { extra, .. }) = (command.gen_, &mut arguments) {
            *extra = Some("extra".to_owned());
        }
        let condition = command.condition.as_ref();
        let remark = self.policy.remark(condition);
        let features = self.features(&command.features);
        if let Some(id) = self.own_type(command, &name, &features) {
            arguments = Arguments::Own(id);
        }
        self.check_arguments(&owner, &arguments);
        Command {
            method: rust_names::snake_case(source),
            head: ItemHead {
                doc: self.definition_doc(command.doc, "command", &command.name, &name, remark),
                span: Some(command.span),
                wire: command.name.clone(),
                name,
                cfg: self.policy.cfg(condition),
                deprecated: deprecation(&features, owner.deprecation),
                features,
                derives: argument_derives(&arguments),
                extras: self.extras(Subject::definition(&command.name)),
            },
            arguments,
            revisions: self.revisions(&command.name),
            returns: command
                .returns
                .map(|id| reference(self.schema, id))
                .filter(|ty| *ty != Ty::Empty)
                .map(|ty| self.with_bytes(Subject::definition(&command.name), ty)),
            success_response: command.success_response,
            allow_oob: command.allow_oob,
            allow_preconfig: command.allow_preconfig,
        }
    }

    pub(super) fn event(&self, event: &ir::Event) -> Event {
        let name = rust_names::item_name(self.source_name(&event.name, &event.name));
        let owner = self.owner(&event.name, Some(Meta::Event), event.doc);
        let arguments = self.arguments(&owner, event.arguments, event.boxed);
        self.check_arguments(&owner, &arguments);
        let condition = event.condition.as_ref();
        let remark = self.policy.remark(condition);
        let features = self.features(&event.features);
        Event {
            head: ItemHead {
                doc: self.definition_doc(event.doc, "event", &event.name, &name, remark),
                span: Some(event.span),
                wire: event.name.clone(),
                name,
                cfg: self.policy.cfg(condition),
                deprecated: deprecation(&features, owner.deprecation),
                features,
                derives: argument_derives(&arguments),
                extras: self.extras(Subject::definition(&event.name)),
            },
            arguments,
            revisions: self.revisions(&event.name),
        }
    }

    fn arguments(&self, owner: &Owner<'_>, id: Option<TypeId>, boxed: bool) -> Arguments {
        match id {
            None => Arguments::None,
            Some(id) if is_empty_object(self.schema, id) => Arguments::None,
            Some(id) if boxed || self.is_union(id) => Arguments::Whole(id),
            Some(id) => Arguments::Fields {
                fields: self.fields(id, owner),
                extra: None,
            },
        }
    }
}

impl PlanBuilder<'_> {
    /// Returns the type that a command can share its name with, as it has its members: then programs do not have two
    /// items with the same name.
    fn own_type(&self, command: &ir::Command, name: &str, features: &[String]) -> Option<TypeId> {
        let id = command.arguments.filter(|_| command.gen_)?;
        let ty = self.schema.ty(id);
        let is_ours =
            !ty.implicit && ty.span.is_some() && self.analysis.externs[id.index()].is_none();
        // Both would be the constant `FEATURES`.
        let has_room = features.is_empty() || self.features(&ty.features).is_empty();
        let is_same = rust_names::type_name(self.source_name(&ty.name, &ty.name)) == name;
        (is_ours && has_room && is_same).then_some(id)
    }
}

fn argument_derives(arguments: &Arguments) -> Derives {
    match arguments {
        Arguments::None => struct_derives(&[]),
        Arguments::Whole(_) | Arguments::Own(_) => Derives::default(),
        Arguments::Fields { fields, .. } => struct_derives(fields),
    }
}
