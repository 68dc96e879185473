//! The commands that are served: all that exist, except those that the administrator's lists forbid
//! (docs/reference/agent-behaviour.md part 4).

/// The error text for a forbidden command; a fact of the protocol.
pub(crate) const NOT_ALLOWED: &str = "the command is not allowed";

/// The error text for a command that is refused only while file systems are frozen, as in older releases of the
/// reference; newer ones do not distinguish the two.
pub(crate) const FROZEN: &str = "the agent is in frozen state";

/// Commands that are served while file systems are frozen: they need no disk
/// (docs/reference/agent-behaviour.md §4.1).
pub(crate) const SAFE: &[&str] = &[
    "guest-ping",
    "guest-info",
    "guest-sync",
    "guest-sync-delimited",
    "guest-fsfreeze-status",
    "guest-fsfreeze-thaw",
];

/// Lists of command names as given with `-b` and `-a`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommandLists {
    block: Vec<String>,
    allow: Vec<String>,
}

impl CommandLists {
    /// Reads the values of all `-b` and all `-a` options. Names are separated by commas or, as in
    /// key files, semicolons; blanks around a name and empty names do not count (D16).
    pub fn new(block: &[String], allow: &[String]) -> Self {
        Self {
            block: names(block),
            allow: names(allow),
        }
    }

    /// Returns true if the lists let `command` be served. An empty list of allowed commands allows all.
    pub fn permit(&self, command: &str) -> bool {
        let listed = |list: &[String]| list.iter().any(|name| name == command);
        (self.allow.is_empty() || listed(&self.allow)) && !listed(&self.block)
    }

    /// Returns the names that are none of `commands`, each with the option it came with, to warn about:
    /// a misspelt name blocks nothing.
    pub(crate) fn unknown<'a>(
        &'a self,
        commands: &'a [&str],
    ) -> impl Iterator<Item = (&'static str, &'a str)> {
        let blocked = self
            .block
            .iter()
            .map(|name| ("--block-rpcs", name.as_str()));
        let allowed = self
            .allow
            .iter()
            .map(|name| ("--allow-rpcs", name.as_str()));
        blocked
            .chain(allowed)
            .filter(|(_, name)| !commands.contains(name))
    }
}

fn names(values: &[String]) -> Vec<String> {
    values
        .iter()
        .flat_map(|value| value.split([',', ';']))
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(block: &str, allow: &str) -> CommandLists {
        CommandLists::new(&[block.to_owned()], &[allow.to_owned()])
    }

    #[test]
    fn without_lists_everything_is_permitted() {
        assert!(lists("", "").permit("guest-ping"));
        assert!(lists(" ,; ", ",").permit("guest-ping"));
    }

    #[test]
    fn blocking_wins_over_allowing() {
        let lists = lists("guest-exec", "guest-ping,guest-exec");
        assert!(lists.permit("guest-ping"));
        assert!(!lists.permit("guest-exec"));
        assert!(!lists.permit("guest-info"));
    }

    #[test]
    fn both_separators_and_blanks_are_accepted_and_options_accumulate() {
        let values = [
            "guest-ping ; guest-info".to_owned(),
            " guest-sync,guest-exec".to_owned(),
        ];
        let lists = CommandLists::new(&values, &[]);
        for name in ["guest-ping", "guest-info", "guest-sync", "guest-exec"] {
            assert!(!lists.permit(name), "{name}");
        }
    }

    #[test]
    fn names_are_exact_and_unknown_ones_are_found() {
        let lists = lists("Guest-Ping,guest-pin", "guest-ping,guest-png");
        assert!(lists.permit("guest-ping"));
        let unknown: Vec<_> = lists.unknown(&["guest-ping"]).collect();
        assert_eq!(
            unknown,
            [
                ("--block-rpcs", "Guest-Ping"),
                ("--block-rpcs", "guest-pin"),
                ("--allow-rpcs", "guest-png"),
            ]
        );
    }
}
