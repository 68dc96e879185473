//! Guest agents in virtual machines, where they can do no harm.
//!
//! What does not end a machine shares one, unless it waits for long, and each machine ends in another way.

mod commands;
mod disturbed;
mod freeze;
mod guest;
mod host;
mod reference;
mod vsock;

use std::thread;

use qapi_tests::peer;
use qapi_tests::vm::Setup;
use serde_json::json;

use guest::{Guest, PATIENCE};

/// Shuts the machine down in a mode and asserts that it ends for this reason, without a reply.
fn assert_ends(mut guest: Guest, mode: Option<&str>, reason: &str) {
    let mut qmp = guest.qmp();
    let arguments = mode.map_or(json!({}), |mode| json!({ "mode": mode }));
    guest
        .agent
        .send(&json!({ "execute": "guest-shutdown", "arguments": arguments, "id": 1 }));
    assert_eq!(qmp.event("SHUTDOWN")["reason"], reason, "{arguments}");
    assert!(guest.machine.wait_for_exit(PATIENCE), "{arguments}");
    let rest = guest.agent.rest();
    assert_eq!(rest, b"", "{arguments}");
}

#[test]
fn commands_act_on_the_guest() {
    let Some(setup) = commands::setup() else {
        return;
    };
    let setup = setup.power_programs();
    let Some(mut guest) = Guest::boot(setup, peer::qapi_agent(), "-v") else {
        return;
    };
    commands::processors_go_off_and_come_back(&mut guest);
    commands::memory_blocks_are_those_of_the_kernel(&mut guest);
    commands::memory_that_is_plugged_in_can_be_used_and_given_back(&mut guest);
    commands::passwords_are_changed(&mut guest);
    commands::keys_are_changed(&mut guest);
    commands::disks_are_described_and_trimmed(&mut guest);
    commands::both_clocks_are_set(&mut guest);
    halting_stops_the_processors_and_leaves_the_machine(guest);
}

fn halting_stops_the_processors_and_leaves_the_machine(mut guest: Guest) {
    guest.agent.ping();
    guest
        .agent
        .send(&json!({ "execute": "guest-shutdown", "arguments": { "mode": "halt" } }));
    guest.machine.wait_for("System halted", PATIENCE);
    assert!(
        !guest
            .machine
            .wait_for_exit(std::time::Duration::from_millis(500))
    );
}

#[test]
fn freezing_stops_writers_and_thawing_lets_them_go_on() {
    let setup = freeze::setup().power_programs();
    let Some(mut guest) = Guest::boot(setup, peer::qapi_agent(), "-v -F") else {
        return;
    };
    freeze::prepare(&mut guest);
    freeze::everything_freezes_and_thaws(&mut guest);
    freeze::only_what_was_chosen_freezes(&mut guest);
    freeze::hidden_file_systems_freeze_and_thaw(&mut guest);
    freeze::hooks_come_in_pairs(&mut guest);
    freeze::the_frozen_state_outlives_the_agent(&mut guest);
    freeze::files_that_the_host_keeps_open_do_not_hinder_it(&mut guest);
    assert_ends(guest, Some("reboot"), "guest-reset");
}

#[test]
fn freezes_that_take_long_let_safe_commands_through_and_have_limits() {
    let Some(mut guest) = Guest::boot(freeze::setup(), peer::qapi_agent(), "-v -F") else {
        return;
    };
    freeze::prepare(&mut guest);
    freeze::a_slow_hook_lets_safe_commands_through(&mut guest);
    freeze::a_slow_disk_lets_safe_commands_through(&mut guest);
    freeze::a_hook_has_a_ceiling(&mut guest);
    freeze::a_freeze_that_lasts_too_long_ends_by_itself(&mut guest);
}

#[test]
fn freezes_that_nobody_waits_for_are_told_or_undone() {
    let Some(mut guest) = Guest::boot(freeze::setup(), peer::qapi_agent(), "-v -F") else {
        return;
    };
    freeze::prepare(&mut guest);
    freeze::a_freeze_that_nobody_waits_for_is_told_or_undone(&mut guest);
}

#[test]
fn freezes_are_not_disturbed_by_clocks_mounts_and_hooks() {
    let Some(mut guest) = Guest::boot(freeze::setup(), peer::qapi_agent(), "-v -F") else {
        return;
    };
    freeze::prepare(&mut guest);
    disturbed::the_clock_may_jump(&mut guest);
    disturbed::mounts_may_come_and_go(&mut guest);
    disturbed::a_hook_may_leave_a_process_behind(&mut guest);
    disturbed::a_hook_that_cannot_run_freezes_nothing(&mut guest);
    disturbed::a_system_without_free_files_is_thawed(&mut guest);
}

#[test]
fn a_port_is_served_across_hosts_that_come_and_go() {
    let setup = Setup::new().power_programs();
    // Neither method nor path: the defaults are what hosts expect.
    let Some(mut guest) = Guest::boot(setup, peer::qapi_agent(), "-v") else {
        return;
    };
    host::a_generated_client_gets_every_answer(&mut guest);
    host::the_agent_sleeps_when_there_is_nothing_to_do(&mut guest);
    host::what_a_host_leaves_behind_goes_with_it(&mut guest);
    host::a_thousand_hosts_are_served(&mut guest);
    host::the_agent_may_be_started_again_under_its_host(&mut guest);
    host::only_one_agent_has_the_port(&mut guest);
    host::a_suspended_machine_wakes_with_its_agent(&mut guest);
    assert_ends(guest, None, "guest-shutdown");
}

#[test]
fn a_host_is_served_by_vsock() {
    let Some(host) = vsock::Host::start() else {
        return;
    };
    let setup = host.setup().power_programs();
    let Some(mut guest) = Guest::boot(setup, peer::qapi_agent(), vsock::OPTIONS) else {
        return;
    };
    vsock::the_host_is_served_unless_the_setting_has_others_only(&host, &mut guest);
}

#[test]
fn replies_are_those_of_the_reference_except_where_it_is_said() {
    let Some(program) = peer::qemu_ga() else {
        return;
    };
    let guests = (
        reference::guest(&peer::qapi_agent()),
        reference::guest(&program),
    );
    let (Some(ours), Some(theirs)) = guests else {
        return;
    };
    let (ours, theirs) = thread::scope(|scope| {
        let theirs = scope.spawn(|| reference::replies(theirs));
        let ours = reference::replies(ours);
        (ours, theirs.join().expect("their agent replies"))
    });
    reference::compare_with_table(&ours);
    reference::compare(&ours, &theirs);
}
