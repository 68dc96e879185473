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

/// Gives types [`Encode`](crate::Encode) and [`Decode`](crate::Decode) as JSON objects, by the members that their
/// [`EncodeMembers`](crate::EncodeMembers) and [`DecodeMembers`](crate::DecodeMembers) write and read.
///
/// Generated code calls it with its structs, unions, commands and events; attributes such as `#[cfg(…)]` may precede each.
///
/// ```ignore
/// qapi_runtime::impl_object!(types::Paint, #[cfg(unix)] commands::Mix);
/// ```
#[macro_export]
macro_rules! impl_object {
    ($($(#[$attribute:meta])* $ty:ty),* $(,)?) => {$(
        $(#[$attribute])*
        impl $crate::Decode for $ty {
            #[inline]
            fn decode(value: $crate::Value<'_>) -> ::core::result::Result<Self, $crate::DecodeError> {
                value.decode_object()
            }
        }

        $(#[$attribute])*
        impl $crate::Encode for $ty {
            #[inline]
            fn encode(&self, out: &mut $crate::Writer) {
                out.object(|out| $crate::EncodeMembers::encode_members(self, out));
            }
        }
    )*};
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

/// Gives the data of events [`FromEvent`](crate::FromEvent), and the enum of all events, which comes first and knows how to
/// choose by name.
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
