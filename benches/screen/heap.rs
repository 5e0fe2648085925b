//! What is on the heap, as the system's allocator says it.

/// Bytes that a process may keep, of which a value's are the difference.
fn allocated() -> usize {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = status.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0);
    pages * rustix::param::page_size()
}

/// How many bytes one more of what `make` makes needs: the mean of many, so that whole pages do not count.
pub fn held_by<T>(make: impl Fn() -> T) -> usize {
    const COUNT: usize = 20;
    let before = allocated();
    let held: Vec<T> = (0..COUNT).map(|_| make()).collect();
    let after = allocated();
    drop(held);
    after.saturating_sub(before) / COUNT
}
