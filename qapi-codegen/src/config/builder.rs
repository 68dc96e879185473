//! The configuration of the generator: settings for the whole output.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use qapi_parser::{Dialect, Options};

use super::formatter::{Edition, Formatter};
use super::rust_text::RustText;
use crate::selector::Selected;

/// The treatment of a part of the schema that exists only under a condition (`if`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(
    feature = "project",
    derive(serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[non_exhaustive]
pub enum Conditions {
    /// Always generated; conditional members are optional, so that one client fits every server
    #[default]
    Optional,
    /// Behind `#[cfg(...)]`
    ///
    /// [`Config::predicate`] says behind which.
    Cfg,
    /// Decided when generating, by the symbols that are defined
    ///
    /// [`Config::define`] defines them; what does not exist is left out.
    Resolve,
}

impl Conditions {
    /// Returns the name of the treatment, as flags and files have it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Optional => "optional",
            Self::Cfg => "cfg",
            Self::Resolve => "resolve",
        }
    }
}

/// Settings of the generator, and the builder for build scripts.
///
/// # Examples
///
/// ```no_run
/// # fn main() -> Result<(), qapi_codegen::BuildError> {
/// qapi_codegen::Config::new()
///     .server(false)
///     .rename("String", "Text")
///     .compile("schemas/machine.json")
/// # }
/// ```
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own"
)]
pub struct Config {
    pub(crate) client: bool,
    pub(crate) server: bool,
    pub(crate) blocking: bool,
    pub(crate) asynchronous: bool,
    pub(crate) deferred_replies: bool,
    pub(crate) module_per_file: bool,
    pub(crate) formatter: Formatter,
    pub(crate) edition: Edition,
    pub(crate) introspection: bool,
    pub(crate) conditions: Conditions,
    pub(crate) defined: BTreeSet<String>,
    pub(crate) predicates: BTreeMap<String, RustText>,
    pub(crate) renames: BTreeMap<String, String>,
    pub(crate) bytes: Selected<()>,
    pub(crate) derives: Selected<RustText>,
    pub(crate) attributes: Selected<RustText>,
    pub(crate) externs: Selected<RustText>,
    pub(crate) openness: Selected<bool>,
    pub(crate) lenient: Selected<()>,
    pub(crate) exhaustive: Selected<()>,
    pub(crate) undocumented: Selected<()>,
    pub(crate) options: Options,
    pub(crate) module: Option<String>,
    pub(crate) out_dir: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            client: true,
            server: true,
            blocking: true,
            asynchronous: false,
            deferred_replies: false,
            module_per_file: false,
            formatter: Formatter::default(),
            edition: Edition::default(),
            introspection: false,
            conditions: Conditions::default(),
            defined: BTreeSet::new(),
            predicates: BTreeMap::new(),
            renames: BTreeMap::new(),
            bytes: Selected::default(),
            derives: Selected::default(),
            attributes: Selected::default(),
            externs: Selected::default(),
            openness: Selected::default(),
            lenient: Selected::default(),
            exhaustive: Selected::default(),
            undocumented: Selected::default(),
            options: Options::default(),
            module: None,
            out_dir: None,
        }
    }
}

impl Config {
    /// Creates the default configuration: client and server, formatted, conditional members optional, every dialect
    /// accepted.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the texts that become tokens of the output.
    pub(crate) fn rust_texts(&self) -> impl Iterator<Item = &str> + Clone {
        let selected = [&self.derives, &self.attributes, &self.externs];
        let selected = selected.into_iter().flat_map(Selected::iter);
        let selected = selected.map(|(_, _, text)| text);
        let texts = self.predicates.values().chain(selected);
        texts.map(RustText::as_str)
    }

    #[cfg(feature = "project")]
    pub(crate) fn resolves_conditions(&self) -> bool {
        self.conditions == Conditions::Resolve
    }

    /// Writes `client.rs`: a trait with a method per command for everything that executes commands; see also
    /// [`Config::asynchronous`]. The default is yes.
    ///
    /// ```
    /// let config = qapi_codegen::Config::new().client(false);
    /// ```
    #[must_use]
    pub fn client(mut self, yes: bool) -> Self {
        self.client = yes;
        self
    }

    /// Writes `server.rs`: the trait to implement, and the marshalling for it. The default is yes.
    ///
    /// ```
    /// let config = qapi_codegen::Config::new().server(false);
    /// ```
    #[must_use]
    pub fn server(mut self, yes: bool) -> Self {
        self.server = yes;
        self
    }

    /// Gives client and server traits whose methods block: `ClientMethods` and `Handler`. The default is yes. Users who
    /// only need [`Config::asynchronous`] can turn this off.
    ///
    /// ```
    /// let config = qapi_codegen::Config::new().blocking(false).asynchronous(true);
    /// ```
    #[must_use]
    pub fn blocking(mut self, yes: bool) -> Self {
        self.blocking = yes;
        self
    }

    /// Gives client and server traits whose methods return futures, beside those that block: `AsyncClientMethods`
    /// in `client.rs`, for everything that executes commands without blocking, such as the runtime's client on tokio, and
    /// `AsyncHandler` in `server.rs`, for the runtime's server on tokio. The default is no; see also [`Config::blocking`].
    ///
    /// ```
    /// # let path = std::path::Path::new("../schemas/guest-agent/2.5.json");
    /// # let schema = qapi_parser::load(path, &qapi_parser::source::Disk, &Default::default()).schema.unwrap();
    /// let output = qapi_codegen::Config::new().asynchronous(true).generate(&schema).unwrap();
    /// let client = output.get("client.rs").unwrap();
    /// assert!(client.contains("    fn guest_get_time(&mut self) -> Result<i64, ClientError> {"));
    /// assert!(client.contains("    fn guest_get_time(&self) -> impl Pending<i64> {"));
    /// let server = output.get("server.rs").unwrap();
    /// assert!(server.contains("    fn guest_get_time(&self) -> Result<i64, Error> {"));
    /// assert!(server.contains("    fn guest_get_time(&self) -> impl ReplyFuture<i64> {"));
    /// ```
    #[must_use]
    pub fn asynchronous(mut self, yes: bool) -> Self {
        self.asynchronous = yes;
        self
    }

    /// Lets the methods of the server's trait return `MaybeDeferred` values, so that a handler can leave the reply to a
    /// background task: for servers with an event loop of their own. This affects the [blocking](Config::blocking)
    /// trait; futures do not need it. The default is no.
    ///
    /// ```
    /// # let path = std::path::Path::new("../schemas/guest-agent/2.5.json");
    /// # let schema = qapi_parser::load(path, &qapi_parser::source::Disk, &Default::default()).schema.unwrap();
    /// let output = qapi_codegen::Config::new().deferred_replies(true).generate(&schema).unwrap();
    /// let server = output.get("server.rs").unwrap();
    /// assert!(server.contains("    fn guest_get_time(&self) -> Result<MaybeDeferred<i64>, Error> {"));
    /// ```
    #[must_use]
    pub fn deferred_replies(mut self, yes: bool) -> Self {
        self.deferred_replies = yes;
        self
    }

    /// Puts types into a module per schema file, `types::block_core` for those of `block-core.json`, rather than all into
    /// `types`. In either case, all types are also exported under their own names. Files whose modules would have the
    /// same name can be given others, as in `rename("sub/common.json", "sub")`. The default is no.
    ///
    /// ```
    /// let config = qapi_codegen::Config::new().module_per_file(true);
    /// ```
    #[must_use]
    pub fn module_per_file(mut self, yes: bool) -> Self {
        self.module_per_file = yes;
        self
    }

    /// Chooses the formatter of the output. The default is [`Formatter::Prettyplease`].
    ///
    /// Except with [`Formatter::Rustfmt`], the files tell rustfmt to leave them as they are, so that `cargo fmt --check` passes
    /// where they are checked in.
    ///
    /// [`Formatter::Rustfmt`] runs a program: the one that the environment variable `RUSTFMT` names, or else `rustfmt`. It
    /// formats for [`Config::edition`], by the `rustfmt.toml` of the output folder ([`Config::out_dir`]) or of a folder around it.
    /// It is an error if there is no such program or if it fails.
    ///
    /// ```
    /// use qapi_codegen::{Config, Formatter};
    ///
    /// let config = Config::new().formatter(Formatter::None);
    /// ```
    #[must_use]
    pub fn formatter(mut self, formatter: Formatter) -> Self {
        self.formatter = formatter;
        self
    }

    /// Sets the edition of the crate that the output is part of. It decides how [`Formatter::Rustfmt`] formats and
    /// nothing else: the code is the same in all editions. The default is 2024.
    ///
    /// ```
    /// use qapi_codegen::{Config, Edition, Formatter};
    ///
    /// let config = Config::new().formatter(Formatter::Rustfmt).edition(Edition::E2021);
    /// ```
    #[must_use]
    pub fn edition(mut self, edition: Edition) -> Self {
        self.edition = edition;
        self
    }

    /// Writes `introspect.rs` with a constant `SCHEMA`: the reply to `query-qmp-schema` from a server with this schema.
    /// The default is no.
    ///
    /// A client compares it with the reply of a running server, see `qapi_runtime::introspect`; a server can answer
    /// with it. With [`Conditions::Resolve`] it contains the parts that exist under the defined symbols, otherwise
    /// everything.
    ///
    /// ```
    /// let config = qapi_codegen::Config::new().introspection(true);
    /// ```
    #[must_use]
    pub fn introspection(mut self, yes: bool) -> Self {
        self.introspection = yes;
        self
    }

    /// Chooses the treatment of conditional parts. The default is [`Conditions::Optional`].
    ///
    /// ```
    /// use qapi_codegen::{Conditions, Config};
    ///
    /// let config = Config::new().conditions(Conditions::Resolve).define("CONFIG_LINUX");
    /// ```
    #[must_use]
    pub fn conditions(mut self, policy: Conditions) -> Self {
        self.conditions = policy;
        self
    }

    /// Defines a symbol of conditions, for [`Conditions::Resolve`]; all other symbols are taken for undefined.
    ///
    /// It is an error if no condition of the schema contains the symbol, or if the treatment of conditions ignores it.
    ///
    /// ```
    /// use qapi_codegen::{Conditions, Config};
    ///
    /// let config = Config::new().conditions(Conditions::Resolve).define("CONFIG_LINUX");
    /// ```
    #[must_use]
    pub fn define(mut self, symbol: impl Into<String>) -> Self {
        self.defined.insert(symbol.into());
        self
    }

    /// Sets the predicate that stands for a symbol, as it appears inside `cfg(…)`, with [`Conditions::Cfg`]. The
    /// default is a feature named after the symbol, in lower case with hyphens: `feature = "config-linux"` for
    /// `CONFIG_LINUX`.
    ///
    /// It is an error if no condition of the schema contains the symbol, if the text is not a predicate, or if the
    /// treatment of conditions ignores it.
    ///
    /// ```
    /// use qapi_codegen::{Conditions, Config};
    ///
    /// let config = Config::new()
    ///     .conditions(Conditions::Cfg)
    ///     .predicate("CONFIG_LINUX", "target_os = \"linux\"");
    /// ```
    #[must_use]
    pub fn predicate(mut self, symbol: impl Into<String>, predicate: impl Into<String>) -> Self {
        let predicate = RustText::predicate(predicate.into());
        self.predicates.insert(symbol.into(), predicate);
        self
    }

    /// Sets the accepted forms of the schema language. The default is [`Dialect::Auto`]: those of the newest release of
    /// QEMU that accepts the whole schema.
    ///
    /// ```
    /// let config = qapi_codegen::Config::new().dialect(qapi_parser::Dialect::Strict);
    /// ```
    #[must_use]
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.options.dialect = dialect;
        self
    }

    /// Sets the folder below the output folder that [`Config::compile`] writes to, which is also the name to give to
    /// `include_schema!`. The default is the schema's file name without its extension.
    ///
    /// QMP's schema and the guest agent's are both in a `qapi-schema.json`. A build script that compiles both needs
    /// this setting for one of them, because two schemas cannot use the same folder. A path that leads out of the
    /// output folder is an error.
    ///
    /// ```
    /// let config = qapi_codegen::Config::new().module("guest_agent");
    /// ```
    #[must_use]
    pub fn module(mut self, name: impl Into<String>) -> Self {
        self.module = Some(name.into());
        self
    }

    /// Sets the output folder of [`Config::compile`]. The default is the one that Cargo gives to build scripts,
    /// `OUT_DIR`.
    ///
    /// ```
    /// let config = qapi_codegen::Config::new().out_dir("src/generated");
    /// ```
    #[must_use]
    pub fn out_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(folder.into());
        self
    }
}
