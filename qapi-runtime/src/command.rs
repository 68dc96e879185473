//! Commands, as clients and servers see them.

use crate::read::Decode;
use crate::value::{Any, Object};
use crate::write::{EncodeMembers, ObjectWriter};

/// A command: implemented by the struct of its arguments.
pub trait Command: EncodeMembers {
    /// The name on the wire.
    const NAME: &'static str;
    /// True if success is answered. False for commands after which the server may no longer exist.
    const SUCCESS_RESPONSE: bool = true;
    /// True if the command may be run out of band.
    const ALLOW_OOB: bool = false;
    /// True if the command may be run before the machine is configured.
    const ALLOW_PRECONFIG: bool = false;
    /// The reply on success; `()` is the empty object.
    type Reply: Decode;

    /// Adds an argument that is not in the schema, because the server is newer than it, or built with more.
    ///
    /// ```
    /// use qapi_runtime::testing::{Expect, MockServer, Script};
    /// use qapi_runtime::{Client, Command, Execute, Options};
    /// # use qapi_runtime::{EncodeMembers, ObjectWriter};
    /// # struct Stop;
    /// # impl EncodeMembers for Stop {
    /// #     fn encode_members(&self, _: &mut ObjectWriter<'_>) {}
    /// # }
    /// # impl Command for Stop {
    /// #     const NAME: &'static str = "stop";
    /// #     type Reply = ();
    /// # }
    ///
    /// let expected = Expect::command("stop").with("gently", true).replies(&());
    /// let server = MockServer::qmp(Script::in_order([expected]));
    /// let mut qemu = Client::qmp(server.connect(), Options::default())?;
    /// qemu.execute(&Stop.with_extra("gently", true))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// A command whose schema takes anything, such as QEMU's `device_add`, has a method of this name and keeps its type. Further
    /// members of values within the arguments are for commands that are called by name.
    ///
    /// An argument that the command sets itself is an error when the command is executed.
    fn with_extra(self, name: impl Into<String>, value: impl Into<Any>) -> WithExtra<Self>
    where
        Self: Sized,
    {
        WithExtra::new(self).with_extra(name, value)
    }
}

/// A command with arguments that are not in its schema; see [`Command::with_extra`].
#[derive(Debug, Clone, PartialEq)]
pub struct WithExtra<C> {
    command: C,
    extra: Object,
}

impl<C> WithExtra<C> {
    /// Creates a command without further arguments yet.
    pub const fn new(command: C) -> Self {
        Self {
            command,
            extra: Object::new(),
        }
    }

    /// Adds an argument, or replaces its value.
    #[must_use]
    pub fn with_extra(mut self, name: impl Into<String>, value: impl Into<Any>) -> Self {
        self.extra.insert(name, value);
        self
    }
}

impl<C: EncodeMembers> EncodeMembers for WithExtra<C> {
    fn encode_members(&self, out: &mut ObjectWriter<'_>) {
        self.command.encode_members(out);
        self.extra.encode_members(out);
    }
}

impl<C: Command> Command for WithExtra<C> {
    const NAME: &'static str = C::NAME;
    const SUCCESS_RESPONSE: bool = C::SUCCESS_RESPONSE;
    const ALLOW_OOB: bool = C::ALLOW_OOB;
    const ALLOW_PRECONFIG: bool = C::ALLOW_PRECONFIG;
    type Reply = C::Reply;
}

impl<C: Command + ?Sized> Command for &C {
    const NAME: &'static str = C::NAME;
    const SUCCESS_RESPONSE: bool = C::SUCCESS_RESPONSE;
    const ALLOW_OOB: bool = C::ALLOW_OOB;
    const ALLOW_PRECONFIG: bool = C::ALLOW_PRECONFIG;
    type Reply = C::Reply;
}

/// The untyped facts of a command, as tables of commands hold them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
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
    /// Creates a command with the default flags: success is answered, and it is run neither out of band nor before the
    /// machine is configured.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            success_response: true,
            allow_oob: false,
            allow_preconfig: false,
        }
    }

    /// Sets whether success is answered.
    #[must_use]
    pub const fn with_success_response(mut self, success_response: bool) -> Self {
        self.success_response = success_response;
        self
    }

    /// Sets if the command may be run out of band.
    #[must_use]
    pub const fn with_oob(mut self, allow_oob: bool) -> Self {
        self.allow_oob = allow_oob;
        self
    }

    /// Sets if the command may be run before the machine is configured.
    #[must_use]
    pub const fn with_preconfig(mut self, allow_preconfig: bool) -> Self {
        self.allow_preconfig = allow_preconfig;
        self
    }

    /// Returns the facts of command `C`.
    pub const fn of<C: Command>() -> Self {
        Self {
            name: C::NAME,
            success_response: C::SUCCESS_RESPONSE,
            allow_oob: C::ALLOW_OOB,
            allow_preconfig: C::ALLOW_PRECONFIG,
        }
    }
}
