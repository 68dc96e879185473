//! Spells types for readers: arrays in brackets, predefined types in the words of JSON.

use qapi_parser::ir::{Builtin, Schema, TypeId, TypeKind};

use super::tree::is_inline;

/// A piece of a type as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Piece<'s> {
    /// Punctuation, and names of inline members.
    Plain(&'s str),
    /// A predefined type.
    Builtin(Builtin),
    /// A type with a definition.
    Defined(&'s str),
}

/// Returns the type in pieces.
pub fn type_pieces(schema: &Schema, id: TypeId) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    add(schema, id, &mut out);
    out
}

fn add<'s>(schema: &'s Schema, id: TypeId, out: &mut Vec<Piece<'s>>) {
    let ty = schema.ty(id);
    match &ty.kind {
        TypeKind::Builtin(builtin) => out.push(Piece::Builtin(*builtin)),
        TypeKind::Array(array) => {
            out.push(Piece::Plain("["));
            add(schema, array.element, out);
            out.push(Piece::Plain("]"));
        }
        TypeKind::Object(object) if is_inline(schema, id) => {
            out.push(Piece::Plain("{"));
            for (index, member) in object.members.iter().enumerate() {
                out.push(Piece::Plain(if index == 0 { " " } else { ", " }));
                out.push(Piece::Plain(&member.name));
                out.push(Piece::Plain(if member.optional { "?: " } else { ": " }));
                add(schema, member.ty, out);
            }
            out.push(Piece::Plain(if object.members.is_empty() {
                "}"
            } else {
                " }"
            }));
        }
        _ => out.push(Piece::Defined(&ty.name)),
    }
}

/// Returns the type as text.
pub fn type_text(schema: &Schema, id: TypeId) -> String {
    let pieces = type_pieces(schema, id)
        .into_iter()
        .map(|piece| match piece {
            Piece::Plain(text) | Piece::Defined(text) => text,
            Piece::Builtin(builtin) => builtin_word(builtin),
        });
    pieces.collect()
}

/// Returns the name of a predefined type for readers: as in JSON, but integers by the range that they have.
pub fn builtin_word(builtin: Builtin) -> &'static str {
    match builtin {
        Builtin::Str => "string",
        Builtin::Bool => "boolean",
        Builtin::Any => "any",
        other => other.as_str(),
    }
}

/// Returns the values of a predefined type, in words.
pub fn builtin_range(builtin: Builtin) -> &'static str {
    match builtin {
        Builtin::Str => "a JSON string",
        Builtin::Number => "a JSON number, as precise as a double",
        Builtin::Int | Builtin::Int64 => "a whole number from -2^63 to 2^63 - 1",
        Builtin::Int8 => "a whole number from -128 to 127",
        Builtin::Int16 => "a whole number from -32768 to 32767",
        Builtin::Int32 => "a whole number from -2^31 to 2^31 - 1",
        Builtin::Uint8 => "a whole number from 0 to 255",
        Builtin::Uint16 => "a whole number from 0 to 65535",
        Builtin::Uint32 => "a whole number from 0 to 2^32 - 1",
        Builtin::Uint64 | Builtin::Size => "a whole number from 0 to 2^64 - 1",
        Builtin::Bool => "true or false",
        Builtin::Any => "any JSON value",
        Builtin::Null => "null",
    }
}
