//! The policy file, in the syntax of the configuration file.

use super::pattern::{PathPattern, Pattern};
use super::rate::Rate;
use super::rule::{FileRule, ProgramRule};
use crate::command_lists::SAFE;
use crate::config::key_file::{self, Entry, Line, SyntaxError};

/// The content of a file.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) rates: Vec<(String, Rate)>,
    pub(super) programs: Vec<ProgramRule>,
    pub(super) files: Vec<FileRule>,
}

/// The kind of a group, by its name.
enum Group<'a> {
    Program(&'a str),
    File(&'a str),
    Command(&'a str),
}

/// Reads a policy. `commands` are the names that have limits. Everything unknown is an error, because a rule without
/// effect is worse than an agent that does not start.
pub(super) fn parse(text: &[u8], commands: &[&str]) -> Result<Content, SyntaxError> {
    let mut content = Content::default();
    let mut names: Vec<&str> = Vec::new();
    let mut place = None;
    for line in key_file::lines(text)? {
        match line {
            Line::Group { line, name } => {
                let error = |reason| SyntaxError { line, reason };
                content.finish(place.take())?;
                if names.contains(&name) {
                    return Err(error(format!("group `{name}` appears twice")));
                }
                names.push(name);
                let group = group(name, commands).map_err(error)?;
                content.begin(&group);
                place = Some((line, group));
            }
            // The syntax has no entries before the first group.
            Line::Entry(entry) => {
                if let Some((_, group)) = &place {
                    content.set(group, &entry)?;
                }
            }
        }
    }
    content.finish(place)?;
    Ok(content)
}

fn group<'a>(name: &'a str, commands: &[&str]) -> Result<Group<'a>, String> {
    let rule = |name: &'a str| {
        let name = name.trim();
        if name.is_empty() {
            return Err("the rule has no name, as in `[program backup]`".to_owned());
        }
        Ok(name)
    };
    if let Some((kind, rest)) = name.split_once(' ') {
        match kind {
            "program" => return rule(rest).map(Group::Program),
            "file" => return rule(rest).map(Group::File),
            _ => {}
        }
    }
    if SAFE.contains(&name) {
        return Err(format!(
            "`{name}` cannot be limited: without it the host cannot tell that the agent is there, or file systems stay \
             frozen"
        ));
    }
    if commands.contains(&name) {
        return Ok(Group::Command(name));
    }
    Err(format!(
        "`[{name}]` is not a group of a policy: use the name of a command, `[program NAME]` or `[file NAME]`"
    ))
}

impl Content {
    fn begin(&mut self, group: &Group<'_>) {
        match group {
            Group::Program(name) => self.programs.push(ProgramRule::named(name)),
            Group::File(name) => self.files.push(FileRule::named(name)),
            Group::Command(_) => {}
        }
    }

    /// Checks that the group that ends here says what it must.
    fn finish(&mut self, place: Option<(usize, Group<'_>)>) -> Result<(), SyntaxError> {
        let Some((line, group)) = place else {
            return Ok(());
        };
        let missing = |key: &str| SyntaxError {
            line,
            reason: format!("the group has no `{key}`"),
        };
        let is_whole = match group {
            Group::Program(_) => self
                .programs
                .last()
                .is_some_and(|rule| !rule.paths.is_empty()),
            Group::File(_) => self.files.last().is_some_and(|rule| !rule.paths.is_empty()),
            Group::Command(command) if self.rates.iter().all(|(name, _)| name != command) => {
                return Err(missing("rate"));
            }
            Group::Command(_) => true,
        };
        if is_whole {
            Ok(())
        } else {
            Err(missing("path"))
        }
    }

    fn set(&mut self, group: &Group<'_>, entry: &Entry<'_>) -> Result<(), SyntaxError> {
        let value = entry.word()?;
        let set = match group {
            Group::Program(_) => match self.programs.last_mut() {
                Some(rule) => set_of_program(rule, entry.key, &value),
                None => Ok(()),
            },
            Group::File(_) => match self.files.last_mut() {
                Some(rule) => set_of_file(rule, entry.key, &value),
                None => Ok(()),
            },
            Group::Command(command) => match entry.key {
                "rate" if self.rates.iter().any(|(name, _)| name == command) => Err(twice("rate")),
                "rate" => {
                    Rate::parse(&value).map(|rate| self.rates.push(((*command).to_owned(), rate)))
                }
                key => Err(unknown(key, "`rate`")),
            },
        };
        set.map_err(|reason| SyntaxError {
            line: entry.line,
            reason,
        })
    }
}

fn set_of_program(rule: &mut ProgramRule, key: &str, value: &str) -> Result<(), String> {
    match key {
        "path" => rule.paths.push(PathPattern::parse(value)?),
        "argument" if rule.any_more => {
            return Err(
                "`argument = ...` matches all further arguments: it must be the last".to_owned(),
            );
        }
        "argument" if value == "..." => rule.any_more = true,
        "argument" => rule
            .arguments
            .push((value.to_owned(), Pattern::parse(value)?)),
        "environment" => rule.environment.push(Pattern::parse(value)?),
        "input" if rule.input.is_some() => return Err(twice(key)),
        "input" => rule.input = Some(boolean(value)?),
        "user" if rule.user.is_some() => return Err(twice(key)),
        "user" if value.is_empty() => return Err("`user` has no name".to_owned()),
        "user" => rule.user = Some(value.to_owned()),
        key => {
            return Err(unknown(
                key,
                "`path`, `argument`, `environment`, `input` and `user`",
            ));
        }
    }
    Ok(())
}

fn set_of_file(rule: &mut FileRule, key: &str, value: &str) -> Result<(), String> {
    match key {
        "path" => rule.paths.push(PathPattern::parse(value)?),
        "access" if rule.access.is_some() => return Err(twice(key)),
        "access" => {
            rule.access = Some(match value {
                "read" => (true, false),
                "write" => (false, true),
                "read-write" => (true, true),
                _ => {
                    return Err(format!(
                        "`{value}` is not an access mode: use `read`, `write` or `read-write`"
                    ));
                }
            });
        }
        key => return Err(unknown(key, "`path` and `access`")),
    }
    Ok(())
}

fn boolean(value: &str) -> Result<bool, String> {
    match value {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(format!("`{value}` is neither `true` nor `false`")),
    }
}

fn twice(key: &str) -> String {
    format!("`{key}` appears twice in the group")
}

fn unknown(key: &str, known: &str) -> String {
    format!("`{key}` is not a key of this group, which has {known}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Content, SyntaxError> {
        parse(
            text.as_bytes(),
            &["guest-exec", "guest-ping", "guest-file-open"],
        )
    }

    #[test]
    fn every_key_is_read() {
        let content = parsed(
            "[guest-exec]\nrate = 5/60\n[program backup]\npath = /usr/bin/b*\npath = /opt/**\nargument = --full\n\
             argument = /srv/*  \nargument = ...\nenvironment = LANG=*\ninput = true\nuser = backup\n\
             [file logs]\npath = /var/log/**\n[file drop]\npath = /srv/in/*\naccess = write\n",
        )
        .unwrap();
        assert_eq!(content.rates.len(), 1);
        let rule = &content.programs[0];
        assert_eq!((rule.name.as_str(), rule.paths.len()), ("backup", 2));
        assert_eq!(rule.arguments[1].0, "/srv/*");
        assert!(rule.any_more && rule.input == Some(true));
        assert_eq!(rule.user.as_deref(), Some("backup"));
        assert_eq!(content.files[0].access, None);
        assert_eq!(content.files[1].access, Some((false, true)));
    }

    #[test]
    fn mistakes_are_refused_with_their_line() {
        for (text, line, reason) in [
            ("[exec]\nrate=1/1", 1, "`[exec]` is not a group of a policy"),
            ("[guest-none]\nrate=1/1", 1, "is not a group of a policy"),
            ("[guest-ping]\nrate=1/1", 1, "cannot be limited"),
            ("[guest-fsfreeze-thaw]\nrate=1/1", 1, "cannot be limited"),
            ("[guest-exec]\n", 1, "the group has no `rate`"),
            (
                "[guest-exec]\nrates=1/1",
                2,
                "`rates` is not a key of this group, which has `rate`",
            ),
            ("[guest-exec]\nrate=1", 2, "`1` is not a rate"),
            ("[guest-exec]\nrate=1/1\nrate=2/1", 3, "appears twice"),
            (
                "[guest-exec]\nrate=1/1\n[guest-exec]\nrate=1/1",
                3,
                "appears twice",
            ),
            (
                "[program a]\n[file b]\npath=/x",
                1,
                "the group has no `path`",
            ),
            ("[program ]\npath=/x", 1, "no name"),
            ("[program a]\npath=x", 2, "must begin with `/`"),
            (
                "[program a]\npath=/x\nargument=...\nargument=b",
                4,
                "must be the last",
            ),
            (
                "[program a]\npath=/x\narguments=b",
                3,
                "`argument`, `environment`",
            ),
            (
                "[program a]\npath=/x\ninput=maybe",
                3,
                "neither `true` nor `false`",
            ),
            ("[program a]\npath=/x\nuser=a\nuser=b", 4, "appears twice"),
            (
                "[file a]\npath=/x\naccess=execute",
                3,
                "`execute` is not an access mode",
            ),
            (
                "[file a]\npath=/x\nmode=r",
                3,
                "which has `path` and `access`",
            ),
            ("[file a]\npath=/\\x", 2, "unknown escape"),
            ("path=/x", 1, "before the first group"),
        ] {
            let error = parsed(text).expect_err(text);
            assert_eq!(error.line, line, "{text}: {error}");
            assert!(error.reason.contains(reason), "{text}: {error}");
        }
        assert!(parsed("# nothing\n").unwrap().programs.is_empty());
    }
}
