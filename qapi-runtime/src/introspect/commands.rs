//! The commands of a server, in one form for QMP servers and guest agents.

use std::collections::BTreeMap;

use crate::command::Command;
use crate::read::{Decode, DecodeError, Members, Value};
use crate::write::{EncodeMembers, ObjectWriter};

/// The commands that a server has, and whether they are enabled.
///
/// Ask for it with [`Execute::server_commands`](crate::Execute::server_commands) or
/// [`AsyncExecute::server_commands`](crate::AsyncExecute::server_commands). It is a snapshot: administrators can
/// disable commands of a guest agent permanently, and a freeze of its file systems disables some temporarily.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServerCommands {
    enabled: BTreeMap<Box<str>, bool>,
}

impl ServerCommands {
    /// Returns whether the server has the command, enabled.
    ///
    /// ```
    /// use qapi_runtime::introspect::{QuerySchema, ServerCommands};
    ///
    /// let commands = ServerCommands::from_iter([("query-qmp-schema", true)]);
    /// assert!(commands.supports::<QuerySchema>());
    /// ```
    pub fn supports<C: Command>(&self) -> bool {
        self.is_enabled(C::NAME)
    }

    /// Returns whether the server has the command of this name, enabled.
    pub fn is_enabled(&self, name: &str) -> bool {
        self.enabled.get(name).copied().unwrap_or(false)
    }

    /// Returns whether the server has the command of this name, enabled or not.
    pub fn has(&self, name: &str) -> bool {
        self.enabled.contains_key(name)
    }

    /// Returns the names of the commands, sorted, each with true if it is enabled.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, bool)> {
        self.enabled
            .iter()
            .map(|(name, enabled)| (&**name, *enabled))
    }
}

impl<N: Into<Box<str>>> FromIterator<(N, bool)> for ServerCommands {
    fn from_iter<I: IntoIterator<Item = (N, bool)>>(commands: I) -> Self {
        let commands = commands.into_iter();
        Self {
            enabled: commands
                .map(|(name, enabled)| (name.into(), enabled))
                .collect(),
        }
    }
}

/// `query-commands` of a QMP server: it lists what is enabled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QueryCommands;

/// The reply to [`QueryCommands`].
pub(crate) struct Listed(pub(crate) ServerCommands);

impl Command for QueryCommands {
    const NAME: &'static str = "query-commands";
    type Reply = Listed;
}

impl EncodeMembers for QueryCommands {
    fn encode_members(&self, _: &mut ObjectWriter<'_>) {}
}

impl Decode for Listed {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        commands(value, |_| Ok(true)).map(Self)
    }
}

/// `guest-info` of a guest agent: it lists all commands, and says which are enabled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GuestInfo;

/// The reply to [`GuestInfo`].
pub(crate) struct Supported(pub(crate) ServerCommands);

impl Command for GuestInfo {
    const NAME: &'static str = "guest-info";
    type Reply = Supported;
}

impl EncodeMembers for GuestInfo {
    fn encode_members(&self, _: &mut ObjectWriter<'_>) {}
}

impl Decode for Supported {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        const LIST: &str = "supported_commands";
        let mut members = value.object()?;
        // Agents before 1.1 report their version only.
        let Some(list) = members.take(LIST) else {
            return Ok(Self(ServerCommands::default()));
        };
        let commands = commands(list, |command| command.required("enabled"));
        commands.map(Self).map_err(|error| error.in_member(LIST))
    }
}

fn commands(
    list: Value<'_>,
    enabled: impl Fn(&mut Members<'_>) -> Result<bool, DecodeError>,
) -> Result<ServerCommands, DecodeError> {
    let read = |(at, command): (usize, Value<'_>)| {
        let command = command.object().and_then(|mut command| {
            let name: Box<str> = command.required("name")?;
            Ok((name, enabled(&mut command)?))
        });
        command.map_err(|error| error.in_element(at))
    };
    list.array()?.enumerate().map(read).collect()
}
