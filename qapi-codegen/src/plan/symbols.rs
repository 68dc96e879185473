//! Checks settings about symbols of conditions: the schema must have them, and the policy must use them.

use qapi_parser::diag::{Anchor, Code, Diagnostic};
use qapi_parser::suggest;

use super::build::PlanBuilder;
use crate::config::Conditions;

impl PlanBuilder<'_> {
    /// Reports symbols that no condition has, and those that would be ignored.
    pub(super) fn check_symbols(&self, file: &str) {
        let config = self.config;
        let defined = config.defined.iter().map(|it| ("define", it));
        let predicates = config.predicates.keys().map(|it| ("predicate", it));
        let mut given = defined.chain(predicates).peekable();
        if given.peek().is_none() {
            return;
        }
        let known = self.schema.symbols();
        let problems = given.filter_map(|(setting, symbol)| {
            let needed = match setting {
                "define" => Conditions::Resolve,
                _ => Conditions::Cfg,
            };
            let error =
                |message| Diagnostic::error(Code::GEN_SELECTOR, Anchor::File(file.to_owned()), message);
            if !known.contains(symbol.as_str()) {
                let message =
                    format!("`{setting}` names `{symbol}`, which is in no condition of `{file}`");
                let help = match suggest::closest(symbol, known.iter().copied()) {
                    Some(closest) => format!("did you mean `{closest}`?"),
                    None if known.is_empty() => "this schema has no conditions".to_owned(),
                    None => {
                        let known: Vec<_> = known.iter().take(SHOWN).map(|it| format!("`{it}`")).collect();
                        format!("its conditions are about {}", known.join(", "))
                    }
                };
                return Some(error(message).help(help));
            }
            (config.conditions != needed).then(|| {
                let message = format!(
                    "`{setting}` names `{symbol}`, but conditions are treated as `{}`, where that has no effect",
                    config.conditions.as_str()
                );
                error(message).help(format!("set `conditions` to `{}`, or leave it out", needed.as_str()))
            })
        });
        let problems: Vec<_> = problems.collect();
        self.diagnostics.borrow_mut().extend(problems);
    }
}

/// The number of symbols that a message lists.
const SHOWN: usize = 8;
