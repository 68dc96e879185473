//! Branches of unions from and to the wire.

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
