//! The memory of the LM3S6965, for the linker; RAM is cut to a quarter, and measured.

use std::{env, fs, path::PathBuf};

fn main() {
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo tells where to write"));
    let memory = "MEMORY {\n    FLASH : ORIGIN = 0, LENGTH = 256K\n    \
                  RAM : ORIGIN = 0x20000000, LENGTH = 16K\n}\n";
    fs::write(out.join("memory.x"), memory).expect("OUT_DIR is writable");
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rerun-if-changed=build.rs");
}
