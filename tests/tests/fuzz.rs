//! What the fuzz targets found, and what they begin with, on stable Rust: the files in
//! `tests/fuzz/seeds/TARGET` and `tests/fuzz/regressions/TARGET`.

use mailwire_tests::fuzz;
use proptest::prelude::*;
use std::fs;
use std::panic;
use std::path::{Path, PathBuf};

/// The files in a folder, or none if there is no such folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// All of them are tried, and then told.
#[test]
fn known_inputs_are_passed() {
    let mut failed = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    for kind in ["seeds", "regressions"] {
        for folder in files(&root.join(kind)) {
            let name = folder.file_name().unwrap().to_str().unwrap();
            assert!(fuzz::TARGETS.iter().any(|(known, _)| *known == name), "{name}");
            for file in files(&folder) {
                let input = fs::read(&file).unwrap();
                if panic::catch_unwind(|| fuzz::run(name, &input)).is_err() {
                    failed.push(file);
                }
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn every_target_can_be_fuzzed() {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/Cargo.toml");
    let manifest = fs::read_to_string(manifest).unwrap();
    for (name, _) in fuzz::TARGETS {
        assert!(manifest.contains(&format!("\nname = \"{name}\"\n")), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn nothing_is_found_in_noise(input in prop::collection::vec(any::<u8>(), 0..200)) {
        for (_, target) in fuzz::TARGETS {
            target(&input);
        }
    }
}
