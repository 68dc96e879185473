//! Commands, as clients and servers see them.

use crate::read::Decode;
use crate::write::EncodeMembers;

/// A command: implemented by the struct of its arguments.
pub trait Command: EncodeMembers {
    /// The name on the wire.
    const NAME: &'static str;
    /// True if success is answered. False for commands after which there may be nobody to answer.
    const SUCCESS_RESPONSE: bool = true;
    /// True if the command may be run out of band.
    const ALLOW_OOB: bool = false;
    /// True if the command may be run before the machine is configured.
    const ALLOW_PRECONFIG: bool = false;
    /// The reply on success; `()` is the empty object.
    type Reply: Decode;
}

impl<C: Command + ?Sized> Command for &C {
    const NAME: &'static str = C::NAME;
    const SUCCESS_RESPONSE: bool = C::SUCCESS_RESPONSE;
    const ALLOW_OOB: bool = C::ALLOW_OOB;
    const ALLOW_PRECONFIG: bool = C::ALLOW_PRECONFIG;
    type Reply = C::Reply;
}

/// The facts of a command that need no types, as tables of commands hold them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CommandInfo {
    /// The name on the wire.
    pub name: &'static str,
    /// True if success is answered.
    pub success_response: bool,
    /// True if the command may be run out of band.
    pub allow_oob: bool,
    /// True if the command may be run before the machine is configured.
    pub allow_preconfig: bool,
}

impl CommandInfo {
    /// A command of which the schema says nothing but the name: success is answered, and it is run neither out of band nor
    /// before the machine is configured.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            success_response: true,
            allow_oob: false,
            allow_preconfig: false,
        }
    }

    /// The facts of command `C`.
    pub const fn of<C: Command>() -> Self {
        Self {
            name: C::NAME,
            success_response: C::SUCCESS_RESPONSE,
            allow_oob: C::ALLOW_OOB,
            allow_preconfig: C::ALLOW_PRECONFIG,
        }
    }
}
