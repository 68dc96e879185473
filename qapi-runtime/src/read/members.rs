//! The traits of types that can be decoded, and the cursor over an object's members.

use std::fmt;

use super::error::DecodeError;
use super::index::{Index, marks};
use super::value::{Policy, Value};
use crate::value::{Any, Object};
use crate::wire::{Document, Marks, Node, name_hash};

/// A type that can be decoded from a JSON value.
///
/// A type that is an object on the wire implements [`DecodeMembers`] instead, which implies this trait.
///
/// Types that contain themselves do so in a `Box` or a `Vec`, and must read it by the `Decode` of that: it provides the
/// stack that deeply nested documents need, for which the types have to be `Send`. A `Box` has the traits of the object
/// in it; for that of any other type of yours, write `impl Decode for Box<…>` with [`Value::decode_boxed`].
///
/// ```compile_fail,E0046
/// struct Nothing;
/// impl qapi_runtime::Decode for Nothing {}
/// ```
pub trait Decode: Sized + Send {
    /// Reads the value.
    ///
    /// # Errors
    /// The value does not fit the type. The error's path starts at `value`; callers prefix their own steps.
    fn decode(value: Value<'_>) -> Result<Self, DecodeError>;
}

/// A type that can be read from the members of an object. It can be read from a whole object, too: it has [`Decode`].
///
/// ```compile_fail,E0046
/// struct Nothing;
/// impl qapi_runtime::DecodeMembers for Nothing {}
/// ```
pub trait DecodeMembers: Sized + Send {
    /// Takes the type's members from a cursor and leaves the others. The cursor may be shared with other types: bases,
    /// branches, command arguments.
    ///
    /// # Errors
    /// A member is missing or does not fit. An error may also be left in the cursor.
    fn decode_members(members: &mut Members<'_>) -> Result<Self, DecodeError>;
}

/// A cursor over the members of an object.
///
/// Every lookup looks at the next unread member first, so a document whose members come in schema order is read
/// without any search. In other orders, a few members are looked at one by one, and more of them are found by a table
/// or, for very many, by a walk over the members not yet read. Each member can be taken once.
///
/// Errors are reported in two ways. [`required`](Members::required) and [`optional`](Members::optional) return them.
/// [`value`](Members::value) and [`option`](Members::option) leave them in the cursor and go on, which makes code for
/// many members shorter: the first error is returned at the end. A cursor that holds an error has no members any more.
pub struct Members<'t> {
    document: &'t Document,
    /// Node of the name of the first member that is left, or one before it if there is an index.
    front: u32,
    end: u32,
    /// A bit for each of the members from `front` on that was taken out of order, unless there is an index.
    taken: u8,
    policy: Policy,
    /// Marks of the names that are left, once an optional member was asked for that was not the next one. Before that, all.
    marks: Marks,
    is_marked: bool,
    index: Option<Index>,
    failure: Option<DecodeError>,
}

impl<'t> Members<'t> {
    /// Returns the members between two nodes.
    fn new(document: &'t Document, (front, end): (u32, u32), policy: Policy) -> Self {
        Self {
            document,
            front,
            end,
            taken: 0,
            policy,
            marks: Marks::ALL,
            is_marked: false,
            index: None,
            failure: None,
        }
    }

    /// Returns the members of an object without any, read strictly: the arguments of a request that has none.
    pub fn empty() -> Self {
        Self::new(Document::empty(), (0, 0), Policy::Strict)
    }

    /// Returns another cursor over the members, starting at the first that has not been taken: for callers that look at
    /// an object before others read it.
    #[must_use]
    pub fn afresh(&self) -> Self {
        Self::new(self.document, (self.front, self.end), self.policy)
    }

    /// Reads a mandatory member.
    ///
    /// # Errors
    /// `Parameter '<name>' is missing`, or the error of the value.
    #[inline]
    pub fn required<T: Decode>(&mut self, name: &'static str) -> Result<T, DecodeError> {
        self.read_required(name, name_hash(name.as_bytes()))
    }

    /// Reads an optional member. A member that is present must have its type: `null` is not "absent".
    #[inline]
    pub fn optional<T: Decode>(&mut self, name: &'static str) -> Result<Option<T>, DecodeError> {
        self.read_optional(name, name_hash(name.as_bytes()))
    }

    /// Same as [`required`](Members::required), with an error left in the cursor; the value is then meaningless.
    #[inline]
    pub fn value<T: Decode + Default>(&mut self, name: &'static str) -> T {
        self.read_value(name, name_hash(name.as_bytes()))
    }

    /// Same as [`optional`](Members::optional), with an error left in the cursor; the value is then meaningless.
    #[inline]
    pub fn option<T: Decode>(&mut self, name: &'static str) -> Option<T> {
        // Most optional members are absent from most objects.
        let hash = name_hash(name.as_bytes());
        if self.marks.has(hash) {
            self.read_option(name, hash)
        } else {
            None
        }
    }

    fn read_required<T: Decode>(
        &mut self,
        name: &'static str,
        hash: u32,
    ) -> Result<T, DecodeError> {
        match self.take_hashed(name, hash) {
            Some(value) => T::decode(value).map_err(|error| error.in_member(name)),
            None => Err(self.missing(name)),
        }
    }

    fn read_optional<T: Decode>(
        &mut self,
        name: &'static str,
        hash: u32,
    ) -> Result<Option<T>, DecodeError> {
        match self.take_optional(name, hash) {
            Some(value) => T::decode(value)
                .map(Some)
                .map_err(|error| error.in_member(name)),
            None => self.failure.take().map_or(Ok(None), Err),
        }
    }

    fn read_value<T: Decode + Default>(&mut self, name: &'static str, hash: u32) -> T {
        match self.read_required(name, hash) {
            Ok(value) => value,
            Err(error) => {
                self.fail(error);
                T::default()
            }
        }
    }

    fn read_option<T: Decode>(&mut self, name: &'static str, hash: u32) -> Option<T> {
        match T::decode(self.take_optional(name, hash)?) {
            Ok(value) => Some(value),
            Err(error) => {
                self.fail(error.in_member(name));
                None
            }
        }
    }

    /// Returns the error for a mandatory member that is not there, unless there is one to report first.
    #[cold]
    fn missing(&mut self, name: &'static str) -> DecodeError {
        let failure = self.failure.take();
        failure.unwrap_or_else(|| DecodeError::missing(name))
    }

    /// Leaves an error in the cursor.
    #[cold]
    fn fail(&mut self, error: DecodeError) {
        self.failure = Some(error);
        self.front = self.end;
        // These have positions of their own, from before the error.
        self.taken = 0;
        self.index = None;
        self.marks = Marks::default();
        self.is_marked = true;
    }

    /// Returns the member's value, without taking it: for discriminators that stand after the members they govern.
    pub fn peek(&self, name: &str) -> Option<Value<'t>> {
        let hash = name_hash(name.as_bytes());
        if !self.marks.has(hash) {
            return None;
        }
        let at = match &self.index {
            None => self
                .left()
                .find(|&at| self.document.is_name(at, name, hash))?,
            Some(index) => index.find(self.document, (self.front, self.end), name, hash)?,
        };
        Some(self.value_at(at))
    }

    /// Takes a member's raw value.
    pub fn take(&mut self, name: &str) -> Option<Value<'t>> {
        self.take_hashed(name, name_hash(name.as_bytes()))
    }

    /// Takes a member that should be there.
    fn take_hashed(&mut self, name: &str, hash: u32) -> Option<Value<'t>> {
        self.take_next(name, hash)
            .or_else(|| self.take_out_of_order(name, hash))
    }

    /// Takes a member that is not the first that is left.
    fn take_out_of_order(&mut self, name: &str, hash: u32) -> Option<Value<'t>> {
        if self.index.is_some() || !self.are_few() {
            return self.take_by_index(name, hash);
        }
        let (mut at, mut bit) = (self.front, 1_u8);
        while at < self.end {
            if self.document.is_name(at, name, hash) {
                let is_left = self.taken & bit == 0;
                self.taken |= bit;
                return is_left.then(|| self.value_at(at));
            }
            at = self.document.after(at + 1);
            bit <<= 1;
        }
        None
    }

    /// Returns true if so few members are there from `front` on that it is quicker to look at each than to make an index.
    /// Each then has a bit in `taken`.
    fn are_few(&self) -> bool {
        const FEW: u32 = u8::BITS;
        // A member has two nodes at least.
        if self.end - self.front <= 2 * FEW {
            return true;
        }
        let mut at = self.front;
        for _ in 0..FEW {
            at = self.document.after(at + 1);
            if at >= self.end {
                return true;
            }
        }
        false
    }

    /// Takes a member that need not be there.
    fn take_optional(&mut self, name: &str, hash: u32) -> Option<Value<'t>> {
        if let Some(value) = self.take_next(name, hash) {
            return Some(value);
        }
        if !self.is_marked {
            self.marks = marks(self.document, (self.front, self.end));
            self.is_marked = true;
        }
        if self.marks.has(hash) {
            self.take_out_of_order(name, hash)
        } else {
            None
        }
    }

    /// Takes a member if it is the first that is left.
    #[inline]
    fn take_next(&mut self, name: &str, hash: u32) -> Option<Value<'t>> {
        let next = self.front;
        let is_next =
            self.index.is_none() && next < self.end && self.document.is_name(next, name, hash);
        if !is_next {
            return None;
        }
        self.pass();
        Some(self.value_at(next))
    }

    /// Goes on to the next member that is left. There is no index.
    #[inline]
    fn pass(&mut self) {
        self.front = self.document.after(self.front + 1);
        if self.taken != 0 {
            self.pass_taken();
        }
    }

    /// Goes on from a member that was taken in order to the next that is left.
    #[inline]
    fn pass_taken(&mut self) {
        self.taken >>= 1;
        while self.taken & 1 != 0 {
            self.front = self.document.after(self.front + 1);
            self.taken >>= 1;
        }
    }

    /// Takes a member by the index. Nothing has been taken out of order when it is made: members that are few stay few.
    fn take_by_index(&mut self, name: &str, hash: u32) -> Option<Value<'t>> {
        let members = (self.front, self.end);
        let new = || Index::new(self.document, members);
        let index = self.index.get_or_insert_with(new);
        let at = index.take(self.document, members, name, hash)?;
        Some(self.value_at(at))
    }

    /// Takes the next member in document order, whatever its name.
    pub fn next_member(&mut self) -> Option<(&'t str, Value<'t>)> {
        let name = self.left().next()?;
        match &mut self.index {
            None => self.pass(),
            Some(index) => {
                index.take_next(self.document, name);
                self.front = self.document.after(name + 1);
            }
        }
        Some((self.document.string(name), self.value_at(name)))
    }

    /// Returns the nodes of the names that are left.
    fn left(&self) -> impl Iterator<Item = u32> + use<'_, 't> {
        let (mut next, mut taken) = (self.front, self.taken);
        std::iter::from_fn(move || {
            while next < self.end {
                let name = next;
                let by_index = |index: &Index| index.is_taken(self.document, name);
                let is_left = taken & 1 == 0 && !self.index.as_ref().is_some_and(by_index);
                next = self.document.after(name + 1);
                taken >>= 1;
                if is_left {
                    return Some(name);
                }
            }
            None
        })
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// The error left in the cursor; `Parameter '<name>' is unexpected` for the first member left over, if the policy
    /// is strict.
    pub fn finish(mut self) -> Result<(), DecodeError> {
        self.fault(true).map_or(Ok(()), Err)
    }

    /// Takes what is left, as owned values in document order: for unlisted union branches and for commands whose
    /// arguments the schema does not describe.
    pub fn rest(&mut self) -> Object {
        let mut rest = Object::new();
        while let Some((name, value)) = self.next_member() {
            rest.push_unique(name.to_owned(), Any::from(value));
        }
        rest
    }

    /// Reads the whole object as `T` and ends the reading.
    ///
    /// # Errors
    /// Those of the members, then that of [`Members::finish`].
    pub fn decode<T: DecodeMembers>(mut self) -> Result<T, DecodeError> {
        let result = T::decode_members(&mut self);
        self.close(result)
    }

    /// Ends a reading that has had a result.
    #[inline]
    fn close<T>(&mut self, mut result: Result<T, DecodeError>) -> Result<T, DecodeError> {
        if let Some(error) = self.fault(result.is_ok()) {
            result = Err(error);
        }
        result
    }

    /// Returns the error that takes the place of a result; `complete` if that is a value.
    #[inline]
    fn fault(&mut self, complete: bool) -> Option<DecodeError> {
        if self.failure.is_some() {
            return self.failure.take();
        }
        if complete && self.policy == Policy::Strict {
            return self.unexpected();
        }
        None
    }

    /// Returns the error for the first member that is left, if one is.
    fn unexpected(&self) -> Option<DecodeError> {
        let name = self.document.string(self.left().next()?);
        Some(DecodeError::unexpected(name.to_owned()))
    }

    /// Returns whether unknown members are errors.
    pub fn is_strict(&self) -> bool {
        self.policy == Policy::Strict
    }

    fn value_at(&self, name: u32) -> Value<'t> {
        Value::new(self.document, name + 1, self.policy)
    }
}

impl fmt::Debug for Members<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = formatter.debug_map();
        for name in self.left() {
            map.entry(&self.document.string(name), &self.value_at(name));
        }
        map.finish()
    }
}

impl<'t> Value<'t> {
    /// Returns a cursor over the members of an object.
    pub fn object(self) -> Result<Members<'t>, DecodeError> {
        let members = self.members()?;
        Ok(Members::new(self.document(), members, self.policy()))
    }

    /// Returns the nodes between which the members of an object are.
    #[inline]
    fn members(self) -> Result<(u32, u32), DecodeError> {
        match self.node() {
            Node::Object { end, .. } => Ok((self.index() + 1, end)),
            _ => Err(self.wrong_kind("object")),
        }
    }

    /// Reads the value as an object, by the members of `T`.
    ///
    /// # Errors
    /// The value is not an object, or its members do not fit the type.
    pub fn decode_object<T: DecodeMembers>(self) -> Result<T, DecodeError> {
        let members = self.members()?;
        // Built where it stays: it is large.
        let mut members = Members::new(self.document(), members, self.policy());
        let result = T::decode_members(&mut members);
        members.close(result)
    }
}
