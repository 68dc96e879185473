//! Alternates: the JSON kinds of their alternatives (docs/reference/language.md §6.7).

use super::c_name_clash;
use super::checker::Checker;
use crate::declare::{Declaration, DeclarationKind, Id};
use crate::definition::{Context, Variant};
use crate::diag::Code;
use crate::ir::Builtin;
use crate::subject::Subject;

/// Kinds of JSON values, as indices of a table.
const KINDS: [&str; 6] = [
    "a string",
    "a number",
    "a boolean",
    "null",
    "an array",
    "an object",
];
const STRING: usize = 0;
const NUMBER: usize = 1;
const BOOL: usize = 2;
const NULL: usize = 3;
const ARRAY: usize = 4;
const OBJECT: usize = 5;

impl<'c, 't> Checker<'c, 't> {
    pub(super) fn alternate(
        &mut self,
        id: Id,
        entity: &'c Declaration<'t>,
        context: &Context<'_>,
        alternatives: &'c [Variant<'t>],
    ) {
        self.type_features(context, &entity.features);
        let mut types = Vec::with_capacity(alternatives.len());
        for alternative in alternatives {
            let user = Subject::named("alternative", &alternative.name);
            let ty = alternative
                .ty
                .as_ref()
                .and_then(|ty| self.resolve_defined(ty, context, user));
            types.push(ty);
        }
        let names = alternatives.iter().map(|alternative| &*alternative.name);
        let mut clashes = c_name_clash::duplicates(names).into_iter().peekable();
        let mut taken: [Option<usize>; KINDS.len()] = [None; KINDS.len()];
        for (index, alternative) in alternatives.iter().enumerate() {
            if let Some((_, earlier)) = clashes.next_if(|(clashing, _)| *clashing == index) {
                let first = &alternatives[earlier];
                let message = format!(
                    "alternative `{}` clashes with alternative `{}`",
                    alternative.name, first.name
                );
                self.out.report(
                    context
                        .error(Code::CLASH, alternative.span, message)
                        .label(first.span, "the first one"),
                );
            }
            if let Some(ty) = types[index] {
                self.kinds(context, alternatives, (index, ty), &mut taken);
            }
        }
        self.facts[id].members = types;
    }

    /// Takes the kinds of one alternative, or reports that it cannot have them.
    fn kinds(
        &mut self,
        context: &Context<'_>,
        alternatives: &[Variant<'_>],
        (index, ty): (usize, Id),
        taken: &mut [Option<usize>; KINDS.len()],
    ) {
        let alternative = &alternatives[index];
        let kinds = self.kinds_of(ty);
        if kinds.is_empty() {
            let message = format!(
                "alternative `{}` cannot be {}",
                alternative.name,
                match self.kind(ty) {
                    DeclarationKind::Builtin(_) => "of type `any`",
                    other => other.describe(),
                }
            );
            let span = alternative
                .ty
                .as_ref()
                .map_or(alternative.span, |ty| ty.span);
            let error = context
                .error(Code::BRANCH_TYPE, span, message)
                .help("alternatives are distinguished by the kind of their JSON value");
            self.out.report(error);
            return;
        }
        let rival = kinds.iter().find_map(|kind| Some((*kind, taken[*kind]?)));
        if let Some((kind, rival)) = rival {
            let first = &alternatives[rival];
            let message = format!(
                "alternative `{}` cannot be told apart from `{}`: both can be {}",
                alternative.name, first.name, KINDS[kind]
            );
            let mut error = context
                .error(Code::ALT_AMBIG, alternative.span, message)
                .label(first.span, "the other one");
            let text = kinds.contains(&STRING) || taken[STRING] == Some(rival);
            if kind != STRING && text {
                error = error.note(
                    "strings may stand for numbers and booleans, too, except an enum without such values",
                );
            }
            self.out.report(error);
            return;
        }
        for kind in kinds {
            taken[kind] = Some(index);
        }
    }

    /// Returns the kinds of JSON value that a type takes; none for one that no alternative can have.
    fn kinds_of(&self, ty: Id) -> Vec<usize> {
        match self.kind(ty) {
            DeclarationKind::Builtin(Builtin::Str) => vec![STRING, NUMBER, BOOL],
            DeclarationKind::Builtin(Builtin::Bool) => vec![BOOL],
            DeclarationKind::Builtin(Builtin::Null) => vec![NULL],
            DeclarationKind::Builtin(Builtin::Any) => Vec::new(),
            DeclarationKind::Builtin(_) => vec![NUMBER],
            DeclarationKind::Enum { values, .. } => {
                let mut kinds = vec![STRING];
                let numeric = |name: &str| {
                    name.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'))
                };
                if values.iter().any(|value| numeric(&value.name)) {
                    kinds.push(NUMBER);
                }
                if values
                    .iter()
                    .any(|value| value.name == "on" || value.name == "off")
                {
                    kinds.push(BOOL);
                }
                kinds
            }
            DeclarationKind::Array { .. } => vec![ARRAY],
            DeclarationKind::Object { .. } => vec![OBJECT],
            _ => Vec::new(),
        }
    }
}
