//! Work spread over the processors, with results in order.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// With less than this many parts per thread, starting threads costs more than it saves.
const PARTS_PER_THREAD: usize = 4;

/// Does `work` on `0..count` in parts of up to `size` numbers. The results are in the order of the parts.
pub(crate) fn map<T: Send>(
    count: usize,
    size: usize,
    work: &(dyn Fn(Range<usize>) -> T + Sync),
) -> Vec<T> {
    let parts = count.div_ceil(size);
    let part = |index: usize| work(index * size..count.min((index + 1) * size));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = threads.min(parts / PARTS_PER_THREAD).max(1);
    if threads == 1 {
        return (0..parts).map(part).collect();
    }
    let taken = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(parts));
    let thread = || {
        let mut own = Vec::new();
        // From the end, where the largest parts are, so that none of them is left to run alone.
        while let Some(index) = parts.checked_sub(1 + taken.fetch_add(1, Ordering::Relaxed)) {
            own.push((index, part(index)));
        }
        done.lock()
            .expect("no thread panics while it holds the lock")
            .extend(own);
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            // If no thread can be created, this one does all the work.
            let _ = std::thread::Builder::new().spawn_scoped(scope, thread);
        }
        thread();
    });
    let mut done = done
        .into_inner()
        .expect("no thread panics while it holds the lock");
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::map;

    #[test]
    fn results_are_in_order_and_complete() {
        for count in [0, 1, 5, 100, 1001] {
            let parts = map(count, 7, &|range| range.collect::<Vec<_>>());
            assert_eq!(parts.concat(), (0..count).collect::<Vec<_>>());
        }
    }
}
