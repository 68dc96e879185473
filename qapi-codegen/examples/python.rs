//! A back end of its own, typed Python from any schema: `cargo run --example python -- SCHEMA OUT_DIR`.
//!
//! Structs become dataclasses, enumerations `Literal`s, unions a dataclass per branch, commands methods of `Client`.

#![expect(clippy::format_push_string, reason = "templates stay in one line")]

use qapi_codegen::documentation::markdown::{Rustdoc, markdown};
use qapi_codegen::naming::{identifier, type_name};
use qapi_codegen::publish::{Marks, publish};
use qapi_codegen::{Backend, Context, Output, OutputError, drive, visit_type};
use qapi_parser::ir::{self, Entity, Member, Schema, TypeId, TypeKind};

const PRELUDE: &str = include_str!("python/prelude.py");
/// Keywords, and names that the generated code needs itself.
const KEYWORDS: &str = "and as assert async await break class continue def del elif else except \
    finally for from global if import in is lambda nonlocal not or pass raise return try while with \
    yield None True False bool float int list str self Any Client Literal Never Null Optional Union";

#[derive(Default)]
struct Python {
    type_names: Vec<String>,
    types: String,
    methods: String,
    events: String,
}

type Done = Result<(), OutputError>;
/// The members on a way through the branches of a type, and the discriminators with their values.
type Way<'s> = (Vec<&'s Member>, Vec<(&'s str, &'s str)>);

fn ways(schema: &Schema, id: TypeId) -> Vec<Way<'_>> {
    let own: Vec<_> = schema.flattened(id).into_iter().map(|it| it.1).collect();
    let Some(union) = schema.union(id) else {
        return vec![(own, Vec::new())];
    };
    let branches = union.branches.iter().flat_map(|branch| {
        let tag = (&*union.discriminator, &*branch.name);
        let further = ways(schema, branch.ty).into_iter();
        further.map(move |(members, tags)| (members, [&[tag], &tags[..]].concat()))
    });
    let ways = branches.map(|way| ([&own[..], &way.0].concat(), way.1));
    ways.collect()
}

/// The language forbids names that are one when `-` and `.` become `_`.
fn name(name: &str) -> String {
    let keywords: Vec<_> = KEYWORDS.split_whitespace().collect();
    identifier(name.replace(['-', '.'], "_"), &keywords)
}

fn docstring(cx: &Context<'_>, entity: Entity, indent: &str) -> String {
    let mut text = Vec::new();
    if let Some(definition) = cx.documentation().of(entity) {
        text.push(markdown(&definition.body, &Rustdoc));
        let members = definition.content.members.iter();
        text.extend(members.map(|it| format!("{}: {}", it.name, markdown(&it.text, &Rustdoc))));
    }
    let mut text = text.join("\n\n").replace('\\', r"\\");
    text = text.replace('"', "\\\"");
    text = text.replace('\n', &format!("\n{indent}"));
    text = text.replace(&format!("{indent}\n"), "\n");
    format!("{indent}\"\"\"{text}\"\"\"\n")
}

impl Python {
    fn ty(&self, schema: &Schema, id: impl Into<Option<TypeId>>) -> String {
        let Some(id) = id.into() else {
            return "None".to_owned();
        };
        let ty = &schema.ty(id).kind;
        match (ty, ty.json_type()) {
            (TypeKind::Array(array), _) => format!("list[{}]", self.ty(schema, array.element)),
            (TypeKind::Builtin(_), "string") => "str".to_owned(),
            (TypeKind::Builtin(_), "boolean") => "bool".to_owned(),
            (TypeKind::Builtin(_), "number") => "float".to_owned(),
            (TypeKind::Builtin(_), "null") => "Null".to_owned(),
            (TypeKind::Builtin(_), "value") => "Any".to_owned(),
            (TypeKind::Builtin(_), _) => "int".to_owned(),
            _ => self.type_names[id.index()].clone(),
        }
    }

    fn alias(&mut self, id: TypeId, generic: &str, arguments: &[String]) {
        let (name, arguments) = (&self.type_names[id.index()], arguments.join(", "));
        self.types += &match &*arguments {
            "" => format!("\n\n{name}: TypeAlias = Never\n"),
            some => format!("\n\n{name}: TypeAlias = \"{generic}[{some}]\"\n"),
        };
    }

    fn class(&mut self, cx: &Context<'_>, class: &str, of: Entity, (members, tags): Way<'_>) {
        let doc = docstring(cx, of, "    ");
        self.types += &format!("\n\n@dataclass(kw_only=True)\nclass {class}:\n{doc}");
        let mut names = String::new();
        for member in members {
            let (field, wire) = (name(&member.name), &member.name);
            let mut ty = self.ty(cx.schema(), member.ty);
            if let Some((_, value)) = tags.iter().find(|(tag, _)| tag == wire) {
                ty = format!("Literal[{value:?}] = {value:?}");
            } else if member.optional || member.condition.is_some() {
                ty = format!("Optional[{ty}] = None");
            }
            self.types += &format!("    {field}: {ty}\n");
            names += &format!("{field:?}: {wire:?}, ");
        }
        self.types += &format!("    WIRE_NAMES: ClassVar[dict[str, str]] = {{{names}}}\n");
    }
}

impl Backend for Python {
    type Error = OutputError;

    fn begin(&mut self, cx: &Context<'_>) -> Done {
        for ty in &cx.schema().types {
            let mut name = name(&type_name(&ty.name));
            while self.type_names.contains(&name) {
                name.push('_');
            }
            self.type_names.push(name);
        }
        Ok(())
    }

    fn implicit(&mut self, cx: &Context<'_>, id: TypeId, _: &ir::TypeDef) -> Done {
        visit_type(cx, self, id)
    }

    /// Structs and unions: the other constructs have methods of their own.
    fn definition(&mut self, cx: &Context<'_>, entity: Entity) -> Done {
        let Entity::Type(id) = entity else {
            return Ok(());
        };
        let mut classes = Vec::new();
        for way in ways(cx.schema(), id) {
            let values = way.1.iter().map(|tag| format!("__{}", name(tag.1)));
            classes.push(self.type_names[id.index()].clone() + &values.collect::<String>());
            self.class(cx, &classes[classes.len() - 1], entity, way);
        }
        if cx.schema().union(id).is_some() {
            self.alias(id, "Union", &classes);
        }
        Ok(())
    }

    fn enumeration(&mut self, _: &Context<'_>, id: TypeId, it: &ir::Enum) -> Done {
        let values = it.values.iter().map(|value| format!("'{}'", value.name));
        self.alias(id, "Literal", &values.collect::<Vec<_>>());
        Ok(())
    }

    fn alternate(&mut self, cx: &Context<'_>, id: TypeId, it: &ir::Alternate) -> Done {
        let types = it.alternatives.iter().map(|it| self.ty(cx.schema(), it.ty));
        self.alias(id, "Union", &types.collect::<Vec<_>>());
        Ok(())
    }

    fn command(&mut self, cx: &Context<'_>, id: ir::CommandId, it: &ir::Command) -> Done {
        let (wire, name, replies) = (&it.name, name(&it.name), u8::from(it.success_response));
        let default = [" = None", ""][usize::from(it.arguments.is_some())];
        let argument = self.ty(cx.schema(), it.arguments) + default;
        let ty = self.ty(cx.schema(), it.returns);
        let doc = docstring(cx, Entity::Command(id), "        ");
        let call = format!("self.call({ty:?}, {wire:?}, arguments, {replies})");
        self.methods += &format!("\n    def {name}(self, arguments: {argument}) -> {ty}:\n{doc}");
        self.methods += &format!("        result: {ty} = {call}\n        return result\n");
        Ok(())
    }

    fn event(&mut self, cx: &Context<'_>, _: ir::EventId, it: &ir::Event) -> Done {
        let (name, ty) = (&it.name, self.ty(cx.schema(), it.arguments));
        self.events += &format!("    {name:?}: {ty:?},\n");
        Ok(())
    }

    fn finish(self, _: &Context<'_>) -> Result<Output, OutputError> {
        let (types, methods, events) = (self.types, self.methods, self.events);
        let events = format!("\n\nEVENTS: dict[str, str] = {{\n{events}}}\n");
        let client = "class Client(Connection):\n    \"\"\"A method per command.\"\"\"";
        let text = format!("{PRELUDE}{types}{events}\n\n{client}\n{methods}");
        Output::of("schema.py", text)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [root, folder] = &arguments[..] else {
        return Err("usage: python SCHEMA OUT_DIR".into());
    };
    let files = qapi_parser::source::Disk;
    let loaded = qapi_parser::load(root.as_ref(), &files, &qapi_parser::Options::default());
    let schema = loaded.schema.ok_or("the schema has errors")?;
    let output = drive(&Context::new(&schema), Python::default())?;
    let marks = Marks::new("# @generated by the example");
    publish(folder.as_ref(), &output, marks, &mut || ())?;
    Ok(())
}
