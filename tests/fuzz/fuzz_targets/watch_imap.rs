#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| mailwire_tests::fuzz::run("watch_imap", input));
