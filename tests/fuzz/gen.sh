for t in "$@"; do
cat >> Cargo.toml <<X

[[bin]]
name = "$t"
path = "fuzz_targets/$t.rs"
test = false
doc = false
bench = false
X
cat > fuzz_targets/$t.rs <<X
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| mailwire_tests::fuzz::run("$t", input));
X
done
