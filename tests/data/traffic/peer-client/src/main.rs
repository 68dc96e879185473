//! Asks a QMP server by the crate `qapi`, and prints what it understood: a line for each command.

use std::error::Error;
use std::os::unix::net::UnixStream;

use qapi::qmp::{self, QmpCommand};
use qapi::{Qmp, Stream};
use serde::Serialize;

type Client<'s> = Qmp<Stream<std::io::BufReader<&'s UnixStream>, &'s UnixStream>>;

fn ask<C: QmpCommand>(client: &mut Client<'_>, command: &C) -> Result<(), Box<dyn Error>>
where
    C::Ok: Serialize,
{
    let reply = client.execute(command)?;
    println!("{} {}", C::NAME, serde_json::to_string(&reply)?);
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("the path of a socket is missing")?;
    let stream = UnixStream::connect(path)?;
    let mut client = Qmp::from_stream(&stream);
    let greeting = client.handshake()?;
    println!("QMP {}", greeting.version.qemu.major);
    ask(&mut client, &qmp::query_version {})?;
    ask(&mut client, &qmp::query_name {})?;
    ask(&mut client, &qmp::query_chardev {})?;
    ask(&mut client, &qmp::query_block_jobs {})?;
    ask(&mut client, &qmp::query_named_block_nodes { flat: Some(true) })?;
    let error = client.execute(&qmp::device_del { id: "absent".into() });
    println!("device_del {}", if error.is_err() { "refused" } else { "taken" });
    ask(&mut client, &qmp::query_kvm {})?;
    Ok(())
}
