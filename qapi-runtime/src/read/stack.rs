//! Stack space for deeply nested values.
//!
//! Types that contain themselves are decoded recursively, and the sender decides the depth: up to 1024 levels. The size
//! of a frame depends on the schema and is large in unoptimised builds. So the recursion tracks its stack use and, when
//! it has used much, continues on a new thread with a fresh stack. Only documents nested far deeper than usual need
//! that.

use std::cell::Cell;
use std::io;
use std::panic::resume_unwind;
use std::ptr::from_ref;
use std::thread::{self, Builder};

/// The part of the caller's stack that may be used. The size of that stack is unknown. Threads have 2 MiB by default.
const BORROWED: usize = 256 << 10;

/// Size of a fresh stack. It is reserved, but only what is used of it takes memory.
const FRESH: usize = 32 << 20;

/// The part of a fresh stack that stays free, for one level of the recursion and for dropping values.
const MARGIN: usize = 4 << 20;

/// The stack of this thread's recursion.
#[derive(Debug, Clone, Copy)]
struct Stack {
    /// The address at which the recursion began.
    base: usize,
    /// The bytes that may be used from there.
    room: usize,
}

thread_local! {
    static CURRENT: Cell<Option<Stack>> = const { Cell::new(None) };
}

/// Ends the tracking when the recursion ends, also by a panic.
struct Account;

impl Drop for Account {
    fn drop(&mut self) {
        CURRENT.set(None);
    }
}

/// Runs a step of a recursion that the input drives, on a stack with room for it.
///
/// # Errors
/// A fresh stack was needed and could not be created.
pub(super) fn with_room(step: &mut (dyn FnMut() + Send)) -> io::Result<()> {
    match CURRENT.get() {
        Some(stack) if here().abs_diff(stack.base) <= stack.room => step(),
        Some(_) => return on_fresh_stack(step),
        None => run(step, BORROWED),
    }
    Ok(())
}

/// Starts an account of `room` bytes.
fn run(step: &mut (dyn FnMut() + Send), room: usize) {
    CURRENT.set(Some(Stack { base: here(), room }));
    let _account = Account;
    step();
}

#[cold]
fn on_fresh_stack(step: &mut (dyn FnMut() + Send)) -> io::Result<()> {
    thread::scope(|scope| {
        let builder = Builder::new()
            .name("qapi deep value".to_owned())
            .stack_size(FRESH);
        let thread = builder.spawn_scoped(scope, || run(step, FRESH - MARGIN))?;
        thread.join().or_else(|panic| resume_unwind(panic))
    })
}

/// Returns an address near the top of the stack.
#[inline(never)]
fn here() -> usize {
    let marker = 0_u8;
    from_ref(&marker).addr()
}
