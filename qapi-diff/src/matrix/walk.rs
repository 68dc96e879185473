//! Walks the revisions side by side, and makes a row of each item.

use std::collections::{HashMap, VecDeque};

use qapi_parser::ir::Builtin;

use super::expand::{Class, children};
use super::row::{Cell, Row, Tuple, names};
use crate::model::{Command, Event, Model, TypeIx};
use crate::path::{Direction, RootKind, SchemaPath};

/// The items of several revisions.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Matrix {
    /// Commands by name, then events by name; each row before the rows below it.
    pub rows: Vec<Row>,
}

impl Matrix {
    /// Compares revisions in order.
    pub fn new(models: &[Model<'_>]) -> Self {
        let mut matrix = Self::default();
        let commands = names(models.iter().map(|model| {
            let commands = model.commands.iter();
            commands.map(|command| command.name).collect()
        }));
        for name in commands {
            let commands: Vec<_> = models.iter().map(|model| model.command(name)).collect();
            matrix.command(models, name, &commands);
        }
        let events = names(models.iter().map(|model| {
            let events = model.events.iter();
            events.map(|event| event.name).collect()
        }));
        for name in events {
            let events: Vec<_> = models.iter().map(|model| model.event(name)).collect();
            matrix.event(models, name, &events);
        }
        if models.iter().any(|model| model.resolved) {
            matrix.forget_what_servers_do_not_tell();
        }
        matrix
    }

    /// Drops conditions and the widths of integers, which a server does not tell, so that a schema
    /// beside a server does not seem to differ in them.
    pub(super) fn forget_what_servers_do_not_tell(&mut self) {
        for cell in self
            .rows
            .iter_mut()
            .flat_map(|row| &mut row.cells)
            .flatten()
        {
            cell.condition = None;
            if let Some(ty) = &mut cell.ty {
                let element = ty.strip_prefix("array of ").unwrap_or(ty);
                let builtin = Builtin::ALL.iter().find(|it| it.as_str() == element);
                if builtin.is_some_and(|it| it.integers().is_some()) {
                    *ty = ty.replace(element, "int");
                }
            }
        }
    }

    /// Returns true if a row tells something that its parent does not: it is not in the same
    /// revisions, or it changed. Commands and events always do.
    pub fn is_news(&self, row: &Row) -> bool {
        let Some(parent) = row.parent.map(|parent| &self.rows[parent]) else {
            return true;
        };
        let presence = |row: &Row| row.cells.iter().map(Option::is_some).collect::<Vec<_>>();
        presence(row) != presence(parent) || !row.is_steady()
    }

    pub(super) fn command(
        &mut self,
        models: &[Model<'_>],
        name: &str,
        commands: &[Option<&Command<'_>>],
    ) {
        let cells = commands
            .iter()
            .map(|command| Some(Cell::of(&command.as_ref()?.facts)))
            .collect();
        let root = self.root(RootKind::Command, name, cells);
        let types = |of: fn(&Command<'_>) -> TypeIx| -> Vec<Option<TypeIx>> {
            commands.iter().map(|command| command.map(of)).collect()
        };
        let arguments = types(|command| command.arguments);
        self.carried(models, root, Direction::Argument, &arguments);
        let replies = types(|command| command.reply);
        self.carried(models, root, Direction::Reply, &replies);
    }

    pub(super) fn event(
        &mut self,
        models: &[Model<'_>],
        name: &str,
        events: &[Option<&Event<'_>>],
    ) {
        let cells = events
            .iter()
            .map(|event| Some(Cell::of(&event.as_ref()?.facts)))
            .collect();
        let root = self.root(RootKind::Event, name, cells);
        let data: Vec<_> = events
            .iter()
            .map(|event| event.map(|event| event.data))
            .collect();
        self.carried(models, root, Direction::Event, &data);
    }

    pub(super) fn root(&mut self, kind: RootKind, name: &str, cells: Vec<Option<Cell>>) -> usize {
        self.rows.push(Row {
            path: SchemaPath::whole(kind, name),
            parent: None,
            cells,
            owners: Vec::new(),
        });
        self.rows.len() - 1
    }

    /// Arguments, a reply, data: a row, and rows for their parts. An empty object has no row.
    pub(super) fn carried(
        &mut self,
        models: &[Model<'_>],
        root: usize,
        direction: Direction,
        types: &[Option<TypeIx>],
    ) {
        let types: Vec<_> = models
            .iter()
            .zip(types)
            .map(|(model, ty)| ty.filter(|ty| !model.is_empty(*ty)))
            .collect();
        if types.iter().all(Option::is_none) {
            return;
        }
        let mut path = self.rows[root].path.clone();
        path.direction = Some(direction);
        let cells = models
            .iter()
            .zip(&types)
            .map(|(model, ty)| {
                Some(Cell {
                    ty: Some(model.label((*ty)?)),
                    ..Cell::default()
                })
            })
            .collect();
        let top = RowNode {
            row: Row {
                path,
                parent: Some(root),
                cells,
                owners: Vec::new(),
            },
            children: Vec::new(),
        };
        let tree = walk(models, top, types);
        self.append(&tree, root);
    }

    /// Puts a tree into rows, each node before those below it.
    pub(super) fn append(&mut self, tree: &[RowNode], root: usize) {
        let mut stack = vec![(0, root)];
        while let Some((node, parent)) = stack.pop() {
            let row = &tree[node].row;
            self.rows.push(Row {
                path: row.path.clone(),
                parent: Some(parent),
                cells: row.cells.clone(),
                owners: row.owners.clone(),
            });
            let this = self.rows.len() - 1;
            let children = tree[node].children.iter().rev();
            stack.extend(children.map(|child| (*child, this)));
        }
    }
}

/// A row while its tree grows.
pub(super) struct RowNode {
    pub(super) row: Row,
    pub(super) children: Vec<usize>,
}

/// The tuples that were visited.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) tuples: Vec<Tuple>,
    /// Positions of the tuples that have a type in a revision.
    pub(super) by_type: HashMap<(Class, usize, TypeIx), Vec<usize>>,
}

impl Seen {
    /// Adds a tuple, unless one was there that tells as much: one that has the same types in these revisions, and
    /// perhaps some in others.
    pub(super) fn insert(&mut self, class: Class, tuple: &Tuple) -> bool {
        let types = || {
            let types = tuple.iter().enumerate();
            types.filter_map(|(revision, ty)| Some((revision, (*ty)?)))
        };
        let Some((revision, first)) = types().next() else {
            return false;
        };
        let candidates = self.by_type.get(&(class, revision, first));
        let covers = |index: &usize| {
            let other = &self.tuples[*index];
            types().all(|(revision, ty)| other[revision] == Some(ty))
        };
        if candidates.into_iter().flatten().any(covers) {
            return false;
        }
        let index = self.tuples.len();
        for (revision, ty) in types() {
            let positions = self.by_type.entry((class, revision, ty)).or_default();
            positions.push(index);
        }
        self.tuples.push(tuple.clone());
        true
    }
}

/// Grows the tree below a row breadth first, so that each tuple is reached by a shortest way.
pub(super) fn walk(models: &[Model<'_>], top: RowNode, types: Tuple) -> Vec<RowNode> {
    let path = top.row.path.clone();
    let mut tree = vec![top];
    let mut seen = Seen::default();
    let mut queue = VecDeque::from([(0, path, types)]);
    while let Some((node, path, tuple)) = queue.pop_front() {
        for class in Class::ALL {
            let part = class.select(models, &tuple);
            if part.iter().all(Option::is_none) || !seen.insert(class, &part) {
                continue;
            }
            for child in children(models, class, &part) {
                let mut path = path.clone();
                path.steps.extend(child.step);
                let below = match child.cells {
                    Some(cells) => {
                        let index = tree.len();
                        tree.push(RowNode {
                            row: Row {
                                path: path.clone(),
                                parent: None,
                                cells,
                                owners: part.clone(),
                            },
                            children: Vec::new(),
                        });
                        tree[node].children.push(index);
                        index
                    }
                    // Elements have no row of their own.
                    None => node,
                };
                if child.types.iter().any(Option::is_some) {
                    queue.push_back((below, path, child.types));
                }
            }
        }
    }
    tree
}
