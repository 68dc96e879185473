//! Makes up values that a schema allows.

use std::hash::{Hash, Hasher};

use qapi_parser::ir::TypeId;
use qapi_runtime::{Any, Object};

use crate::shapes::{ObjectShape, Shape, Shapes};

/// Below this depth, optional members are left out, arrays stay empty, and the flattest alternatives are chosen.
const SHALLOW: usize = 4;

/// The limit on values of a reply. Larger replies are not made.
const MOST_VALUES: usize = 100_000;

/// The choices for each type.
#[derive(Debug)]
pub(crate) struct Choices {
    /// Sorted: values of enumerations, branches of unions that can end.
    names: Vec<Box<[Box<str>]>>,
    /// The nesting of the flattest value; none if no value ends.
    heights: Vec<Option<u32>>,
}

impl Choices {
    pub(crate) fn new(shapes: &Shapes) -> Self {
        let heights = heights(shapes);
        let names = shapes.types.iter().map(|ty| {
            let mut names: Vec<_> = match &ty.shape {
                Shape::Enum(values) => values.keys().cloned().collect(),
                Shape::Object(ObjectShape {
                    union_: Some(union),
                    ..
                }) => {
                    let branches = union.branches.iter();
                    let ending = branches.filter(|(_, ty)| heights[ty.index()].is_some());
                    ending.map(|(name, _)| name.clone()).collect()
                }
                _ => Vec::new(),
            };
            names.sort_unstable();
            names.into_boxed_slice()
        });
        Self {
            names: names.collect(),
            heights,
        }
    }

    fn names(&self, ty: TypeId) -> &[Box<str>] {
        &self.names[ty.index()]
    }

    fn height(&self, ty: TypeId) -> Option<u32> {
        self.heights[ty.index()]
    }
}

/// Returns the nesting of the flattest value of each type. A round for each level: a type without a value by then never
/// has one.
fn heights(shapes: &Shapes) -> Vec<Option<u32>> {
    let mut heights = vec![None; shapes.types.len()];
    for level in 0.. {
        let known = |ty: TypeId| heights[ty.index()].is_some();
        let ends = |shape: &Shape| match shape {
            Shape::Enum(values) => !values.is_empty(),
            Shape::Object(object) => {
                let mut mandatory = object.members.iter().filter(|member| !member.optional);
                mandatory.all(|member| known(member.ty))
                    && object
                        .union_
                        .as_ref()
                        .is_none_or(|union| union.branches.values().any(|ty| known(*ty)))
            }
            Shape::Alternate(alternatives) => alternatives.iter().any(|it| known(it.ty)),
            _ => true,
        };
        let new: Vec<_> = (0..heights.len())
            .filter(|index| heights[*index].is_none() && ends(&shapes.types[*index].shape))
            .collect();
        if new.is_empty() {
            break;
        }
        for index in new {
            heights[index] = Some(level);
        }
    }
    heights
}

/// Makes the values of one reply.
pub(crate) struct ReplyMaker<'m> {
    shapes: &'m Shapes,
    choices: &'m Choices,
    random: Random,
    depth: usize,
    /// Values that may still be made.
    left: usize,
    /// The name of the member that is being made.
    name: &'m str,
}

impl<'m> ReplyMaker<'m> {
    /// Creates a maker whose values depend on the seed and the command only.
    pub(crate) fn new(
        shapes: &'m Shapes,
        choices: &'m Choices,
        seed: u64,
        command: &'m str,
    ) -> Self {
        Self {
            shapes,
            choices,
            random: Random::new(seed, command),
            depth: 0,
            left: MOST_VALUES,
            name: command,
        }
    }

    /// Returns a value of the type; none if all of them would be endless, or very large.
    pub(crate) fn value(&mut self, ty: TypeId) -> Option<Any> {
        self.choices.height(ty)?;
        self.left = self.left.checked_sub(1)?;
        self.depth += 1;
        let value = self.of_shape(ty);
        self.depth -= 1;
        value
    }

    fn of_shape(&mut self, ty: TypeId) -> Option<Any> {
        Some(match &self.shapes.ty(ty).shape {
            Shape::Any => Any::Object(Object::new()),
            Shape::Null => Any::Null,
            Shape::Bool => Any::Bool(self.random.below(2) == 1),
            Shape::Str => Any::String(format!("{}-{}", self.name, self.random.below(10))),
            #[expect(clippy::cast_precision_loss, reason = "small numbers are exact")]
            Shape::Number => Any::Number(self.random.below(100) as f64 + 0.5),
            Shape::Integer(_) => Any::from(self.random.below(100)),
            Shape::Array(element) => {
                let length = if self.depth > SHALLOW {
                    0
                } else {
                    self.random.below(3)
                };
                let mut items = Vec::new();
                for _ in 0..length {
                    // A type without values is never chosen for an element.
                    items.extend(self.value(*element));
                }
                Any::Array(items)
            }
            Shape::Enum(_) => {
                let values = self.choices.names(ty);
                let index = self.random.index(values.len())?;
                Any::from(&*values[index])
            }
            Shape::Object(object) => {
                let mut made = Object::new();
                self.members(ty, object, &mut made)?;
                Any::Object(made)
            }
            Shape::Alternate(alternatives) => {
                let types = alternatives.iter().map(|alternative| alternative.ty);
                let ending: Vec<_> = types
                    .filter(|ty| self.choices.height(*ty).is_some())
                    .collect();
                let index = self.choose(&ending)?;
                self.value(ending[index])?
            }
        })
    }

    fn members(&mut self, ty: TypeId, object: &'m ObjectShape, made: &mut Object) -> Option<()> {
        let outer = self.name;
        let tag = object.union_.as_ref().map(|union| &*union.tag);
        for member in &object.members {
            if Some(&*member.name) == tag {
                continue;
            }
            if member.optional && (self.depth > SHALLOW || self.random.below(2) == 0) {
                continue;
            }
            self.name = &member.name;
            match self.value(member.ty) {
                Some(value) => drop(made.insert(&*member.name, value)),
                None if member.optional => {}
                None => return None,
            }
        }
        self.name = outer;
        let Some(union) = &object.union_ else {
            return Some(());
        };
        let names = self.choices.names(ty);
        let types: Vec<_> = names.iter().map(|name| union.branches[name]).collect();
        let index = self.choose(&types)?;
        made.insert(&*union.tag, &*names[index]);
        match self.shapes.object(types[index]) {
            Some(object) => self.branch(types[index], object, made),
            None => Some(()),
        }
    }

    /// Returns the index of one of several types that all end; none if there are none.
    fn choose(&mut self, types: &[TypeId]) -> Option<usize> {
        if self.depth <= SHALLOW {
            return self.random.index(types.len());
        }
        (0..types.len()).min_by_key(|index| self.choices.height(types[*index]))
    }

    fn branch(&mut self, ty: TypeId, object: &'m ObjectShape, made: &mut Object) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        self.depth += 1;
        let result = self.members(ty, object, made);
        self.depth -= 1;
        result
    }
}

/// Numbers that look random and are the same on every machine: the generator `SplitMix64`.
struct Random(u64);

impl Random {
    fn new(seed: u64, command: &str) -> Self {
        let mut hasher = Fnv(seed ^ 0xCBF2_9CE4_8422_2325);
        command.hash(&mut hasher);
        Self(hasher.finish())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// Returns an index of a list; none if it is empty.
    fn index(&mut self, length: usize) -> Option<usize> {
        let length = u64::try_from(length).ok().filter(|length| *length > 0)?;
        usize::try_from(self.below(length)).ok()
    }
}

/// The hash function FNV-1a: the standard library's hash may change.
struct Fnv(u64);

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
