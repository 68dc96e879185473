//! Owned JSON values, for what no schema describes.

mod any;
mod object;

pub use self::any::Any;
pub use self::object::{Iter, Object};
