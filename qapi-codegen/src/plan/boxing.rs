//! The rule for boxes: types that contain each other by value need them.
//!
//! A member is boxed exactly if its type lies in the same strongly connected component as its owner. The rule does not
//! depend on order, so a new type can add a box but never move one.

use qapi_parser::ir::{Schema, TypeId, TypeKind};

use super::bodies::payload;
use super::conditions::Policy;
use super::items::Payload;

/// Strongly connected components of containment by value.
pub(super) struct Components {
    /// Number of the component of each type, by [`TypeId`]. A component contains only itself and components with
    /// smaller numbers.
    of: Vec<u32>,
}

impl Components {
    /// Computes which types contain each other. Nothing is known about the user's own types.
    pub(super) fn new(schema: &Schema, policy: &Policy<'_>, externs: &[Option<&str>]) -> Self {
        let edges = (0u32..)
            .zip(externs)
            .map(|(id, path)| match path {
                Some(_) => Vec::new(),
                None => contained(schema, policy, TypeId(id)),
            })
            .collect();
        Self {
            of: ComponentSearch::new(edges).run(),
        }
    }

    /// Returns true if a member of `owner` with the type `member` needs a box.
    pub(super) fn boxes(&self, owner: TypeId, member: TypeId) -> bool {
        self.of[owner.index()] == self.of[member.index()]
    }

    /// Returns all types, contained ones before those that contain them.
    pub(super) fn bottom_up(&self) -> Vec<TypeId> {
        let mut order: Vec<_> = (0u32..).zip(&self.of).map(|(id, _)| TypeId(id)).collect();
        order.sort_by_key(|id| self.of[id.index()]);
        order
    }
}

/// Returns the types of which a value of type `id` holds a value, other than through an array.
pub(super) fn contained(schema: &Schema, policy: &Policy<'_>, id: TypeId) -> Vec<TypeId> {
    let has_parts = |id: &TypeId| {
        matches!(
            schema.ty(*id).kind,
            TypeKind::Object(_) | TypeKind::Alternate(_)
        )
    };
    match &schema.ty(id).kind {
        TypeKind::Builtin(_) | TypeKind::Enum(_) | TypeKind::Array(_) => Vec::new(),
        TypeKind::Alternate(alternate) => {
            let alternatives = alternate.alternatives.iter();
            let kept = alternatives.filter(|it| policy.keeps(it.condition.as_ref()));
            kept.map(|it| it.ty).filter(has_parts).collect()
        }
        TypeKind::Object(object) => {
            let members = schema
                .flattened(id)
                .into_iter()
                .filter(|(_, member)| policy.keeps(member.condition.as_ref()))
                .map(|(_, member)| member.ty);
            let branches = object
                .union_
                .iter()
                .flat_map(|union_| &union_.branches)
                .filter(|branch| policy.keeps(branch.condition.as_ref()))
                .filter_map(|branch| match payload(schema, branch.ty).0 {
                    Payload::Empty => None,
                    _ => Some(payload(schema, branch.ty).1),
                });
            members.chain(branches).filter(has_parts).collect()
        }
    }
}

const UNSEEN: u32 = u32::MAX;

/// Tarjan's algorithm with an explicit stack, because schemas may nest deeper than the thread's stack allows.
struct ComponentSearch {
    edges: Vec<Vec<TypeId>>,
    /// When a node was first seen.
    index: Vec<u32>,
    /// The earliest open node that it reaches.
    low: Vec<u32>,
    /// Nodes without a component, in the order in which they were seen.
    open: Vec<usize>,
    component: Vec<u32>,
    seen: u32,
    components: u32,
}

impl ComponentSearch {
    fn new(edges: Vec<Vec<TypeId>>) -> Self {
        let count = edges.len();
        Self {
            edges,
            index: vec![UNSEEN; count],
            low: vec![UNSEEN; count],
            open: Vec::new(),
            component: vec![UNSEEN; count],
            seen: 0,
            components: 0,
        }
    }

    fn run(mut self) -> Vec<u32> {
        for root in 0..self.edges.len() {
            if self.index[root] == UNSEEN {
                self.visit(root);
            }
        }
        self.component
    }

    fn visit(&mut self, root: usize) {
        let mut path = vec![(root, 0)];
        self.enter(root);
        while let Some((node, edge)) = path.last_mut() {
            let node = *node;
            if let Some(next) = self.edges[node].get(*edge).map(|id| id.index()) {
                *edge += 1;
                if self.index[next] == UNSEEN {
                    self.enter(next);
                    path.push((next, 0));
                } else if self.component[next] == UNSEEN {
                    self.low[node] = self.low[node].min(self.index[next]);
                }
                continue;
            }
            path.pop();
            if let Some((parent, _)) = path.last() {
                self.low[*parent] = self.low[*parent].min(self.low[node]);
            }
            if self.low[node] == self.index[node] {
                self.close(node);
            }
        }
    }

    fn enter(&mut self, node: usize) {
        self.index[node] = self.seen;
        self.low[node] = self.seen;
        self.seen += 1;
        self.open.push(node);
    }

    fn close(&mut self, node: usize) {
        while let Some(member) = self.open.pop() {
            self.component[member] = self.components;
            if member == node {
                break;
            }
        }
        self.components += 1;
    }
}
