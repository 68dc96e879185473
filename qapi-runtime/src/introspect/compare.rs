//! A walk over two schemas at once, from commands and events down.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt::Write as _;

use super::lookup::{branch_member, can_be, json_kind, kind, of_kind, tag_values, ty};
use super::missing::{Missing, MissingKind};
use super::model::{
    EnumMember, Introspection, JsonType, MetaType, ObjectInfo, ObjectMember, SchemaInfo,
};

impl Introspection {
    /// Compares the schema of this server with that of a client: everything the client knows and the server lacks, in the
    /// order of the client's schema.
    ///
    /// Something that only the server has is not reported, except for arguments that the server demands.
    /// The rules are those of qapi-diff (docs/decisions/0014): each of its breaking changes is reported here, at the same place.
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

/// The direction in which data travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Direction {
    /// The client sends them.
    Argument,
    /// The server sends them.
    Reply,
}

/// The comparison of one command or event.
struct Walk<'a> {
    client: &'a Introspection,
    server: &'a Introspection,
    root: &'a str,
    /// Steps down, each with the place that it starts from.
    places: Vec<(Option<usize>, PathStep<'a>)>,
    queue: VecDeque<(Pair<'a>, usize)>,
    seen: HashSet<Pair<'a>>,
    found: &'a mut Vec<Missing>,
}

/// Two types in the same place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Pair<'a> {
    client: TypeRef<'a>,
    server: TypeRef<'a>,
    direction: Direction,
}

/// One side's type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct TypeRef<'a> {
    /// None for the members that a union has beyond its common ones where no branch adds any.
    name: Option<&'a str>,
    /// Members that have been compared already, with common members of the other side. Sorted.
    compared: Vec<&'a str>,
}

impl<'a> TypeRef<'a> {
    fn new(name: &'a str) -> Self {
        Self::of_branch(Some(name))
    }

    fn of_branch(name: Option<&'a str>) -> Self {
        Self {
            name,
            compared: Vec::new(),
        }
    }

    fn meta_type(&self, schema: &'a Introspection) -> &'a MetaType {
        const EMPTY: &MetaType = &MetaType::Object(ObjectInfo {
            members: Vec::new(),
            tag: None,
            variants: Vec::new(),
        });
        self.name.map_or(EMPTY, |name| ty(schema, name))
    }

    fn features(&self, schema: &'a Introspection) -> Option<&'a [Box<str>]> {
        schema.find(self.name?)?.features.as_deref()
    }

    fn members(&self, object: &'a ObjectInfo) -> impl Iterator<Item = &'a ObjectMember> {
        let members = object.members.iter();
        members.filter(|member| !self.compared.contains(&&*member.name))
    }
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

/// A value of the discriminator that selects a branch on at least one side, and that both sides can have.
struct SharedValue<'a> {
    name: &'a str,
    /// The branches, in each of which the common members of the other side are known to be compared.
    client: TypeRef<'a>,
    server: TypeRef<'a>,
}

/// The side whose branches are looked at.
#[derive(Clone, Copy)]
enum Side {
    Client,
    Server,
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
        self.run(
            "arguments",
            (arg_type, server_arg_type),
            Direction::Argument,
        );
        self.run("reply", (ret_type, server_ret_type), Direction::Reply);
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
        self.run("data", (arg_type, server_arg_type), Direction::Reply);
    }

    /// Compares what is sent one way, breadth first, so that the first path to a place is a shortest one.
    fn run(&mut self, part: &'static str, (client, server): TypeNames<'a>, direction: Direction) {
        let place = self.step(None, PathStep::Part(part));
        self.meet((client, server), direction, place);
        while let Some((pair, place)) = self.queue.pop_front() {
            self.compare(&pair, place);
        }
    }

    /// Compares two types: at once where they differ as a whole, which is reported for every place; otherwise later,
    /// and once.
    fn meet(&mut self, (client, server): TypeNames<'a>, direction: Direction, place: usize) {
        let pair = Pair {
            client: TypeRef::new(client),
            server: TypeRef::new(server),
            direction,
        };
        match (ty(self.client, client), ty(self.server, server)) {
            // Other clients may be right all the same, and can read everything else.
            (MetaType::Unlisted(_), _)
            | (_, MetaType::Unlisted(_) | MetaType::Builtin(JsonType::Value)) => {}
            (MetaType::Builtin(JsonType::Value), _) => {
                if direction == Direction::Argument {
                    self.differ(&pair, place);
                }
            }
            (MetaType::Alternate(client), MetaType::Alternate(server)) => {
                let kinds = |schema, names: &'a [Box<str>]| -> Vec<_> {
                    names
                        .iter()
                        .map(|name| json_kind(ty(schema, name)))
                        .collect()
                };
                let others = kinds(self.server, server);
                if kinds(self.client, client)
                    .iter()
                    .any(|it| others.contains(it))
                {
                    self.later(pair, place);
                } else {
                    self.differ(&pair, place);
                }
            }
            (plain, MetaType::Alternate(alternatives)) => {
                match of_kind(self.server, alternatives, json_kind(plain)) {
                    Some(_) => self.later(pair, place),
                    None => self.differ(&pair, place),
                }
            }
            (MetaType::Alternate(alternatives), plain) => {
                let Some(same) = of_kind(self.client, alternatives, json_kind(plain)) else {
                    return self.differ(&pair, place);
                };
                for name in alternatives.iter().filter(|name| ***name != *same) {
                    let kind = json_kind(ty(self.client, name));
                    let place = self.step(Some(place), PathStep::Alternative(kind));
                    self.note(Some(place), MissingKind::Alternative);
                }
                self.later(pair, place);
            }
            (MetaType::Array { .. }, MetaType::Array { .. })
            | (MetaType::Enum(_), MetaType::Enum(_))
            | (MetaType::Object(_), MetaType::Object(_)) => self.later(pair, place),
            (client, server) if fits(client, server, direction) => {}
            _ => self.differ(&pair, place),
        }
    }

    fn later(&mut self, pair: Pair<'a>, place: usize) {
        if self.seen.insert(pair.clone()) {
            self.queue.push_back((pair, place));
        }
    }

    fn compare(&mut self, pair: &Pair<'a>, place: usize) {
        let client = pair.client.meta_type(self.client);
        let server = pair.server.meta_type(self.server);
        match (client, server) {
            (MetaType::Alternate(client), MetaType::Alternate(server)) => {
                self.alternatives((client, server), pair.direction, place);
            }
            (plain, MetaType::Alternate(alternatives)) => {
                let names = (
                    pair.client.name,
                    of_kind(self.server, alternatives, json_kind(plain)),
                );
                return self.alternative(names, json_kind(plain), pair.direction, place);
            }
            (MetaType::Alternate(alternatives), plain) => {
                let names = (
                    of_kind(self.client, alternatives, json_kind(plain)),
                    pair.server.name,
                );
                return self.alternative(names, json_kind(plain), pair.direction, place);
            }
            (
                MetaType::Array { element_type },
                MetaType::Array {
                    element_type: server,
                },
            ) => {
                let place = self.step(Some(place), PathStep::Element);
                self.meet((element_type, server), pair.direction, place);
            }
            (MetaType::Enum(client), MetaType::Enum(server)) => {
                let step = |name| PathStep::Value(name);
                self.values(client, server, place, step, &MissingKind::Value);
            }
            (MetaType::Object(client), MetaType::Object(server)) => {
                self.object(client, server, pair, place);
            }
            _ => {}
        }
        let client = pair.client.features(self.client);
        self.features(Some(place), client, pair.server.features(self.server));
    }

    /// Compares a type that is not an alternate with the alternative of its kind on the other side.
    fn alternative(
        &mut self,
        (client, server): (Option<&'a str>, Option<&'a str>),
        kind: &'static str,
        direction: Direction,
        place: usize,
    ) {
        if let (Some(client), Some(server)) = (client, server) {
            let place = self.step(Some(place), PathStep::Alternative(kind));
            self.meet((client, server), direction, place);
        }
    }

    fn differ(&mut self, pair: &Pair<'a>, place: usize) {
        let client = kind(pair.client.meta_type(self.client));
        let server = kind(pair.server.meta_type(self.server));
        self.note(Some(place), MissingKind::Kind { client, server });
    }

    fn alternatives(
        &mut self,
        (client, server): (&'a [Box<str>], &'a [Box<str>]),
        direction: Direction,
        place: usize,
    ) {
        for name in client {
            let kind = json_kind(ty(self.client, name));
            let place = self.step(Some(place), PathStep::Alternative(kind));
            match of_kind(self.server, server, kind) {
                Some(server) => self.meet((name, server), direction, place),
                None => self.note(Some(place), MissingKind::Alternative),
            }
        }
    }

    /// Compares values of an enumeration, or of a discriminator.
    fn values(
        &mut self,
        client: impl IntoIterator<Item = &'a EnumMember>,
        server: impl IntoIterator<Item = &'a EnumMember>,
        place: usize,
        step: fn(&'a str) -> PathStep<'a>,
        missing: &MissingKind,
    ) {
        let others: HashMap<_, _> = server.into_iter().map(|it| (&*it.name, it)).collect();
        for value in client {
            let place = self.step(Some(place), step(&value.name));
            match others.get(&*value.name) {
                Some(other) => self.features(
                    Some(place),
                    value.features.as_deref(),
                    other.features.as_deref(),
                ),
                None => self.note(Some(place), missing.clone()),
            }
        }
    }

    fn object(
        &mut self,
        client: &'a ObjectInfo,
        server: &'a ObjectInfo,
        pair: &Pair<'a>,
        place: usize,
    ) {
        let tags = (client.tag.as_deref(), server.tag.as_deref());
        let mut shared = self.shared_values(client, server);
        let others: HashMap<_, _> = pair
            .server
            .members(server)
            .map(|it| (&*it.name, it))
            .collect();
        for member in pair.client.members(client) {
            let is_tag = tags.0 == tags.1 && tags.0 == Some(&*member.name);
            let own_place = self.step(Some(place), PathStep::Member(&member.name));
            let Some(other) = others.get(&*member.name) else {
                let side = Side::Server;
                if !self.moved_to_branches(member, side, &mut shared, pair.direction, place) {
                    let mandatory = !member.optional;
                    self.note(Some(own_place), MissingKind::Member { mandatory });
                }
                continue;
            };
            self.presence(member, other, pair.direction, own_place);
            if is_tag {
                self.tag(client, server, place);
            } else {
                let types = (&*member.type_name, &*other.type_name);
                self.meet(types, pair.direction, own_place);
            }
        }
        let own: HashSet<_> = pair.client.members(client).map(|it| &*it.name).collect();
        for member in pair.server.members(server) {
            let side = Side::Client;
            let is_new = !own.contains(&*member.name)
                && !self.moved_to_branches(member, side, &mut shared, pair.direction, place);
            if is_new && !member.optional && pair.direction == Direction::Argument {
                let place = self.step(Some(place), PathStep::Member(&member.name));
                self.note(Some(place), MissingKind::OptionalArgument);
            }
        }
        if let (Some(client), Some(server)) = tags {
            if client != server {
                let (client, server) = (client.into(), server.into());
                self.note(Some(place), MissingKind::Discriminator { client, server });
            }
        }
        for value in shared {
            self.branch(value, pair.direction, place);
        }
    }

    /// Compares a member that both sides have, except for its type.
    fn presence(
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
    }

    /// Compares the values of a discriminator that both sides have. Each selects a branch.
    fn tag(&mut self, client: &'a ObjectInfo, server: &'a ObjectInfo, place: usize) {
        let with_branch = |schema: &'a Introspection, object: &'a ObjectInfo| -> Vec<_> {
            let is_case = |name: &str| object.variants.iter().any(|it| *it.case == *name);
            let values = tag_values(schema, object).unwrap_or_default().iter();
            values.filter(move |value| is_case(&value.name)).collect()
        };
        let (client, server) = (
            with_branch(self.client, client),
            with_branch(self.server, server),
        );
        let step = |name| PathStep::Branch(name);
        self.values(client, server, place, step, &MissingKind::Branch);
    }

    /// Looks in the branches of `side` for a member that is a common one of the other side. Returns true if each has it.
    fn moved_to_branches(
        &mut self,
        member: &'a ObjectMember,
        side: Side,
        shared: &mut [SharedValue<'a>],
        direction: Direction,
        place: usize,
    ) -> bool {
        let mut everywhere = !shared.is_empty();
        for value in shared {
            let (schema, branch) = match side {
                Side::Client => (self.client, &mut value.client),
                Side::Server => (self.server, &mut value.server),
            };
            let Some(other) = branch_member(schema, branch.name, &member.name) else {
                everywhere = false;
                continue;
            };
            branch.compared.push(&other.name);
            let (client, server) = match side {
                Side::Client => (other, member),
                Side::Server => (member, other),
            };
            self.moved(client, server, value.name, direction, place);
        }
        everywhere
    }

    /// Compares a member that one side has in the branch of a value, and the other one in common.
    fn moved(
        &mut self,
        client: &'a ObjectMember,
        server: &'a ObjectMember,
        value: &'a str,
        direction: Direction,
        place: usize,
    ) {
        let branch = self.step(Some(place), PathStep::Branch(value));
        let place = self.step(Some(branch), PathStep::Member(&client.name));
        self.presence(client, server, direction, place);
        self.meet((&client.type_name, &server.type_name), direction, place);
    }

    fn branch(&mut self, value: SharedValue<'a>, direction: Direction, place: usize) {
        let place = self.step(Some(place), PathStep::Branch(value.name));
        let SharedValue {
            mut client,
            mut server,
            ..
        } = value;
        client.compared.sort_unstable();
        server.compared.sort_unstable();
        let pair = Pair {
            client,
            server,
            direction,
        };
        let is_whole = pair.client.compared.is_empty() && pair.server.compared.is_empty();
        if is_whole {
            self.later(pair, place);
        } else if self.seen.insert(pair.clone()) {
            // Next, as the members that moved are one step further down already.
            self.queue.push_front((pair, place));
        }
    }

    /// Matches the branches; there are none if the two have different discriminators, so that nothing is known of their branches.
    fn shared_values(
        &self,
        client: &'a ObjectInfo,
        server: &'a ObjectInfo,
    ) -> Vec<SharedValue<'a>> {
        let value = |name, client, server| SharedValue {
            name,
            client: TypeRef::of_branch(client),
            server: TypeRef::of_branch(server),
        };
        let find = |object: &'a ObjectInfo, case: &str| {
            let mut variants = object.variants.iter();
            variants
                .find(|it| *it.case == *case)
                .map(|it| &*it.type_name)
        };
        match (&client.tag, &server.tag) {
            (Some(older), Some(newer)) if older == newer => {
                let variants = client.variants.iter();
                let both = variants.filter_map(|it| {
                    let server = find(server, &it.case)?;
                    Some(value(&it.case, Some(&it.type_name), Some(server)))
                });
                both.collect()
            }
            (Some(tag), None) => {
                let variants = client.variants.iter();
                variants
                    .filter(|it| can_be(self.server, server, tag, &it.case))
                    .map(|it| value(&it.case, Some(&it.type_name), None))
                    .collect()
            }
            (None, Some(tag)) => {
                let variants = server.variants.iter();
                variants
                    .filter(|it| can_be(self.client, client, tag, &it.case))
                    .map(|it| value(&it.case, None, Some(&it.type_name)))
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    fn features(
        &mut self,
        place: Option<usize>,
        client: Option<&[Box<str>]>,
        server: Option<&[Box<str>]>,
    ) {
        for feature in client.unwrap_or_default() {
            // These describe the client's schema, not the server.
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

/// Returns whether what one side sends, the other takes, as far as kinds tell: every integer is a number.
fn fits(client: &MetaType, server: &MetaType, direction: Direction) -> bool {
    let (sent, taken) = match direction {
        Direction::Argument => (kind(client), kind(server)),
        Direction::Reply => (kind(server), kind(client)),
    };
    sent == taken || (sent == "int" && taken == "number")
}

/// Names of the types on both sides.
type TypeNames<'a> = (&'a str, &'a str);
