//! Checks for faults that prevent printing: clashing names, settings that select nothing.

use qapi_parser::diag::{Anchor, Code, Diagnostic};
use qapi_parser::ir::TypeId;

use super::build::{Owner, PlanBuilder};
use super::items::{Arguments, Body, Field, ItemHead, Plan};
use super::rust_name_clash::{NameClaim, Scope};

impl PlanBuilder<'_> {
    pub(super) fn check_arguments(&self, owner: &Owner<'_>, arguments: &Arguments) {
        if let Arguments::Fields { fields, extra } = arguments {
            let mut scope = Scope::new();
            if let Some(extra) = extra {
                scope.claim(
                    extra,
                    NameClaim::Own("the field for members that are not in the schema"),
                );
            }
            self.claim_fields(scope, owner, fields.iter().map(|field| &field.head));
        }
    }

    pub(super) fn check_fields(&self, owner: &Owner<'_>, fields: &[Field], tag: Option<&ItemHead>) {
        let heads = fields.iter().map(|field| &field.head).chain(tag);
        self.claim_fields(Scope::new(), owner, heads);
    }

    fn claim_fields<'h>(
        &self,
        mut scope: Scope<'h>,
        owner: &'h Owner<'_>,
        heads: impl Iterator<Item = &'h ItemHead>,
    ) {
        for head in heads {
            scope.claim(&head.name, owner.claim("member", head));
        }
        self.report(scope);
    }

    /// Checks that the variants of an enum differ, also from the one that we add.
    pub(super) fn check_variants<'h>(
        &self,
        owner: &'h Owner<'_>,
        word: &'static str,
        heads: impl Iterator<Item = &'h ItemHead>,
        own: Option<&'static str>,
    ) {
        let mut scope = Scope::new();
        if let Some(own) = own {
            scope.claim("Unlisted", NameClaim::Own(own));
        }
        for head in heads {
            scope.claim(&head.name, owner.claim(word, head));
        }
        self.report(scope);
    }

    /// Names of types, of commands and of events must differ, each among themselves.
    pub(super) fn check_top_level(&self, plan: &Plan) {
        let mut scope = Scope::new();
        for ty in &plan.types {
            scope.claim(&ty.head.name, definition("type", &ty.head));
        }
        for ty in &plan.types {
            if let Body::Union(union_) = &ty.body {
                let claim = definition("the enum for the branches of union", &ty.head);
                scope.claim(&union_.branch_name, claim);
            }
        }
        let of_types = mandatory(
            plan.types
                .iter()
                .map(|ty| (&ty.head, ty.body.mandatory(&ty.head))),
        );
        claim_mandatory(&mut scope, &of_types);
        self.report(scope);
        let mut scope = Scope::new();
        for command in &plan.commands {
            scope.claim(&command.head.name, definition("command", &command.head));
        }
        let commands = plan.commands.iter().map(|it| (&it.head, &it.arguments));
        let of_commands = mandatory(commands.map(|(head, it)| (head, it.mandatory(head))));
        claim_mandatory(&mut scope, &of_commands);
        self.report(scope);
        let mut scope = Scope::new();
        scope.claim("Event", NameClaim::Own("the enum of all events"));
        scope.claim(
            "Unlisted",
            NameClaim::Own("the variant for events that are not in the schema"),
        );
        for event in &plan.events {
            scope.claim(&event.head.name, definition("event", &event.head));
        }
        let events = plan.events.iter().map(|it| (&it.head, &it.arguments));
        let of_events = mandatory(events.map(|(head, it)| (head, it.mandatory(head))));
        claim_mandatory(&mut scope, &of_events);
        self.report(scope);
    }

    /// Checks that the discriminator's enumeration is generated, because its values select the branches.
    pub(super) fn check_tag(&self, owner: &Owner<'_>, tag: TypeId) {
        if self.analysis.externs[tag.index()].is_none() {
            return;
        }
        let name = &self.schema.ty(tag).name;
        let message = format!(
            "`extern_type` selects `{name}`, the discriminator of union `{}`",
            owner.name
        );
        let anchor = match owner.span {
            Some(span) => Anchor::Line(span),
            None => Anchor::File(name.clone()),
        };
        let mut error = Diagnostic::error(Code::GEN_SELECTOR, anchor, message)
            .help("enumerations of discriminators are always generated; leave it out");
        error.entity.clone_from(&owner.entity);
        self.diagnostics.borrow_mut().push(error);
    }

    /// Notes what is wrong in a scope.
    pub(super) fn report(&self, scope: Scope<'_>) {
        self.diagnostics.borrow_mut().extend(scope.finish());
    }

    /// Settings that name what is not there are mistakes.
    pub(super) fn check_settings(&self, plan: &Plan) {
        self.check_selected(&plan.file);
        self.check_symbols(&plan.file);
        let mut diagnostics = self.diagnostics.borrow_mut();
        for (symbol, predicate) in &self.config.predicates {
            let given = format!("for `{symbol}`");
            let error = predicate.check(
                Code::GEN_PREDICATE,
                &plan.file,
                &given,
                "a predicate of `cfg`",
            );
            diagnostics.extend(error.map(|it| it.help("an example is `target_os = \"linux\"`")));
        }
    }
}

/// Returns the structs for mandatory members, each with the item that it is for.
fn mandatory<'h>(
    items: impl Iterator<Item = (&'h ItemHead, Option<String>)>,
) -> Vec<(&'h ItemHead, String)> {
    items
        .filter_map(|(head, name)| Some((head, name?)))
        .collect()
}

fn claim_mandatory<'n>(scope: &mut Scope<'n>, structs: &'n [(&'n ItemHead, String)]) {
    for (head, name) in structs {
        let claim = definition("the struct for the mandatory members of", head);
        scope.claim(name, claim);
    }
}

fn definition<'h>(word: &'static str, head: &'h ItemHead) -> NameClaim<'h> {
    NameClaim::Schema {
        word,
        wire: &head.wire,
        span: head.span,
        owner: None,
        definition: head.span,
        entity: None,
    }
}
