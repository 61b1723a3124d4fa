//! Which messages are to be marked as seen.

use heapless::Vec;

/// How many alerts may be told and not yet marked.
const ROOM: usize = 16;

/// The alerts that were told, until their messages are marked.
#[derive(Debug)]
pub(super) struct Marks(Vec<Mark, ROOM>);

#[derive(Debug, Clone, Copy)]
struct Mark {
    mailbox: usize,
    uid: u32,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Told,
    Acknowledged,
    /// STORE was sent.
    Sent,
}

impl Marks {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    /// An alert was told. Whether it is remembered.
    pub(super) fn tell(&mut self, mailbox: usize, uid: u32) -> bool {
        self.0.push(Mark { mailbox, uid, state: State::Told }).is_ok()
    }

    /// The alerts up to `uid` were acknowledged.
    pub(super) fn acknowledge(&mut self, mailbox: usize, uid: u32) {
        for mark in &mut self.0 {
            if mark.mailbox == mailbox && mark.uid <= uid && mark.state == State::Told {
                mark.state = State::Acknowledged;
            }
        }
    }

    /// How many are to be marked in this mailbox.
    pub(super) fn due(&self, mailbox: usize) -> usize {
        let due = |mark: &&Mark| mark.mailbox == mailbox && mark.state == State::Acknowledged;
        self.0.iter().filter(due).count()
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.is_full()
    }

    /// What is to be marked in this mailbox, to be sent now.
    pub(super) fn send(&mut self, mailbox: usize) -> Vec<u32, ROOM> {
        let mut uids = Vec::new();
        for mark in &mut self.0 {
            if mark.mailbox == mailbox && mark.state == State::Acknowledged {
                mark.state = State::Sent;
                let _ = uids.push(mark.uid);
            }
        }
        uids
    }

    /// What was sent was answered.
    pub(super) fn sent(&mut self) {
        self.0.retain(|mark| mark.state != State::Sent);
    }

    /// What was sent was not answered, and will be sent again.
    pub(super) fn take_back(&mut self) {
        for mark in &mut self.0 {
            if mark.state == State::Sent {
                mark.state = State::Acknowledged;
            }
        }
    }

    /// The UIDs of this mailbox mean nothing any more.
    pub(super) fn forget(&mut self, mailbox: usize) {
        self.0.retain(|mark| mark.mailbox != mailbox);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_alert_to_mark() {
        let mut marks = Marks::new();
        for uid in 1..=16 {
            assert!(marks.tell(usize::from(uid == 3), uid));
        }
        assert!(!marks.tell(0, 17) && marks.is_full());
        marks.acknowledge(0, 4);
        assert_eq!((marks.due(0), marks.due(1)), (3, 0));
        assert_eq!(marks.send(0), [1, 2, 4]);
        marks.acknowledge(0, 5);
        marks.sent();
        assert_eq!(marks.send(0), [5]);
        marks.take_back();
        assert_eq!(marks.due(0), 1);
        marks.forget(0);
        marks.acknowledge(1, 99);
        assert_eq!((marks.due(0), marks.due(1)), (0, 1));
    }
}
