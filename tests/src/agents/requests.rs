//! Requests made from a schema and a seed: sound ones, ones that break a rule, bytes that are no
//! request; whole and in pieces, alone and several in one go.

mod damage;
mod tree;
mod values;

use qapi_parser::ir::{Command, Entity, Schema};

use self::tree::Tree;
use crate::generate::Random;

/// Bytes that are sent in one go.
#[derive(Debug)]
pub struct Sending {
    /// Writes, one after the other.
    pub pieces: Vec<Vec<u8>>,
    /// The commands that sound requests in it name.
    pub commands: Vec<String>,
    /// Its soundness.
    pub kind: Kind,
}

impl Sending {
    /// Returns all bytes.
    pub fn bytes(&self) -> Vec<u8> {
        self.pieces.concat()
    }
}

/// Soundness of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The schema allows it.
    Valid,
    /// It is JSON, and most likely not what the schema allows.
    Broken,
    /// It is most likely not JSON.
    Malformed,
}

/// Makes requests for some commands of a schema.
///
/// The commands may really be run: files are opened by relative paths without a slash, and programs
/// are harmless.
#[derive(Debug)]
pub struct Requests<'s> {
    schema: &'s Schema,
    commands: Vec<&'s Command>,
    rng: Random,
    /// Number of files opened: each gets a name of its own.
    files: usize,
}

impl<'s> Requests<'s> {
    /// Requests for the commands of these names.
    ///
    /// # Panics
    /// If one of them is not in the schema.
    pub fn new(schema: &'s Schema, commands: &[&str], seed: u64) -> Self {
        let find = |name: &&str| match schema.lookup(name) {
            Some(Entity::Command(id)) => schema.command(id),
            other => panic!("{name} is {other:?}"),
        };
        Self {
            schema,
            commands: commands.iter().map(find).collect(),
            rng: Random::new(seed),
            files: 0,
        }
    }

    /// Returns the next sending.
    pub fn sending(&mut self) -> Sending {
        let kind = match self.rng.below(100) {
            0..50 => Kind::Valid,
            50..80 => Kind::Broken,
            _ => Kind::Malformed,
        };
        let count = if self.rng.chance(10) {
            self.rng.between(2, 5)
        } else {
            1
        };
        let mut bytes = Vec::new();
        let mut commands = Vec::new();
        for _ in 0..count {
            let (name, mut request) = self.request();
            if kind == Kind::Broken {
                damage::tree(&mut self.rng, &mut request);
            }
            let mut text = request.render(&mut self.rng);
            if kind == Kind::Malformed {
                damage::bytes(&mut self.rng, &mut text);
            }
            bytes.append(&mut text);
            if self.rng.chance(80) {
                bytes.push(b'\n');
            }
            commands.push(name);
        }
        if kind == Kind::Malformed {
            // What comes after tells how the agent recovers.
            let (name, request) = self.request();
            bytes.extend_from_slice(&request.render(&mut self.rng));
            commands.push(name);
        }
        Sending {
            pieces: self.cut(bytes),
            commands,
            kind,
        }
    }

    /// Returns a sound request: its command and its text as a tree.
    fn request(&mut self) -> (String, Tree) {
        let commands = std::mem::take(&mut self.commands);
        let command = *self.rng.pick(&commands).expect("there are commands");
        self.commands = commands;
        let mut members = vec![("execute".to_owned(), Tree::Text(command.name.clone()))];
        let arguments = self.arguments(command);
        if !arguments.is_empty() || self.rng.chance(20) {
            members.push(("arguments".to_owned(), Tree::Object(arguments)));
        }
        if self.rng.chance(30) {
            members.push(("id".to_owned(), values::any(&mut self.rng, 3)));
        }
        self.rng.shuffle(&mut members);
        (command.name.clone(), Tree::Object(members))
    }

    fn cut(&mut self, bytes: Vec<u8>) -> Vec<Vec<u8>> {
        if !self.rng.chance(25) {
            return vec![bytes];
        }
        let mut pieces = Vec::new();
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let length = self.rng.between(1, rest.len().min(40));
            let (piece, tail) = rest.split_at(length);
            pieces.push(piece.to_vec());
            rest = tail;
        }
        pieces
    }
}
