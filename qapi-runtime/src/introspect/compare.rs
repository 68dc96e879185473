//! A walk over two schemas at once, from commands and events down.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt::Write as _;

use super::missing::{Missing, MissingKind};
use super::model::{Builtin, Entry, Introspection, Member, Meta, Named, Object};

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
            match (&entry.meta, self.find(&entry.name)) {
                (Meta::Command { .. }, server) => walk.command(entry, server),
                (Meta::Event { .. }, server) => walk.event(entry, server),
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
    places: Vec<(Option<usize>, Step<'a>)>,
    queue: VecDeque<Pair>,
    seen: HashSet<(usize, usize, Direction)>,
    found: &'a mut Vec<Missing>,
}

/// Two types that meet at a place.
struct Pair {
    client: usize,
    server: usize,
    direction: Direction,
    place: usize,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    /// `arguments`, `reply` or `data`.
    Part(&'static str),
    Member(&'a str),
    Element,
    Branch(&'a str),
    Alternative(&'static str),
    Value(&'a str),
}

impl<'a> Walk<'a> {
    fn command(&mut self, client: &'a Entry, server: Option<&'a Entry>) {
        let (
            Meta::Command {
                arguments,
                returns,
                allow_oob,
            },
            Some(server),
        ) = (&client.meta, server)
        else {
            return self.note(None, MissingKind::Command);
        };
        let Meta::Command {
            arguments: server_arguments,
            returns: server_returns,
            allow_oob: server_allows_oob,
        } = &server.meta
        else {
            return self.note(None, MissingKind::Command);
        };
        self.features(None, &client.features, &server.features);
        if *allow_oob && !server_allows_oob {
            self.note(None, MissingKind::OutOfBand);
        }
        let place = self.step(None, Step::Part("arguments"));
        self.meet(*arguments, *server_arguments, Direction::Argument, place);
        self.run();
        let place = self.step(None, Step::Part("reply"));
        self.meet(*returns, *server_returns, Direction::Reply, place);
        self.run();
    }

    fn event(&mut self, client: &'a Entry, server: Option<&'a Entry>) {
        let metas = (&client.meta, server.map(|server| &server.meta));
        let (
            Meta::Event { arguments },
            Some(Meta::Event {
                arguments: server_arguments,
            }),
        ) = metas
        else {
            return self.note(None, MissingKind::Event);
        };
        if let Some(server) = server {
            self.features(None, &client.features, &server.features);
        }
        let place = self.step(None, Step::Part("data"));
        self.meet(*arguments, *server_arguments, Direction::Reply, place);
        self.run();
    }

    /// Compares breadth first, so that the first path to a place is a shortest one.
    fn run(&mut self) {
        while let Some(pair) = self.queue.pop_front() {
            self.compare(&pair);
        }
    }

    fn meet(&mut self, client: usize, server: usize, direction: Direction, place: usize) {
        if self.seen.insert((client, server, direction)) {
            self.queue.push_back(Pair {
                client,
                server,
                direction,
                place,
            });
        }
    }

    fn compare(&mut self, pair: &Pair) {
        let (client, server) = (self.client.ty(pair.client), self.server.ty(pair.server));
        match (client, server) {
            // Anything may be there, so nothing is known to be lacking.
            (Meta::Builtin(Builtin::Value) | Meta::Unlisted, _)
            | (_, Meta::Builtin(Builtin::Value) | Meta::Unlisted) => {}
            (Meta::Alternate(alternatives), _) => self.alternatives(alternatives, pair),
            (_, Meta::Alternate(alternatives)) => {
                let kind = kind(client);
                let same = |at: &&usize| self::kind(self.server.ty(**at)) == kind;
                match alternatives.iter().find(same) {
                    Some(at) => self.meet(pair.client, *at, pair.direction, pair.place),
                    None => self.differ(pair),
                }
            }
            (Meta::Array(element), Meta::Array(server)) => {
                let place = self.step(Some(pair.place), Step::Element);
                self.meet(*element, *server, pair.direction, place);
            }
            (Meta::Enum(values), Meta::Enum(server)) => self.values(values, server, pair.place),
            (Meta::Object(object), Meta::Object(server)) => self.object(object, server, pair),
            _ if fits(client, server, pair.direction) => {}
            _ => self.differ(pair),
        }
    }

    fn differ(&mut self, pair: &Pair) {
        let client = kind(self.client.ty(pair.client));
        let server = kind(self.server.ty(pair.server));
        self.note(Some(pair.place), MissingKind::Kind { client, server });
    }

    fn alternatives(&mut self, alternatives: &'a [usize], pair: &Pair) {
        let others = match self.server.ty(pair.server) {
            Meta::Alternate(others) => others.clone(),
            _ => vec![pair.server],
        };
        for &client in alternatives {
            let kind = kind(self.client.ty(client));
            let place = self.step(Some(pair.place), Step::Alternative(kind));
            let same = |at: &&usize| self::kind(self.server.ty(**at)) == kind;
            match others.iter().find(same) {
                Some(server) => self.meet(client, *server, pair.direction, place),
                None => self.note(Some(place), MissingKind::Alternative),
            }
        }
    }

    fn values(&mut self, values: &'a [Named], server: &'a [Named], place: usize) {
        let others: HashMap<_, _> = server.iter().map(|value| (&*value.name, value)).collect();
        for value in values {
            let place = self.step(Some(place), Step::Value(&value.name));
            match others.get(&*value.name) {
                Some(other) => self.features(Some(place), &value.features, &other.features),
                None => self.note(Some(place), MissingKind::Value),
            }
        }
    }

    fn object(&mut self, object: &'a Object, server: &'a Object, pair: &Pair) {
        let others: HashMap<_, _> = server
            .members
            .iter()
            .map(|it| (&*it.named.name, it))
            .collect();
        for member in &object.members {
            let place = self.step(Some(pair.place), Step::Member(&member.named.name));
            match others.get(&*member.named.name) {
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
            let own: HashSet<_> = object.members.iter().map(|it| &*it.named.name).collect();
            let unknown = |member: &&Member| !member.optional && !own.contains(&*member.named.name);
            for member in server.members.iter().filter(unknown) {
                let place = self.step(Some(pair.place), Step::Member(&member.named.name));
                self.note(Some(place), MissingKind::OptionalArgument);
            }
        }
        self.branches(object, server, pair);
    }

    fn member(
        &mut self,
        client: &'a Member,
        server: &'a Member,
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
        self.features(Some(place), &client.named.features, &server.named.features);
        self.meet(client.ty, server.ty, direction, place);
    }

    fn branches(&mut self, object: &'a Object, server: &'a Object, pair: &Pair) {
        let others: HashMap<_, _> = server
            .branches
            .iter()
            .map(|(name, ty)| (&**name, *ty))
            .collect();
        let known = self.tag_values(server);
        for (name, ty) in &object.branches {
            match others.get(&**name) {
                Some(other) => {
                    let place = self.step(Some(pair.place), Step::Branch(name));
                    self.meet(*ty, *other, pair.direction, place);
                }
                // A value that the discriminator cannot have is told where its enumeration is compared.
                None if !known.contains(&**name) => {}
                None => {
                    let place = self.step(Some(pair.place), Step::Branch(name));
                    self.note(Some(place), MissingKind::Branch);
                }
            }
        }
    }

    /// The values that the discriminator of a server's object can have.
    fn tag_values(&self, object: &'a Object) -> HashSet<&'a str> {
        let is_tag = |member: &&Member| Some(&member.named.name) == object.tag.as_ref();
        let tag = object.members.iter().find(is_tag);
        match tag.map(|member| self.server.ty(member.ty)) {
            Some(Meta::Enum(values)) => values.iter().map(|value| &*value.name).collect(),
            _ => HashSet::new(),
        }
    }

    fn features(&mut self, place: Option<usize>, client: &[Box<str>], server: &[Box<str>]) {
        for feature in client {
            // These say something about the client's schema, nothing about what the server can do.
            let is_remark = matches!(&**feature, "deprecated" | "unstable");
            if !is_remark && !server.contains(feature) {
                self.note(place, MissingKind::Feature(feature.clone()));
            }
        }
    }

    fn step(&mut self, from: Option<usize>, step: Step<'a>) -> usize {
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
                Step::Part(name) => write!(path, "{name}"),
                Step::Member(name) => write!(path, ".{name}"),
                Step::Element => write!(path, "[]"),
                Step::Branch(value) => write!(path, "[={value}]"),
                Step::Alternative(kind) => write!(path, "[{kind}]"),
                Step::Value(value) => write!(path, "={value}"),
            };
        }
        path
    }
}

/// The JSON kind of a type's values, in the words of introspection.
fn kind(ty: &Meta) -> &'static str {
    match ty {
        Meta::Builtin(Builtin::String) | Meta::Enum(_) => "string",
        Meta::Builtin(Builtin::Int) => "int",
        Meta::Builtin(Builtin::Number) => "number",
        Meta::Builtin(Builtin::Boolean) => "boolean",
        Meta::Builtin(Builtin::Null) => "null",
        Meta::Array(_) => "array",
        Meta::Object(_) => "object",
        Meta::Alternate(_) => "alternate",
        Meta::Builtin(Builtin::Value)
        | Meta::Unlisted
        | Meta::Command { .. }
        | Meta::Event { .. } => "value",
    }
}

/// Returns whether what one side sends, the other takes, as far as kinds tell: every integer is a number.
fn fits(client: &Meta, server: &Meta, direction: Direction) -> bool {
    let (sent, taken) = match direction {
        Direction::Argument => (kind(client), kind(server)),
        Direction::Reply => (kind(server), kind(client)),
    };
    sent == taken || (sent == "int" && taken == "number")
}
