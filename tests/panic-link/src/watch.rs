//! The watchers: every call, every event.

use crate::card::{receive, send, show, walk};
use crate::{step, text};
use mailwire::imap::Search;
use mailwire::imap::command::AppendCommand;
use mailwire::sasl::Response;
use mailwire::watch::{
    Cursor, Event, Filter, ImapConfig, ImapWatch, Login, Pop3Config, Pop3Watch, Record, Start, Watched,
};
use mailwire::{Buffers, Duration, Instant, Machine, Progress};

/// All that an event has. Whether the caller is asked for something.
fn look(event: &Event<'_>) -> Option<u32> {
    match event {
        Event::Alert(alert) => {
            show(&alert.unique_id);
            alert.from.clone().for_each(|from| walk(&from));
            show(&alert.subject);
            alert.date.iter().for_each(walk);
            send(alert.size.unwrap_or_default() as u8);
            alert.preview.iter().for_each(|preview| show(preview));
            return Some(alert.uid);
        }
        Event::Challenge { challenge, .. } => challenge.iter().copied().for_each(send),
        Event::LoggedIn { text } | Event::Completed { text, .. } | Event::Refused { text, .. } => {
            show(text);
        }
        Event::Open { exists, .. } => send(*exists as u8),
        Event::SendLiteral { remaining, .. } => send(*remaining as u8),
        Event::Retry { at, cause } => {
            show(cause);
            send(at.as_millis() as u8);
        }
        _ => {}
    }
    None
}

fn login<'a>(a: &'a str, b: &'a str) -> Login<'a> {
    if receive() == 0 { Login::Caller } else { Login::password(a, b) }
}

fn span() -> Duration {
    Duration::from_secs(receive().into())
}

pub(crate) fn imap() -> ! {
    let (mut rx, mut tx, mut memory) = ([0; 512], [0; 128], [0; 300]);
    let (mut a, mut b) = ([0; 16], [0; 16]);
    let (a, b) = (text(&mut a), text(&mut b));
    let mut buffers = Buffers::new(&mut rx, &mut tx);
    let keys = [Search::Subject(a), Search::Unseen];
    let mut config = ImapConfig::new(login(a, b));
    config.start_tls = receive() == 0;
    config.filter = if receive() == 0 { Filter::new(&keys) } else { Filter::ALL };
    config.start = if receive() == 0 { Start::Now } else { Start::Everything };
    config.idle = (receive() == 0).then(span);
    config.poll = span();
    config.mark_seen = receive() == 0;
    config.preview = receive() == 0;
    config.backoff.first = span();
    config.backoff.most = span();
    config.backoff.seed = receive().into();
    let kept = [(); 24].map(|()| receive());
    let cursor = Cursor::from_bytes(&kept).unwrap_or_default();
    let mut mailboxes = [Watched::new(a, cursor), Watched::new(b, cursor)];
    let count = usize::from(receive());
    let mailboxes = mailboxes.get_mut(..count).unwrap_or_default();
    let mut watch = ImapWatch::new(config, mailboxes, &mut memory);
    let mut now = 0;
    loop {
        step(&mut buffers);
        now += u64::from(receive());
        match watch.advance(&mut buffers, Instant::from_millis(now)) {
            Ok(Progress::Event) => {
                let uid = look(&watch.event(&buffers));
                if receive() == 0 {
                    watch.acknowledge(receive().into(), uid.unwrap_or_default());
                }
            }
            Ok(_) => {}
            Err(error) => show(&error),
        }
        let tx = &mut buffers.tx;
        match receive() {
            0 => {
                let append = AppendCommand::new(a, receive().into());
                let _ = watch.connection_mut().send(&append, tx);
            }
            1 => send(watch.connection_mut().write_literal(b.as_bytes(), tx) as u8),
            2 => {
                let _ = watch.connection_mut().respond(&Response::new(a.as_bytes()), tx);
            }
            3 => {
                let _ = watch.tls_started(&buffers.rx);
            }
            4 => watch.reconnect(&mut buffers),
            5 => watch.unreachable(&mut buffers),
            6 => {
                let _ = watch.stop(tx);
            }
            _ => {}
        }
        if watch.deadline().is_some_and(|at| at > Instant::from_millis(now)) {
            for watched in watch.mailboxes() {
                watched.cursor.to_bytes().into_iter().for_each(send);
            }
        }
    }
}

pub(crate) fn pop3() -> ! {
    let (mut rx, mut tx, mut memory) = ([0; 512], [0; 128], [0; 300]);
    let (mut a, mut b) = ([0; 16], [0; 16]);
    let (a, b) = (text(&mut a), text(&mut b));
    let mut buffers = Buffers::new(&mut rx, &mut tx);
    let mut config = Pop3Config::new(login(a, b));
    config.start_tls = receive() == 0;
    config.start = if receive() == 0 { Start::Now } else { Start::Everything };
    config.poll = span();
    config.preview_lines = receive().into();
    config.delete = receive() == 0;
    config.backoff.first = span();
    config.backoff.most = span();
    let kept = [(); 50].map(|()| receive());
    let mut entries = [0; 80];
    let mut record = Record::new(&mut entries);
    send(record.restore(&kept) as u8);
    let mut watch = Pop3Watch::new(config, record, &mut memory);
    let mut now = 0;
    loop {
        step(&mut buffers);
        now += u64::from(receive());
        match watch.advance(&mut buffers, Instant::from_millis(now)) {
            Ok(Progress::Event) => {
                let number = look(&watch.event(&buffers));
                if receive() == 0 {
                    watch.acknowledge(number.unwrap_or_default());
                    watch.record().as_bytes().iter().copied().for_each(send);
                }
            }
            Ok(_) => {}
            Err(error) => show(&error),
        }
        match receive() {
            0 => {
                let response = Response::new(a.as_bytes());
                let _ = watch.connection_mut().respond(&response, &mut buffers.tx);
            }
            3 => {
                let _ = watch.tls_started(&buffers.rx);
            }
            4 => watch.reconnect(&mut buffers),
            5 => watch.unreachable(&mut buffers),
            6 => watch.stop(),
            _ => {}
        }
        if watch.deadline().is_some_and(|at| at > Instant::from_millis(now)) {
            send(0);
        }
    }
}
