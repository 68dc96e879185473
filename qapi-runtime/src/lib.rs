//! The runtime library of code generated from QAPI schemas: messages, framing, servers and clients.
//!
//! The crate is independent of any particular schema, and without features depends only on the standard library.
//! Generated code implements its traits. Clients use [`Client`]; servers use [`Dispatcher`] with [`Session`] or
//! [`serve`].
//!
//! # Modules
//!
//! | module | contents |
//! |---|---|
//! | [`wire`] | bytes to documents, incrementally: the dialect of QEMU's parsers with its limits and its recovery |
//! | [`message`] | the envelope of requests, replies, events and greetings; [`Error`] |
//! | [`read`] | the pull reader: [`Value`], [`Members`], [`Decode`], [`DecodeMembers`], and errors with the place in the document |
//! | [`mod@write`] | the writer: [`Writer`], [`Encode`], [`EncodeMembers`] |
//! | [`base64`] | members that hold bytes as base64 text |
//! | [`value`] | [`Any`] and [`Object`], for JSON values that the schema does not describe |
//! | [`server`] | [`Service`], [`AsyncService`], [`CommandTable`], [`Dispatcher`], [`Session`], [`serve`], [`listen`](server::listen) |
//! | [`testing`] | [`Script`](testing::Script), [`MockServer`](testing::MockServer): scripted servers for tests |
//! | [`client`] | [`Client`], [`Execute`], [`Options`], [`Transport`], [`ClientError`] |
//! | [`secrets`] | passwords and keys in messages, for programs that log or record messages |
//! | [`introspect`] | a server's description of itself: its commands, and its schema compared with the client's |
//!
//! Data flows through these types:
//!
//! ```text
//! bytes -> wire::Lexer -> wire::Document -> Value, Members -> your types     (requests: strict, replies: lenient)
//! bytes <------------------------------- Writer <------------- your types
//! ```
//!
//! Only [`serve`], [`Client`] and the like perform input and output, so other event loops and runtimes can use the
//! same protocol code.
//!
//! # Guarantees for any input
//!
//! * No input from the peer makes this crate panic, overflow the stack, loop, or use more memory than the limits
//!   allow.
//! * Values that were read are well-formed: unique member names, finite numbers, exact 64-bit integers, at most 1024
//!   levels of nesting.
//! * Large buffers are freed once the message that needed them has been handled.
//!
//! It differs on purpose from defects of QEMU's guest agent that clients cannot rely on: 0xFF resets without an error
//! line, an oversized value is reported once, numbers beyond the range of doubles are rejected, and an incomplete
//! request of one client never reaches the next client's parser.
//!
//! # Example
//!
//! The parts between the lines are usually generated; here they are written by hand.
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
