//! Settings for whole types, which the plan needs from the start.

use qapi_parser::ir::{TypeDef, TypeKind};

use super::bodies::wrapped;
use crate::config::{Config, RustText};
use crate::selector::{Subject, Used};

/// Returns the path of the type that the user has for one of the schema.
pub(super) fn extern_path<'c>(
    config: &'c Config,
    ty: &TypeDef,
    used: &Used<'c>,
) -> Option<&'c str> {
    // Of a wrapper of a branch only the member is used.
    if config.externs.is_empty() || !is_defined(ty) || wrapped(ty).is_some() {
        return None;
    }
    let path = config.externs.best(Subject::definition(&ty.name), used);
    path.map(RustText::as_str)
}

/// Returns the setting that makes an enumeration, union or alternate open or closed, if there is one.
pub(super) fn openness<'c>(config: &'c Config, ty: &TypeDef, used: &Used<'c>) -> Option<bool> {
    let has_openness = match &ty.kind {
        TypeKind::Enum(_) | TypeKind::Alternate(_) => true,
        TypeKind::Object(object) => object.union_.is_some(),
        TypeKind::Builtin(_) | TypeKind::Array(_) => false,
    };
    if !has_openness {
        return None;
    }
    let open = config.openness.best(Subject::definition(&ty.name), used);
    open.copied()
}

/// Written as a definition, other than predefined and made by the compiler.
fn is_defined(ty: &TypeDef) -> bool {
    ty.span.is_some() && !ty.implicit && !matches!(ty.kind, TypeKind::Array(_))
}
