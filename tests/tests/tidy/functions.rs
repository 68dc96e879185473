//! Functions fit on a screen.

use syn::visit::{self, Visit};
use syn::{Block, ImplItemFn, ItemFn, Signature, TraitItemFn};

use super::sources::{rust_sources, shown};

/// Lines that 99 of 100 functions do not exceed.
const USUAL: usize = 60;
/// Lines that no function exceeds.
const MOST: usize = 100;

/// Functions and methods with a body: name, first line, and number of lines with those of closures and functions in it.
#[derive(Default)]
struct Functions(Vec<(String, usize, usize)>);

impl Functions {
    fn of(text: &str) -> Self {
        let file = syn::parse_file(text).expect("the source is Rust");
        let mut functions = Self::default();
        functions.visit_file(&file);
        functions
    }

    fn add(&mut self, signature: &Signature, block: &Block) {
        let first = signature.fn_token.span.start().line;
        let last = block.brace_token.span.close().end().line;
        let name = signature.ident.to_string();
        self.0.push((name, first, last - first + 1));
    }
}

impl<'a> Visit<'a> for Functions {
    fn visit_item_fn(&mut self, item: &'a ItemFn) {
        self.add(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'a ImplItemFn) {
        self.add(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'a TraitItemFn) {
        if let Some(block) = &item.default {
            self.add(&item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }
}

#[test]
fn every_form_of_function_is_measured() {
    let text = "\
pub async fn a() {
    let closure = || {
        1
    };
}
pub(in crate::x) const fn b() -> u8 { 1 }
trait T {
    fn without_body();
    unsafe fn c() {
    }
}
impl T for U {
    extern \"C\" fn d() {

        fn e() {
        }
    }
}
";
    let mut found = Functions::of(text).0;
    found.sort();
    let expected = [
        ("a", 1, 5),
        ("b", 6, 1),
        ("c", 9, 2),
        ("d", 13, 5),
        ("e", 15, 2),
    ];
    assert_eq!(
        found,
        expected.map(|(name, line, lines)| (name.to_owned(), line, lines))
    );
}

#[test]
fn functions_fit_on_a_screen() {
    let mut functions = Vec::new();
    for (path, text) in rust_sources() {
        for (name, line, lines) in Functions::of(&text).0 {
            functions.push((
                lines,
                format!("{}:{line}: {name}, {lines} lines", shown(&path)),
            ));
        }
    }
    functions.sort();
    assert!(
        functions.len() > 3000,
        "only {} functions found",
        functions.len()
    );
    let longest: Vec<_> = functions
        .iter()
        .filter(|(lines, _)| *lines > MOST)
        .collect();
    assert!(longest.is_empty(), "split these: {longest:#?}");
    let (usual, _) = functions[functions.len() * 99 / 100];
    let long: Vec<_> = functions
        .iter()
        .filter(|(lines, _)| *lines > USUAL)
        .collect();
    assert!(
        usual <= USUAL,
        "one in a hundred has more than {usual} lines: {long:#?}"
    );
}
