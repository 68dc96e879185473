//! Structs from and to the wire.

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
