//! SEARCH (RFC 9051 section 6.4.4): the keys, the commands, and the answers SEARCH
//! (RFC 3501 section 7.2.5) and ESEARCH (RFC 9051 section 7.3.4).

mod command;
mod esearch;
mod key;
mod multi;
mod numbers;

pub use command::{CancelUpdateCommand, SearchCommand, SearchReturn};
pub use esearch::{
    Esearch, EsearchData, EsearchItem, EsearchItems, Relevancy, RelevancyIter, Update, Updates,
    UpdatesIter,
};
pub use key::{CustomKey, ModSeqEntry, Search};
pub use multi::EsearchCommand;
pub use numbers::{Numbers, NumbersIter};

pub(super) use command::encode_returns;
#[cfg(feature = "serde")]
pub(super) use esearch::EsearchFields;
pub(super) use esearch::{correlator, skip_correlator};
pub(super) use key::encode_all;
