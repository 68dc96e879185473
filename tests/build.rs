//! Generates both sides of the guest agent's protocol for the tests and the README's programs.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    qapi_codegen::Config::new()
        .module("guest_agent")
        .compile("../schemas/guest-agent/2.5.json")?;
    Ok(())
}
