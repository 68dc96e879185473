//! Members by name, over all objects.

use std::cell::{OnceCell, RefCell};

use crate::declare::Id;
use crate::name_map::NameMap;
use crate::name_rules::CName;

/// A member: the object that declares it, and its place there.
pub(super) type MemberRef = (Id, usize);

/// Counts of the member names of all objects together. Most schemas do not need them; for long chains of bases and
/// nested unions they save a search at every link.
#[derive(Debug, Default)]
pub(super) struct NameCounts<'c>(pub(super) OnceCell<NameMap<CName<'c>, usize>>);

/// The members, by name, of objects that declare many, because many unions can share a base, and each looks up names in
/// it.
#[derive(Debug, Default)]
pub(super) struct MemberIndex<'c>(pub(super) RefCell<NameMap<Id, NameMap<CName<'c>, usize>>>);
