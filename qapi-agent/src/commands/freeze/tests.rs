//! The order of operations, on a fake kernel that records them.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use qapi_runtime::server::MaybeDeferred;

use super::control::{Control, Reply};
use super::watchdog::UNTOLD;
use super::*;
use crate::commands::cancellation::Reason;
use crate::commands::mounts::mount;

/// The fake kernel's settings, and a record of the operations.
#[derive(Debug, Default)]
struct KernelRecord {
    log: Vec<String>,
    depth: BTreeMap<String, usize>,
    fails: BTreeMap<String, Errno>,
    open_fails: BTreeMap<String, NotOpened>,
    no_table: bool,
    /// File systems whose freezing waits until the named other one is thawed.
    waits_for: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default)]
struct Fake(Arc<Mutex<KernelRecord>>);

impl Fake {
    fn record(&self) -> MutexGuard<'_, KernelRecord> {
        self.0.lock().unwrap()
    }

    fn depth(&self, directory: &str) -> usize {
        *self.record().depth.get(directory).unwrap_or(&0)
    }
}

impl Kernel for Fake {
    type Open = String;

    fn mounts(&self) -> Result<Vec<Mount>, Failure> {
        if self.record().no_table {
            return Err(Failure::new("no table"));
        }
        Ok(vec![
            mount((1, 0), &["/"]),
            mount((1, 1), &["/a", "/bind"]),
            mount((1, 2), &["/a/b"]),
        ])
    }

    fn open(&self, mount: &Mount) -> Result<String, NotOpened> {
        let directory = mount.directory().display().to_string();
        match self.record().open_fails.get(&directory) {
            Some(error) => Err(*error),
            None => Ok(directory),
        }
    }

    fn freeze(&self, directory: &String) -> Result<(), Errno> {
        self.record().log.push(format!("freeze {directory}"));
        let awaited = self.record().waits_for.get(directory).cloned();
        while awaited
            .as_ref()
            .is_some_and(|awaited| self.depth(awaited) > 0)
        {
            std::thread::sleep(Duration::from_millis(5));
        }
        if let Some(errno) = self.record().fails.get(directory) {
            return Err(*errno);
        }
        *self.record().depth.entry(directory.clone()).or_default() += 1;
        Ok(())
    }

    fn thaw(&self, directory: &String) -> Result<(), Errno> {
        let mut record = self.record();
        match record.depth.get_mut(directory) {
            Some(depth @ 1..) => {
                *depth -= 1;
                record.log.push(format!("thaw {directory}"));
                Ok(())
            }
            _ => Err(Errno::EINVAL),
        }
    }
}

/// A scratch state directory with a hook that keeps a log in it.
struct Scene {
    directory: PathBuf,
    fake: Fake,
    passage: Arc<Mutex<Passage>>,
    _turn: MutexGuard<'static, ()>,
}

impl Scene {
    fn new(name: &str) -> Self {
        let directory =
            std::env::temp_dir().join(format!("qapi-agent-freeze-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&directory);
        std::fs::create_dir_all(&directory).unwrap();
        Self {
            directory,
            fake: Fake::default(),
            passage: Arc::new(Mutex::new(Passage::All)),
            _turn: crate::platform::sys::turn_with_children(),
        }
    }

    fn freezer(&self, hook: Option<&str>) -> Freezer<Fake> {
        let hook = hook.map(|commands| {
            let path = self.directory.join("hook");
            let log = self.directory.join("hook.log");
            let script = format!("#!/bin/sh\necho $1 >>{}\n{commands}\n", log.display());
            std::fs::write(&path, script).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
            Hook::new(path, None, Arc::default())
        });
        let marker = Marker::new(&self.directory);
        let passage = Arc::clone(&self.passage);
        Freezer {
            kernel: self.fake.clone(),
            hook,
            shared: Arc::new(Shared::new(marker.is_present().unwrap())),
            owes_thaw: Cell::new(marker.is_present().unwrap()),
            marker,
            gate: Box::new(move |to| *passage.lock().unwrap() = to),
        }
    }

    fn hook_log(&self) -> String {
        std::fs::read_to_string(self.directory.join("hook.log")).unwrap_or_default()
    }

    fn is_marked(&self) -> bool {
        Path::new(&self.directory)
            .join("qga.state.isfrozen")
            .exists()
    }

    fn assert_thawed(&self, freezer: &Freezer<Fake>) {
        assert!(!self.is_marked());
        assert!(!freezer.shared.is_frozen());
        assert_eq!(*self.passage.lock().unwrap(), Passage::All);
        assert!(self.fake.record().depth.values().all(|depth| *depth == 0));
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn freeze(freezer: &Freezer<Fake>, chosen: Option<&[&str]>) -> Outcome {
    let chosen: Option<Vec<String>> =
        chosen.map(|list| list.iter().map(|&text| text.to_owned()).collect());
    freezer.freeze(chosen.as_deref(), &Cancellation::default())
}

#[test]
fn the_last_mount_is_frozen_first_and_thawed_last() {
    let scene = Scene::new("order");
    let freezer = scene.freezer(Some(""));
    assert_eq!(freeze(&freezer, None).result, Ok(3));
    assert!(freezer.shared.is_frozen());
    assert!(scene.is_marked());
    assert_eq!(*scene.passage.lock().unwrap(), Passage::Safe);
    assert_eq!(freezer.thaw().result, Ok(3));
    scene.assert_thawed(&freezer);
    let expected = [
        "freeze /a/b",
        "freeze /a",
        "freeze /",
        "thaw /",
        "thaw /a",
        "thaw /a/b",
    ];
    assert_eq!(scene.fake.record().log, expected);
    assert_eq!(freezer.thaw().result, Ok(0));
    // There was one freeze.
    assert_eq!(scene.hook_log(), "freeze\nthaw\n");
}

#[test]
fn a_list_chooses_by_the_first_place_letter_by_letter() {
    let scene = Scene::new("list");
    let freezer = scene.freezer(Some(""));
    for nothing in [&[][..], &["/a/"], &["/bind"], &["/nonexistent", "/proc"]] {
        assert_eq!(freeze(&freezer, Some(nothing)).result, Ok(0), "{nothing:?}");
        scene.assert_thawed(&freezer);
    }
    assert_eq!(
        freeze(&freezer, Some(&["/nonexistent", "/a"])).result,
        Ok(1)
    );
    assert_eq!(scene.fake.depth("/a"), 1);
    // D12: every freeze of the hook has its thaw.
    let expected = "freeze\nthaw\n".repeat(4) + "freeze\n";
    assert_eq!(scene.hook_log(), expected);
}

#[test]
fn file_systems_that_are_frozen_already_or_cannot_be_do_not_count_but_are_thawed() {
    let scene = Scene::new("skip");
    let freezer = scene.freezer(None);
    let fails = [("/", Errno::EOPNOTSUPP), ("/a", Errno::EBUSY)];
    let fails = fails.map(|(directory, errno)| (directory.to_owned(), errno));
    scene.fake.record().fails = BTreeMap::from(fails);
    scene.fake.record().depth.insert("/a".to_owned(), 2);
    assert_eq!(freeze(&freezer, None).result, Ok(1));
    assert_eq!(freezer.thaw().result, Ok(2));
    scene.assert_thawed(&freezer);
}

#[test]
fn a_failure_thaws_everything_and_tells_the_hook() {
    let scene = Scene::new("rollback");
    let freezer = scene.freezer(Some(""));
    scene.fake.record().fails = BTreeMap::from([("/".to_owned(), Errno::EIO)]);
    let failure = freeze(&freezer, None).result.unwrap_err().to_string();
    assert_eq!(failure, "failed to freeze /: Input/output error");
    scene.assert_thawed(&freezer);
    assert_eq!(scene.hook_log(), "freeze\nthaw\n");
}

#[test]
fn a_file_system_that_cannot_be_opened_is_an_error_unless_it_is_unreachable() {
    let scene = Scene::new("open");
    let freezer = scene.freezer(Some(""));
    let at_a = |error| BTreeMap::from([("/a".to_owned(), error)]);
    scene.fake.record().open_fails = at_a(NotOpened::Failed(Errno::EACCES));
    let failure = freeze(&freezer, None).result.unwrap_err().to_string();
    assert_eq!(failure, "failed to open /a: Permission denied");
    assert!(scene.fake.record().log.is_empty(), "nothing was frozen");
    scene.assert_thawed(&freezer);
    // D22
    scene.fake.record().open_fails = at_a(NotOpened::Unreachable(Errno::ENOENT));
    let outcome = freeze(&freezer, None);
    assert_eq!(outcome.result, Ok(2));
    assert!(outcome.notes[0].contains("`/a` cannot be reached"));
    assert_eq!(scene.hook_log(), "freeze\nthaw\nfreeze\n");
}

#[test]
fn without_a_table_nothing_is_frozen_and_what_was_frozen_is_thawed() {
    let scene = Scene::new("table");
    let freezer = scene.freezer(Some(""));
    scene.fake.record().no_table = true;
    freeze(&freezer, None).result.unwrap_err();
    scene.assert_thawed(&freezer);
    assert_eq!(scene.hook_log(), "freeze\nthaw\n");
    freezer.thaw().result.unwrap_err();
    scene.fake.record().no_table = false;
    assert_eq!(freeze(&freezer, None).result, Ok(3));
    scene.fake.record().no_table = true;
    assert_eq!(freezer.thaw().result, Ok(3));
    scene.assert_thawed(&freezer);
}

#[test]
fn a_hook_that_refuses_prevents_the_freeze_and_hears_of_the_thaw() {
    let scene = Scene::new("refusal");
    let freezer = scene.freezer(Some("[ $1 = thaw ] || { echo no; exit 3; }"));
    let failure = freeze(&freezer, None).result.unwrap_err().to_string();
    assert_eq!(
        failure,
        "child process has failed to execute fsfreeze hook: no\n"
    );
    assert!(scene.fake.record().log.is_empty());
    assert_eq!(scene.hook_log(), "freeze\nthaw\n");
    scene.assert_thawed(&freezer);
}

#[test]
fn a_hook_that_fails_at_the_thaw_does_not_hide_it() {
    let scene = Scene::new("d13");
    let freezer = scene.freezer(Some("[ $1 = freeze ]"));
    assert_eq!(freeze(&freezer, None).result, Ok(3));
    let failure = freezer.thaw().result.unwrap_err().to_string();
    assert!(failure.starts_with("child process has failed to execute fsfreeze hook: "));
    assert!(failure.contains("file systems thawed: 3"), "{failure}");
    scene.assert_thawed(&freezer);
}

#[test]
fn without_a_marker_nothing_is_frozen() {
    let scene = Scene::new("marker");
    let mut freezer = scene.freezer(None);
    freezer.marker = Marker::new(&scene.directory.join("gone"));
    let failure = freeze(&freezer, None).result.unwrap_err().to_string();
    assert!(failure.starts_with("failed to create "), "{failure}");
    assert!(scene.fake.record().log.is_empty());
}

#[test]
fn a_marker_means_a_frozen_start() {
    let scene = Scene::new("start");
    Marker::new(&scene.directory).create().unwrap();
    let control = Control::new(scene.freezer(None), None, UNTOLD).unwrap();
    assert!(control.is_frozen() && control.is_holding());
    assert_eq!(*scene.passage.lock().unwrap(), Passage::Safe);
    scene.fake.record().depth.insert("/a".to_owned(), 1);
    assert_eq!(control.thaw(), Ok(MaybeDeferred::Ready(1)));
    assert!(!control.is_frozen() && !control.is_holding() && !scene.is_marked());
}

/// Returns the result of a task that was not quick.
fn result_of(control: &Control<Fake>, answer: Reply) -> Result<i64, Failure> {
    let task = match answer {
        Ok(MaybeDeferred::Deferred(task)) => task,
        Ok(MaybeDeferred::Ready(count)) => return Ok(count),
        Err(failure) => return Err(failure),
    };
    let until = Instant::now() + Duration::from_secs(60);
    while Instant::now() < until {
        for finished in control.results() {
            if finished.task == task {
                return finished.outcome.result;
            }
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("no result");
}

#[test]
fn a_slow_hook_is_answered_later_and_holds_the_process() {
    let scene = Scene::new("slow");
    let control = Control::new(scene.freezer(Some("sleep 1")), None, UNTOLD).unwrap();
    let answer = control.freeze(None);
    assert!(matches!(answer, Ok(MaybeDeferred::Deferred(_))));
    assert!(!control.is_frozen() && control.is_holding() && control.is_busy());
    assert_eq!(result_of(&control, answer), Ok(3));
    assert!(control.is_frozen() && !control.is_busy());
    let answer = control.thaw();
    assert_eq!(result_of(&control, answer), Ok(3));
    assert!(!control.is_holding());
}

#[test]
fn a_thaw_cancels_a_freeze_that_hangs() {
    let scene = Scene::new("hang");
    let waits = [("/".to_owned(), "/a/b".to_owned())];
    scene.fake.record().waits_for = BTreeMap::from(waits);
    let control = Control::new(scene.freezer(Some("")), None, UNTOLD).unwrap();
    assert!(matches!(
        control.freeze(None),
        Ok(MaybeDeferred::Deferred(_))
    ));
    let thaw = control.thaw();
    result_of(&control, thaw).unwrap();
    assert!(!control.is_holding() && !scene.is_marked());
    let record = scene.fake.record();
    assert!(record.depth.values().all(|depth| *depth == 0));
}

#[test]
fn the_watchdog_thaws() {
    let scene = Scene::new("watchdog");
    let longest = Duration::from_millis(300);
    let control = Control::new(scene.freezer(Some("")), Some(longest), UNTOLD).unwrap();
    let answer = control.freeze(None);
    assert_eq!(result_of(&control, answer), Ok(3));
    control.told();
    wait_for_expiry(&control, Reason::TooLong(longest));
    assert!(control.deadline().is_none());
    wait_for_thaw(&control);
    assert!(!control.is_frozen());
    // The host learns it once, by the thaw with which it means to end the freeze.
    let answer = control.thaw();
    let failure = result_of(&control, answer).unwrap_err().to_string();
    assert_eq!(
        failure,
        "the agent has ended the freeze by itself: it lasted longer than 0.3 seconds \
         (max-freeze-time); what was copied since then may be inconsistent"
    );
    let answer = control.thaw();
    assert_eq!(result_of(&control, answer), Ok(0));
    assert_eq!(scene.hook_log(), "freeze\nthaw\n");
}

fn wait_for_expiry(control: &Control<Fake>, expected: Reason) {
    let until = Instant::now() + Duration::from_secs(60);
    while Instant::now() < until {
        match control.expire() {
            Some(reason) => return assert_eq!(reason, expected),
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    }
    panic!("it does not expire");
}

fn wait_for_thaw(control: &Control<Fake>) {
    let until = Instant::now() + Duration::from_secs(60);
    while control.is_holding() && Instant::now() < until {
        control.results();
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(!control.is_holding());
}

#[test]
fn a_freeze_that_fails_tells_why_it_was_cancelled_and_the_hook_is_told_of_one_thaw() {
    let longest = Duration::from_millis(300);
    for (name, limit, reason) in [
        ("cancel-thaw", None, "a thaw was asked for"),
        (
            "cancel-time",
            Some(longest),
            "it lasted longer than 0.3 seconds (max-freeze-time)",
        ),
    ] {
        let scene = Scene::new(name);
        let hook = "[ $1 = thaw ] || exec sleep 90";
        let control = Control::new(scene.freezer(Some(hook)), limit, UNTOLD).unwrap();
        let freeze = control.freeze(None);
        match limit {
            Some(limit) => wait_for_expiry(&control, Reason::TooLong(limit)),
            None => drop(control.thaw().unwrap()),
        }
        let failure = result_of(&control, freeze).unwrap_err().to_string();
        assert_eq!(failure, format!("the freeze was cancelled: {reason}"));
        wait_for_thaw(&control);
        // That host knows; another thaw is nothing special.
        control.failure_told();
        let answer = control.thaw();
        assert_eq!(result_of(&control, answer), Ok(0));
        assert_eq!(scene.hook_log(), "freeze\nthaw\n");
    }
}

#[test]
fn a_freeze_that_waits_for_its_turn_is_cancelled_without_the_hook() {
    let scene = Scene::new("turn");
    let hook = "[ $1 = thaw ] || exec sleep 90";
    let control = Control::new(scene.freezer(Some(hook)), None, UNTOLD).unwrap();
    let freezes = [control.freeze(None), control.freeze(None)];
    let thaw = control.thaw();
    let tasks: Vec<_> = freezes
        .into_iter()
        .chain([thaw])
        .map(|reply| match reply {
            Ok(MaybeDeferred::Deferred(task)) => task,
            other => panic!("{other:?}"),
        })
        .collect();
    let mut results = BTreeMap::new();
    let until = Instant::now() + Duration::from_secs(60);
    while results.len() < tasks.len() && Instant::now() < until {
        for finished in control.results() {
            results.insert(finished.task, finished.outcome.result);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    for freeze in &tasks[..2] {
        let failure = results[freeze].as_ref().unwrap_err().to_string();
        assert_eq!(failure, "the freeze was cancelled: a thaw was asked for");
    }
    assert_eq!(results[&tasks[2]], Ok(0));
    assert_eq!(scene.hook_log(), "freeze\nthaw\n");
}

#[test]
fn a_hook_that_heard_of_a_freeze_from_the_process_before_hears_of_the_thaw() {
    let scene = Scene::new("heir");
    let path = scene.directory.join("qga.state.isfrozen");
    let path = path.display();
    let freezer = scene.freezer(Some(&format!("[ $1 = thaw ] || cp {path} {path}.seen")));
    assert_eq!(freeze(&freezer, None).result, Ok(3));
    // The marker existed before the hook ran, in case the agent is killed meanwhile.
    assert!(scene.directory.join("qga.state.isfrozen.seen").exists());
    drop(freezer);
    let heir = scene.freezer(Some(""));
    assert_eq!(heir.thaw().result, Ok(3));
    assert_eq!(heir.thaw().result, Ok(0));
    assert_eq!(scene.hook_log(), "freeze\nthaw\n");
}

#[test]
fn a_freeze_that_no_host_knows_of_is_undone() {
    let scene = Scene::new("untold");
    let control = Control::new(scene.freezer(None), None, UNTOLD).unwrap();
    let answer = control.freeze(None);
    assert_eq!(result_of(&control, answer), Ok(3));
    assert!(control.is_telling() && control.deadline().is_none());
    let before = Instant::now();
    control.not_told();
    assert!(control.deadline().unwrap() >= before + Duration::from_secs(10));
    assert!(control.expire().is_none());
    // Another host asks for the status, and gets it.
    control.telling();
    assert!(control.is_telling() && control.deadline().is_none());
    control.told();
    // From now on a lost reply no longer matters.
    control.telling();
    assert!(!control.is_telling());
    let answer = control.thaw();
    assert_eq!(result_of(&control, answer), Ok(3));
    control.not_told();
    assert!(control.deadline().is_none(), "nothing is frozen");

    let soon = Duration::from_millis(300);
    let control = Control::new(scene.freezer(None), None, soon).unwrap();
    let answer = control.freeze(None);
    assert_eq!(result_of(&control, answer), Ok(3));
    control.not_told();
    wait_for_expiry(&control, Reason::Untold(soon));
    wait_for_thaw(&control);
    let answer = control.thaw();
    let failure = result_of(&control, answer).unwrap_err().to_string();
    assert!(failure.contains("no host took its answer"), "{failure}");
}

#[test]
fn only_real_markers_count() {
    let scene = Scene::new("impostor");
    let marker = Marker::new(&scene.directory);
    let path = scene.directory.join("qga.state.isfrozen");
    let target = scene.directory.join("target");
    std::os::unix::fs::symlink(&target, &path).unwrap();
    let error = marker.is_present().unwrap_err();
    assert!(
        error.contains("it is a symbolic link, not a regular file"),
        "{error}"
    );
    let failure = marker.create().unwrap_err().to_string();
    assert!(
        failure.ends_with("symbolic link, which is not followed"),
        "{failure}"
    );
    assert!(!target.exists());
    std::fs::remove_file(&path).unwrap();
    nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
    marker.is_present().unwrap_err();
    marker.create().unwrap_err();
}
