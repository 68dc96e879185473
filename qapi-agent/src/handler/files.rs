//! The file commands on the wire.

use qapi_runtime::Error;

use crate::agent::Agent;
use crate::guest_agent::{self as schema, commands};

pub(super) fn open(agent: &Agent, arguments: &commands::GuestFileOpen) -> Result<i64, Error> {
    let mode = arguments.mode.as_deref();
    let mut files = agent.files();
    Ok(files.open_permitted(&arguments.path, mode, agent.policy())?)
}

pub(super) fn read(
    agent: &Agent,
    arguments: &commands::GuestFileRead,
) -> Result<schema::GuestFileRead, Error> {
    let read = agent.files().read(arguments.handle, arguments.count)?;
    Ok(schema::GuestFileRead {
        count: read.count,
        buf_b64: read.base64,
        eof: read.end_of_file,
    })
}

pub(super) fn write(
    agent: &Agent,
    arguments: &commands::GuestFileWrite,
) -> Result<schema::GuestFileWrite, Error> {
    let count = agent
        .files()
        .write(arguments.handle, &arguments.buf_b64, arguments.count)?;
    Ok(schema::GuestFileWrite { count, eof: false })
}

pub(super) fn seek(
    agent: &Agent,
    arguments: &commands::GuestFileSeek,
) -> Result<schema::GuestFileSeek, Error> {
    let whence = match &arguments.whence {
        schema::GuestFileWhence::Value(code) => *code,
        schema::GuestFileWhence::Name(schema::QGASeek::Set) => 0,
        schema::GuestFileWhence::Name(schema::QGASeek::Cur) => 1,
        schema::GuestFileWhence::Name(schema::QGASeek::End) => 2,
    };
    let position = agent
        .files()
        .seek(arguments.handle, arguments.offset, whence)?;
    Ok(schema::GuestFileSeek {
        position,
        eof: false,
    })
}
