//! A test of a client without the server: `cargo run --example testing`

use std::error::Error;

use qapi_runtime::testing::{Expect, MockServer, Script};
use qapi_runtime::{Client, Error as Refusal, Object, Options, Transport};

/// The code under test: asks a guest agent to freeze its file systems, and to thaw them if that fails.
fn freeze<T: Transport>(agent: &mut Client<T>) -> bool {
    let nothing = Object::new();
    let frozen = agent.call("guest-fsfreeze-freeze", &nothing).is_ok();
    if !frozen {
        // It may have frozen some of them.
        drop(agent.call("guest-fsfreeze-thaw", &nothing));
    }
    frozen
}

fn main() -> Result<(), Box<dyn Error>> {
    let server = MockServer::guest(Script::in_order([
        Expect::command("guest-fsfreeze-freeze").replies(&3_i64),
        Expect::command("guest-fsfreeze-freeze").fails(Refusal::generic("no")),
        Expect::command("guest-fsfreeze-thaw").replies(&0_i64),
    ]));
    let mut agent = Client::guest(server.connect(), Options::default())?;
    assert!(freeze(&mut agent));
    assert!(!freeze(&mut agent));
    server.script().verify()?;
    println!("done");
    Ok(())
}
