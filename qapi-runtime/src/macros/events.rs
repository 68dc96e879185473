//! The data of events.

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
