//! Which messages are to be marked as seen.

/// How many alerts may be told and not yet marked.
const ROOM: usize = 16;

/// The alerts that were told, until their messages are marked.
#[derive(Debug)]
pub(super) struct Marks([Mark; ROOM]);

#[derive(Debug, Clone, Copy)]
struct Mark {
    mailbox: usize,
    uid: u32,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// There is none.
    Free,
    Told,
    Acknowledged,
    /// STORE was sent.
    Sent,
}

impl Marks {
    pub(super) const fn new() -> Self {
        Self([Mark { mailbox: 0, uid: 0, state: State::Free }; ROOM])
    }

    /// An alert was told. Whether it is remembered.
    pub(super) fn tell(&mut self, mailbox: usize, uid: u32) -> bool {
        let free = self.0.iter_mut().find(|mark| mark.state == State::Free);
        free.map(|mark| *mark = Mark { mailbox, uid, state: State::Told }).is_some()
    }

    /// The alerts up to `uid` were acknowledged.
    pub(super) fn acknowledge(&mut self, mailbox: usize, uid: u32) {
        self.change(State::Told, State::Acknowledged, |mark| {
            mark.mailbox == mailbox && mark.uid <= uid
        });
    }

    /// How many are to be marked in this mailbox.
    pub(super) fn due(&self, mailbox: usize) -> usize {
        let due = |mark: &&Mark| mark.mailbox == mailbox && mark.state == State::Acknowledged;
        self.0.iter().filter(due).count()
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.iter().all(|mark| mark.state != State::Free)
    }

    /// What is to be marked in this mailbox is sent now.
    pub(super) fn send(&mut self, mailbox: usize) {
        self.change(State::Acknowledged, State::Sent, |mark| mark.mailbox == mailbox);
    }

    /// What is sent.
    pub(super) fn uids(&self) -> impl Iterator<Item = u32> {
        self.0.iter().filter(|mark| mark.state == State::Sent).map(|mark| mark.uid)
    }

    /// What was sent was answered.
    pub(super) fn sent(&mut self) {
        self.change(State::Sent, State::Free, |_| true);
    }

    /// What was sent was not answered, and will be sent again.
    pub(super) fn take_back(&mut self) {
        self.change(State::Sent, State::Acknowledged, |_| true);
    }

    /// The UIDs of this mailbox mean nothing any more.
    pub(super) fn forget(&mut self, mailbox: usize) {
        for mark in self.0.iter_mut().filter(|mark| mark.mailbox == mailbox) {
            mark.state = State::Free;
        }
    }

    fn change(&mut self, from: State, to: State, which: impl Fn(&Mark) -> bool) {
        for mark in self.0.iter_mut().filter(|mark| mark.state == from && which(mark)) {
            mark.state = to;
        }
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
        marks.send(0);
        assert!(marks.uids().eq([1, 2, 4]));
        marks.acknowledge(0, 5);
        marks.sent();
        marks.send(0);
        assert!(marks.uids().eq([5]));
        marks.take_back();
        assert_eq!(marks.due(0), 1);
        marks.forget(0);
        marks.acknowledge(1, 99);
        assert_eq!((marks.due(0), marks.due(1)), (0, 1));
    }
}
