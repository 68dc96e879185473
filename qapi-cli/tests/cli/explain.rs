//! `qapi explain`.

use crate::harness::qapi;

#[test]
fn page_has_title_and_examples() {
    insta::assert_snapshot!(qapi(["explain", "TAG-MISSING"]));
}

#[test]
fn case_does_not_matter() {
    assert_eq!(
        qapi(["explain", "tag-missing"]).stdout,
        qapi(["explain", "TAG-MISSING"]).stdout
    );
}

#[test]
fn every_listed_code_has_a_page() {
    let list = qapi(["explain"]);
    assert_eq!(list.status, 0);
    assert!(list.stdout.lines().count() > 100);
    for line in list.stdout.lines().step_by(10) {
        let code = line.split_whitespace().next().unwrap();
        let page = qapi(["explain", code]);
        assert_eq!(page.status, 0);
        assert!(
            page.stdout.starts_with(&format!("{code}: ")) && page.stdout.lines().count() > 4,
            "{page}"
        );
    }
}

#[test]
fn unknown_code_gets_a_hint() {
    let run = qapi(["explain", "TAG-MISING"]);
    assert_eq!(
        run.to_string(),
        "status: 2\n---- stderr\nerror: there is no code `TAG-MISING`; did you mean `TAG-MISSING`?\n"
    );
    let run = qapi(["explain", "E0308"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("lists them all"));
}
