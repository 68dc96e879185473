//! Enumerations from and to the wire, and as text.

/// Gives an enumeration the names of its values, conversions from and to text and the wire, and serde's traits if the
/// feature `serde` is on.
///
/// The type gets a constant `VALUES` with all of its values in this order, and a method `as_str` for the name of each.
/// `..Unlisted` at the end is for a type with a variant `Unlisted(Box<str>)`, which keeps names that are not in the
/// schema, so that clients can read replies and events of servers that are newer than their schema. Where a server checks
/// arguments, and in `FromStr`, such a name is an error for every type.
///
/// ```
/// mod types {
///     #[derive(Debug, Clone, PartialEq)]
///     pub enum Status {
///         Idle,
///         InUse,
///         Unlisted(Box<str>),
///     }
/// }
///
/// qapi_runtime::impl_enum! {
///     types::Status { Idle: "idle", InUse: "in-use", ..Unlisted }
/// }
/// # assert_eq!(types::Status::InUse.to_string(), "in-use");
/// # assert_eq!("idle".parse(), Ok(types::Status::Idle));
/// # assert!("full".parse::<types::Status>().is_err());
/// # assert_eq!(types::Status::from_wire("full"), types::Status::Unlisted("full".into()));
/// ```
#[macro_export]
macro_rules! impl_enum {
    ($module:ident::$name:ident {
        $($(#[$attribute:meta])* $value:ident: $wire:literal,)* ..Unlisted
    }) => {
        impl $module::$name {
            /// The values that the schema lists, in its order.
            pub const VALUES: &'static [Self] = &[$($(#[$attribute])* Self::$value),*];

            /// Returns the name in the schema and on the wire.
            #[inline]
            pub fn as_str(&self) -> &str {
                match self {
                    $($(#[$attribute])* Self::$value => $wire,)*
                    Self::Unlisted(name) => name,
                }
            }

            /// Returns the value of this name; one that is not in the schema is kept.
            #[inline]
            pub fn from_wire(name: &str) -> Self {
                Self::ENUMERATION.named(name, Self::Unlisted)
            }
        }

        $crate::impl_enum!(@text $module::$name, ::core::option::Option::Some(Self::Unlisted));
    };
    ($module:ident::$name:ident {
        $($(#[$attribute:meta])* $value:ident: $wire:literal),* $(,)?
    }) => {
        impl $module::$name {
            /// The values that the schema lists, in its order.
            pub const VALUES: &'static [Self] = &[$($(#[$attribute])* Self::$value),*];

            /// Returns the name in the schema and on the wire.
            #[inline]
            pub fn as_str(&self) -> &'static str {
                match *self {
                    $($(#[$attribute])* Self::$value => $wire,)*
                }
            }
        }

        $crate::impl_enum!(@text $module::$name, ::core::option::Option::None);
    };
    (@text $module:ident::$name:ident, $unlisted:expr) => {
        impl $module::$name {
            const ENUMERATION: $crate::read::Enumeration<Self> =
                $crate::read::Enumeration::new(Self::VALUES, Self::as_str, $unlisted);
        }

        impl $crate::Decode for $module::$name {
            #[inline]
            fn decode(
                value: $crate::Value<'_>,
            ) -> ::core::result::Result<Self, $crate::DecodeError> {
                Self::ENUMERATION.decode(value)
            }
        }

        impl ::core::str::FromStr for $module::$name {
            type Err = $crate::DecodeError;

            #[inline]
            fn from_str(name: &str) -> ::core::result::Result<Self, $crate::DecodeError> {
                Self::ENUMERATION.listed(name)
            }
        }

        impl ::core::fmt::Display for $module::$name {
            #[inline]
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        impl $crate::Encode for $module::$name {
            #[inline]
            fn encode(&self, out: &mut $crate::Writer) {
                out.string(self.as_str());
            }
        }

        $crate::impl_serde!($module::$name);
    };
}
