//! A small service in the shape of generated code, written by hand: the sync commands of a guest agent and commands
//! whose arguments exercise nesting, optional members, alternates and every built-in type.

use qapi_runtime::{
    Any, CommandInfo, Decode, DecodeError, DecodeMembers, EncodeMembers, Error, Kind, Members,
    Object, ObjectWriter, Outcome, Service, Value, Writer,
};

pub(crate) const COMMANDS: &[CommandInfo] = &[
    CommandInfo::new("guest-sync-delimited"),
    CommandInfo::new("guest-sync"),
    CommandInfo::new("guest-ping"),
    CommandInfo::new("guest-shutdown").with_success_response(false),
    CommandInfo::new("guest-file-open"),
    CommandInfo::new("guest-file-read"),
    CommandInfo::new("guest-file-seek"),
    CommandInfo::new("guest-exec"),
    CommandInfo::new("guest-set-memory-blocks"),
    CommandInfo::new("echo").with_oob(true),
    CommandInfo::new("numbers"),
    CommandInfo::new("infinity"),
    CommandInfo::new("tree"),
];

pub(crate) struct Demo;

impl Service for Demo {
    fn commands(&self) -> &'static [CommandInfo] {
        COMMANDS
    }

    fn call(
        &self,
        index: usize,
        arguments: Members<'_>,
        reply: &mut Writer,
    ) -> Result<Outcome, Error> {
        match COMMANDS[index].name {
            "guest-sync-delimited" | "guest-sync" => reply.value(&arguments.decode::<Sync>()?.id),
            "guest-ping" => arguments.decode()?,
            "guest-shutdown" => {
                if arguments.decode::<Shutdown>()?.mode.as_deref() == Some("bogus") {
                    return Err(Error::generic("no such mode"));
                }
                return Ok(Outcome::Silent);
            }
            "guest-file-open" => {
                let open = arguments.decode::<FileOpen>()?;
                reply.object(|out| {
                    out.member("path", &open.path);
                    out.optional("mode", &open.mode);
                });
            }
            "guest-file-read" => {
                let read = arguments.decode::<FileRead>()?;
                let count = usize::try_from(read.count.unwrap_or(4096))
                    .map_err(|_| Error::generic("negative count"))?;
                reply.object(|out| {
                    out.member("handle", &read.handle);
                    out.member("buf-b64", &"QUJD".repeat(count / 3));
                });
            }
            "guest-file-seek" => {
                let seek = arguments.decode::<FileSeek>()?;
                let whence = match seek.whence {
                    Whence::Value(value) => value,
                    Whence::Name(name) => name as i64,
                };
                reply.value(&vec![seek.handle, seek.offset, whence]);
            }
            "guest-exec" => {
                let exec = arguments.decode::<Exec>()?;
                reply.object(|out| {
                    out.member("path", &exec.path);
                    out.optional("arg", &exec.arg);
                    match &exec.capture {
                        Some(Capture::Flag(flag)) => out.member("capture-output", flag),
                        Some(Capture::Mode(mode)) => out.member("capture-output", mode),
                        None => {}
                    }
                });
            }
            "guest-set-memory-blocks" => {
                let blocks = arguments.decode::<SetBlocks>()?.blocks;
                reply.value(&blocks);
            }
            "echo" => reply.value(&arguments.decode::<Object>()?),
            "numbers" => {
                let numbers = arguments.decode::<Numbers>()?;
                reply.object(|out| numbers.encode_members(out));
            }
            "infinity" => reply.value(&f64::INFINITY),
            "tree" => reply.value(&arguments.decode::<Tree>()?),
            name => return Err(Error::not_implemented(name)),
        }
        Ok(Outcome::Done)
    }
}

pub(crate) struct Sync {
    pub(crate) id: i64,
}

impl DecodeMembers for Sync {
    fn decode_members(members: &mut Members<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            id: members.required("id")?,
        })
    }
}

pub(crate) struct Shutdown {
    pub(crate) mode: Option<String>,
}

impl DecodeMembers for Shutdown {
    fn decode_members(members: &mut Members<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            mode: members.optional("mode")?,
        })
    }
}

pub(crate) struct FileOpen {
    pub(crate) path: String,
    pub(crate) mode: Option<String>,
}

impl DecodeMembers for FileOpen {
    fn decode_members(members: &mut Members<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            path: members.required("path")?,
            mode: members.optional("mode")?,
        })
    }
}

pub(crate) struct FileRead {
    pub(crate) handle: i64,
    pub(crate) count: Option<i64>,
}

impl DecodeMembers for FileRead {
    fn decode_members(members: &mut Members<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            handle: members.required("handle")?,
            count: members.optional("count")?,
        })
    }
}

/// An alternate of an enum and an integer.
pub(crate) enum Whence {
    Value(i64),
    Name(SeekName),
}

impl Decode for Whence {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        match value.kind() {
            Kind::Integer | Kind::Number => Decode::decode(value).map(Self::Value),
            Kind::String => Decode::decode(value).map(Self::Name),
            _ => Err(value.wrong_kind("GuestFileWhence")),
        }
    }
}

pub(crate) enum SeekName {
    Set,
    Cur,
    End,
}

impl Decode for SeekName {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        match &*value.string()? {
            "set" => Ok(Self::Set),
            "cur" => Ok(Self::Cur),
            "end" => Ok(Self::End),
            other => Err(value.unknown_value(other)),
        }
    }
}

pub(crate) struct FileSeek {
    pub(crate) handle: i64,
    pub(crate) offset: i64,
    pub(crate) whence: Whence,
}

impl DecodeMembers for FileSeek {
    fn decode_members(members: &mut Members<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            handle: members.required("handle")?,
            offset: members.required("offset")?,
            whence: members.required("whence")?,
        })
    }
}

/// An alternate of a truth value and an enum.
pub(crate) enum Capture {
    Flag(bool),
    Mode(String),
}

impl Decode for Capture {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        match value.kind() {
            Kind::Bool => Decode::decode(value).map(Self::Flag),
            Kind::String => Decode::decode(value).map(Self::Mode),
            _ => Err(value.wrong_kind("GuestExecCaptureOutput")),
        }
    }
}

pub(crate) struct Exec {
    pub(crate) path: String,
    pub(crate) arg: Option<Vec<String>>,
    pub(crate) capture: Option<Capture>,
}

impl DecodeMembers for Exec {
    fn decode_members(members: &mut Members<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            path: members.required("path")?,
            arg: members.optional("arg")?,
            capture: members.optional("capture-output")?,
        })
    }
}

pub(crate) struct Block {
    pub(crate) index: u64,
    pub(crate) online: bool,
}

impl DecodeMembers for Block {
    fn decode_members(members: &mut Members<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            index: members.required("phys-index")?,
            online: members.required("online")?,
        })
    }
}

impl EncodeMembers for Block {
    fn encode_members(&self, out: &mut ObjectWriter<'_>) {
        out.member("phys-index", &self.index);
        out.member("online", &self.online);
    }
}

pub(crate) struct SetBlocks {
    pub(crate) blocks: Vec<Block>,
}

impl DecodeMembers for SetBlocks {
    fn decode_members(members: &mut Members<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            blocks: members.required("mem-blks")?,
        })
    }
}

/// One optional member of each built-in type.
pub(crate) struct Numbers {
    i8: Option<i8>,
    i16: Option<i16>,
    i32: Option<i32>,
    i64: Option<i64>,
    u8: Option<u8>,
    u16: Option<u16>,
    u32: Option<u32>,
    u64: Option<u64>,
    number: Option<f64>,
    null: Option<qapi_runtime::Null>,
    any: Option<Any>,
}

impl DecodeMembers for Numbers {
    fn decode_members(members: &mut Members<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            i8: members.optional("i8")?,
            i16: members.optional("i16")?,
            i32: members.optional("i32")?,
            i64: members.optional("i64")?,
            u8: members.optional("u8")?,
            u16: members.optional("u16")?,
            u32: members.optional("u32")?,
            u64: members.optional("u64")?,
            number: members.optional("number")?,
            null: members.optional("null")?,
            any: members.optional("any")?,
        })
    }
}

impl EncodeMembers for Numbers {
    fn encode_members(&self, out: &mut ObjectWriter<'_>) {
        out.optional("i8", &self.i8);
        out.optional("i16", &self.i16);
        out.optional("i32", &self.i32);
        out.optional("i64", &self.i64);
        out.optional("u8", &self.u8);
        out.optional("u16", &self.u16);
        out.optional("u32", &self.u32);
        out.optional("u64", &self.u64);
        out.optional("number", &self.number);
        out.optional("null", &self.null);
        out.optional("any", &self.any);
    }
}

/// A type that contains itself.
pub(crate) struct Tree {
    pub(crate) name: Option<String>,
    pub(crate) inner: Option<Box<Tree>>,
    pub(crate) list: Option<Vec<Tree>>,
}

impl DecodeMembers for Tree {
    fn decode_members(members: &mut Members<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            name: members.optional("name")?,
            inner: members.optional("inner")?,
            list: members.optional("list")?,
        })
    }
}

impl EncodeMembers for Tree {
    fn encode_members(&self, out: &mut ObjectWriter<'_>) {
        out.optional("name", &self.name);
        out.optional("inner", &self.inner);
        out.optional("list", &self.list);
    }
}
