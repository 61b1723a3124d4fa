pub(crate) use crate::imap::Str;
