//! Lists the parts of types in the same place.

use std::collections::HashMap;

use super::row::{Cell, Tuple};
use crate::model::{Kind, Model, Object, Shape, TypeIx};
use crate::path::PathStep;

/// Classes of types that can be compared side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Class {
    Array,
    Enum,
    Object,
    /// Alternates, and plain types, which count as alternates of one type.
    Alternate,
}

impl Class {
    pub(super) const ALL: [Self; 4] = [Self::Array, Self::Enum, Self::Object, Self::Alternate];

    /// Returns the types of this class.
    pub(super) fn select(self, models: &[Model<'_>], tuple: &Tuple) -> Tuple {
        let shapes = || {
            let types = models.iter().zip(tuple);
            types.map(|(model, ty)| ty.map(|ty| model.shape(ty)))
        };
        let alternates = shapes().any(|shape| matches!(shape, Some(Shape::Alternate(_))));
        tuple
            .iter()
            .zip(shapes())
            .map(|(ty, shape)| {
                let fits = match (self, shape?) {
                    (Self::Alternate, shape) => alternates && !matches!(shape, Shape::Any),
                    _ if alternates => false,
                    (Self::Array, Shape::Array(_))
                    | (Self::Enum, Shape::Enum(_))
                    | (Self::Object, Shape::Object(_)) => true,
                    _ => false,
                };
                (*ty).filter(|_| fits)
            })
            .collect()
    }
}

/// A part below a tuple.
pub(super) struct Child {
    pub(super) step: Option<PathStep>,
    /// None if it has no row of its own.
    pub(super) cells: Option<Vec<Option<Cell>>>,
    pub(super) types: Tuple,
}

/// Returns the parts of the types of one class.
pub(super) fn children(models: &[Model<'_>], class: Class, tuple: &Tuple) -> Vec<Child> {
    match class {
        Class::Array => vec![elements(models, tuple)],
        Class::Enum => values(models, tuple),
        Class::Object => {
            let mut children = members(models, tuple);
            children.extend(branches(models, tuple));
            children
        }
        Class::Alternate => alternatives(models, tuple),
    }
}

fn elements(models: &[Model<'_>], tuple: &Tuple) -> Child {
    let types = models
        .iter()
        .zip(tuple)
        .map(|(model, ty)| match model.shape((*ty)?) {
            Shape::Array(element) => Some(*element),
            _ => None,
        })
        .collect();
    Child {
        step: Some(PathStep::Element),
        cells: None,
        types,
    }
}

/// Lists of named parts, one per revision, turned into one list of names with the part of each
/// revision: in the order of the first revision, followed by later ones.
fn merge<'l, T, N: Copy + Eq + std::hash::Hash>(
    lists: &[Option<&'l [T]>],
    name: impl Fn(&'l T) -> N,
) -> Vec<(N, Vec<Option<&'l T>>)> {
    let mut merged: Vec<(N, Vec<Option<&'l T>>)> = Vec::new();
    let mut positions = HashMap::new();
    for (revision, list) in lists.iter().enumerate() {
        for part in list.iter().copied().flatten() {
            let name = name(part);
            let position = *positions.entry(name).or_insert_with(|| {
                merged.push((name, vec![None; lists.len()]));
                merged.len() - 1
            });
            merged[position].1[revision] = Some(part);
        }
    }
    merged
}

fn values(models: &[Model<'_>], tuple: &Tuple) -> Vec<Child> {
    let lists: Vec<_> = models
        .iter()
        .zip(tuple)
        .map(|(model, ty)| match model.shape((*ty)?) {
            Shape::Enum(values) => Some(values.as_slice()),
            _ => None,
        })
        .collect();
    merge(&lists, |value| value.name)
        .into_iter()
        .map(|(name, values)| Child {
            step: Some(PathStep::Value(name.to_owned())),
            cells: Some(
                values
                    .into_iter()
                    .map(|value| Some(Cell::of(&value?.facts)))
                    .collect(),
            ),
            types: Vec::new(),
        })
        .collect()
}

fn objects<'m, 's>(models: &'m [Model<'s>], tuple: &Tuple) -> Vec<Option<&'m Object<'s>>> {
    models
        .iter()
        .zip(tuple)
        .map(|(model, ty)| model.object((*ty)?))
        .collect()
}

fn members(models: &[Model<'_>], tuple: &Tuple) -> Vec<Child> {
    let objects = objects(models, tuple);
    let lists: Vec<_> = objects
        .iter()
        .map(|object| object.map(|object| object.members.as_slice()))
        .collect();
    merge(&lists, |member| member.name)
        .into_iter()
        .map(|(name, members)| {
            let cells = models
                .iter()
                .zip(&members)
                .map(|(model, member)| {
                    let member = (*member)?;
                    Some(Cell {
                        ty: Some(model.label(member.ty)),
                        optional: Some(member.optional),
                        ..Cell::of(&member.facts)
                    })
                })
                .collect();
            // The branches stand for the values of a discriminator.
            let selects = |object: Option<&Object<'_>>| {
                let union = object.and_then(|object| object.union_.as_ref());
                union.is_some_and(|union| union.tag == name)
            };
            let types = members
                .iter()
                .zip(&objects)
                .map(|(member, object)| Some((*member).filter(|_| !selects(*object))?.ty))
                .collect();
            Child {
                step: Some(PathStep::Member(name.to_owned())),
                cells: Some(cells),
                types,
            }
        })
        .collect()
}

fn branches(models: &[Model<'_>], tuple: &Tuple) -> Vec<Child> {
    let lists: Vec<_> = objects(models, tuple)
        .into_iter()
        .map(|object| Some(object?.union_.as_ref()?.branches.as_slice()))
        .collect();
    merge(&lists, |branch| branch.value)
        .into_iter()
        .map(|(value, branches)| Child {
            step: Some(PathStep::Branch(value.to_owned())),
            cells: Some(
                branches
                    .iter()
                    .map(|branch| Some(Cell::of(&(*branch)?.facts)))
                    .collect(),
            ),
            types: branches
                .iter()
                .map(|branch| branch.map(|branch| branch.ty))
                .collect(),
        })
        .collect()
}

fn alternatives(models: &[Model<'_>], tuple: &Tuple) -> Vec<Child> {
    /// An alternative of a kind.
    struct Choice {
        kind: Kind,
        ty: TypeIx,
        cell: Cell,
    }
    let lists: Vec<Option<Vec<Choice>>> = models
        .iter()
        .zip(tuple)
        .map(|(model, ty)| {
            let ty = (*ty)?;
            let choice = |kind, ty, cell: Cell| Choice {
                kind,
                ty,
                cell: Cell {
                    ty: Some(model.label(ty)),
                    ..cell
                },
            };
            Some(match model.shape(ty) {
                Shape::Alternate(alternatives) => alternatives
                    .iter()
                    .map(|it| choice(it.kind, it.ty, Cell::of(&it.facts)))
                    .collect(),
                plain => {
                    let kind = plain.kind();
                    let choice = kind.map(|kind| choice(kind, ty, Cell::default()));
                    choice.into_iter().collect()
                }
            })
        })
        .collect();
    let lists: Vec<_> = lists.iter().map(Option::as_deref).collect();
    merge(&lists, |choice| choice.kind)
        .into_iter()
        .map(|(kind, choices)| Child {
            step: Some(PathStep::Alternative(kind.as_str())),
            cells: Some(
                choices
                    .iter()
                    .map(|choice| choice.map(|choice| choice.cell.clone()))
                    .collect(),
            ),
            types: choices
                .iter()
                .map(|choice| choice.map(|choice| choice.ty))
                .collect(),
        })
        .collect()
}
