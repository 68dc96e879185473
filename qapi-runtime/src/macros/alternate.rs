//! Alternates in boxes.

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
