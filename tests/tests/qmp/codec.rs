//! Generated code reached by the names of the schema.

use std::fmt::Debug;

use qapi_runtime::wire::Document;
use qapi_runtime::{
    Command, Decode, DecodeError, DecodeMembers, Encode, EncodeMembers, Policy, Writer,
};

/// Reads a document as a type and writes it again.
pub(crate) type Codec = fn(&Document, Policy) -> Result<String, DecodeError>;

/// For types.
pub(crate) fn value<T>(document: &Document, policy: Policy) -> Result<String, DecodeError>
where
    T: Decode + Encode + PartialEq + Debug,
{
    let read = |document: &Document| T::decode(document.lenient().with_policy(policy));
    let value = read(document)?;
    let mut writer = Writer::new();
    writer.value(&value);
    Ok(assert_same(&value, writer, read))
}

/// For arguments of commands and data of events.
pub(crate) fn members<T>(document: &Document, policy: Policy) -> Result<String, DecodeError>
where
    T: DecodeMembers + EncodeMembers + PartialEq + Debug,
{
    let read = |document: &Document| {
        document
            .lenient()
            .with_policy(policy)
            .object()?
            .decode::<T>()
    };
    let value = read(document)?;
    let mut writer = Writer::new();
    writer.object(|members| value.encode_members(members));
    Ok(assert_same(&value, writer, read))
}

/// For replies.
pub(crate) fn reply<C>(document: &Document, policy: Policy) -> Result<String, DecodeError>
where
    C: Command,
    C::Reply: Encode + PartialEq + Debug,
{
    value::<C::Reply>(document, policy)
}

/// The text that was written, which must read as the same value.
fn assert_same<T: PartialEq + Debug>(
    value: &T,
    writer: Writer,
    read: impl Fn(&Document) -> Result<T, DecodeError>,
) -> String {
    assert_eq!(writer.fault(), None);
    let text = writer.into_string();
    let document = Document::parse(text.as_bytes());
    let document = document.unwrap_or_else(|error| panic!("{error}: {text}"));
    let again = read(&document);
    let again = again.unwrap_or_else(|error| panic!("{}: {text}", error.explain()));
    assert_eq!(*value, again, "{text}");
    text
}
