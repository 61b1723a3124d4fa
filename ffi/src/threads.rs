//! THREAD's answer, as a row of tokens.

use crate::args::Args;
use crate::guard;
use crate::opaque::{filled, load, store};
use core::mem::MaybeUninit;
use mailwire::imap::{ThreadToken, ThreadTokens, Threads};

/// The beginning of a thread, or of a branch of one.
pub const MW_THREAD_OPEN: u32 = 1;
/// A message: the child of the one before it.
pub const MW_THREAD_NUMBER: u32 = 2;
/// The end of what was opened last.
pub const MW_THREAD_CLOSE: u32 = 3;

/// Threads as a row of tokens: a cursor. "(3 6 (4)(5))" is OPEN 3 6 OPEN 4 CLOSE OPEN 5 CLOSE
/// CLOSE: 6 answers 3, and both 4 and 5 answer 6. Valid as long as the event it came with.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_threads {
    /// 0 for none; else mailwire's own.
    pub kind: u32,
    /// How many are open where this begins: not 0 in a later part of a long response.
    pub depth: u32,
    /// Mailwire's own.
    pub opaque: [MaybeUninit<usize>; 3],
}

impl mw_threads {
    const FILLED: u32 = filled("mw_threads");

    pub(crate) fn of(threads: Threads<'_>) -> Self {
        Self { kind: Self::FILLED, depth: threads.depth(), opaque: store(threads.iter()) }
    }
}

/// Takes the next token: returns one of `MW_THREAD_…`, or 0 at the end or for NULL.
/// `out_number` gets the number of MW_THREAD_NUMBER; it may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_threads_next(threads: *mut mw_threads, out_number: *mut u32) -> u32 {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(0, || {
        let Ok(threads) = args.handle(threads) else { return 0 };
        if threads.kind != mw_threads::FILLED {
            return 0;
        }
        // SAFETY: of this kind; the header says how long it is valid.
        let mut tokens: ThreadTokens<'static> = unsafe { load(&threads.opaque) };
        let token = tokens.next();
        threads.depth = tokens.depth();
        threads.opaque = store(tokens);
        match token {
            Some(ThreadToken::Open) => MW_THREAD_OPEN,
            Some(ThreadToken::Number(number)) => {
                args.give(out_number, number);
                MW_THREAD_NUMBER
            }
            Some(ThreadToken::Close) => MW_THREAD_CLOSE,
            None => {
                threads.kind = 0;
                0
            }
        }
    })
}
