//! The plan of a small schema, as text.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use qapi_parser::source::Files;

use super::items::{
    Alternate, Arguments, Body, Enum, Field, ItemHead, Payload, Plan, Ty, Type, Union,
};
use crate::{Conditions, Config};

const SCHEMA: &str = "
{ 'pragma': { 'member-name-exceptions': [ 'Kind' ], 'command-name-exceptions': [ 'device_add' ], 'command-returns-exceptions': [ 'draw' ] } }
{ 'enum': 'Kind', 'data': [ 'dark-blue', { 'name': 'x86_64', 'if': 'HAVE_X' } ] }
{ 'enum': 'Level', 'data': [ 'low', { 'name': 'high', 'features': [ 'deprecated' ] } ] }
{ 'struct': 'Base', 'data': { 'id': 'str', '*level': 'Level' } }
{ 'struct': 'Node', 'base': 'Base', 'data': { '*next': 'Node', 'rest': [ 'Node' ], 'data-b64': 'str' } }
{ 'union': 'Shape', 'base': { 'first': 'int', 'kind': 'Kind', '*last': 'number' }, 'discriminator': 'kind',
  'data': { 'dark-blue': 'Hole' } }
{ 'struct': 'Hole', 'data': { 'shape': 'Shape' } }
{ 'alternate': 'Ref', 'data': { 'name': 'str', 'node': 'Node' } }
{ 'struct': 'Unused', 'data': {} }
{ 'command': 'draw', 'data': { 'shape': 'Shape', '*self': { 'type': 'Kind', 'if': 'HAVE_X' } }, 'returns': [ 'Ref' ] }
{ 'command': 'device_add', 'data': 'Hole', 'boxed': true, 'gen': false, 'allow-oob': true, 'success-response': false }
{ 'event': 'SHAPE_DRAWN', 'data': 'Base', 'if': 'HAVE_X' }
";

struct One;

impl Files for One {
    fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Ok(SCHEMA.into())
    }
}

fn describe(config: &Config) -> String {
    let options = qapi_parser::Options::default();
    let loaded = qapi_parser::load(Path::new("a.json"), &One, &options);
    let schema = loaded
        .schema
        .unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics));
    let plan = super::build(&schema, None, config).expect("nothing clashes");
    let mut text = PlanText {
        plan: &plan,
        out: String::new(),
    };
    for ty in &plan.types {
        text.ty(ty);
    }
    for command in &plan.commands {
        let mut flags = format!("fn {}", command.method);
        if let Some(returns) = &command.returns {
            let _ = write!(flags, " -> {}", text.name(returns));
        }
        for (flag, on) in [
            ("silent", !command.success_response),
            ("oob", command.allow_oob),
            ("preconfig", command.allow_preconfig),
        ] {
            if on {
                let _ = write!(flags, ", {flag}");
            }
        }
        text.head("command", &command.head, &flags);
        text.arguments(&command.arguments);
    }
    for event in &plan.events {
        text.head("event", &event.head, "");
        text.arguments(&event.arguments);
    }
    text.out
}

struct PlanText<'p> {
    plan: &'p Plan,
    out: String,
}

impl PlanText<'_> {
    fn name(&self, ty: &Ty) -> String {
        match ty {
            Ty::Builtin(builtin) => builtin.as_str().to_owned(),
            Ty::Bytes => "bytes".to_owned(),
            Ty::Empty => "empty".to_owned(),
            Ty::Named(id) => self.plan.type_names[id.index()].clone(),
            Ty::Array(element) => format!("[{}]", self.name(element)),
        }
    }

    fn head(&mut self, word: &str, head: &ItemHead, more: &str) {
        let _ = write!(self.out, "{word} {}", head.name);
        if head.wire != head.name {
            let _ = write!(self.out, " `{}`", head.wire);
        }
        let derives = head.derives;
        for (text, on) in [
            ("copy", derives.copy),
            ("eq", derives.eq),
            ("default", derives.default),
            ("deprecated", head.deprecated.is_some()),
        ] {
            if on {
                let _ = write!(self.out, " {text}");
            }
        }
        if let Some(cfg) = &head.cfg {
            let _ = write!(self.out, " cfg({cfg})");
        }
        if !more.is_empty() {
            let _ = write!(self.out, ": {more}");
        }
        self.out.push('\n');
    }

    fn ty(&mut self, ty: &Type) {
        let direction = match (ty.direction.input, ty.direction.output) {
            (true, true) => "both ways",
            (true, false) => "sent",
            (false, true) => "received",
            (false, false) => "unused",
        };
        match &ty.body {
            Body::Enum(Enum { values, open }) => {
                let open = if *open { "open" } else { "closed" };
                self.head("enum", &ty.head, &format!("{direction}, {open}"));
                for value in values {
                    self.head("  value", value, "");
                }
            }
            Body::Struct(fields) => {
                self.head("struct", &ty.head, direction);
                self.fields(fields);
            }
            Body::Union(union_) => self.union_(ty, union_, direction),
            Body::Alternate(Alternate { choices, open, .. }) => {
                let open = if *open { "open" } else { "closed" };
                self.head("alternate", &ty.head, &format!("{direction}, {open}"));
                for choice in choices {
                    let ty = self.held(&choice.ty, choice.boxed);
                    let kinds = choice.kinds.join(" or ");
                    self.head("  choice", &choice.head, &format!("{ty} by {kinds}"));
                }
            }
        }
    }

    fn union_(&mut self, ty: &Type, union_: &Union, direction: &str) {
        let open = if union_.open { "open" } else { "closed" };
        self.head(
            "union",
            &ty.head,
            &format!("{direction}, {open}, as {}", union_.branch_name),
        );
        self.fields(&union_.fields[..union_.tag_at]);
        self.head("  tag", &union_.tag, "");
        self.fields(&union_.fields[union_.tag_at..]);
        for branch in &union_.branches {
            let payload = match &branch.payload {
                Payload::Empty => "nothing".to_owned(),
                Payload::Members(id) => self.held(&Ty::Named(*id), branch.boxed),
                Payload::Member { wire, ty } => format!("{wire}: {}", self.name(ty)),
            };
            self.head("  branch", &branch.head, &payload);
        }
    }

    fn fields(&mut self, fields: &[Field]) {
        for field in fields {
            let mut ty = self.held(&field.ty, field.boxed);
            if field.optional {
                ty.push('?');
            }
            self.head("  field", &field.head, &ty);
        }
    }

    fn held(&self, ty: &Ty, boxed: bool) -> String {
        let name = self.name(ty);
        if boxed {
            format!("box of {name}")
        } else {
            name
        }
    }

    fn arguments(&mut self, arguments: &Arguments) {
        match arguments {
            Arguments::None => {}
            Arguments::Fields { fields, extra } => {
                self.fields(fields);
                if let Some(extra) = extra {
                    let _ = writeln!(self.out, "  rest {extra}");
                }
            }
            Arguments::Whole(id) => {
                let name = self.name(&Ty::Named(*id));
                let _ = writeln!(self.out, "  whole {name}");
            }
            Arguments::Own(id) => {
                let name = self.name(&Ty::Named(*id));
                let _ = writeln!(self.out, "  the type {name}");
            }
        }
    }
}

#[test]
fn a_plan_has_names_boxes_directions_openness_and_derives() {
    let config = Config::new().bytes("data-b64").rename("Ref.node", "inline");
    insta::assert_snapshot!(describe(&config));
}

#[test]
fn a_plan_with_attributes_for_conditions() {
    insta::assert_snapshot!(describe(&Config::new().conditions(Conditions::Cfg)));
}

#[test]
fn a_plan_with_resolved_conditions() {
    insta::assert_snapshot!(describe(&Config::new().conditions(Conditions::Resolve)));
}
