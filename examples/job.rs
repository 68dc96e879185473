//! Starts a job and waits for its end: `cargo run --example job -- /run/vm1/qmp.sock /var/lib/new.img`

use std::error::Error;
use std::os::unix::net::UnixStream;

use qapi_runtime::{Client, Options};

mod qmp {
    qapi_runtime::include_schema!("qmp");
}
use qmp::client::ClientMethods;
use qmp::commands::{BlockdevCreate, JobDismiss};
use qmp::events::JobStatusChange;
use qmp::{JobStatus, NewFile, NewImage};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (socket, path) = (arguments.next(), arguments.next());
    let (socket, path) = socket.zip(path).ok_or("a socket and a path are needed")?;

    let qemu = Client::qmp(UnixStream::connect(socket)?, Options::default())?;
    let (mut qemu, events) = qemu.split()?;
    let mut ends = events
        .of::<JobStatusChange>()
        .only(|job| job.id == "new" && job.status == JobStatus::Concluded);
    let image = NewImage::file(NewFile::new(&path, 1 << 20));
    qemu.blockdev_create(BlockdevCreate::new("new", image))?;
    ends.next().ok_or("QEMU has gone")??;
    let error = qemu.query_jobs()?.remove(0).error;
    qemu.job_dismiss(JobDismiss::new("new"))?;
    println!("{path}: {}", error.as_deref().unwrap_or("created"));
    Ok(())
}
