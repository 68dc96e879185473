//! Unions from and to the wire, but for their branches.

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
