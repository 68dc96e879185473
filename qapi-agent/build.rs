//! Generates the agent's side of the protocol from the schema.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    qapi_codegen::Config::new()
        .client(false)
        .exhaustive(".")
        .deferred_replies(true)
        .module("guest_agent")
        .compile("../schemas/guest-agent/current.json")?;
    Ok(())
}
