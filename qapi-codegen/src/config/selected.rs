//! Settings for parts of a schema, which selectors name.

use super::{Config, RustText};

/// # Settings for parts of a schema
///
/// These take a selector, made of names of the schema:
///
/// | selector | selects |
/// |---|---|
/// | `.` | everything |
/// | `.GuestFileRead` | the definition of this name, and everything in it |
/// | `GuestFileRead` | the definition of this name, and every member of this name wherever it is |
/// | `GuestFileRead.buf-b64` | one member, value, branch, alternative or argument |
/// | `buf-b64` | every member of this name, wherever it is |
///
/// A member belongs to the definition that declares it: one of a base to the base, an argument that is written inline to
/// its command or event. Where several selectors fit, the most particular one counts; derives and attributes add up.
///
/// A selector that selects nothing to which its setting applies is an error, as is a misspelled one:
///
/// ```
/// # let path = std::path::Path::new("../schemas/guest-agent/2.5.json");
/// # let schema = qapi_parser::load(path, &qapi_parser::source::Disk, &Default::default()).schema.unwrap();
/// let errors = qapi_codegen::Config::new().bytes("GuestFileRead.buf-64").generate(&schema).unwrap_err();
/// assert_eq!(errors[0].message, "`bytes` selects `GuestFileRead.buf-64`, which `2.5.json` does not have");
/// assert_eq!(errors[0].help.as_deref(), Some("did you mean `GuestFileRead.buf-b64`?"));
/// ```
impl Config {
    /// Names an item in Rust as if the schema called it `to`. Its name on the wire remains.
    ///
    /// The selector is the name of a type, command or event, or a member in full: others could select several things, which
    /// cannot all have one name.
    ///
    /// ```
    /// # let path = std::path::Path::new("../schemas/guest-agent/2.5.json");
    /// # let schema = qapi_parser::load(path, &qapi_parser::source::Disk, &Default::default()).schema.unwrap();
    /// let output = qapi_codegen::Config::new()
    ///     .rename("GuestFileRead", "Chunk")
    ///     .rename("GuestFileRead.buf-b64", "content")
    ///     .generate(&schema)
    ///     .unwrap();
    /// let types = output.get("types.rs").unwrap();
    /// assert!(types.contains("pub struct Chunk {") && types.contains("    pub content: String,"));
    /// ```
    #[must_use]
    pub fn rename(mut self, selector: impl Into<String>, to: impl Into<String>) -> Self {
        self.renames.insert(selector.into(), to.into());
        self
    }

    /// Turns members that hold base64 text into bytes: `Vec<u8>` for `str`, `Vec<Vec<u8>>` for `[str]`. The text is
    /// decoded when it is read, strictly, and encoded when it is written; see `qapi_runtime::base64`.
    ///
    /// Applies to members, arguments, alternatives, branches that hold one value, and commands that return a string (select the
    /// command; its reply is a `Base64<Vec<u8>>`).
    ///
    /// ```
    /// # let path = std::path::Path::new("../schemas/guest-agent/2.5.json");
    /// # let schema = qapi_parser::load(path, &qapi_parser::source::Disk, &Default::default()).schema.unwrap();
    /// # let generate = |config: qapi_codegen::Config| config.generate(&schema).unwrap();
    /// # use qapi_codegen::Config;
    /// // One member:
    /// let output = generate(Config::new().bytes("GuestFileRead.buf-b64"));
    /// assert!(output.get("types.rs").unwrap().contains("    pub buf_b64: Vec<u8>,"));
    /// assert!(output.get("commands.rs").unwrap().contains("    pub buf_b64: String,"));
    /// // All members of that name, also the argument of `guest-file-write`:
    /// let output = generate(Config::new().bytes("buf-b64"));
    /// assert!(output.get("types.rs").unwrap().contains("    pub buf_b64: Vec<u8>,"));
    /// assert!(output.get("commands.rs").unwrap().contains("    pub buf_b64: Vec<u8>,"));
    /// // All strings of a definition:
    /// let output = generate(Config::new().bytes(".GuestExecStatus"));
    /// assert!(output.get("types.rs").unwrap().contains("    pub out_data: Option<Vec<u8>>,"));
    /// assert!(output.get("types.rs").unwrap().contains("    pub err_data: Option<Vec<u8>>,"));
    /// ```
    #[must_use]
    pub fn bytes(mut self, selector: impl Into<String>) -> Self {
        self.bytes.add("bytes", selector.into(), ());
        self
    }

    /// Derives a trait for types beyond those that they have anyway: `Debug`, `Clone`, `PartialEq`, `Default` where it can be,
    /// and for enumerations `Eq`, `Hash` and, where it can be, `Copy`. The second argument is the path of the derive macro, or
    /// several with commas in between.
    ///
    /// Applies to types, and to the structs of commands and events. A union's enum of branches gets what the union
    /// gets. A derive needs the same of every type inside, so `.` is the usual selector.
    ///
    /// ```
    /// # let path = std::path::Path::new("../schemas/guest-agent/2.5.json");
    /// # let schema = qapi_parser::load(path, &qapi_parser::source::Disk, &Default::default()).schema.unwrap();
    /// let output = qapi_codegen::Config::new()
    ///     .derive("GuestFileSeek", "Eq, PartialOrd, Ord")
    ///     .derive("guest-file-open", "PartialOrd")
    ///     .generate(&schema)
    ///     .unwrap();
    /// let (types, commands) = (output.get("types.rs").unwrap(), output.get("commands.rs").unwrap());
    /// assert!(types.contains("#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]\n"));
    /// assert!(commands.contains("#[derive(Clone, PartialEq, PartialOrd)]\npub struct GuestFileOpen"));
    /// ```
    #[must_use]
    pub fn derive(mut self, selector: impl Into<String>, path: impl Into<String>) -> Self {
        let paths = RustText::derives(path.into());
        self.derives.add("derive", selector.into(), paths);
        self
    }

    /// Puts attributes on items, fields and variants, as they are written, `#[…]` included.
    ///
    /// Applies to types, commands and events (their structs and enums), to members (their fields), and to values, branches and
    /// alternatives (their variants). A union's enum of branches gets what the union gets.
    ///
    /// ```
    /// # let path = std::path::Path::new("../schemas/guest-agent/2.5.json");
    /// # let schema = qapi_parser::load(path, &qapi_parser::source::Disk, &Default::default()).schema.unwrap();
    /// let output = qapi_codegen::Config::new()
    ///     .attribute("GuestFileRead", "#[must_use]")
    ///     .attribute("GuestFileRead.eof", "#[doc(alias = \"end\")]")
    ///     .generate(&schema)
    ///     .unwrap();
    /// let types = output.get("types.rs").unwrap();
    /// assert!(types.contains("#[must_use]\n"));
    /// assert!(types.contains("    #[doc(alias = \"end\")]\n    pub eof: bool,"));
    /// ```
    #[must_use]
    pub fn attribute(mut self, selector: impl Into<String>, attribute: impl Into<String>) -> Self {
        let attribute = RustText::attributes(attribute.into());
        self.attributes.add("attribute", selector.into(), attribute);
        self
    }

    /// Takes a type of your own for one of the schema. Nothing is generated for that one; wherever it occurs, there is `path`,
    /// which must be valid anywhere in your crate: it begins with `crate`, `::` or the name of a crate.
    ///
    /// Your type implements `Debug`, `Clone` and `PartialEq`. If it is an object, it implements `DecodeMembers` and
    /// `EncodeMembers`, which imply `Decode` and `Encode`; otherwise it implements these two, for itself and, if the
    /// schema's type contains itself, for a `Box` of it. It cannot replace the discriminator of a union. Types that
    /// have it as their base have the members from the schema.
    ///
    /// ```
    /// # let path = std::path::Path::new("../schemas/guest-agent/2.5.json");
    /// # let schema = qapi_parser::load(path, &qapi_parser::source::Disk, &Default::default()).schema.unwrap();
    /// let output = qapi_codegen::Config::new()
    ///     .extern_type("GuestIpAddress", "crate::Address")
    ///     .generate(&schema)
    ///     .unwrap();
    /// let types = output.get("types.rs").unwrap();
    /// assert!(types.contains("    pub ip_addresses: Option<Vec<crate::Address>>,"));
    /// assert!(!types.contains("pub struct GuestIpAddress {"));
    /// ```
    #[must_use]
    pub fn extern_type(mut self, selector: impl Into<String>, path: impl Into<String>) -> Self {
        let path = RustText::type_path(path.into());
        self.externs.add("extern_type", selector.into(), path);
        self
    }

    /// Makes enumerations, unions and alternates open: a value or branch that is not in the schema is kept as received.
    /// This is the default for types that occur in replies and events only.
    ///
    /// They are open when decoded leniently, as clients do. In arguments, which servers check, a value that is not in
    /// the schema is an error for every type.
    ///
    /// ```
    /// # let path = std::path::Path::new("../schemas/guest-agent/2.5.json");
    /// # let schema = qapi_parser::load(path, &qapi_parser::source::Disk, &Default::default()).schema.unwrap();
    /// let output = qapi_codegen::Config::new().open("GuestFsfreezeStatus").generate(&schema).unwrap();
    /// assert!(output.get("types.rs").unwrap().contains("    Unlisted(Box<str>),"));
    /// ```
    #[must_use]
    pub fn open(mut self, selector: impl Into<String>) -> Self {
        self.openness.add("open", selector.into(), true);
        self
    }

    /// Makes enumerations, unions and alternates closed: a value or branch that is not in the schema is an error. This
    /// is the default for types that occur in arguments only and, if only a server is generated, for all types that
    /// occur in arguments.
    ///
    /// ```
    /// # let path = std::path::Path::new("../schemas/guest-agent/2.5.json");
    /// # let schema = qapi_parser::load(path, &qapi_parser::source::Disk, &Default::default()).schema.unwrap();
    /// let output = qapi_codegen::Config::new().closed(".").generate(&schema).unwrap();
    /// assert!(!output.get("types.rs").unwrap().contains("    Unlisted(Box<str>),"));
    /// ```
    #[must_use]
    pub fn closed(mut self, selector: impl Into<String>) -> Self {
        self.openness.add("closed", selector.into(), false);
        self
    }

    /// Selects members of replies and events that another version of the server may leave out, although this schema has
    /// them as mandatory: they become an `Option`, and one that is absent is `None` instead of an error for the whole
    /// reply.
    ///
    /// It gets no default value, because `false` and `0` have a meaning. The code that needs the member decides, for
    /// instance with `ok_or_else(|| DecodeError::missing("name"))`. `.` selects all members. If you have the other
    /// versions of the schema, use [`Config::revisions`], which finds the optional members itself.
    ///
    /// Applies to mandatory members of types that only servers send. Members that clients must send cannot be left out.
    /// Discriminators of unions stay mandatory.
    ///
    /// ```
    /// # let path = std::path::Path::new("../schemas/guest-agent/2.5.json");
    /// # let schema = qapi_parser::load(path, &qapi_parser::source::Disk, &Default::default()).schema.unwrap();
    /// let output = qapi_codegen::Config::new().lenient("GuestFileRead.eof").generate(&schema).unwrap();
    /// let types = output.get("types.rs").unwrap();
    /// assert!(types.contains("    pub eof: Option<bool>,"));
    /// assert!(types.contains("    pub count: i64,"));
    /// ```
    #[must_use]
    pub fn lenient(mut self, selector: impl Into<String>) -> Self {
        self.lenient.add("lenient", selector.into(), ());
        self
    }

    /// Selects types that users write in full: no `#[non_exhaustive]`, so that struct literals with the names of the
    /// fields, and matches without a wildcard, work in other crates as well.
    ///
    /// By default the types that servers send are `#[non_exhaustive]`, because a later schema may add to them. If you
    /// own both server and schema, you may want additions to be errors in the places that must handle them; `.` selects
    /// all types. Additions to the schema then break other users of the types. It does not close enumerations, see
    /// [`Config::closed`].
    ///
    /// ```
    /// # let path = std::path::Path::new("../schemas/guest-agent/2.5.json");
    /// # let schema = qapi_parser::load(path, &qapi_parser::source::Disk, &Default::default()).schema.unwrap();
    /// let output = qapi_codegen::Config::new().exhaustive("GuestFileRead").generate(&schema).unwrap();
    /// let types = output.get("types.rs").unwrap();
    /// assert!(!types.contains("#[non_exhaustive]\npub struct GuestFileRead {"));
    /// assert!(types.contains("#[non_exhaustive]\npub struct GuestFileSeek {"));
    /// ```
    #[must_use]
    pub fn exhaustive(mut self, selector: impl Into<String>) -> Self {
        self.exhaustive.add("exhaustive", selector.into(), ());
        self
    }

    /// Leaves out the schema's documentation. Items then get only their kind and name in the schema as documentation,
    /// so that nothing is undocumented.
    ///
    /// Applies to definitions and their parts; `.` leaves out the introduction of the schema as well.
    ///
    /// ```
    /// # let path = std::path::Path::new("../schemas/guest-agent/2.5.json");
    /// # let schema = qapi_parser::load(path, &qapi_parser::source::Disk, &Default::default()).schema.unwrap();
    /// let output = qapi_codegen::Config::new().skip_docs(".GuestFileRead").generate(&schema).unwrap();
    /// let types = output.get("types.rs").unwrap();
    /// assert!(types.contains("/// The struct `GuestFileRead`.\n"));
    /// assert!(types.contains("    /// The member `eof`.\n"));
    /// ```
    #[must_use]
    pub fn skip_docs(mut self, selector: impl Into<String>) -> Self {
        self.undocumented.add("skip_docs", selector.into(), ());
        self
    }
}
