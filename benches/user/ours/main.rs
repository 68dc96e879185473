//! Reads a value of a type that the first word of each line names, and writes it again.

use std::io::{BufRead, stdin};

use qapi_benches_client::qmp;
use qapi_runtime::wire::Document;
use qapi_runtime::{Decode, Encode, Writer};

fn main() {
    for line in stdin().lock().lines() {
        let line = line.expect("the input is text");
        let (name, text) = line.split_once(' ').unwrap_or((&line, ""));
        let written = match name {
            "block" => again::<Vec<qmp::BlockInfo>>(text),
            "block-stats" => again::<Vec<qmp::BlockStats>>(text),
            "blockdev-options" => again::<qmp::BlockdevOptions>(text),
            "chardev" => again::<Vec<qmp::ChardevInfo>>(text),
            "cpus" => again::<Vec<qmp::CpuInfoFast>>(text),
            "job" => again::<Vec<qmp::JobInfo>>(text),
            "migration" => again::<qmp::MigrationInfo>(text),
            "named-nodes" => again::<Vec<qmp::BlockDeviceInfo>>(text),
            "pci" => again::<Vec<qmp::PciInfo>>(text),
            "status" => again::<qmp::StatusInfo>(text),
            _ => Err(format!("no such type: {name}")),
        };
        match written {
            Ok(text) => println!("{text}"),
            Err(problem) => println!("error: {problem}"),
        }
    }
}

fn again<T: Decode + Encode>(text: &str) -> Result<String, String> {
    let document = Document::parse(text.as_bytes()).map_err(|error| error.to_string())?;
    let value = T::decode(document.lenient()).map_err(|error| error.explain().to_string())?;
    let mut writer = Writer::new();
    writer.value(&value);
    Ok(writer.into_string())
}
