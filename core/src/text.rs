pub use crate::imap::Str;
