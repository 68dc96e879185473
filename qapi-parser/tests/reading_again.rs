//! A schema that is read again after edits has the findings of one that is read for the first time.

use std::path::Path;

use qapi_parser::source::Memory;
use qapi_parser::{Dialect, Options, ParseCache, check, check_again, load};
use qapi_test_support::Random;

const ROOT: &str = "{ 'pragma': { 'doc-required': true } }\n\
    { 'include': 'a.json' }\n\
    { 'include': 'b.json' }\n\
    ##\n# @root:\n#\n# @x: an `Aa`\n##\n{ 'command': 'root', 'data': { 'x': 'Aa' } }\n";
const A: &str = "##\n# Text.\n##\n\
    { 'include': 'c.json' }\n\
    ##\n# @Aa:\n#\n# @y: one.  Two\n##\n{ 'struct': 'Aa', 'data': { 'y': 'Cc' } }\n";
const B: &str = "{ 'pragma': { 'documentation-exceptions': [ 'Bb' ] } }\n\
    ##\n# @Bb:\n##\n{ 'enum': 'Bb', 'data': [ 'one', 'two' ] }\n";
const C: &str =
    "##\n# @Cc:\n#\n# @z: z\n#\n# Since: 1.0\n##\n{ 'struct': 'Cc', 'data': { '*z': 'Bb' } }\n";

fn edit(text: &mut String, random: &mut Random) {
    const PIECES: [&str; 14] = [
        "'",
        "{",
        "}",
        "[",
        ",",
        "\n",
        "##\n",
        "# @x: y\n",
        "{ 'include': 'a.json' }\n",
        "{ 'include': 'b.json' }\n",
        "{ 'include': 'c.json' }\n",
        "{ 'pragma': { 'doc-required': false } }\n",
        "{ 'pragma': 'x' }\n",
        "{ 'include': 'gone.json', 'x': true }\n",
    ];
    let start = random.below(text.len());
    let end = (start + random.below(6)).min(text.len());
    let new = if random.below(3) == 0 {
        ""
    } else {
        PIECES[random.below(PIECES.len())]
    };
    text.replace_range(start..end, new);
}

#[test]
fn findings_are_those_of_the_first_reading() {
    let whole = [
        ("root.json", ROOT),
        ("a.json", A),
        ("b.json", B),
        ("c.json", C),
    ];
    let mut with_errors = 0;
    for seed in 0..20 {
        let mut random = Random::of_run(seed);
        let mut options = Options::default();
        options.dialect = [Dialect::Auto, Dialect::Strict][random.below(2)];
        let mut cache = ParseCache::default();
        let mut texts = whole.map(|(_, text)| text.to_owned());
        for step in 0..40 {
            if step % 5 == 0 {
                texts = whole.map(|(_, text)| text.to_owned());
            } else {
                let file = random.below(texts.len());
                edit(&mut texts[file], &mut random);
            }
            let files = whole.iter().zip(&texts);
            let files = files.fold(Memory::new(), |memory, ((path, _), text)| {
                memory.with(path, text.as_str())
            });
            let root = Path::new("root.json");
            let again = check_again(&mut cache, root, &files, &options);
            let first = check(root, &files, &options);
            let loaded = load(root, &files, &options);
            assert_eq!(again.diagnostics, first.diagnostics, "{texts:#?}");
            assert_eq!(again.diagnostics, loaded.diagnostics, "{texts:#?}");
            assert_eq!((again.era, first.era), (loaded.era, loaded.era));
            let paths = |loaded: &qapi_parser::Loaded| {
                let files = loaded.sources.files();
                files.map(|(_, it)| it.path.clone()).collect::<Vec<_>>()
            };
            assert_eq!(paths(&again), paths(&loaded));
            assert!(again.schema.is_none() && first.schema.is_none());
            with_errors += usize::from(loaded.schema.is_none());
        }
    }
    assert!((200..700).contains(&with_errors), "{with_errors}");
}
