//! A client and a server that do not block, on both ends of a stream.

use std::sync::Arc;
use std::time::Duration;

use qapi_runtime::client::tokio::Client;
use qapi_runtime::server::tokio::{Server as Serving, Stop};
use qapi_runtime::{ClientErrorKind, CommandTable, Dispatcher, Error, Options};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, duplex};
use tokio::sync::Notify;
use tokio::time::sleep;

use crate::golden::asynchronous::Reading;
use crate::golden::asynchronous::client::AsyncClientMethods as _;
use crate::golden::asynchronous::commands::{COMMANDS, Measure};
use crate::golden::asynchronous::server::{AsyncHandler, Server};

/// An instrument that measures as long as nobody tells it to go on.
struct Instrument {
    go_on: Arc<Notify>,
}

impl AsyncHandler for Instrument {
    async fn measure(&self, arguments: Measure) -> Result<Reading, Error> {
        self.go_on.notified().await;
        let reading = Reading::new(f64::from(arguments.channel) / 2.0);
        Ok(match arguments.unit {
            Some(unit) => reading.with_unit(unit),
            None => reading,
        })
    }

    async fn count(&self) -> Result<i64, Error> {
        Ok(8)
    }

    async fn calibrate(&self, reading: Reading) -> Result<(), Error> {
        if reading.value < 0.0 {
            return Err(Error::generic("there is nothing below zero"));
        }
        Ok(())
    }
}

/// The server's end of a stream that begins as QMP does.
async fn greet(stream: DuplexStream) -> DuplexStream {
    let mut stream = BufReader::new(stream);
    let greeting = "{\"QMP\": {\"version\": {}, \"capabilities\": [\"oob\"]}}\n";
    stream
        .write_all(greeting.as_bytes())
        .await
        .expect("the client is there");
    let mut line = String::new();
    stream
        .read_line(&mut line)
        .await
        .expect("the client is there");
    stream
        .write_all(b"{\"return\": {}}\n")
        .await
        .expect("the client is there");
    stream.into_inner()
}

#[test]
fn both_sides_wait_without_blocking() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime can be made");
    runtime.block_on(async {
        let go_on = Arc::new(Notify::new());
        let instrument = Instrument {
            go_on: Arc::clone(&go_on),
        };
        let table = Arc::new(CommandTable::new(COMMANDS));
        let dispatcher = Dispatcher::of_async(Server(instrument), Arc::clone(&table)).with_oob();
        let (ours, theirs) = duplex(1 << 16);
        let stop = Stop::new();
        let server = tokio::spawn({
            let stop = stop.clone();
            async move {
                Serving::new(dispatcher)
                    .serve(greet(theirs).await, &stop)
                    .await
            }
        });
        let options = Options::default()
            .with_out_of_band(true)
            .with_silence(Duration::from_millis(20));
        let (client, _) = Client::qmp(ours, options).await.unwrap();

        let measuring = tokio::spawn({
            let client = client.clone();
            async move { client.measure(Measure::new(3).with_unit("V")).await }
        });
        sleep(Duration::from_millis(20)).await;
        let count = crate::golden::asynchronous::commands::Count;
        assert_eq!(client.execute_out_of_band(&count).await.unwrap(), 8);
        assert!(!measuring.is_finished());
        go_on.notify_one();
        let reading = measuring.await.unwrap().unwrap();
        assert_eq!(reading, Reading::new(1.5).with_unit("V"));

        client
            .calibrate(Reading::new(1.0))
            .await
            .unwrap();
        let error = client
            .calibrate(Reading::new(-1.0))
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "`calibrate` failed: there is nothing below zero (QMP server)"
        );
        // Nobody has written that one.
        let error = client.shut_down().await.unwrap_err();
        assert!(
            matches!(error.kind(), ClientErrorKind::Command(_)),
            "{error:?}"
        );
        table.disable("count", "not today");
        let error = client.count().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "`count` failed: Command count has been disabled: not today (CommandNotFound) (QMP server)"
        );

        stop.stop();
        server.await.unwrap().unwrap();
        let error = client.count().await.unwrap_err();
        assert!(matches!(error.kind(), ClientErrorKind::Closed), "{error:?}");
    });
}
