//! A walk over two schemas at once, from commands and events down.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt::Write as _;

use super::missing::{Missing, MissingKind};
use super::model::{
    EnumMember, Introspection, JsonType, MetaType, ObjectInfo, ObjectMember, SchemaInfo,
};

impl Introspection {
    /// Compares the schema of this server with that of a client: everything the client knows and the server lacks, in the
    /// order of the client's schema.
    ///
    /// Something that only the server has is not reported, except for arguments that the server demands.
    /// Each place is named by the shortest path that leads there.
    pub fn missing(&self, client: &Self) -> Vec<Missing> {
        let mut found = Vec::new();
        for entry in client.entries() {
            let mut walk = Walk {
                client,
                server: self,
                root: &entry.name,
                places: Vec::new(),
                queue: VecDeque::new(),
                seen: HashSet::new(),
                found: &mut found,
            };
            match (&entry.meta_type, self.find(&entry.name)) {
                (MetaType::Command { .. }, server) => walk.command(entry, server),
                (MetaType::Event { .. }, server) => walk.event(entry, server),
                _ => {}
            }
        }
        found
    }
}

/// Which way data travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Direction {
    /// The client sends them.
    Argument,
    /// The server sends them.
    Reply,
}

/// The walk from one command or event.
struct Walk<'a> {
    client: &'a Introspection,
    server: &'a Introspection,
    root: &'a str,
    /// Steps down, each with the place that it starts from.
    places: Vec<(Option<usize>, PathStep<'a>)>,
    queue: VecDeque<Pair<'a>>,
    seen: HashSet<(&'a str, &'a str, Direction)>,
    found: &'a mut Vec<Missing>,
}

/// Two types that meet at a place.
struct Pair<'a> {
    client: &'a str,
    server: &'a str,
    direction: Direction,
    place: usize,
}

#[derive(Clone, Copy)]
enum PathStep<'a> {
    /// `arguments`, `reply` or `data`.
    Part(&'static str),
    Member(&'a str),
    Element,
    Branch(&'a str),
    Alternative(&'static str),
    Value(&'a str),
}

impl<'a> Walk<'a> {
    fn command(&mut self, client: &'a SchemaInfo, server: Option<&'a SchemaInfo>) {
        let (
            MetaType::Command {
                arg_type,
                ret_type,
                allow_oob,
            },
            Some(server),
        ) = (&client.meta_type, server)
        else {
            return self.note(None, MissingKind::Command);
        };
        let MetaType::Command {
            arg_type: server_arg_type,
            ret_type: server_ret_type,
            allow_oob: server_allows_oob,
        } = &server.meta_type
        else {
            return self.note(None, MissingKind::Command);
        };
        self.features(None, client.features.as_deref(), server.features.as_deref());
        if *allow_oob && !server_allows_oob {
            self.note(None, MissingKind::OutOfBand);
        }
        let place = self.step(None, PathStep::Part("arguments"));
        self.meet(arg_type, server_arg_type, Direction::Argument, place);
        self.run();
        let place = self.step(None, PathStep::Part("reply"));
        self.meet(ret_type, server_ret_type, Direction::Reply, place);
        self.run();
    }

    fn event(&mut self, client: &'a SchemaInfo, server: Option<&'a SchemaInfo>) {
        let metas = (&client.meta_type, server.map(|server| &server.meta_type));
        let (
            MetaType::Event { arg_type },
            Some(MetaType::Event {
                arg_type: server_arg_type,
            }),
        ) = metas
        else {
            return self.note(None, MissingKind::Event);
        };
        if let Some(server) = server {
            self.features(None, client.features.as_deref(), server.features.as_deref());
        }
        let place = self.step(None, PathStep::Part("data"));
        self.meet(arg_type, server_arg_type, Direction::Reply, place);
        self.run();
    }

    /// Compares breadth first, so that the first path to a place is a shortest one.
    fn run(&mut self) {
        while let Some(pair) = self.queue.pop_front() {
            self.compare(&pair);
        }
    }

    fn meet(&mut self, client: &'a str, server: &'a str, direction: Direction, place: usize) {
        if self.seen.insert((client, server, direction)) {
            self.queue.push_back(Pair {
                client,
                server,
                direction,
                place,
            });
        }
    }

    fn compare(&mut self, pair: &Pair<'a>) {
        let (client, server) = (ty(self.client, pair.client), ty(self.server, pair.server));
        match (client, server) {
            // Anything may be there, so nothing is known to be lacking.
            (MetaType::Builtin(JsonType::Value) | MetaType::Unlisted(_), _)
            | (_, MetaType::Builtin(JsonType::Value) | MetaType::Unlisted(_)) => {}
            (MetaType::Alternate(alternatives), _) => self.alternatives(alternatives, pair),
            (_, MetaType::Alternate(alternatives)) => {
                let kind = kind(client);
                let same = |name: &&str| self::kind(ty(self.server, name)) == kind;
                match alternatives.iter().map(|name| &**name).find(same) {
                    Some(name) => self.meet(pair.client, name, pair.direction, pair.place),
                    None => self.differ(pair),
                }
            }
            (
                MetaType::Array { element_type },
                MetaType::Array {
                    element_type: server,
                },
            ) => {
                let place = self.step(Some(pair.place), PathStep::Element);
                self.meet(element_type, server, pair.direction, place);
            }
            (MetaType::Enum(values), MetaType::Enum(server)) => {
                self.values(values, server, pair.place);
            }
            (MetaType::Object(object), MetaType::Object(server)) => {
                self.object(object, server, pair);
            }
            _ if fits(client, server, pair.direction) => {}
            _ => self.differ(pair),
        }
    }

    fn differ(&mut self, pair: &Pair<'a>) {
        let client = kind(ty(self.client, pair.client));
        let server = kind(ty(self.server, pair.server));
        self.note(Some(pair.place), MissingKind::Kind { client, server });
    }

    fn alternatives(&mut self, alternatives: &'a [Box<str>], pair: &Pair<'a>) {
        let others: Vec<&str> = match ty(self.server, pair.server) {
            MetaType::Alternate(others) => others.iter().map(|name| &**name).collect(),
            _ => vec![pair.server],
        };
        for client in alternatives {
            let kind = kind(ty(self.client, client));
            let place = self.step(Some(pair.place), PathStep::Alternative(kind));
            let same = |name: &&&str| self::kind(ty(self.server, name)) == kind;
            match others.iter().find(same) {
                Some(server) => self.meet(client, server, pair.direction, place),
                None => self.note(Some(place), MissingKind::Alternative),
            }
        }
    }

    fn values(&mut self, values: &'a [EnumMember], server: &'a [EnumMember], place: usize) {
        let others: HashMap<_, _> = server.iter().map(|value| (&*value.name, value)).collect();
        for value in values {
            let place = self.step(Some(place), PathStep::Value(&value.name));
            match others.get(&*value.name) {
                Some(other) => self.features(
                    Some(place),
                    value.features.as_deref(),
                    other.features.as_deref(),
                ),
                None => self.note(Some(place), MissingKind::Value),
            }
        }
    }

    fn object(&mut self, object: &'a ObjectInfo, server: &'a ObjectInfo, pair: &Pair<'a>) {
        let others: HashMap<_, _> = server.members.iter().map(|it| (&*it.name, it)).collect();
        for member in &object.members {
            let place = self.step(Some(pair.place), PathStep::Member(&member.name));
            match others.get(&*member.name) {
                Some(other) => self.member(member, other, pair.direction, place),
                None => self.note(
                    Some(place),
                    MissingKind::Member {
                        mandatory: !member.optional,
                    },
                ),
            }
        }
        if pair.direction == Direction::Argument {
            let own: HashSet<_> = object.members.iter().map(|it| &*it.name).collect();
            let unknown = |member: &&ObjectMember| !member.optional && !own.contains(&*member.name);
            for member in server.members.iter().filter(unknown) {
                let place = self.step(Some(pair.place), PathStep::Member(&member.name));
                self.note(Some(place), MissingKind::OptionalArgument);
            }
        }
        self.branches(object, server, pair);
    }

    fn member(
        &mut self,
        client: &'a ObjectMember,
        server: &'a ObjectMember,
        direction: Direction,
        place: usize,
    ) {
        match (direction, client.optional, server.optional) {
            (Direction::Argument, true, false) => {
                self.note(Some(place), MissingKind::OptionalArgument);
            }
            (Direction::Reply, false, true) => self.note(Some(place), MissingKind::MandatoryReply),
            _ => {}
        }
        self.features(
            Some(place),
            client.features.as_deref(),
            server.features.as_deref(),
        );
        self.meet(&client.type_name, &server.type_name, direction, place);
    }

    fn branches(&mut self, object: &'a ObjectInfo, server: &'a ObjectInfo, pair: &Pair<'a>) {
        let others: HashMap<_, _> = server
            .variants
            .iter()
            .map(|variant| (&*variant.case, &*variant.type_name))
            .collect();
        let known = self.tag_values(server);
        for variant in &object.variants {
            let name = &variant.case;
            match others.get(&**name) {
                Some(other) => {
                    let place = self.step(Some(pair.place), PathStep::Branch(name));
                    self.meet(&variant.type_name, other, pair.direction, place);
                }
                // A value that the discriminator cannot have is told where its enumeration is compared.
                None if !known.contains(&**name) => {}
                None => {
                    let place = self.step(Some(pair.place), PathStep::Branch(name));
                    self.note(Some(place), MissingKind::Branch);
                }
            }
        }
    }

    /// The values that the discriminator of a server's object can have.
    fn tag_values(&self, object: &'a ObjectInfo) -> HashSet<&'a str> {
        let is_tag = |member: &&ObjectMember| Some(&member.name) == object.tag.as_ref();
        let tag = object.members.iter().find(is_tag);
        match tag.map(|member| ty(self.server, &member.type_name)) {
            Some(MetaType::Enum(values)) => values.iter().map(|value| &*value.name).collect(),
            _ => HashSet::new(),
        }
    }

    fn features(
        &mut self,
        place: Option<usize>,
        client: Option<&[Box<str>]>,
        server: Option<&[Box<str>]>,
    ) {
        for feature in client.unwrap_or_default() {
            // These say something about the client's schema, nothing about what the server can do.
            let is_remark = matches!(&**feature, "deprecated" | "unstable");
            if !is_remark && !server.unwrap_or_default().contains(feature) {
                self.note(place, MissingKind::Feature(feature.clone()));
            }
        }
    }

    fn step(&mut self, from: Option<usize>, step: PathStep<'a>) -> usize {
        self.places.push((from, step));
        self.places.len() - 1
    }

    fn note(&mut self, place: Option<usize>, kind: MissingKind) {
        let path = self.path(place).into();
        self.found.push(Missing {
            root: self.root.into(),
            path,
            kind,
        });
    }

    fn path(&self, place: Option<usize>) -> String {
        let mut steps = Vec::new();
        let mut next = place;
        while let Some(at) = next {
            let (from, step) = self.places[at];
            steps.push(step);
            next = from;
        }
        let mut path = String::new();
        for step in steps.into_iter().rev() {
            let _ = match step {
                PathStep::Part(name) => write!(path, "{name}"),
                PathStep::Member(name) => write!(path, ".{name}"),
                PathStep::Element => write!(path, "[]"),
                PathStep::Branch(value) => write!(path, "[={value}]"),
                PathStep::Alternative(kind) => write!(path, "[{kind}]"),
                PathStep::Value(value) => write!(path, "={value}"),
            };
        }
        path
    }
}

/// The type of a name. A reference that leads nowhere is taken for something that may be anything.
fn ty<'a>(schema: &'a Introspection, name: &str) -> &'a MetaType {
    const ANYTHING: &MetaType = &MetaType::Builtin(JsonType::Value);
    schema.find(name).map_or(ANYTHING, |entry| &entry.meta_type)
}

/// The JSON kind of a type's values, in the words of introspection.
fn kind(ty: &MetaType) -> &'static str {
    match ty {
        MetaType::Builtin(json_type) => json_type.as_str(),
        MetaType::Enum(_) => JsonType::String.as_str(),
        MetaType::Array { .. } => JsonType::Array.as_str(),
        MetaType::Object(_) => JsonType::Object.as_str(),
        MetaType::Alternate(_) => "alternate",
        MetaType::Unlisted(_) | MetaType::Command { .. } | MetaType::Event { .. } => {
            JsonType::Value.as_str()
        }
    }
}

/// Returns whether what one side sends, the other takes, as far as kinds tell: every integer is a number.
fn fits(client: &MetaType, server: &MetaType, direction: Direction) -> bool {
    let (sent, taken) = match direction {
        Direction::Argument => (kind(client), kind(server)),
        Direction::Reply => (kind(server), kind(client)),
    };
    sent == taken || (sent == "int" && taken == "number")
}
