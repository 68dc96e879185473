//! The library behind code generated from a QAPI schema: messages, framing, dispatcher, clients.
//!
//! The crate knows nothing of any particular schema, and depends on nothing but the standard library. Generated code
//! implements its traits; users meet [`Client`] on one side and [`Dispatcher`] with [`Session`] or [`serve`] on the
//! other.
//!
//! # Map
//!
//! | module | holds |
//! |---|---|
//! | [`wire`] | bytes to documents, incrementally: the dialect of QEMU's parsers with its limits and its recovery |
//! | [`message`] | the envelope of requests, replies, events and greetings; [`Error`] |
//! | [`read`] | the pull reader: [`Value`], [`Members`], [`Decode`], [`DecodeMembers`], and errors that say where |
//! | [`mod@write`] | the writer: [`Writer`], [`Encode`], [`EncodeMembers`], one wire form |
//! | [`base64`] | bytes in text, for members that hold them |
//! | [`value`] | [`Any`] and [`Object`], for what no schema describes |
//! | [`server`] | [`Service`], [`AsyncService`], [`CommandTable`], [`Dispatcher`], [`Session`], [`serve`], [`listen`](server::listen) |
//! | [`testing`] | [`Script`](testing::Script), [`MockServer`](testing::MockServer): servers in the hands of a test |
//! | [`client`] | [`Client`], [`Execute`], [`Options`], [`Transport`], [`ClientError`] |
//! | [`secrets`] | passwords and keys in messages, for those who write messages down |
//! | [`introspect`] | what a server says of itself: its commands, and its schema compared with the client's |
//!
//! Data flows through them in one direction each way:
//!
//! ```text
//! bytes -> wire::Lexer -> wire::Document -> Value, Members -> your types     (requests: strict, replies: lenient)
//! bytes <------------------------------- Writer <------------- your types
//! ```
//!
//! Nothing below [`serve`] and [`Client`] performs input or output, so other ways to wait (an event loop, an
//! asynchronous runtime) need no other protocol code.
//!
//! # What holds for any input
//!
//! * No bytes from the peer make this crate panic, overflow the stack, loop, or hold more memory than the limits say.
//! * What a reader gets is sound: unique member names, finite numbers, integers exact over 64 bits, at most 1024
//!   levels.
//! * Large buffers are given back when the message that needed them is done.
//!
//! Wherever the behaviour of QEMU's guest agent is a defect that clients cannot rely on, this crate does better on
//! purpose: 0xFF resets without an error line, an oversized value is reported once, numbers beyond the doubles are
//! refused, one client's half request never reaches the next client's parser.
//!
//! # Example
//!
//! Generated code contains the parts between the rulers; here they are written by hand.
//!
//! ```
//! use std::net::{TcpListener, TcpStream};
//! use std::sync::Arc;
//! use qapi_runtime::{
//!     Client, Command, CommandInfo, CommandTable, DecodeError, DecodeMembers, Dispatcher,
//!     EncodeMembers, Error, Execute, Members, ObjectWriter, Options, Outcome, Service, Writer, serve,
//! };
//!
//! // ----------
//! struct GuestSync { id: i64 }
//! impl Command for GuestSync {
//!     const NAME: &'static str = "guest-sync-delimited";
//!     type Reply = i64;
//! }
//! impl EncodeMembers for GuestSync {
//!     fn encode_members(&self, out: &mut ObjectWriter<'_>) {
//!         out.member("id", &self.id);
//!     }
//! }
//! impl DecodeMembers for GuestSync {
//!     fn decode_members(members: &mut Members<'_>) -> Result<Self, DecodeError> {
//!         Ok(Self { id: members.required("id")? })
//!     }
//! }
//! const COMMANDS: &[CommandInfo] = &[CommandInfo::of::<GuestSync>()];
//! // ----------
//!
//! struct Agent;
//! impl Service for Agent {
//!     fn commands(&self) -> &'static [CommandInfo] {
//!         COMMANDS
//!     }
//!     fn call(&self, _: usize, arguments: Members<'_>, reply: &mut Writer) -> Result<Outcome, Error> {
//!         let GuestSync { id } = arguments.decode()?;
//!         reply.value(&id);
//!         Ok(Outcome::Done)
//!     }
//! }
//!
//! let listener = TcpListener::bind("127.0.0.1:0")?;
//! let address = listener.local_addr()?;
//! let server = std::thread::spawn(move || {
//!     let table = Arc::new(CommandTable::new(COMMANDS));
//!     let dispatcher = Dispatcher::new(Agent, table).sentinel_before("guest-sync-delimited");
//!     serve(&dispatcher, listener.accept()?.0)
//! });
//!
//! let mut client = Client::guest(TcpStream::connect(address)?, Options::default())?;
//! assert_eq!(client.execute(&GuestSync { id: 42 })?, 42);
//! drop(client);
//! server.join().unwrap()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod base64;
#[cfg(feature = "tokio")]
mod channel;
pub mod client;
mod clock;
mod command;
mod connection_input;
#[cfg(all(unix, feature = "descriptors"))]
pub mod descriptors;
mod incoming_descriptors;
pub mod introspect;
mod macros;
pub mod message;
pub mod read;
pub mod secrets;
#[cfg(feature = "serde")]
pub mod serde;
pub mod server;
mod stream;
pub mod testing;
pub mod value;
pub mod wire;
pub mod write;

#[cfg(all(unix, feature = "descriptors"))]
pub use client::NamedDescriptor;
pub use client::{
    Adjusted, AsyncExecute, Client, ClientError, ClientErrorKind, ClientEvent, EventError, Execute,
    Options, Pending, Reconnect, ThreadedTransport, Transport,
};
pub use clock::Clock;
pub use command::{Command, CommandInfo, WithExtra};
pub use message::{Error, ErrorClass, EventMessage, FromEvent};
pub use read::{Decode, DecodeError, DecodeMembers, Elements, Members, Policy, Value};
pub use server::{
    AsyncService, CommandTable, Dispatcher, MaybeDeferred, Outcome, ReplyFuture, Service, Session,
    serve,
};
pub use value::{Any, Kind, Null, Object};
pub use write::{ArrayWriter, Encode, EncodeMembers, ObjectWriter, WriteFault, Writer};
