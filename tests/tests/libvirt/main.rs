//! The guest agent under libvirt, beside the distribution's.
//!
//! The daemon is the test's own, with its configuration, state and sockets in a folder; the domains run under software
//! emulation. Every command of virsh that reaches an agent is tried on both agents; `differences.txt` in
//! tests/data/libvirt has what may differ.

mod channel;
mod compare;
mod daemon;
mod domain;
mod freeze;
mod observe;
mod snapshot;

use std::path::Path;

use qapi_tests::peer;
use qapi_tests::vm::Setup;

use daemon::Daemon;
use domain::Domain;

#[test]
fn virsh_prints_the_same_with_either_agent_except_where_it_is_said() {
    let Some(program) = peer::qemu_ga() else {
        return;
    };
    let Some(setup) = observe::setup() else {
        return;
    };
    let Some(mut daemon) = Daemon::start() else {
        return;
    };
    let boot = |daemon: &Daemon, name: &'static str, program: &Path| {
        Domain::boot(daemon, name, setup.clone(), program, "-v -F")
    };
    let Some(mut ours) = boot(&daemon, "ours", &peer::qapi_agent()) else {
        return;
    };
    let Some(mut theirs) = boot(&daemon, "theirs", &program) else {
        return;
    };
    let mut both = observe::both(&daemon, &mut ours, &mut theirs, observe::while_it_runs);
    // A daemon that comes back finds its domains, and their agents.
    daemon.kill();
    daemon.run();
    ours.wait_for_agent(&daemon, true);
    theirs.wait_for_agent(&daemon, true);
    both.extend(observe::both(
        &daemon,
        &mut ours,
        &mut theirs,
        observe::until_it_ends,
    ));
    compare::compare(&both);
}

#[test]
fn no_file_system_stays_frozen_unknown_to_libvirt() {
    let Some(mut daemon) = Daemon::start() else {
        return;
    };
    let setup = freeze::setup();
    let Some(mut domain) = Domain::boot(
        &daemon,
        "frozen",
        setup,
        &peer::qapi_agent(),
        freeze::OPTIONS,
    ) else {
        return;
    };
    freeze::a_host_that_gave_up_learns_from_the_status(&daemon, &mut domain);
    freeze::a_host_that_gave_up_and_does_not_ask_is_told(&daemon, &mut domain);
    freeze::a_daemon_that_dies_while_freezing_may_come_back(&mut daemon, &mut domain);
    freeze::a_daemon_that_dies_while_freezing_may_stay_away(&mut daemon, &mut domain);
    freeze::an_agent_killed_while_frozen_thaws_when_it_is_back(&daemon, &mut domain);
    freeze::an_agent_killed_in_the_hook_tells_it_of_the_thaw(&daemon, &mut domain);
    channel::comes_back_with_the_agent(&daemon, &mut domain);
    freeze::a_freeze_that_lasted_too_long_is_no_success(&daemon, &mut domain);
    freeze::dropped_output_is_reported(&daemon, &mut domain);
}

#[test]
fn a_quiesced_snapshot_is_consistent() {
    let Some(daemon) = Daemon::start() else {
        return;
    };
    let setup = Setup::new().disks(2);
    let Some(mut domain) = Domain::boot(&daemon, "snap", setup, &peer::qapi_agent(), "-v") else {
        return;
    };
    snapshot::has_all_that_was_written_before(&daemon, &mut domain);
}
