//! Patterns for arguments and for paths.

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// `*`: any characters, or none.
    Run,
    /// `?`: one character.
    One,
    Is(char),
}

/// A pattern for a text, or for one component of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Token>);

impl Pattern {
    /// Reads a pattern: `*` stands for any characters, `?` for one, and a backslash removes the special meaning of the
    /// next character.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut tokens = Vec::new();
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            tokens.push(match character {
                '*' => Token::Run,
                '?' => Token::One,
                '\\' => Token::Is(characters.next().ok_or_else(|| {
                    format!(
                        "`{text}` ends with a backslash, which has to be followed by a character"
                    )
                })?),
                other => Token::Is(other),
            });
        }
        Ok(Self(tokens))
    }

    /// Returns true if the whole text fits.
    pub(crate) fn fits(&self, text: &str) -> bool {
        let characters: Vec<char> = text.chars().collect();
        let one = |token: &Token, character: &char| match token {
            Token::Is(wanted) => wanted == character,
            Token::One => true,
            Token::Run => false,
        };
        fit(&self.0, &characters, |token| *token == Token::Run, one)
    }
}

/// A component of a pattern for paths.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Component {
    /// `**`: any components, or none.
    Any,
    One(Pattern),
}

/// A pattern for absolute paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PathPattern {
    text: String,
    components: Vec<Component>,
}

impl PathPattern {
    /// Reads a pattern: an absolute path whose components are [patterns](Pattern), which stand for no `/`, or `**`,
    /// which stands for any number of components.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let rest = text
            .strip_prefix('/')
            .ok_or_else(|| format!("`{text}` is not an absolute path: it must begin with `/`"))?;
        let component = |part: &str| match part {
            "" => Err(format!(
                "`{text}` has an empty component: remove the `/` too many"
            )),
            "." | ".." => Err(format!(
                "`{text}` has the component `{part}`, which fits nothing: `.`, `..` and links are followed before \
                 paths are compared"
            )),
            "**" => Ok(Component::Any),
            part if part.contains("**") => Err(format!(
                "`{text}` has `**` next to other characters: it matches whole components only"
            )),
            part => Pattern::parse(part).map(Component::One),
        };
        Ok(Self {
            text: text.to_owned(),
            components: rest.split('/').map(component).collect::<Result<_, _>>()?,
        })
    }

    /// As it was written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Returns true if a path without links, `.` and `..` fits.
    pub(crate) fn fits(&self, path: &str) -> bool {
        let Some(rest) = path.strip_prefix('/') else {
            return false;
        };
        let parts: Vec<&str> = rest.split('/').collect();
        let one = |component: &Component, part: &&str| match component {
            Component::One(pattern) => pattern.fits(part),
            Component::Any => false,
        };
        fit(
            &self.components,
            &parts,
            |component| *component == Component::Any,
            one,
        )
    }

    /// Returns the folders before the first wildcard, which the file or folder after them does not belong to.
    pub(crate) fn fixed(&self) -> &str {
        let end = self.text.find(['*', '?', '\\']).unwrap_or(self.text.len());
        let end = self.text[..end].rfind('/').unwrap_or(0);
        if end == 0 { "/" } else { &self.text[..end] }
    }
}

/// Matches all of `texts` with all of `pattern`, in which `is_run` tells what stands for any number of them and `one`
/// what else stands for one.
///
/// Only the last run is ever extended, because it can take everything that an earlier one could take. So the time is at
/// most the product of the lengths.
fn fit<P, T>(
    pattern: &[P],
    texts: &[T],
    is_run: impl Fn(&P) -> bool,
    one: impl Fn(&P, &T) -> bool,
) -> bool {
    let (mut at, mut next) = (0, 0);
    // The place after the last run, and the first text that it has not taken.
    let mut last = None;
    while next < texts.len() {
        if pattern.get(at).is_some_and(&is_run) {
            at += 1;
            last = Some((at, next));
        } else if pattern
            .get(at)
            .is_some_and(|piece| one(piece, &texts[next]))
        {
            at += 1;
            next += 1;
        } else if let Some((behind, first)) = last {
            at = behind;
            next = first + 1;
            last = Some((behind, next));
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(is_run)
}

#[cfg(test)]
mod tests {
    use qapi_tests::generate::Random;

    use super::*;

    /// Returns the meaning of patterns, word by word.
    fn model(pattern: &[Token], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some((Token::Run, rest)) => (0..=text.len()).any(|taken| model(rest, &text[taken..])),
            Some((Token::One, rest)) => !text.is_empty() && model(rest, &text[1..]),
            Some((Token::Is(wanted), rest)) => {
                text.first() == Some(wanted) && model(rest, &text[1..])
            }
        }
    }

    fn model_of_paths(pattern: &[Component], parts: &[&str]) -> bool {
        match pattern.split_first() {
            None => parts.is_empty(),
            Some((Component::Any, rest)) => {
                (0..=parts.len()).any(|taken| model_of_paths(rest, &parts[taken..]))
            }
            Some((Component::One(Pattern(tokens)), rest)) => {
                parts.split_first().is_some_and(|(part, others)| {
                    model(tokens, &part.chars().collect::<Vec<_>>()) && model_of_paths(rest, others)
                })
            }
        }
    }

    fn some(random: &mut Random, of: &[&str], most: usize) -> String {
        (0..random.below(most + 1))
            .map(|_| of[random.below(of.len())])
            .collect()
    }

    #[test]
    fn random_patterns_fit_what_they_mean() {
        let mut random = Random::new(7);
        let mut fitting = 0;
        for _ in 0..20_000 {
            let written = some(&mut random, &["a", "b", "é", "*", "?", "\\*", "\\\\"], 6);
            let text = some(&mut random, &["a", "b", "é", "*", "\\", "/"], 6);
            let pattern = Pattern::parse(&written).unwrap();
            let expected = model(&pattern.0, &text.chars().collect::<Vec<_>>());
            assert_eq!(pattern.fits(&text), expected, "{written} {text}");
            fitting += u32::from(expected);
        }
        assert!(fitting > 1000, "{fitting}");
    }

    #[test]
    fn random_patterns_fit_the_paths_that_they_mean() {
        let mut random = Random::new(8);
        let mut fitting = 0;
        for _ in 0..20_000 {
            let part =
                |random: &mut Random, of: &[&str]| format!("/{}", of[random.below(of.len())]);
            let written: String = (0..=random.below(4))
                .map(|_| part(&mut random, &["a", "b", "**", "*", "a*", "?", "*b"]))
                .collect();
            let path: String = (0..=random.below(4))
                .map(|_| part(&mut random, &["a", "b", "ab", "aab"]))
                .collect();
            let pattern = PathPattern::parse(&written).unwrap();
            let parts: Vec<_> = path[1..].split('/').collect();
            let expected = model_of_paths(&pattern.components, &parts);
            assert_eq!(pattern.fits(&path), expected, "{written} {path}");
            fitting += u32::from(expected);
        }
        assert!(fitting > 1000, "{fitting}");
    }

    #[test]
    fn many_runs_take_no_time() {
        let pattern = Pattern::parse(&"*a".repeat(500)).unwrap();
        assert!(!pattern.fits(&format!("{}b", "a".repeat(20_000))));
    }

    #[test]
    fn patterns_that_match_nothing_are_rejected() {
        for (text, reason) in [
            ("a/b", "must begin with `/`"),
            ("", "must begin with `/`"),
            ("/", "empty component"),
            ("/a//b", "empty component"),
            ("/a/", "empty component"),
            ("/a/../b", "component `..`"),
            ("/a/.", "component `.`"),
            ("/a/**b", "whole components"),
            ("/a\\", "ends with a backslash"),
        ] {
            let error = PathPattern::parse(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn the_fixed_part_ends_before_the_first_wildcard() {
        for (text, fixed) in [
            ("/a/b/*", "/a/b"),
            ("/a/b*/c", "/a"),
            ("/a/b", "/a"),
            ("/a", "/"),
            ("/**", "/"),
            ("/a/\\*/b", "/a"),
        ] {
            assert_eq!(PathPattern::parse(text).unwrap().fixed(), fixed);
        }
    }
}
