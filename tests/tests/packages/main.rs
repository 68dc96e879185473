//! The packages of the guest agent in a Debian with systemd: what they bring, start, keep and leave.
//!
//! One machine goes through the life of a package, then meets the distribution's own, and then goes through the life of the
//! package for other distributions.

mod confined;
mod guest;
mod life;
mod logins;
mod rpm;
mod vsock;

use guest::Guest;

#[test]
fn a_package_is_installed_upgraded_and_removed() {
    let Some(mut guest) = Guest::boot() else {
        return;
    };
    guest.take_inventory();
    life::is_installed_where_there_is_no_port(&mut guest);
    life::starts_when_the_port_appears(&mut guest);
    life::logs_to_the_journal(&mut guest);
    life::runs_the_programs_of_the_hook_s_folder(&mut guest);
    life::ends_and_starts_with_the_port(&mut guest);
    logins::are_the_same_from_either_list(&mut guest);
    vsock::only_the_peers_that_the_setting_has_are_served(&mut guest);
    confined::does_what_it_may_under_drop_in_and_profile(&mut guest);
    life::an_upgrade_keeps_what_was_set_and_what_runs(&mut guest);
    life::is_gone_after_a_purge(&mut guest);
    life::takes_the_place_of_the_distribution_s(&mut guest);
    rpm::goes_the_same_way(&mut guest);
}
