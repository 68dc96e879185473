//! The first message of a QMP server.

use crate::write::{Encode, EncodeMembers, ObjectWriter, Writer};

/// The program that a QMP server says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Greeting {
    version: (u32, u32, u32),
    package: String,
}

impl Greeting {
    /// Creates a greeting with QEMU's version: major, minor and micro. Clients judge by it which commands to use.
    pub fn new(version: (u32, u32, u32)) -> Self {
        Self {
            version,
            package: String::new(),
        }
    }

    /// Sets the text that tells the package, as distributions set it.
    #[must_use]
    pub fn with_package(mut self, package: impl Into<String>) -> Self {
        self.package = package.into();
        self
    }

    /// The line to send.
    pub(in crate::server) fn line(&self, offers_oob: bool) -> Vec<u8> {
        let mut out = Writer::new();
        out.object(|out| out.member("QMP", &Body(self, offers_oob)));
        out.raw(b"\n");
        out.into_bytes()
    }
}

/// The value of the member `QMP`.
struct Body<'g>(&'g Greeting, bool);

impl Encode for Body<'_> {
    fn encode(&self, out: &mut Writer) {
        let capabilities: &[&str] = if self.1 { &["oob"] } else { &[] };
        out.object(|out| {
            out.member("version", self.0);
            out.member("capabilities", &capabilities);
        });
    }
}

/// The version, in the form of `query-version`.
impl EncodeMembers for Greeting {
    fn encode_members(&self, out: &mut ObjectWriter<'_>) {
        out.member("qemu", &Triple(self.version));
        out.member("package", &self.package);
    }
}

/// The numbers of a version.
struct Triple((u32, u32, u32));

impl Encode for Triple {
    fn encode(&self, out: &mut Writer) {
        let (major, minor, micro) = self.0;
        out.object(|out| {
            out.member("major", &major);
            out.member("minor", &minor);
            out.member("micro", &micro);
        });
    }
}
