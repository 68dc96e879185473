//! Macros for users of generated code.

/// Includes the code that a build script generated for a schema: `$OUT_DIR/<name>/mod.rs` and the files beside it.
///
/// ```ignore
/// /// The guest agent's protocol.
/// mod guest_agent {
///     qapi_runtime::include_schema!("guest_agent");
/// }
/// ```
#[macro_export]
macro_rules! include_schema {
    ($name:literal $(,)?) => {
        include!(concat!(env!("OUT_DIR"), "/", $name, "/mod.rs"));
    };
}

/// Gives a struct decoding and encoding, `Debug`, and serde's traits if the feature `serde` is on.
///
/// Each field is named with the kind of member that it holds and the member's name on the wire. The kinds are the methods of
/// [`Members`](crate::Members) that read them: `required` (errors are returned), `value` and `option` (errors wait in the
/// cursor), and for bytes in base64 `required_bytes` and `optional_bytes`. After `..` stands the field for all members that
/// are left. A struct with `(..)` after its name holds one value that has all the members.
///
/// ```
/// use qapi_runtime::{impl_members, Object};
///
/// mod types {
///     #[derive(Clone, PartialEq)]
///     pub struct Paint {
///         pub colour: String,
///         pub gloss: Option<i64>,
///         pub others: qapi_runtime::Object,
///     }
/// }
///
/// impl_members! {
///     types::Paint { colour: value("colour"), gloss: option("gloss-level"), ..others }
/// }
/// # let paint = types::Paint { colour: "red".to_owned(), gloss: Some(3), others: Object::new() };
/// # assert_eq!(format!("{paint:?}"), r#"Paint { colour: "red", gloss-level: 3 }"#);
/// ```
#[macro_export]
macro_rules! impl_members {
    ($module:ident::$name:ident {}) => {
        impl $crate::DecodeMembers for $module::$name {
            #[inline]
            fn decode_members(
                _: &mut $crate::Members<'_>,
            ) -> ::core::result::Result<Self, $crate::DecodeError> {
                ::core::result::Result::Ok(Self {})
            }
        }

        impl $crate::EncodeMembers for $module::$name {
            #[inline]
            fn encode_members(&self, _: &mut $crate::ObjectWriter<'_>) {}
        }

        $crate::impl_debug!($module::$name);
        $crate::impl_serde!($module::$name);
    };
    ($module:ident::$name:ident(..)) => {
        impl $crate::DecodeMembers for $module::$name {
            #[inline]
            fn decode_members(
                members: &mut $crate::Members<'_>,
            ) -> ::core::result::Result<Self, $crate::DecodeError> {
                ::core::result::Result::Ok(Self($crate::DecodeMembers::decode_members(members)?))
            }
        }

        impl $crate::EncodeMembers for $module::$name {
            #[inline]
            fn encode_members(&self, out: &mut $crate::ObjectWriter<'_>) {
                $crate::EncodeMembers::encode_members(&self.0, out);
            }
        }

        $crate::impl_debug!($module::$name);
        $crate::impl_serde!($module::$name);
    };
    ($module:ident::$name:ident {
        $(
            $(#[$attribute:meta])*
            $field:ident:
            $(required($required:literal $(,)?))?
            $(value($value:literal $(,)?))?
            $(option($option:literal $(,)?))?
            $(required_bytes($required_bytes:literal $(,)?))?
            $(optional_bytes($optional_bytes:literal $(,)?))?
        ),* $(,)?
        $(..$rest:ident)?
    }) => {
        impl $crate::DecodeMembers for $module::$name {
            #[inline]
            fn decode_members(
                members: &mut $crate::Members<'_>,
            ) -> ::core::result::Result<Self, $crate::DecodeError> {
                ::core::result::Result::Ok(Self {
                    $(
                        $(#[$attribute])*
                        $field:
                        $(members.required($required)?)?
                        $(members.value($value))?
                        $(members.option($option))?
                        $(members.required_bytes($required_bytes)?)?
                        $(members.optional_bytes($optional_bytes)?)?,
                    )*
                    $($rest: members.rest(),)?
                })
            }
        }

        impl $crate::EncodeMembers for $module::$name {
            #[inline]
            fn encode_members(&self, out: &mut $crate::ObjectWriter<'_>) {
                $(
                    $(#[$attribute])*
                    {
                        $(out.member_behind(concat!(", \"", $required, "\": "), &self.$field))?
                        $(out.member_behind(concat!(", \"", $value, "\": "), &self.$field))?
                        $(out.optional_behind(concat!(", \"", $option, "\": "), &self.$field))?
                        $(out.bytes($required_bytes, &self.$field))?
                        $(out.optional_bytes($optional_bytes, &self.$field))?
                    }
                )*
                $($crate::EncodeMembers::encode_members(&self.$rest, out);)?
            }
        }

        $crate::impl_debug!($module::$name);
        $crate::impl_serde!($module::$name);
    };
}

/// Gives a union that has its own code for members the traits for whole values, `Debug`, and serde's traits if the
/// feature `serde` is on.
///
/// ```ignore
/// qapi_runtime::impl_union!(types::Shape);
/// ```
#[macro_export]
macro_rules! impl_union {
    ($module:ident::$name:ident) => {
        $crate::impl_debug!($module::$name);
        $crate::impl_serde!($module::$name);
    };
}

/// Gives an alternate, which has its own code for decoding and encoding, the same in a `Box`, and serde's traits if the
/// feature `serde` is on.
///
/// ```ignore
/// qapi_runtime::impl_alternate!(types::ShapeOrName);
/// ```
#[macro_export]
macro_rules! impl_alternate {
    ($module:ident::$name:ident) => {
        impl $crate::Decode for ::std::boxed::Box<$module::$name> {
            #[inline]
            fn decode(
                value: $crate::Value<'_>,
            ) -> ::core::result::Result<Self, $crate::DecodeError> {
                value.decode_boxed()
            }
        }

        impl $crate::Encode for ::std::boxed::Box<$module::$name> {
            #[inline]
            fn encode(&self, out: &mut $crate::Writer) {
                $crate::Encode::encode(&**self, out);
            }
        }

        $crate::impl_serde!($module::$name);
    };
}

/// Gives an enumeration the names of its values, conversions from and to text and the wire, and serde's traits if the
/// feature `serde` is on.
///
/// The type gets a constant `VALUES` with all of its values in this order, and a method `as_str` for the name of each.
/// `..Unlisted` at the end is for a type with a variant `Unlisted(Box<str>)`, which keeps names that are not listed: so
/// clients read replies and events of servers that may be newer than their schema. Where a server judges arguments, and in
/// `FromStr`, such a name is an error for every type.
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

            /// Returns the value of this name; one that the schema does not list is kept.
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

/// Gives types `Debug`: the name of the type, and the members as they are on the wire.
///
/// The types must be objects that implement [`Encode`](crate::Encode). Generated code calls it with its structs, for which a
/// derived `Debug` would cost the compiler several times as much; attributes such as `#[cfg(…)]` may precede each.
///
/// ```ignore
/// qapi_runtime::impl_debug!(types::Paint, #[cfg(unix)] commands::Mix);
/// ```
#[macro_export]
macro_rules! impl_debug {
    ($($(#[$attribute:meta])* $module:ident::$name:ident),* $(,)?) => {$(
        $(#[$attribute])*
        impl ::core::fmt::Debug for $module::$name {
            #[inline]
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::read::debug_object(::core::stringify!($name), self, formatter)
            }
        }
    )*};
}

/// Gives types serde's `Serialize` and `Deserialize`, if the feature `serde` is on; expands to nothing otherwise.
///
/// The types must implement [`Encode`](crate::Encode) and [`Decode`](crate::Decode). Generated code calls it with all of
/// its types; attributes such as `#[cfg(…)]` may precede each.
///
/// ```ignore
/// qapi_runtime::impl_serde!(types::Colour, #[cfg(unix)] types::Paint);
/// ```
#[cfg(feature = "serde")]
#[macro_export]
macro_rules! impl_serde {
    ($($(#[$attribute:meta])* $ty:ty),* $(,)?) => {$(
        $(#[$attribute])*
        impl $crate::serde::core::Serialize for $ty {
            fn serialize<S: $crate::serde::core::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                $crate::serde::serialize(self, serializer)
            }
        }

        $(#[$attribute])*
        impl<'de> $crate::serde::core::Deserialize<'de> for $ty {
            fn deserialize<D: $crate::serde::core::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::serde::deserialize(deserializer)
            }
        }
    )*};
}

/// Gives types serde's `Serialize` and `Deserialize`, if the feature `serde` is on; expands to nothing otherwise.
#[cfg(not(feature = "serde"))]
#[macro_export]
macro_rules! impl_serde {
    ($($anything:tt)*) => {};
}

/// Gives the data of events [`FromEvent`](crate::FromEvent), and the enum of all events, which comes first and is
/// decoded by name.
///
/// Generated code calls it; attributes such as `#[cfg(…)]` may precede each.
///
/// ```ignore
/// qapi_runtime::impl_events!(events::Event: events::PoweredOff, #[cfg(unix)] events::Tick);
/// ```
#[macro_export]
macro_rules! impl_events {
    ($all:ty: $($(#[$attribute:meta])* $ty:ty),* $(,)?) => {
        impl $crate::FromEvent for $all {
            const EVENT: ::core::option::Option<&'static str> = ::core::option::Option::None;

            #[inline]
            fn from_event(event: &$crate::EventMessage) -> ::core::result::Result<Self, $crate::DecodeError> {
                Self::decode(event.name(), event.members())
            }
        }

        $(
            $(#[$attribute])*
            impl $crate::FromEvent for $ty {
                const EVENT: ::core::option::Option<&'static str> = ::core::option::Option::Some(<$ty>::NAME);

                #[inline]
                fn from_event(event: &$crate::EventMessage) -> ::core::result::Result<Self, $crate::DecodeError> {
                    event.decode()
                }
            }
        )*
    };
}
