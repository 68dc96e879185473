//! Values that fit a type, as small as they can be.

use serde_json::{Map, Value};

use crate::model::{Kind, Model, Object, Shape, TypeIx};
use crate::path::PathStep;

/// Makes values for the types of one model.
#[derive(Debug)]
pub(super) struct Examples<'m, 's> {
    model: &'m Model<'s>,
    /// Depth of nesting of the smallest value of each type; none if there is no value, or only
    /// deeper ones than anybody would read.
    heights: Vec<Option<u8>>,
}

/// Types whose smallest value is nested deeper have no example.
const DEEPEST: u8 = 48;

impl<'m, 's> Examples<'m, 's> {
    pub(super) fn new(model: &'m Model<'s>) -> Self {
        Self {
            model,
            heights: heights(model),
        }
    }

    pub(super) fn model(&self) -> &'m Model<'s> {
        self.model
    }

    fn height(&self, ty: TypeIx) -> Option<u8> {
        self.heights[ty.index()]
    }

    /// The smallest value.
    pub(super) fn minimal(&self, ty: TypeIx) -> Option<Value> {
        self.height(ty)?;
        Some(match self.model.shape(ty) {
            Shape::Str | Shape::Any => "text".into(),
            Shape::Bool => true.into(),
            Shape::Null => Value::Null,
            Shape::Number(_) => 0.into(),
            Shape::Array(_) => Value::Array(Vec::new()),
            Shape::Enum(values) => values.first()?.name.into(),
            Shape::Alternate(alternatives) => {
                let types = alternatives.iter().map(|alternative| alternative.ty);
                let smallest = types.min_by_key(|ty| self.height(*ty).unwrap_or(u8::MAX))?;
                self.minimal(smallest)?
            }
            Shape::Object(_) => Value::Object(self.complete(ty, Map::new(), &mut [].iter())?),
        })
    }

    /// A value with something at the end of the way: `probe`, or else the smallest value.
    pub(super) fn build(
        &self,
        ty: TypeIx,
        steps: &[PathStep],
        probe: Option<&Value>,
    ) -> Option<Value> {
        let Some((step, rest)) = steps.split_first() else {
            return probe.cloned().or_else(|| self.minimal(ty));
        };
        match (step, self.model.shape(ty)) {
            (PathStep::Value(value), _) => Some(value.as_str().into()),
            (PathStep::Element, Shape::Array(element)) => {
                Some(Value::Array(vec![self.build(*element, rest, probe)?]))
            }
            (PathStep::Alternative(kind), Shape::Alternate(alternatives)) => {
                let mut alternatives = alternatives.iter();
                let chosen = alternatives.find(|it| it.kind.as_str() == *kind)?;
                self.build(chosen.ty, rest, probe)
            }
            // On this side there is no choice.
            (PathStep::Alternative(kind), shape)
                if shape.kind().map(Kind::as_str) == Some(kind) =>
            {
                self.build(ty, rest, probe)
            }
            (PathStep::Branch(_) | PathStep::Member(_), Shape::Object(_)) => {
                self.build_object(ty, steps, probe)
            }
            _ => None,
        }
    }

    /// The steps begin with branches, one per union that is nested in another, or a member.
    fn build_object(&self, ty: TypeIx, steps: &[PathStep], probe: Option<&Value>) -> Option<Value> {
        let count = steps
            .iter()
            .take_while(|step| matches!(step, PathStep::Branch(_)))
            .count();
        let (branches, rest) = steps.split_at(count);
        let mut members = Map::new();
        if let Some((PathStep::Member(name), rest)) = rest.split_first() {
            let member = self.find_member(ty, branches, name)?;
            members.insert(name.clone(), self.build(member, rest, probe)?);
        } else if let Some(probe) = probe {
            return Some(probe.clone());
        }
        let members = self.complete(ty, members, &mut branches.iter())?;
        Some(Value::Object(members))
    }

    /// The type of a member, common or of the branches that were chosen.
    fn find_member(&self, ty: TypeIx, branches: &[PathStep], name: &str) -> Option<TypeIx> {
        let mut ty = ty;
        let mut branches = branches.iter();
        loop {
            let object = self.model.object(ty)?;
            if let Some(member) = object.member(name) {
                return Some(member.ty);
            }
            let Some(PathStep::Branch(value)) = branches.next() else {
                return None;
            };
            ty = branch(object, value)?;
        }
    }

    /// Adds what is mandatory, with these branches and then the smallest ones.
    fn complete(
        &self,
        ty: TypeIx,
        mut members: Map<String, Value>,
        branches: &mut dyn Iterator<Item = &PathStep>,
    ) -> Option<Map<String, Value>> {
        let mut next = Some(ty);
        // A model made from what a server says may have unions that go in circles.
        let mut left = self.model.types.len();
        while let Some(ty) = next.take() {
            left = left.checked_sub(1)?;
            let object = self.model.object(ty)?;
            if let Some(union) = &object.union_ {
                let value = match branches.next() {
                    Some(PathStep::Branch(value)) => value.clone(),
                    _ => match members.get(union.tag) {
                        Some(Value::String(value)) => value.clone(),
                        _ => self.smallest_branch(object)?,
                    },
                };
                next = Some(branch(object, &value)?);
                members.insert(union.tag.to_owned(), value.into());
            }
            for member in &object.members {
                if !member.optional && !members.contains_key(member.name) {
                    members.insert(member.name.to_owned(), self.minimal(member.ty)?);
                }
            }
        }
        Some(members)
    }

    fn smallest_branch(&self, object: &Object<'_>) -> Option<String> {
        let branches = object.union_.as_ref()?.branches.iter();
        let smallest = branches.min_by_key(|branch| self.height(branch.ty).unwrap_or(u8::MAX))?;
        Some(smallest.value.to_owned())
    }
}

fn branch(object: &Object<'_>, value: &str) -> Option<TypeIx> {
    let mut branches = object.union_.as_ref()?.branches.iter();
    Some(branches.find(|branch| branch.value == value)?.ty)
}

/// Finds the types with values nested one deep, then those that need only these, and so on.
fn heights(model: &Model<'_>) -> Vec<Option<u8>> {
    let mut heights: Vec<Option<u8>> = vec![None; model.types.len()];
    for height in 0..DEEPEST {
        let reached: Vec<_> = (0..heights.len())
            .filter(|index| heights[*index].is_none())
            .filter(|index| has_value(&model.types[*index].shape, &heights))
            .collect();
        if reached.is_empty() {
            break;
        }
        for index in reached {
            heights[index] = Some(height);
        }
    }
    heights
}

/// True if a value can be made of values of the types that have a height.
fn has_value(shape: &Shape<'_>, heights: &[Option<u8>]) -> bool {
    let made = |ty: TypeIx| heights[ty.index()].is_some();
    match shape {
        Shape::Str
        | Shape::Bool
        | Shape::Null
        | Shape::Any
        | Shape::Number(_)
        | Shape::Array(_) => true,
        Shape::Enum(values) => !values.is_empty(),
        Shape::Alternate(alternatives) => alternatives.iter().any(|it| made(it.ty)),
        Shape::Object(object) => {
            let mandatory = object.members.iter().filter(|member| !member.optional);
            let branches = object.union_.iter().flat_map(|union| &union.branches);
            mandatory.map(|member| member.ty).all(made)
                && (object.union_.is_none() || branches.map(|branch| branch.ty).any(made))
        }
    }
}
