//! One client for several revisions of a schema.

use std::path::PathBuf;

use super::builder::Config;

impl Config {
    /// Generates one client for several revisions of a schema, oldest first, each with a name.
    ///
    /// * It has every command, event and type of every revision. `REVISIONS` of a command or event lists the revisions
    ///   that have it; the documentation does so for members, values and branches. A connected client asks the server
    ///   itself with `supports`.
    /// * A member is mandatory if all revisions have it as mandatory, otherwise it is an `Option`.
    /// * Types with the same name are merged; a renamed type has its newer name. Members of bases belong to every type
    ///   that has them.
    /// * Enumerations and unions have the values and branches of all revisions, and are open.
    /// * Where types differ, two numbers become the wider type, a string and an enumeration the enumeration, and an
    ///   alternate accepts any type that it has an alternative for. If a reply or branch is empty in some revision, its
    ///   members are optional. A union becomes a struct with the members of all branches if some revision has no
    ///   discriminator.
    /// * All other differences, such as a string in one revision and an object in another, are errors that name both
    ///   places.
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
