//! The error that a command answers with.

use std::fmt;

use crate::read::{Decode, DecodeError, DecodeMembers, Members, Value};
use crate::write::{Encode, EncodeMembers, ObjectWriter, Writer};

/// A command's failure, on the wire `{"error": {"class": …, "desc": …}}`.
///
/// Handlers return it, clients receive it. The text is for people, but callers are known to match it, so keep the
/// wording of an error stable once it is out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Error {
    /// The machine-readable part.
    pub class: ErrorClass,
    /// The text for people.
    pub desc: String,
}

impl Error {
    /// Creates an error of any class.
    pub fn new(class: ErrorClass, desc: impl Into<String>) -> Self {
        Self {
            class,
            desc: desc.into(),
        }
    }

    /// Creates an error of class `GenericError`, the class of nearly all errors.
    pub fn generic(desc: impl Into<String>) -> Self {
        Self::new(ErrorClass::GenericError, desc)
    }

    /// Creates an error of class `CommandNotFound`: the command is unknown or disabled.
    pub fn command_not_found(desc: impl Into<String>) -> Self {
        Self::new(ErrorClass::CommandNotFound, desc)
    }

    /// Returns the error for a handler that is not implemented.
    pub fn not_implemented(name: &str) -> Self {
        Self::command_not_found(format!("Command {name} has been disabled: not implemented"))
    }

    /// Returns a future of [`not_implemented`](Self::not_implemented), ready at once, for asynchronous handlers.
    pub fn not_implemented_future<T>(name: &str) -> std::future::Ready<Result<T, Self>> {
        std::future::ready(Err(Self::not_implemented(name)))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.class {
            ErrorClass::GenericError => formatter.write_str(&self.desc),
            class => write!(formatter, "{} ({class})", self.desc),
        }
    }
}

impl std::error::Error for Error {}

/// Bad arguments are answered with the text of the decode error.
impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        Self::generic(error.to_string())
    }
}

impl EncodeMembers for Error {
    fn encode_members(&self, out: &mut ObjectWriter<'_>) {
        out.member("class", &self.class);
        out.member("desc", &self.desc);
    }
}

impl DecodeMembers for Error {
    fn decode_members(members: &mut Members<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            class: members.required("class")?,
            desc: members.required("desc")?,
        })
    }
}

/// The class of an [`Error`]. Open: a class that is not listed here is kept as received.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorClass {
    /// Any error without a class of its own.
    GenericError,
    /// The command is unknown or disabled.
    CommandNotFound,
    /// A device has failed to become active.
    DeviceNotActive,
    /// There is no such device.
    DeviceNotFound,
    /// KVM lacks a capability that the request needs.
    KvmMissingCap,
    /// A class that is not in this list, as received.
    Unlisted(Box<str>),
}

impl ErrorClass {
    /// Returns the name on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::GenericError => "GenericError",
            Self::CommandNotFound => "CommandNotFound",
            Self::DeviceNotActive => "DeviceNotActive",
            Self::DeviceNotFound => "DeviceNotFound",
            Self::KvmMissingCap => "KVMMissingCap",
            Self::Unlisted(name) => name,
        }
    }
}

impl From<&str> for ErrorClass {
    fn from(name: &str) -> Self {
        match name {
            "GenericError" => Self::GenericError,
            "CommandNotFound" => Self::CommandNotFound,
            "DeviceNotActive" => Self::DeviceNotActive,
            "DeviceNotFound" => Self::DeviceNotFound,
            "KVMMissingCap" => Self::KvmMissingCap,
            other => Self::Unlisted(other.into()),
        }
    }
}

impl fmt::Display for ErrorClass {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Encode for ErrorClass {
    fn encode(&self, out: &mut Writer) {
        out.string(self.as_str());
    }
}

impl Decode for ErrorClass {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Ok(Self::from(&*value.string()?))
    }
}
