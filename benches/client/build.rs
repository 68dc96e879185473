//! Generates the client from the schema files in the peer's sources, wherever Cargo keeps those.

use std::error::Error;

mod schema;

fn main() -> Result<(), Box<dyn Error>> {
    let schema = schema::schema()?;
    println!("cargo:rustc-env=QAPI_BENCHES_SCHEMA={}", schema.display());
    qapi_codegen::Config::new()
        .module("qmp")
        .server(false)
        .compile(schema)?;
    Ok(())
}
