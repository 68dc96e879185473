//! Conditions as text: today's identifiers, and the C expressions of QEMU 3.0 to 6.1.

use crate::ir::Condition;

/// Returns whether `text` is a condition of today: an upper-case letter, then upper-case letters,
/// digits and `_` (docs/reference/language.md §4.1).
pub(crate) fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Deeper brackets than this are not parsed.
const DEPTH: usize = 64;

/// Reads a C preprocessor expression made of `defined`, names, `!`, `&&`, `||` and brackets.
/// A bare name is taken for "is defined". The error tells what was found and what was expected.
pub(crate) fn parse_expression(text: &str) -> Result<Condition, String> {
    let mut parser = ConditionParser {
        rest: text,
        depth: 0,
    };
    let condition = parser.any()?;
    match parser.peek() {
        None => Ok(condition),
        Some(token) => Err(format!("expected `&&` or `||`, found `{token}`")),
    }
}

struct ConditionParser<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> ConditionParser<'a> {
    fn any(&mut self) -> Result<Condition, String> {
        self.chain("||", Self::all, Condition::Any)
    }

    fn all(&mut self) -> Result<Condition, String> {
        self.chain("&&", Self::unary, Condition::All)
    }

    fn chain(
        &mut self,
        operator: &str,
        operand: fn(&mut Self) -> Result<Condition, String>,
        combine: fn(Vec<Condition>) -> Condition,
    ) -> Result<Condition, String> {
        let first = operand(self)?;
        if self.peek() != Some(operator) {
            return Ok(first);
        }
        let mut operands = vec![first];
        while self.eat(operator) {
            operands.push(operand(self)?);
        }
        Ok(combine(operands))
    }

    fn unary(&mut self) -> Result<Condition, String> {
        let mut negations = 0usize;
        while self.eat("!") {
            negations += 1;
        }
        let operand = if self.eat("(") {
            self.depth += 1;
            if self.depth > DEPTH {
                return Err(format!("brackets are nested more than {DEPTH} deep"));
            }
            let inner = self.any()?;
            self.depth -= 1;
            self.expect(")")?;
            inner
        } else if self.eat("defined") {
            if self.eat("(") {
                let symbol = self.symbol()?;
                self.expect(")")?;
                symbol
            } else {
                self.symbol()?
            }
        } else {
            self.symbol()?
        };
        Ok(if negations % 2 == 1 {
            Condition::Not(Box::new(operand))
        } else {
            operand
        })
    }

    fn symbol(&mut self) -> Result<Condition, String> {
        match self.peek() {
            Some(token) if token.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') => {
                self.take(token);
                Ok(Condition::Defined(token.to_owned()))
            }
            Some(token) => Err(format!("expected the name of a macro, found `{token}`")),
            None => Err("expected the name of a macro, found the end".to_owned()),
        }
    }

    fn expect(&mut self, token: &str) -> Result<(), String> {
        if self.eat(token) {
            return Ok(());
        }
        match self.peek() {
            Some(found) => Err(format!("expected `{token}`, found `{found}`")),
            None => Err(format!("expected `{token}`, found the end")),
        }
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.peek() == Some(token);
        if found {
            self.take(token);
        }
        found
    }

    fn take(&mut self, token: &str) {
        self.rest = &self.rest.trim_start()[token.len()..];
    }

    /// Returns the next token: a word, `&&`, `||`, or any other single character.
    fn peek(&self) -> Option<&'a str> {
        let rest = self.rest.trim_start();
        let first = rest.chars().next()?;
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let length = if word(first) {
            rest.find(|c| !word(c)).unwrap_or(rest.len())
        } else if rest.starts_with("&&") || rest.starts_with("||") {
            2
        } else {
            first.len_utf8()
        };
        Some(&rest[..length])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defined(symbol: &str) -> Condition {
        Condition::Defined(symbol.to_owned())
    }

    #[test]
    fn identifiers_are_upper_case() {
        for good in ["A", "CONFIG_X", "A1_"] {
            assert!(is_identifier(good), "{good}");
        }
        for bad in ["", " ", "a", "_A", "A b", "1A", "defined(A)", "A-B", "A "] {
            assert!(!is_identifier(bad), "{bad}");
        }
    }

    #[test]
    fn expressions_follow_the_precedence_of_c() {
        let parsed = parse_expression("defined(A) || !defined B && (C||!!_D)").unwrap();
        let expected = Condition::Any(vec![
            defined("A"),
            Condition::All(vec![
                Condition::Not(Box::new(defined("B"))),
                Condition::Any(vec![defined("C"), defined("_D")]),
            ]),
        ]);
        assert_eq!(parsed, expected);
    }

    #[test]
    fn bad_expressions_say_what_was_found() {
        for (text, message) in [
            ("", "expected the name of a macro, found the end"),
            ("A B", "expected `&&` or `||`, found `B`"),
            ("A &", "expected `&&` or `||`, found `&`"),
            ("defined(A", "expected `)`, found the end"),
            ("(A || B", "expected `)`, found the end"),
            ("A && 1", "expected the name of a macro, found `1`"),
            ("ä", "expected the name of a macro, found `ä`"),
        ] {
            assert_eq!(parse_expression(text), Err(message.to_owned()), "{text}");
        }
    }

    #[test]
    fn depth_is_limited() {
        let deep = format!("{}A{}", "(".repeat(100_000), ")".repeat(100_000));
        assert!(parse_expression(&deep).is_err());
        let negated = format!("{}A", "!".repeat(100_001));
        assert_eq!(
            parse_expression(&negated),
            Ok(Condition::Not(Box::new(defined("A"))))
        );
    }
}
