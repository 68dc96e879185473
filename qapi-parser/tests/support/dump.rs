//! A schema as text in the form that the reference front end is tested with (docs/reference/language.md §13):
//! whatever the IR lacks, this cannot be written.

use std::fmt::Write;

use qapi_parser::ir::{
    Condition, Doc, Entity, Feature, Schema, SectionKind, SectionRef, TypeDef, TypeId, TypeKind,
};

/// The whole dump.
pub(crate) fn dump(schema: &Schema) -> String {
    let mut out = String::new();
    for module in &schema.modules {
        line(&mut out, 0, &format!("module {}", module.name));
        for entity in &module.entities {
            match entity {
                Entity::Include(id) => {
                    let target = schema.includes[id.index()].target;
                    line(
                        &mut out,
                        0,
                        &format!("include {}", schema.module(target).name),
                    );
                }
                Entity::Type(id) => ty(&mut out, schema, *id),
                Entity::Command(id) => command(&mut out, schema, schema.command(*id)),
                Entity::Event(id) => {
                    let event = schema.event(*id);
                    let arguments = name(schema, event.arguments);
                    line(&mut out, 0, &format!("event {} {arguments}", event.name));
                    line(&mut out, 4, &format!("boxed={}", truth(event.boxed)));
                    tail(&mut out, 4, event.condition.as_ref(), &event.features);
                }
            }
        }
    }
    for doc in &schema.docs {
        doc_(&mut out, doc);
    }
    out
}

fn line(out: &mut String, depth: usize, text: &str) {
    writeln!(out, "{:depth$}{text}", "").expect("writing to a string cannot fail");
}

fn truth(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

fn name(schema: &Schema, id: Option<TypeId>) -> &str {
    id.map_or("None", |id| &schema.ty(id).name)
}

fn command(out: &mut String, schema: &Schema, command: &qapi_parser::ir::Command) {
    let arguments = name(schema, command.arguments);
    let returns = name(schema, command.returns);
    line(
        out,
        0,
        &format!("command {} {arguments} -> {returns}", command.name),
    );
    let coroutine = if command.coroutine {
        " coroutine=True"
    } else {
        ""
    };
    let flags = format!(
        "gen={} success_response={} boxed={} oob={} preconfig={}{coroutine}",
        truth(command.gen_),
        truth(command.success_response),
        truth(command.boxed),
        truth(command.allow_oob),
        truth(command.allow_preconfig)
    );
    line(out, 4, &flags);
    tail(out, 4, command.condition.as_ref(), &command.features);
}

fn ty(out: &mut String, schema: &Schema, id: TypeId) {
    let ty = schema.ty(id);
    match &ty.kind {
        TypeKind::Builtin(_) => return,
        TypeKind::Array(array) => {
            let element = schema.ty(array.element);
            if matches!(element.kind, TypeKind::Builtin(_)) {
                return;
            }
            line(out, 0, &format!("array {} {}", ty.name, element.name));
        }
        TypeKind::Enum(enum_) => {
            line(out, 0, &format!("enum {}", ty.name));
            if let Some(prefix) = &enum_.prefix {
                line(out, 4, &format!("prefix {prefix}"));
            }
            for value in &enum_.values {
                line(out, 4, &format!("member {}", value.name));
                tail(out, 8, value.condition.as_ref(), &value.features);
            }
        }
        TypeKind::Object(object) => self::object(out, schema, ty, object),
        TypeKind::Alternate(alternate) => {
            line(out, 0, &format!("alternate {}", ty.name));
            line(out, 4, "tag type");
            for alternative in &alternate.alternatives {
                let target = &schema.ty(alternative.ty).name;
                line(out, 4, &format!("case {}: {target}", alternative.name));
                tail(out, 8, alternative.condition.as_ref(), &[]);
            }
        }
    }
    tail(out, 4, ty.condition.as_ref(), &ty.features);
}

fn object(out: &mut String, schema: &Schema, ty: &TypeDef, object: &qapi_parser::ir::Object) {
    line(out, 0, &format!("object {}", ty.name));
    if object.base.is_some() {
        line(out, 4, &format!("base {}", name(schema, object.base)));
    }
    for member in &object.members {
        let target = &schema.ty(member.ty).name;
        let optional = truth(member.optional);
        line(
            out,
            4,
            &format!("member {}: {target} optional={optional}", member.name),
        );
        tail(out, 8, member.condition.as_ref(), &member.features);
    }
    if let Some(union_) = &object.union_ {
        line(out, 4, &format!("tag {}", union_.discriminator));
        for branch in &union_.branches {
            let target = &schema.ty(branch.ty).name;
            line(out, 4, &format!("case {}: {target}", branch.name));
            tail(out, 8, branch.condition.as_ref(), &[]);
        }
    }
}

fn tail(out: &mut String, depth: usize, condition: Option<&Condition>, features: &[Feature]) {
    match condition {
        None => {}
        Some(Condition::Defined(symbol)) => line(out, depth, &format!("if {symbol}")),
        Some(condition) => line(out, depth, &format!("if {}", nested(condition))),
    }
    for feature in features {
        line(out, depth, &format!("feature {}", feature.name));
        tail(out, depth + 4, feature.condition.as_ref(), &[]);
    }
}

fn nested(condition: &Condition) -> String {
    let list = |parts: &[Condition]| parts.iter().map(nested).collect::<Vec<_>>().join(", ");
    match condition {
        Condition::Defined(symbol) => format!("'{symbol}'"),
        Condition::All(parts) => format!("{{'all': [{}]}}", list(parts)),
        Condition::Any(parts) => format!("{{'any': [{}]}}", list(parts)),
        Condition::Not(part) => format!("{{'not': {}}}", nested(part)),
    }
}

fn doc_(out: &mut String, doc: &Doc) {
    match &doc.symbol {
        Some(symbol) => line(out, 0, &format!("doc symbol={symbol}")),
        None => line(out, 0, "doc freeform"),
    }
    line(out, 4, "body=");
    line(out, 0, &doc.body.text);
    for member in &doc.members {
        line(out, 4, &format!("arg={}", member.name));
        line(out, 0, &member.text);
    }
    for feature in &doc.features {
        line(out, 4, &format!("feature={}", feature.name));
        line(out, 0, &feature.text);
    }
    for part in &doc.order {
        let SectionRef::Section(index) = part else {
            continue;
        };
        let section = &doc.sections[*index];
        let kind = match section.kind {
            SectionKind::Plain => "Plain",
            SectionKind::Returns => "Returns",
            SectionKind::Errors => "Errors",
            SectionKind::Since => "Since",
            SectionKind::Todo => "Todo",
        };
        line(out, 4, &format!("section={kind}"));
        line(out, 0, &section.text);
    }
}
