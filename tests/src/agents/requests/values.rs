//! Values that the schema allows, and that bring commands beyond checking their arguments.

use qapi_parser::ir::{Builtin, Command, TypeId, TypeKind};

use super::Requests;
use super::tree::Tree;
use crate::generate::Random;

const MODES: &[&str] = &[
    "r", "rb", "w", "wb", "a", "ab", "r+", "rb+", "r+b", "w+", "wb+", "w+b", "a+", "ab+", "a+b",
    "", "wx", "rw", "br", "R",
];

const BASE64: &[&str] = &[
    "",
    "YQ==",
    "YWI=",
    "YWJj",
    "SGVsbG8gV29ybGQhCg==",
    "YWJj\nZGVm",
    "YWI",
    "====",
    "YQ==Yg==",
    "/+++",
    "a$b=",
    "YWJj ZGVm",
    "é",
    "Y===",
    "=YWJ",
];

/// The first is in the folder of the agent; numbers of other processes are never used.
const PROGRAMS: &[&str] = &[
    "./say",
    "true",
    "false",
    "",
    "./text",
    "./folder",
    "no-such-program",
    "./no/such",
];

const INTEGERS: &[&str] = &[
    "0",
    "1",
    "-1",
    "2",
    "5",
    "100",
    "4096",
    "-0",
    "2147483648",
    "4294967295",
    "50331648",
    "50331649",
    "9223372036854775807",
    "-9223372036854775808",
];

const TEXTS: &[&str] = &[
    "",
    "a",
    "guest-ping",
    "é",
    "\u{1F600}",
    "'\"\\/",
    "\u{7F}\u{80}",
    "a b",
    "\n\t\u{1}",
    "%s",
];

impl Requests<'_> {
    /// Returns the arguments of a sound request.
    pub(super) fn arguments(&mut self, command: &Command) -> Vec<(String, Tree)> {
        if command.name == "guest-file-open" {
            return self.opening();
        }
        let Some(ty) = command.arguments else {
            return Vec::new();
        };
        let mut members = self.members(ty);
        self.rng.shuffle(&mut members);
        members
    }

    /// Files that exist are only read: what the agents buffer of them must not differ.
    fn opening(&mut self) -> Vec<(String, Tree)> {
        let existing = ["text", "folder", "", "nowhere/x"];
        let modes = if self.rng.chance(30) {
            &MODES[..2]
        } else {
            MODES
        };
        let path = if modes.len() == 2 {
            (*self.rng.pick(&existing).expect("there are some")).to_owned()
        } else {
            self.files += 1;
            format!("f{}", self.files)
        };
        let mut members = vec![("path".to_owned(), Tree::Text(path))];
        if modes.len() > 2 || self.rng.chance(50) {
            let mode = *self.rng.pick(modes).expect("there are some");
            members.push(("mode".to_owned(), Tree::Text(mode.to_owned())));
        }
        members
    }

    fn members(&mut self, ty: TypeId) -> Vec<(String, Tree)> {
        let schema = self.schema;
        let TypeKind::Object(object) = &schema.ty(ty).kind else {
            return Vec::new();
        };
        let mut members = object
            .base
            .map(|base| self.members(base))
            .unwrap_or_default();
        for member in &object.members {
            if !member.optional || self.rng.chance(60) {
                members.push((member.name.clone(), self.named(&member.name, member.ty)));
            }
        }
        members
    }

    /// Returns a value for a member that commands do something with.
    fn named(&mut self, name: &str, ty: TypeId) -> Tree {
        let pick = |rng: &mut Random, texts: &[&str]| {
            Tree::Text((*rng.pick(texts).expect("there are some")).to_owned())
        };
        match name {
            "handle" if self.rng.chance(90) => Tree::bare(&(1000 + self.rng.below(30))),
            // Above any number that Linux gives to a process.
            "pid" => Tree::bare(&(5_000_000 + self.rng.below(10))),
            "path" => pick(&mut self.rng, PROGRAMS),
            "buf-b64" | "input-data" => pick(&mut self.rng, BASE64),
            "username" => pick(&mut self.rng, &["nobody", "no-such-user", "", "\n"]),
            "env" => Tree::List(vec![Tree::Text("PATH=/usr/bin:/bin".to_owned())]),
            _ => self.value(ty),
        }
    }

    fn value(&mut self, ty: TypeId) -> Tree {
        let schema = self.schema;
        let rng = &mut self.rng;
        let pick =
            |rng: &mut Random, texts: &[&'static str]| *rng.pick(texts).expect("there are some");
        match &schema.ty(ty).kind {
            TypeKind::Builtin(Builtin::Bool) => Tree::bare(&rng.chance(50)),
            TypeKind::Builtin(Builtin::Str) => Tree::Text(pick(rng, TEXTS).to_owned()),
            TypeKind::Builtin(Builtin::Number) => Tree::bare(pick(rng, &["0", "1.5", "1e3"])),
            TypeKind::Builtin(Builtin::Any) => any(rng, 2),
            TypeKind::Builtin(Builtin::Null) => Tree::bare("null"),
            TypeKind::Builtin(_) => Tree::bare(pick(rng, INTEGERS)),
            TypeKind::Enum(enum_) => {
                let value = rng.pick(&enum_.values).expect("enumerations have values");
                Tree::Text(value.name.clone())
            }
            TypeKind::Array(array) => {
                let element = array.element;
                let count = rng.below(3);
                Tree::List((0..count).map(|_| self.value(element)).collect())
            }
            TypeKind::Alternate(alternate) => {
                let alternative = rng.pick(&alternate.alternatives).expect("there are some");
                self.value(alternative.ty)
            }
            TypeKind::Object(_) => Tree::Object(self.members(ty)),
        }
    }
}

/// Returns any value of some depth.
pub(super) fn any(rng: &mut Random, depth: usize) -> Tree {
    let numbers = [
        "0",
        "-0",
        "-0.0",
        "1.0",
        "1.10",
        "1e2",
        "1E-2",
        "0.5",
        "5e-324",
        "1e23",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "-9223372036854775809",
        "123456789012345678901234567890",
        "1e400",
    ];
    match rng.below(if depth == 0 { 4 } else { 6 }) {
        0 => Tree::bare(
            rng.pick(&["null", "true", "false"])
                .expect("there are some"),
        ),
        1 | 2 => Tree::bare(rng.pick(&numbers).expect("there are some")),
        3 => Tree::Text((*rng.pick(TEXTS).expect("there are some")).to_owned()),
        4 => Tree::List((0..rng.below(4)).map(|_| any(rng, depth - 1)).collect()),
        _ => {
            let names = ["a", "b", "id", "é", ""];
            let count = rng.below(names.len());
            let members = names[..count].iter();
            Tree::Object(
                members
                    .map(|name| ((*name).to_owned(), any(rng, depth - 1)))
                    .collect(),
            )
        }
    }
}
