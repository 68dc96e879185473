//! Members by name, over all objects.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

use crate::declare::Id;
use crate::name_map::NameMap;
use crate::name_rules::CName;

/// A member: the object that declares it, and its place there.
pub(super) type MemberRef = (Id, usize);

/// Counts of the member names of all objects together. Most schemas never need
/// to know; it spares long chains of bases and nested unions a search at every link.
#[derive(Debug, Default)]
pub(super) struct NameCounts<'c>(pub(super) OnceCell<NameMap<CName<'c>, usize>>);

/// The members of objects that declare many, by name: many unions can share a base, and each
/// looks for names in it.
#[derive(Debug, Default)]
pub(super) struct MemberIndex<'c>(pub(super) RefCell<HashMap<Id, NameMap<CName<'c>, usize>>>);
