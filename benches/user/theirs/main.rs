//! Reads a value of a type that the first word of each line names, and writes it again.

use std::io::{BufRead, stdin};

use serde::Serialize;
use serde::de::DeserializeOwned;

fn main() {
    for line in stdin().lock().lines() {
        let line = line.expect("the input is text");
        let (name, text) = line.split_once(' ').unwrap_or((&line, ""));
        let written = match name {
            "block" => again::<Vec<qapi_qmp::BlockInfo>>(text),
            "block-stats" => again::<Vec<qapi_qmp::BlockStats>>(text),
            "blockdev-options" => again::<qapi_qmp::BlockdevOptions>(text),
            "chardev" => again::<Vec<qapi_qmp::ChardevInfo>>(text),
            "cpus" => again::<Vec<qapi_qmp::CpuInfoFast>>(text),
            "job" => again::<Vec<qapi_qmp::JobInfo>>(text),
            "migration" => again::<qapi_qmp::MigrationInfo>(text),
            "named-nodes" => again::<Vec<qapi_qmp::BlockDeviceInfo>>(text),
            "pci" => again::<Vec<qapi_qmp::PciInfo>>(text),
            "status" => again::<qapi_qmp::StatusInfo>(text),
            _ => Err(format!("no such type: {name}")),
        };
        match written {
            Ok(text) => println!("{text}"),
            Err(problem) => println!("error: {problem}"),
        }
    }
}

fn again<T: DeserializeOwned + Serialize>(text: &str) -> Result<String, String> {
    let value: T = serde_json::from_str(text).map_err(|error| error.to_string())?;
    serde_json::to_string(&value).map_err(|error| error.to_string())
}
