//! defmt over semihosting: `boot` decodes it with the strings of the program's file, which are
//! not in flash. On a board without a debugger put `defmt-rtt` or a UART in its place.

use defmt_semihosting as _;

defmt::timestamp!("{=u32:ms}", crate::board::millis());
