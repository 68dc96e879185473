//! Delays of a task on a runtime with one thread that serves eight connections with nothing but noise.
//!
//! A task of that runtime lets the others have their turns, again and again. The processor time from one of its turns to the
//! next is how long everything else on the thread waits, however busy the machine is.

mod flood;
mod gaps;

use std::error::Error;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use qapi::futures::QmpStreamTokio;
use qapi_runtime::client::tokio::{Client, UnixPath};
use qapi_runtime::server::tokio::{Server, Stop};
use qapi_runtime::server::{Dispatcher, Immediate};
use qapi_runtime::{
    CommandInfo, CommandTable, Error as Refusal, Members, Options, Outcome, Reconnect, Service,
    Writer,
};

use self::flood::{Flood, NOISES};
use self::gaps::Gaps;

/// Peers that flood at a time.
const PEERS: usize = 8;

/// The duration of the measurement of each runtime.
const WATCH: Duration = Duration::from_secs(4);

/// Bytes that each of the peer's clients gets: they keep all of them.
const KEPT: usize = 32 << 20;

/// Goal: the longest time between two turns, but for one in a hundred.
const GOAL: Duration = Duration::from_millis(20);

type Outcomes<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcomes<()> {
    println!(
        "{:6} {:12} {:>9} {:>10} {:>10} {:>10}",
        "noise", "side", "turns", "half", "99 %", "all"
    );
    let mut missed = Vec::new();
    for (name, byte) in NOISES {
        for side in ["client", "server", "peer's"] {
            let gaps = match side {
                "client" => {
                    let flood = Flood::by_servers(PEERS, byte, usize::MAX)?;
                    beat(our_clients(&flood))
                }
                "server" => {
                    let flood = Flood::by_clients(PEERS, byte)?;
                    beat(our_server(&flood))
                }
                _ => {
                    let flood = Flood::by_servers(PEERS, byte, KEPT)?;
                    beat(peers_clients(&flood))
                }
            }?;
            println!("{name:6} {side:12} {gaps}");
            if gaps.within(99) > GOAL && side != "peer's" {
                missed.push(format!("{side}, {name}"));
            }
        }
    }
    if missed.is_empty() {
        println!("ours: at most {GOAL:?} in 99 of 100 turns");
    } else {
        println!("ours: beyond {GOAL:?} in more than one of 100 turns: {missed:?}");
    }
    Ok(())
}

/// Returns the gaps between the turns of a task beside what `begin` starts on a runtime with one thread.
fn beat<T>(begin: impl Future<Output = Outcomes<T>>) -> Outcomes<Gaps> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let running = begin.await?;
        let (start, mut gaps) = (Instant::now(), Gaps::begin());
        while start.elapsed() < WATCH {
            tokio::task::yield_now().await;
            gaps.beat();
        }
        drop(running);
        Ok(gaps)
    })
}

/// Clients of servers that flood them; they connect again when they have given one up.
async fn our_clients(flood: &Flood) -> Outcomes<Vec<Client>> {
    let pause = Duration::from_millis(1);
    let options = Options::default().with_reconnect(Reconnect::default().with_pauses(pause, pause));
    let mut clients = Vec::new();
    for path in flood.paths() {
        let (client, _) = Client::connect_qmp(UnixPath::new(path), options.clone()).await?;
        clients.push(client);
    }
    Ok(clients)
}

/// Returns a server whose clients flood it; they connect again when it has given them up.
async fn our_server(flood: &Flood) -> Outcomes<()> {
    let path = flood.paths().first().ok_or("there is a path")?;
    let listener = tokio::net::UnixListener::bind(path)?;
    let dispatcher = Dispatcher::of_async(Immediate(Nothing), Arc::new(CommandTable::new(&[])));
    tokio::spawn(async move {
        let stop = Stop::new();
        Server::new(dispatcher).listen(listener, &stop).await;
    });
    Ok(())
}

/// Returns the peer's clients of servers that flood them.
async fn peers_clients(flood: &Flood) -> Outcomes<Vec<impl Sized>> {
    let mut clients = Vec::new();
    for path in flood.paths() {
        let stream = QmpStreamTokio::open_uds(path).await?;
        clients.push(stream.negotiate().await?.spawn_tokio());
    }
    Ok(clients)
}

/// A service without commands.
struct Nothing;

impl Service for Nothing {
    fn commands(&self) -> &'static [CommandInfo] {
        &[]
    }

    fn call(&self, _: usize, _: Members<'_>, _: &mut Writer) -> Result<Outcome, Refusal> {
        Ok(Outcome::Done)
    }
}
