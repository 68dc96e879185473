//! Smallest values of types in one build.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value;

use crate::condition::{Build, ExampleBuild};
use crate::model::{Alternative, Branch, Facts, Kind, Member, Model, Object, Shape, TypeIx};
use crate::path::PathStep;
use crate::shared_document::{Document, SharedDocument};

/// A step of the path of an example.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Path(PathStep),
    /// To the value of the other side's discriminator, which is an ordinary member here.
    Choice {
        tag: String,
        value: String,
    },
}

/// Makes values for the types of one model.
#[derive(Debug)]
pub(super) struct Examples<'m, 's> {
    model: &'m Model<'s>,
    /// The build; none if all conditions are taken to hold.
    symbols: Option<Arc<ExampleBuild>>,
    /// Depth of nesting of the smallest value of each type; none if there is no value, or only one that no server would
    /// accept.
    heights: Vec<Option<u32>>,
    /// The smallest values made so far.
    smallest: RefCell<Vec<Option<Rc<SharedDocument>>>>,
}

/// The deepest examples. QEMU's JSON parser rejects documents nested deeper than 1024, and the message around an
/// example needs some of that.
pub(super) const DEEPEST: u32 = 1000;

impl<'m, 's> Examples<'m, 's> {
    pub(super) fn new(model: &'m Model<'s>, symbols: Option<Arc<ExampleBuild>>) -> Self {
        let mut examples = Self {
            model,
            symbols,
            heights: vec![None; model.types.len()],
            smallest: RefCell::new(vec![None; model.types.len()]),
        };
        examples.find_heights();
        examples
    }

    pub(super) fn model(&self) -> &'m Model<'s> {
        self.model
    }

    /// Returns the build that the values are made for.
    pub(super) fn target(&self) -> Build<'_> {
        self.symbols.as_deref().map_or(Build::Full, Build::Example)
    }

    /// Returns true if the build has a part.
    fn has(&self, facts: &Facts<'_>) -> bool {
        self.target().has(facts.condition.as_ref())
    }

    fn height(&self, ty: TypeIx) -> Option<u32> {
        self.heights[ty.index()]
    }

    fn members<'o>(&self, object: &'o Object<'s>) -> impl Iterator<Item = &'o Member<'s>> {
        let members = object.members.iter().map(Rc::as_ref);
        members.filter(|member| self.has(&member.facts))
    }

    fn member<'o>(&self, object: &'o Object<'s>, name: &str) -> Option<&'o Member<'s>> {
        let member = object.member(name)?;
        self.has(&member.facts).then_some(member)
    }

    fn branches<'o>(&self, object: &'o Object<'s>) -> impl Iterator<Item = &'o Branch<'s>> {
        let branches = object.union_.iter().flat_map(|union| &union.branches);
        branches.filter(|branch| self.has(&branch.facts))
    }

    /// Returns the type of a branch in this build.
    fn content(&self, branch: &Branch<'s>) -> TypeIx {
        if self.target().has(branch.content.as_ref()) {
            branch.ty
        } else {
            self.model.empty
        }
    }

    fn branch(&self, object: &Object<'s>, value: &str) -> Option<TypeIx> {
        let mut branches = self.branches(object);
        Some(self.content(branches.find(|branch| branch.value == value)?))
    }

    fn alternatives<'o>(
        &self,
        alternatives: &'o [Alternative<'s>],
    ) -> impl Iterator<Item = &'o Alternative<'s>> {
        let alternatives = alternatives.iter();
        alternatives.filter(|it| self.has(&it.facts))
    }

    /// Returns the smallest value.
    pub(super) fn minimal(&self, ty: TypeIx) -> Option<Rc<SharedDocument>> {
        self.height(ty)?;
        if let Some(known) = &self.smallest.borrow()[ty.index()] {
            return Some(Rc::clone(known));
        }
        let plain = |value: Value| Some(SharedDocument::plain(value));
        let sketch = match self.model.shape(ty) {
            Shape::Str | Shape::Any => plain("text".into()),
            Shape::Bool => plain(true.into()),
            Shape::Null => plain(Value::Null),
            Shape::Number(_) => plain(0.into()),
            Shape::Array(_) => Some(SharedDocument::array(Vec::new())),
            Shape::Enum(values) => {
                let mut values = values.iter();
                let value = values.find(|it| self.has(&it.facts))?;
                plain(value.name.into())
            }
            Shape::Alternate(alternatives) => {
                let types = self.alternatives(alternatives).map(|it| it.ty);
                let smallest = types.min_by_key(|ty| self.height(*ty).unwrap_or(u32::MAX))?;
                // An alternate's value is that of the alternative.
                let value = self.minimal(smallest)?;
                self.smallest.borrow_mut()[ty.index()] = Some(Rc::clone(&value));
                return Some(value);
            }
            Shape::Object(_) => self.complete(ty, Vec::new(), &mut [].iter()),
        }?;
        let sketch = sketch.minimal(ty);
        self.smallest.borrow_mut()[ty.index()] = Some(Rc::clone(&sketch));
        Some(sketch)
    }

    /// Returns a value with something at the end of the path: `probe`, or else the smallest value.
    pub(super) fn build(
        &self,
        ty: TypeIx,
        steps: &[Step],
        probe: Option<&Value>,
    ) -> Option<Rc<SharedDocument>> {
        let Some((step, rest)) = steps.split_first() else {
            return match probe {
                Some(probe) => Some(Rc::new(SharedDocument::plain(probe.clone()))),
                None => self.minimal(ty),
            };
        };
        let Step::Path(path_step) = step else {
            return self.build_object(ty, steps, probe);
        };
        match (path_step, self.model.shape(ty)) {
            (PathStep::Value(value), _) => {
                Some(Rc::new(SharedDocument::plain(value.as_str().into())))
            }
            (PathStep::Element, Shape::Array(element)) => {
                let element = self.build(*element, rest, probe)?;
                Some(Rc::new(SharedDocument::array(vec![element])))
            }
            (PathStep::Alternative(kind), Shape::Alternate(alternatives)) => {
                let mut alternatives = self.alternatives(alternatives);
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

    /// Builds an object along steps that begin with branches, one per nested union, or with a member.
    fn build_object(
        &self,
        ty: TypeIx,
        steps: &[Step],
        probe: Option<&Value>,
    ) -> Option<Rc<SharedDocument>> {
        let is_choice =
            |step: &&Step| matches!(step, Step::Path(PathStep::Branch(_)) | Step::Choice { .. });
        let count = steps.iter().take_while(is_choice).count();
        let (choices, rest) = steps.split_at(count);
        let mut members = Vec::new();
        for choice in choices {
            if let Step::Choice { tag, value } = choice {
                members.push((
                    tag.clone(),
                    Rc::new(SharedDocument::plain(value.as_str().into())),
                ));
            }
        }
        if let Some((Step::Path(PathStep::Member(name)), rest)) = rest.split_first() {
            let member = self.find_member(ty, choices, name)?;
            members.push((name.clone(), self.build(member, rest, probe)?));
        } else if let Some(probe) = probe {
            return Some(Rc::new(SharedDocument::plain(probe.clone())));
        }
        let sketch = self.complete(ty, members, &mut choices.iter())?;
        Some(Rc::new(sketch))
    }

    /// Returns the type of a member, common or of the branches that were chosen.
    fn find_member(&self, ty: TypeIx, choices: &[Step], name: &str) -> Option<TypeIx> {
        let mut ty = ty;
        let mut choices = choices.iter();
        loop {
            let object = self.model.object(ty)?;
            if let Some(member) = self.member(object, name) {
                return Some(member.ty);
            }
            match choices.next()? {
                Step::Path(PathStep::Branch(value)) => ty = self.branch(object, value)?,
                _ => return None,
            }
        }
    }

    /// Adds what is mandatory, with these branches and then the smallest ones.
    fn complete(
        &self,
        ty: TypeIx,
        mut members: Vec<(String, Rc<SharedDocument>)>,
        choices: &mut dyn Iterator<Item = &Step>,
    ) -> Option<SharedDocument> {
        let mut next = Some(ty);
        let mut given: HashMap<String, Option<String>> = members
            .iter()
            .map(|(name, it)| (name.clone(), text_of(it)))
            .collect();
        // A model made from a server's description may have unions with cycles.
        let mut left = self.model.types.len();
        while let Some(ty) = next.take() {
            left = left.checked_sub(1)?;
            let object = self.model.object(ty)?;
            if let Some(union) = &object.union_ {
                let value = match choices.next() {
                    Some(Step::Path(PathStep::Branch(value))) => value.clone(),
                    _ => match given.get(union.tag) {
                        Some(Some(value)) => value.clone(),
                        _ => self.smallest_branch(object)?,
                    },
                };
                next = Some(self.branch(object, &value)?);
                if !given.contains_key(union.tag) {
                    let tag = Rc::new(SharedDocument::plain(value.as_str().into()));
                    given.insert(union.tag.to_owned(), Some(value));
                    members.push((union.tag.to_owned(), tag));
                }
            }
            for member in self.members(object) {
                if !member.optional && !given.contains_key(member.name) {
                    members.push((member.name.to_owned(), self.minimal(member.ty)?));
                    given.insert(member.name.to_owned(), None);
                }
            }
        }
        Some(SharedDocument::object(members))
    }

    fn smallest_branch(&self, object: &Object<'s>) -> Option<String> {
        let branches = self.branches(object);
        let key = |branch: &&Branch<'s>| self.height(self.content(branch)).unwrap_or(u32::MAX);
        Some(branches.min_by_key(key)?.value.to_owned())
    }

    /// Finds the types with values nested one deep, then those that need only these, and so on.
    /// A type is visited again only when a type that it needs has got its height.
    fn find_heights(&mut self) {
        let mut users: Vec<Vec<u32>> = vec![Vec::new(); self.model.types.len()];
        for (index, ty) in (0..).zip(&self.model.types) {
            for needed in self.needs(&ty.shape) {
                users[needed.index()].push(index);
            }
        }
        let mut wave: Vec<u32> = (0..).take(self.model.types.len()).collect();
        for height in 0..DEEPEST {
            // A type of many members would otherwise add each of their owners as often.
            wave.sort_unstable();
            wave.dedup();
            wave.retain(|index| {
                let index = *index as usize;
                self.heights[index].is_none() && self.has_value(&self.model.types[index].shape)
            });
            if wave.is_empty() {
                break;
            }
            for index in &wave {
                self.heights[*index as usize] = Some(height);
            }
            let found = std::mem::take(&mut wave);
            wave.extend(found.iter().flat_map(|index| &users[*index as usize]));
        }
    }

    /// Returns the types of which a value of this one may be made.
    fn needs(&self, shape: &Shape<'s>) -> Vec<TypeIx> {
        match shape {
            Shape::Alternate(alternatives) => {
                self.alternatives(alternatives).map(|it| it.ty).collect()
            }
            Shape::Object(object) => {
                let mandatory = self.members(object).filter(|member| !member.optional);
                let mandatory = mandatory.map(|member| member.ty);
                let branches = self.branches(object).map(|branch| self.content(branch));
                mandatory.chain(branches).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Returns true if a value can be made of values of the types that have a height.
    fn has_value(&self, shape: &Shape<'s>) -> bool {
        let made = |ty: TypeIx| self.heights[ty.index()].is_some();
        match shape {
            Shape::Str
            | Shape::Bool
            | Shape::Null
            | Shape::Any
            | Shape::Number(_)
            | Shape::Array(_) => true,
            Shape::Enum(values) => {
                let mut values = values.iter();
                values.any(|value| self.has(&value.facts))
            }
            Shape::Alternate(alternatives) => self.alternatives(alternatives).any(|it| made(it.ty)),
            Shape::Object(object) => {
                let mandatory = self.members(object).filter(|member| !member.optional);
                let mut branches = self.branches(object).map(|branch| self.content(branch));
                mandatory.map(|member| member.ty).all(made)
                    && (object.union_.is_none() || branches.any(made))
            }
        }
    }
}

fn text_of(sketch: &SharedDocument) -> Option<String> {
    let document = Document::Shared(sketch);
    document.as_str().map(str::to_owned)
}
