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

/// Gives a union its way from and to the wire, `Debug`, and serde's traits if the feature `serde` is on.
///
/// The common members are as in [`impl_members!`](crate::impl_members). One of them is the `tag`, whose field holds the branch:
/// behind its name on the wire stands the enum of branches, which [`impl_branches!`](crate::impl_branches) is for.
///
/// ```
/// use qapi_runtime::{impl_branches, impl_enum, impl_members, impl_union};
///
/// mod types {
///     #[derive(Clone, PartialEq)]
///     pub struct Shape {
///         pub name: String,
///         pub kind: ShapeBranch,
///         pub colour: Option<String>,
///     }
///     #[derive(Debug, Clone, PartialEq)]
///     pub enum ShapeBranch {
///         Circle(Circle),
///         Label(String),
///         Nothing,
///     }
///     #[derive(Clone, PartialEq)]
///     pub struct Circle {
///         pub radius: i64,
///     }
///     #[derive(Debug, Clone, Copy, PartialEq)]
///     pub enum ShapeKind {
///         Circle,
///         Label,
///         Nothing,
///     }
/// }
///
/// impl_enum! { types::ShapeKind { Circle: "circle", Label: "label", Nothing: "nothing" } }
/// impl_members! { types::Circle { radius: value("radius") } }
/// impl_union! {
///     types::Shape { name: value("name"), kind: tag("kind", ShapeBranch), colour: option("colour") }
/// }
/// impl_branches! {
///     types::ShapeBranch {
///         tag: types::ShapeKind("kind"),
///         Circle: members(Circle, "circle"),
///         Label: required(Label, "label", "text"),
///         Nothing: empty(Nothing, "nothing"),
///     }
/// }
/// # let shape = types::Shape {
/// #     name: "a".to_owned(),
/// #     kind: types::ShapeBranch::Circle(types::Circle { radius: 3 }),
/// #     colour: None,
/// # };
/// # assert_eq!(shape.kind.as_str(), "circle");
/// # assert_eq!(shape.kind.tag(), types::ShapeKind::Circle);
/// # assert_eq!(format!("{shape:?}"), r#"Shape { name: "a", kind: "circle", radius: 3 }"#);
/// ```
#[macro_export]
macro_rules! impl_union {
    ($module:ident::$name:ident {
        $(
            $(#[$attribute:meta])*
            $field:ident:
            $(tag($tag:literal, $branches:ident $(,)?))?
            $(required($required:literal $(,)?))?
            $(value($value:literal $(,)?))?
            $(option($option:literal $(,)?))?
            $(required_bytes($required_bytes:literal $(,)?))?
            $(optional_bytes($optional_bytes:literal $(,)?))?
        ),* $(,)?
    }) => {
        impl $crate::DecodeMembers for $module::$name {
            #[inline]
            fn decode_members(
                members: &mut $crate::Members<'_>,
            ) -> ::core::result::Result<Self, $crate::DecodeError> {
                $(
                    $(#[$attribute])*
                    let $field =
                        $(members.required($tag)?)?
                        $(members.required($required)?)?
                        $(members.value($value))?
                        $(members.option($option))?
                        $(members.required_bytes($required_bytes)?)?
                        $(members.optional_bytes($optional_bytes)?)?;
                )*
                $($(let $field = $module::$branches::decode($field, members)?;)?)*
                ::core::result::Result::Ok(Self { $($(#[$attribute])* $field,)* })
            }
        }

        impl $crate::EncodeMembers for $module::$name {
            #[inline]
            fn encode_members(&self, out: &mut $crate::ObjectWriter<'_>) {
                $(
                    $(#[$attribute])*
                    {
                        $(out.member($tag, &self.$field.as_str()))?
                        $(out.member_behind(concat!(", \"", $required, "\": "), &self.$field))?
                        $(out.member_behind(concat!(", \"", $value, "\": "), &self.$field))?
                        $(out.optional_behind(concat!(", \"", $option, "\": "), &self.$field))?
                        $(out.bytes($required_bytes, &self.$field))?
                        $(out.optional_bytes($optional_bytes, &self.$field))?
                    }
                )*
                $($($module::$branches::encode_members(&self.$field, out);)?)*
            }
        }

        $crate::impl_debug!($module::$name);
        $crate::impl_serde!($module::$name);
    };
}

/// Gives the enum of a union's branches the value of its tag, and its way from and to the wire.
///
/// First comes the `tag`: its enumeration, and its name on the wire. Each branch says what it holds, the variant of the tag's
/// enumeration, and its name on the wire: it holds the `members` of a type, one member, whose name follows (`required`, or
/// `required_bytes` in base64), or nothing (`empty`). `..Unlisted` at the end is for an enum with a variant
/// `Unlisted { tag: Box<str>, rest: Object }`, which keeps branches that are not in the schema. If the tag's enumeration
/// does not keep such names, `text` takes the place of `tag`.
///
/// The enum gets a method `tag` for the tag's value, which is an `Option` if it is `text`, and a method `as_str` for the name
/// of that. For an example see [`impl_union!`](crate::impl_union).
#[macro_export]
macro_rules! impl_branches {
    ($module:ident::$name:ident {
        tag: $tag_module:ident::$tag:ident($tag_wire:literal $(,)?),
        $(
            $(#[$attribute:meta])*
            $variant:ident: $payload:ident($value:ident, $wire:literal $(, $member:literal)? $(,)?)
        ),* $(,)?
    }) => {
        impl $module::$name {
            #[doc = concat!("The value of `", $tag_wire, "`.")]
            #[inline]
            pub fn tag(&self) -> $tag_module::$tag {
                match *self {
                    $($(#[$attribute])* Self::$variant { .. } => $tag_module::$tag::$value,)*
                }
            }

            #[doc = concat!("The value of `", $tag_wire, "` on the wire.")]
            #[inline]
            pub fn as_str(&self) -> &'static str {
                match *self {
                    $($(#[$attribute])* Self::$variant { .. } => $wire,)*
                }
            }

            #[inline]
            fn decode(
                tag: $tag_module::$tag,
                members: &mut $crate::Members<'_>,
            ) -> ::core::result::Result<Self, $crate::DecodeError> {
                match tag {
                    $(
                        $(#[$attribute])*
                        $tag_module::$tag::$value => {
                            $crate::impl_branches!(@read members $variant $payload $($member)?)
                        }
                    )*
                    #[allow(unreachable_patterns, reason = "there may be no value without a branch")]
                    tag => ::core::result::Result::Err(
                        $crate::DecodeError::unknown_value(tag.as_str()).in_member($tag_wire),
                    ),
                }
            }
        }

        $crate::impl_branches!(@encode $module::$name {
            $($(#[$attribute])* $variant: $payload $($member)?,)*
        });
    };
    ($module:ident::$name:ident {
        tag: $tag_module:ident::$tag:ident($tag_wire:literal $(,)?),
        $(
            $(#[$attribute:meta])*
            $variant:ident: $payload:ident($value:ident, $wire:literal $(, $member:literal)? $(,)?),
        )*
        ..Unlisted
    }) => {
        impl $module::$name {
            #[doc = concat!("The value of `", $tag_wire, "`.")]
            #[inline]
            pub fn tag(&self) -> $tag_module::$tag {
                $tag_module::$tag::from_wire(self.as_str())
            }

            #[inline]
            fn decode(
                tag: $tag_module::$tag,
                members: &mut $crate::Members<'_>,
            ) -> ::core::result::Result<Self, $crate::DecodeError> {
                match tag {
                    $(
                        $(#[$attribute])*
                        $tag_module::$tag::$value => {
                            $crate::impl_branches!(@read members $variant $payload $($member)?)
                        }
                    )*
                    $tag_module::$tag::Unlisted(tag) => {
                        let rest = members.rest();
                        ::core::result::Result::Ok(Self::Unlisted { tag, rest })
                    }
                    #[allow(unreachable_patterns, reason = "there may be no value without a branch")]
                    tag => ::core::result::Result::Err(
                        $crate::DecodeError::unknown_value(tag.as_str()).in_member($tag_wire),
                    ),
                }
            }
        }

        $crate::impl_branches!(@as_str $module::$name $tag_wire {
            $($(#[$attribute])* $variant: $wire,)*
        });
        $crate::impl_branches!(@encode $module::$name {
            $($(#[$attribute])* $variant: $payload $($member)?,)*
            ..Unlisted
        });
    };
    ($module:ident::$name:ident {
        text: $tag_module:ident::$tag:ident($tag_wire:literal $(,)?),
        $(
            $(#[$attribute:meta])*
            $variant:ident: $payload:ident($value:ident, $wire:literal $(, $member:literal)? $(,)?),
        )*
        ..Unlisted
    }) => {
        impl $module::$name {
            #[doc = concat!("The value of `", $tag_wire, "`, or `None` if it is not in the schema.")]
            #[inline]
            pub fn tag(&self) -> ::core::option::Option<$tag_module::$tag> {
                self.as_str().parse().ok()
            }

            #[inline]
            fn decode(
                tag: ::std::boxed::Box<str>,
                members: &mut $crate::Members<'_>,
            ) -> ::core::result::Result<Self, $crate::DecodeError> {
                match &*tag {
                    $(
                        $(#[$attribute])*
                        $wire => {
                            $crate::impl_branches!(@read members $variant $payload $($member)?)
                        }
                    )*
                    _ if members.is_strict() => ::core::result::Result::Err(
                        $crate::DecodeError::unknown_value(&tag).in_member($tag_wire),
                    ),
                    _ => {
                        let rest = members.rest();
                        ::core::result::Result::Ok(Self::Unlisted { tag, rest })
                    }
                }
            }
        }

        $crate::impl_branches!(@as_str $module::$name $tag_wire {
            $($(#[$attribute])* $variant: $wire,)*
        });
        $crate::impl_branches!(@encode $module::$name {
            $($(#[$attribute])* $variant: $payload $($member)?,)*
            ..Unlisted
        });
    };
    (@as_str $module:ident::$name:ident $tag_wire:literal {
        $($(#[$attribute:meta])* $variant:ident: $wire:literal,)*
    }) => {
        impl $module::$name {
            #[doc = concat!("The value of `", $tag_wire, "` on the wire.")]
            #[inline]
            pub fn as_str(&self) -> &str {
                match *self {
                    $($(#[$attribute])* Self::$variant { .. } => $wire,)*
                    Self::Unlisted { ref tag, .. } => tag,
                }
            }
        }
    };
    (@encode $module:ident::$name:ident {
        $($(#[$attribute:meta])* $variant:ident: $payload:ident $($member:literal)?,)*
        $(..$unlisted:ident)?
    }) => {
        impl $module::$name {
            #[inline]
            fn encode_members(&self, out: &mut $crate::ObjectWriter<'_>) {
                match *self {
                    $(
                        $(#[$attribute])*
                        $crate::impl_branches!(@pattern held $variant $payload) => {
                            $crate::impl_branches!(@write out held $payload $($member)?)
                        }
                    )*
                    $(
                        Self::$unlisted { ref rest, .. } => {
                            $crate::EncodeMembers::encode_members(rest, out);
                        }
                    )?
                }
            }
        }
    };
    (@pattern $held:ident $variant:ident empty) => { Self::$variant };
    (@pattern $held:ident $variant:ident $payload:ident) => { Self::$variant(ref $held) };
    (@read $members:ident $variant:ident empty) => { ::core::result::Result::Ok(Self::$variant) };
    (@read $members:ident $variant:ident members) => {
        $crate::DecodeMembers::decode_members($members).map(Self::$variant)
    };
    (@read $members:ident $variant:ident $kind:ident $wire:literal) => {
        $members.$kind($wire).map(Self::$variant)
    };
    (@write $out:ident $held:ident empty) => { {} };
    (@write $out:ident $held:ident members) => {
        $crate::EncodeMembers::encode_members($held, $out)
    };
    (@write $out:ident $held:ident required $wire:literal) => { $out.member($wire, $held) };
    (@write $out:ident $held:ident required_bytes $wire:literal) => { $out.bytes($wire, $held) };
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
