//! The reference in a real browser, from files, without a network.

use std::ffi::OsString;
use std::path::PathBuf;

use qapi_codegen::docgen::{Format, ReferencePrinter};
use qapi_parser::source::Disk;
use qapi_tests::Scratch;
use qapi_tests::browser::{Browser, Screen};
use qapi_tests::corpus;

const ENTER: &str = "\u{e007}";
const DOWN: &str = "\u{e015}";
const UP: &str = "\u{e013}";
const ESCAPE: &str = "\u{e00c}";

const DESK: Screen = Screen {
    width: 1300,
    height: 900,
    dark: false,
    phone: false,
};

const PHONE: Screen = Screen {
    width: 390,
    height: 844,
    dark: false,
    phone: true,
};

/// The site of our schema of today's guest agent.
struct Site(Scratch);

impl Site {
    fn new() -> Self {
        let loaded = qapi_parser::load(
            &corpus::guest_agent("current"),
            &Disk,
            &qapi_parser::Options::default(),
        );
        let schema = loaded.schema.expect("our schema has no errors");
        let printed = ReferencePrinter::new(Format::Html)
            .title("Guest agent")
            .print(&schema)
            .expect("paths are plain and different");
        let folder = Scratch::new();
        for (name, text) in printed.output.files() {
            std::fs::write(folder.join(name), text).expect("the folder is writable");
        }
        Self(folder)
    }

    fn page(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

fn start(screen: Screen) -> Option<(Site, Browser)> {
    let browser = Browser::start(screen);
    if browser.is_none() {
        qapi_tests::skip("no chromium");
    }
    Some((Site::new(), browser?))
}

#[track_caller]
fn assert_quiet(browser: &Browser) {
    assert_eq!(browser.console(), [] as [String; 0]);
}

/// The option that the keyboard would choose.
const SELECTED: &str =
    "document.querySelector('[role=option][aria-selected=true] code')?.textContent";

#[test]
fn typing_finds_guest_exec_and_the_link_lands_on_it() {
    let Some((site, browser)) = start(DESK) else {
        return;
    };
    browser.open(&site.page("index.html"), "");
    browser.press("/");
    browser.wait("document.activeElement.id === ':search'");
    browser.press("guest-exec");
    browser.wait(&format!("{SELECTED} === 'guest-exec'"));
    browser.press(ENTER);
    browser.wait("location.hash === '#guest-exec' && document.readyState === 'complete'");
    let lands = browser.run(
        "const box = document.querySelector(':target .title').getBoundingClientRect();\
         const bar = document.querySelector('.bar').getBoundingClientRect();\
         return box.top >= bar.bottom && box.bottom < innerHeight;",
    );
    assert_eq!(lands, true, "the title is in sight, and not behind the bar");
    assert_quiet(&browser);
}

#[test]
fn results_are_walked_with_the_arrows_and_left_with_escape() {
    let Some((site, browser)) = start(DESK) else {
        return;
    };
    browser.open(&site.page("all.html"), "");
    browser.press("/");
    browser.press("guest-file");
    browser.wait(&format!("{SELECTED}?.startsWith('guest-file')"));
    let first = browser.run(&format!("return {SELECTED}"));
    browser.press(DOWN);
    assert_ne!(browser.run(&format!("return {SELECTED}")), first);
    let active = "document.getElementById(document.getElementById(':search').getAttribute('aria-activedescendant'))";
    browser.wait(&format!(
        "{active}.getAttribute('aria-selected') === 'true'"
    ));
    browser.press(UP);
    assert_eq!(browser.run(&format!("return {SELECTED}")), first);
    browser.press(ESCAPE);
    browser.wait("document.getElementById(':results').hidden");
    assert_quiet(&browser);
}

#[test]
fn text_and_members_are_found_too() {
    let Some((site, browser)) = start(DESK) else {
        return;
    };
    browser.open(&site.page("index.html"), "");
    for (query, expected) in [("capture-output", "capture-output"), ("base64", "")] {
        browser.run(
            "const input = document.getElementById(':search'); input.value = ''; input.focus();",
        );
        browser.press(query);
        browser.wait(&format!(
            "({SELECTED} ?? '').includes('{expected}') && {SELECTED}"
        ));
    }
    browser
        .run("const input = document.getElementById(':search'); input.value = ''; input.focus();");
    browser.press("zzzzqq");
    browser.wait("document.getElementById(':found').textContent === '0 results'");
    assert_quiet(&browser);
}

const BACKGROUND: &str = "getComputedStyle(document.body).backgroundColor";
const WHITE: &str = "rgb(255, 255, 255)";

#[test]
fn dark_and_light_switch_and_are_remembered() {
    for dark in [false, true] {
        let Some((site, browser)) = start(Screen { dark, ..DESK }) else {
            return;
        };
        browser.open(&site.page("index.html"), "");
        let is_white = |browser: &Browser| browser.run(&format!("return {BACKGROUND}")) == WHITE;
        assert_eq!(
            is_white(&browser),
            !dark,
            "the system's choice holds at first"
        );
        browser.run("document.querySelector('.theme').click()");
        assert_eq!(is_white(&browser), dark);
        browser.open(&site.page("all.html"), "");
        assert_eq!(is_white(&browser), dark, "on the next page, too");
        assert_quiet(&browser);
    }
}

/// Lists texts whose contrast with what is after them is below 4.5.
const FAINT: &str = r"
    const parse = (text) => text.match(/[\d.]+/g).map(Number);
    const light = ([r, g, b]) => {
        const [x, y, z] = [r, g, b].map((c) => {
            c /= 255;
            return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const behind = (element) => {
        for (let it = element; it; it = it.parentElement) {
            const colour = parse(getComputedStyle(it).backgroundColor);
            if (colour.length === 3 || colour[3] === 1) return colour;
        }
        return [255, 255, 255];
    };
    const found = new Set();
    for (const element of document.querySelectorAll('body *')) {
        const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        const style = getComputedStyle(element);
        if (!own || !element.getClientRects().length || style.visibility === 'hidden' || style.opacity === '0') continue;
        const [a, b] = [light(parse(style.color)), light(behind(element))];
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (contrast < 4.5) found.add(element.className + ' ' + element.tagName + ' ' + contrast.toFixed(2));
    }
    return [...found];
";

#[test]
fn contrast_suffices_in_dark_and_light() {
    for dark in [false, true] {
        let Some((site, browser)) = start(Screen { dark, ..DESK }) else {
            return;
        };
        for page in ["index.html", "all.html", "current.html"] {
            browser.open(&site.page(page), "#guest-exec");
            assert_eq!(
                browser.run(FAINT),
                serde_json::json!([]),
                "{page}, dark: {dark}"
            );
        }
    }
}

/// Findings of axe in the page as it is now: the rule, and the first place.
fn barriers(browser: &Browser, axe: &str) -> serde_json::Value {
    browser.run(&format!("{axe}; return null"));
    browser.run_async(
        "const result = await axe.run(document, { resultTypes: ['violations'] }); \
         return result.violations.map((it) => it.id + ': ' + it.nodes[0].html + ' ' + it.nodes[0].failureSummary);",
    )
}

#[test]
fn pages_are_accessible() {
    let Some(axe) = qapi_tests::peer::axe() else {
        return;
    };
    let axe = std::fs::read_to_string(axe).expect("it is text");
    let folder = Scratch::new();
    let revisions = || corpus::GUEST_AGENT_REVISIONS.map(|it| corpus::guest_agent(it).into());
    let run = |first: &[&str], rest: Vec<OsString>| {
        let mut arguments: Vec<OsString> = first.iter().map(OsString::from).collect();
        arguments.extend(rest);
        assert_eq!(qapi_cli::run(arguments), qapi_cli::Status::Clean);
    };
    let [site, interfaces] = ["site", "interfaces"].map(|name| folder.join(name));
    let mut rest: Vec<OsString> = revisions().into();
    rest.extend(["--out-dir".into(), site.clone().into()]);
    run(&["qapi", "-q", "docs"], rest);
    let interface = |name: &str, revision: &str| {
        let mut interface = OsString::from(format!("--interface={name}="));
        interface.push(corpus::guest_agent(revision));
        interface
    };
    let out = [OsString::from("--out-dir"), interfaces.clone().into()];
    let rest = [interface("Today", "current"), interface("Then", "1.1")];
    run(
        &["qapi", "-q", "docs"],
        rest.into_iter().chain(out).collect(),
    );
    let matrix = folder.join("matrix.html");
    let table = std::process::Command::new(qapi_tests::peer::qapi())
        .args(["matrix", "--format", "html", "--docs", "site"])
        .args(revisions() as [OsString; corpus::GUEST_AGENT_REVISIONS.len()])
        .output()
        .expect("it runs");
    std::fs::write(&matrix, table.stdout).expect("the folder is writable");
    let pages = [
        site.join("index.html"),
        site.join("all.html"),
        site.join("changes.html"),
        site.join("2.5.html"),
        interfaces.join("index.html"),
        matrix,
    ];
    for screen in [DESK, PHONE] {
        for dark in [false, true] {
            let Some((_, browser)) = start(Screen { dark, ..screen }) else {
                return;
            };
            let assert_free = |what: &str| {
                let found = barriers(&browser, &axe);
                let phone = screen.phone;
                assert_eq!(
                    found,
                    serde_json::json!([]),
                    "{what}, dark: {dark}, phone: {phone}"
                );
            };
            for page in &pages {
                browser.open(page, "");
                assert_free(&page.display().to_string());
            }
            browser.open(&site.join("index.html"), "");
            browser.press("/");
            browser.press("guest-fsfreze");
            browser.wait("document.querySelector('#\\\\:results [role=option]')");
            assert_free("results of a search");
            if screen.phone {
                browser.press(ESCAPE);
                browser.run("document.querySelector('.menu').click()");
                assert_free("the menu");
            }
        }
    }
}

#[test]
fn a_phone_shows_pages_without_scrolling_sideways_and_has_a_menu() {
    let Some((site, browser)) = start(PHONE) else {
        return;
    };
    for page in ["index.html", "all.html", "current.html"] {
        browser.open(&site.page(page), "");
        assert_eq!(
            browser.run("return document.documentElement.scrollWidth"),
            390,
            "{page}"
        );
    }
    let is_open = "document.querySelector('nav').getClientRects().length > 0";
    assert_eq!(browser.run(&format!("return {is_open}")), false);
    browser.run("document.querySelector('.menu').click()");
    browser.wait(is_open);
    assert_eq!(
        browser.run("return document.querySelector('.menu').getAttribute('aria-expanded')"),
        "true"
    );
    assert_quiet(&browser);
}

#[test]
fn the_menu_of_a_phone_opens_where_one_is() {
    let Some((site, browser)) = start(PHONE) else {
        return;
    };
    browser.open(&site.page("current.html"), "#guest-exec");
    browser.wait("scrollY > 1000");
    browser.run("document.querySelector('.menu').click()");
    let place = "document.querySelector('nav').getBoundingClientRect()";
    browser.wait(&format!("{place}.height > 100"));
    let top = browser.run(&format!("return {place}.top"));
    assert!((0.0..200.0).contains(&top.as_f64().unwrap()), "{top}");
    browser.press(ESCAPE);
    browser.wait("document.querySelector('nav').getClientRects().length === 0");
    assert_quiet(&browser);
}

/// The rows of a matrix page that are shown, by their anchors.
const SHOWN: &str = "return [...document.querySelectorAll('tbody tr')].filter((it) => it.getClientRects().length).map((it) => it.id)";

/// The anchors that a filter has to show, and how many of them have the words themselves. Made from the JSON of the table:
/// a row fits that has all words in `kind:root:path`, and stands below its command or event.
fn fitting(rows: &[serde_json::Value], filter: &str) -> (Vec<String>, usize) {
    let text =
        |row: &serde_json::Value, key: &str| row[key].as_str().expect("it is text").to_owned();
    let mut shown = Vec::new();
    let mut root = None;
    let mut count = 0;
    for row in rows {
        let (name, path) = (
            format!("{}:{}", text(row, "kind"), text(row, "root")),
            text(row, "path"),
        );
        let id = if path.is_empty() {
            name
        } else {
            format!("{name}:{path}")
        };
        if path.is_empty() {
            root = Some(id.clone());
        }
        let fits = |word: &str| id.to_lowercase().contains(&word.to_lowercase());
        if filter.split_whitespace().all(fits) {
            count += 1;
            shown.extend(root.take().filter(|root| *root != id));
            shown.push(id);
        }
    }
    (shown, count)
}

#[test]
fn the_filter_of_a_matrix_shows_the_rows_with_all_words() {
    const BACKSPACE: &str = "\u{e003}";
    let folder = Scratch::new();
    let matrix = |format: &str| {
        let run = std::process::Command::new(qapi_tests::peer::qapi())
            .args(["matrix", "--format", format])
            .args(corpus::GUEST_AGENT_REVISIONS.map(corpus::guest_agent))
            .output()
            .expect("it runs");
        assert!(run.status.success());
        run.stdout
    };
    let page = folder.join("matrix.html");
    std::fs::write(&page, matrix("html")).expect("the folder is writable");
    let rows: serde_json::Value = serde_json::from_slice(&matrix("json")).expect("it is JSON");
    let rows = rows["rows"].as_array().expect("it is a list");
    for screen in [DESK, PHONE] {
        let Some((_, browser)) = start(screen) else {
            return;
        };
        browser.open(&page, "");
        let (all, _) = fitting(rows, "");
        assert_eq!(browser.run(SHOWN), serde_json::json!(all));
        let note = || browser.run("return document.querySelector('output').textContent");
        for filter in [
            "exec",
            "FILE  bus",
            "command guest-s",
            "guest-ping",
            "Reply unknown",
            ":arguments",
        ] {
            browser.run("document.querySelector('input').focus()");
            browser.press(filter);
            let (shown, count) = fitting(rows, filter);
            assert_eq!(browser.run(SHOWN), serde_json::json!(shown), "{filter}");
            assert!(shown.len() < all.len(), "{filter}");
            assert_eq!(
                note(),
                format!("{count} of {} rows", rows.len()),
                "{filter}"
            );
            for id in [&shown[0], &shown[shown.len() - 1]] {
                browser.run(&format!(
                    "document.getElementById('{id}').querySelector('a').click()"
                ));
                browser.wait(&format!("document.querySelector(':target')?.id === '{id}'"));
                let is_in_sight = browser.run(
                    "const row = document.querySelector(':target > td').getBoundingClientRect();\
                     const head = document.querySelector('thead th').getBoundingClientRect();\
                     return row.top >= head.bottom - 1 && row.bottom <= innerHeight;",
                );
                assert_eq!(is_in_sight, true, "{id}");
            }
            assert_eq!(browser.run(SHOWN), serde_json::json!(shown), "{filter}");
            browser.run("document.querySelector('input').focus()");
            browser.press(&BACKSPACE.repeat(filter.len()));
            assert_eq!(browser.run(SHOWN), serde_json::json!(all));
            assert_eq!(note(), "");
        }
        browser.run("document.querySelector('input').focus()");
        browser.press("exec zzzz");
        assert_eq!(browser.run(SHOWN), serde_json::json!([]));
        assert_eq!(
            note(),
            "No name has \u{201c}exec\u{201d} and \u{201c}zzzz\u{201d} in it"
        );
        // A link from elsewhere, or the way back.
        browser.run("location.hash = '#command:guest-sync'");
        browser.wait("document.querySelector(':target')?.getClientRects().length");
        assert_eq!(browser.run(SHOWN), serde_json::json!(all));
        assert_eq!(note(), "");
        let is_narrow = browser.run("return document.documentElement.scrollWidth <= innerWidth");
        assert_eq!(is_narrow, true, "only the table scrolls sideways");
        assert_quiet(&browser);
    }
}

#[test]
fn a_mistyped_word_finds_what_was_meant() {
    let Some((site, browser)) = start(DESK) else {
        return;
    };
    for (typed, meant) in [
        ("guest-exce", "guest-exec"),
        ("guest-fsfreze-status", "guest-fsfreeze-status"),
        ("shutdwon", "guest-shutdown"),
        // Not written to the end yet.
        ("guest-shutdw", "guest-shutdown"),
        ("guest-exce-st", "guest-exec-status"),
    ] {
        browser.open(&site.page("index.html"), "");
        browser.press("/");
        browser.press(typed);
        browser.wait("document.querySelector('#\\\\:results [role=option]')");
        let first = "document.querySelector('#\\\\:results [role=option] code').textContent";
        browser.wait(&format!("{first} === '{meant}'"));
        browser.wait("document.getElementById(':found').textContent.includes(' for ')");
    }
    browser.press("qqqqqqqqqq");
    browser
        .wait("document.querySelector('#\\\\:results .nothing')?.textContent === 'Nothing found'");
    assert_quiet(&browser);
}

#[test]
fn code_is_copied_and_selected_without_arrows() {
    let Some((site, browser)) = start(DESK) else {
        return;
    };
    browser.open(&site.page("current.html"), "#guest-exec");
    browser.wait("document.querySelector('.copyable > .wire')");
    let selected = browser.run(
        "const range = document.createRange(); range.selectNodeContents(document.querySelector('.wire')); \
         getSelection().removeAllRanges(); getSelection().addRange(range); return getSelection().toString()",
    );
    let selected = selected.as_str().expect("it is text");
    assert!(selected.contains("execute"), "{selected}");
    assert!(
        !selected.contains('\u{2192}') && !selected.contains("client:"),
        "{selected}"
    );
    assert_eq!(
        browser.run("return document.querySelectorAll('main pre').length === document.querySelectorAll('.copyable > button').length"),
        true
    );
    assert_quiet(&browser);
}

#[test]
fn scrolling_parts_can_be_reached_by_the_keyboard() {
    let Some((site, browser)) = start(PHONE) else {
        return;
    };
    browser.open(&site.page("current.html"), "");
    let unreachable = "return [...document.querySelectorAll('main *')].filter((it) => \
        ['auto', 'scroll'].includes(getComputedStyle(it).overflowX) && it.scrollWidth > it.clientWidth && it.tabIndex < 0 \
        && !it.querySelector('a, button')).length";
    assert_eq!(browser.run(unreachable), 0);
    let scrolling = "return document.querySelectorAll('main pre[tabindex]').length";
    assert!(
        browser.run(scrolling).as_u64() > Some(0),
        "the test has something to look at"
    );
    assert_quiet(&browser);
}

#[test]
fn the_switch_leads_to_the_same_definition_in_another_revision() {
    let Some((_, browser)) = start(DESK) else {
        return;
    };
    let folder = Scratch::new();
    let mut arguments: Vec<OsString> = vec!["qapi".into(), "docs".into()];
    let revisions = corpus::GUEST_AGENT_REVISIONS;
    arguments.extend(revisions.iter().map(|it| corpus::guest_agent(it).into()));
    arguments.extend(["--out-dir".into(), folder.path().into()]);
    assert_eq!(qapi_cli::run(arguments), qapi_cli::Status::Clean);
    browser.open(&folder.join("2.5.html"), "#guest-exec");
    let choose = |name: &str| {
        browser.run("document.querySelector('.versions summary').click()");
        browser.wait("document.querySelector('.versions').open");
        browser.run(&format!(
            "[...document.querySelectorAll('.versions a')].find((a) => a.textContent === '{name}').click()"
        ));
        browser.wait(&format!(
            "document.querySelector('.versions summary')?.textContent === 'Revision {name}' \
             && document.readyState === 'complete'"
        ));
    };
    choose("2.4");
    browser
        .wait("document.querySelector('.missing')?.textContent === 'There is no guest-exec here.'");
    browser.open(&folder.join("2.4/2.4.html"), "#guest-set-time:time");
    choose("1.5");
    browser.wait("document.querySelector(':target')?.textContent.includes('mandatory until 1.5')");
    browser.run("document.querySelector('.versions summary').click()");
    browser.press(ESCAPE);
    // An address that was kept while its definition moved to another page.
    browser.open(&folder.join("all.html"), "#guest-ping");
    browser.wait("location.pathname.endsWith('/2.5.html') && location.hash === '#guest-ping'");
    assert_quiet(&browser);
}
