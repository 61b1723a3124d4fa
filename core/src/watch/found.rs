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
    /// How many were taken.
    taken: usize,
    /// Whether there were more than could be kept.
    pub(super) more: bool,
}

impl Found {
    pub(super) const fn new() -> Self {
        Self { uids: Vec::new(), from: 0, taken: 0, more: false }
    }

    /// A search for UIDs from `from` on begins.
    pub(super) fn begin(&mut self, from: u32) {
        self.uids.clear();
        self.from = from;
        self.taken = 0;
        self.more = false;
    }

    /// It found this one.
    pub(super) fn add(&mut self, uid: u32) {
        // DavMail finds a UID 0.
        if uid < self.from || uid == 0 || self.uids.contains(&uid) {
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
        let first = first.max(self.from);
        for uid in (first..=last).take(BATCH) {
            self.add(uid);
        }
        self.more |= last.saturating_sub(first) as usize >= BATCH;
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
