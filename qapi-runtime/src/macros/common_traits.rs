//! Traits that types of all kinds have.

/// Converts the only parameter of a type's constructor `new` into the type.
///
/// ```
/// #[derive(Debug, PartialEq)]
/// struct Paint(&'static str);
///
/// impl Paint {
///     fn new(colour: &'static str) -> Self {
///         Self(colour)
///     }
/// }
///
/// qapi_runtime::impl_from!(Paint(&'static str));
/// # assert_eq!(Paint::from("red"), Paint("red"));
/// ```
#[macro_export]
macro_rules! impl_from {
    ($name:ident($parameter:ty)) => {
        impl ::core::convert::From<$parameter> for $name {
            #[inline]
            fn from(parameter: $parameter) -> Self {
                Self::new(parameter)
            }
        }
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
