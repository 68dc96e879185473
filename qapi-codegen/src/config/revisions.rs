//! One client for several revisions of a schema.

use std::path::PathBuf;

use super::builder::Config;

impl Config {
    /// Generates one client for several revisions of a schema, oldest first, each with a name.
    ///
    /// * It has every command, event and type of every revision. `REVISIONS` of a command or event says which revisions have
    ///   it, and the documentation does so for members, values and branches. A connected client asks the server itself with
    ///   `supports`.
    /// * A member is mandatory if all revisions have it as mandatory, otherwise it is an `Option`.
    /// * Types with the same name are one; a type that was renamed has its newer name. Members of bases belong to every type
    ///   that has them.
    /// * Enumerations and unions have the values and branches of all revisions, and are open.
    /// * Where types differ, numbers take the wider one, strings the enumeration, and an alternate what it has an alternative
    ///   for. What an empty reply or branch became has optional members only. A union is a struct with the members of all
    ///   branches if some revision has no discriminator.
    /// * Anything else that differs, such as a string here and an object there, is an error with both places.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), qapi_codegen::BuildError> {
    /// qapi_codegen::Config::new()
    ///     .server(false)
    ///     .module("guest_agent")
    ///     .revisions([("1.1", "schemas/guest-agent/1.1.json"), ("2.5", "schemas/guest-agent/2.5.json")])
    ///     .compile()
    /// # }
    /// ```
    pub fn revisions<N: Into<String>, P: Into<PathBuf>>(
        self,
        revisions: impl IntoIterator<Item = (N, P)>,
    ) -> Revisions {
        let revisions = revisions.into_iter();
        Revisions {
            config: self,
            revisions: revisions
                .map(|(name, path)| (name.into(), path.into()))
                .collect(),
        }
    }
}

/// Several revisions of a schema and the settings for their client; see [`Config::revisions`].
#[derive(Debug, Clone)]
pub struct Revisions {
    pub(crate) config: Config,
    pub(crate) revisions: Vec<(String, PathBuf)>,
}
