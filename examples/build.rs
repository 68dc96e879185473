//! Generates both sides of the guest agent's protocol, and clients of a small part of QMP, blocking and not.

fn main() -> Result<(), qapi_codegen::BuildError> {
    qapi_codegen::Config::new()
        .client(true)
        .server(true)
        .module("guest_agent")
        .compile("../schemas/guest-agent/2.5.json")?;
    qapi_codegen::Config::new()
        .server(false)
        .blocking(true)
        .asynchronous(true)
        .formatter(qapi_codegen::Formatter::None)
        .module("qmp")
        .compile("schemas/machine.json")
}
