//! serde's traits for generated types, by delegation.
//!
//! Generated code does not derive them: it calls [`impl_serde!`](crate::impl_serde) with the names of its types, which
//! gives each a line of `Serialize` and `Deserialize` if the feature `serde` is on, and nothing otherwise. Writing goes
//! through the wire form, reading through the tape that messages are parsed into, so the two ways of reading and writing
//! cannot disagree.
//!
//! For users:
//!
//! * The format must be self-describing, as JSON, CBOR, `MessagePack` and YAML are, because the branches of unions and
//!   alternates are chosen by the data. Formats without types, such as bincode and postcard, return an error.
//! * Reading is lenient, as a client reads replies: unknown members are ignored, unlisted values of open enumerations are kept.
//!   A member name that occurs twice is an error, as is a number that is infinite or not a number.
//! * Values nested deeper than [`MAX_NESTING`] levels are rejected, because serde's formats recurse.

mod deserialize;
mod nesting;
mod serialize;

pub use self::deserialize::deserialize;
pub use self::nesting::MAX_NESTING;
pub use self::serialize::serialize;
#[doc(hidden)]
pub use serde_core as core;

crate::impl_serde!(
    crate::Any,
    crate::Object,
    crate::Null,
    crate::Error,
    crate::ErrorClass,
);
