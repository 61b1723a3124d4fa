//! What a search found.

use heapless::Vec;

/// How many found messages are remembered at once. The rest is searched for again.
const BATCH: usize = 16;

/// The lowest of the UIDs that a search found, in order.
#[derive(Debug)]
pub(super) struct Found {
    uids: Vec<u32, BATCH>,
    /// Those below are none: some servers find the last message in any case.
    from: u32,
    /// The highest of all that were found; 0 if there are none.
    highest: u32,
    /// How many were taken.
    taken: usize,
    /// Whether there were more than could be kept.
    pub(super) more: bool,
}

impl Found {
    pub(super) const fn new() -> Self {
        Self { uids: Vec::new(), from: 0, highest: 0, taken: 0, more: false }
    }

    /// A search for UIDs from `from` on begins.
    pub(super) fn begin(&mut self, from: u32) {
        self.uids.clear();
        self.from = from;
        self.highest = 0;
        self.taken = 0;
        self.more = false;
    }

    /// It found this one.
    pub(super) fn add(&mut self, uid: u32) {
        // DavMail finds a UID 0; behind the other there is none.
        if uid < self.from || uid == 0 || uid == u32::MAX {
            return;
        }
        self.highest = self.highest.max(uid);
        if self.uids.contains(&uid) {
            return;
        }
        let mut highest = uid;
        for place in &mut self.uids {
            if highest < *place {
                core::mem::swap(&mut highest, place);
            }
        }
        self.more |= self.uids.push(highest).is_err();
    }

    /// It found all of these. No more of them are looked at than can be kept.
    pub(super) fn add_range(&mut self, first: u32, last: u32) {
        let (first, last) = (first.max(self.from), last.min(u32::MAX.saturating_sub(1)));
        if first <= last {
            self.highest = self.highest.max(last);
        }
        for uid in (first..=last).take(BATCH) {
            self.add(uid);
        }
        self.more |= last.saturating_sub(first) as usize >= BATCH;
    }

    /// How many UIDs there are from the first that was searched for to the last that was kept.
    pub(super) fn width(&self) -> u32 {
        let last = self.uids.last().copied().unwrap_or(self.from);
        last.saturating_sub(self.from).saturating_add(1)
    }

    /// The highest that it found.
    pub(super) fn highest(&self) -> Option<u32> {
        Some(self.highest).filter(|&uid| uid > 0)
    }

    /// The next one.
    pub(super) fn next(&self) -> Option<u32> {
        self.uids.get(self.taken).copied()
    }

    /// Goes on behind the next one.
    pub(super) fn pass(&mut self) {
        self.taken = self.taken.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_in_order() {
        let mut found = Found::new();
        found.begin(5);
        for uid in [0, 4, 90, 7, 7, 5] {
            found.add(uid);
        }
        found.add_range(80, 81);
        assert_eq!(found.uids, [5, 7, 80, 81, 90]);
        assert!(!found.more);
        found.add_range(1, u32::MAX);
        assert!(found.more);
        assert!(found.uids.iter().copied().eq(5..=20));
        found.add(1000);
        found.add(21);
        assert_eq!(found.next(), Some(5));
        found.pass();
        assert_eq!(found.next(), Some(6));
    }
}
