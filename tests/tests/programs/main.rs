//! Suites that start programs and wait for them: agents, machines, browsers, compilers, servers, and our own command.
//!
//! They are one test program, so that some use the processor while others wait. Tests start in the order of their names: those of the
//! agent, which wait the longest, come first.

mod agent;
mod browser;
mod build_script;
mod docs;
mod examples;
mod generated_compiles;
mod generated_features;
mod json_schemas;
mod live;
mod python_back_end;
mod traffic;
