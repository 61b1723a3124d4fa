//! The board is told by the target: its memory for the linker, its name for `cfg(board)`.

use std::{env, fs, path::PathBuf};

fn main() {
    let target = env::var("TARGET").expect("cargo tells the target");
    // QEMU has more RAM on the second, and takes writes beyond the first one's: that a program
    // keeps to this is seen from the linker and from the painted stack.
    let (board, flash, ram) = match target.as_str() {
        "thumbv7m-none-eabi" => ("lm3s6965", "256K", "64K"),
        "thumbv7em-none-eabihf" => ("mps2-an386", "512K", "128K"),
        _ => panic!("there is no board for {target}; see .cargo/config.toml"),
    };
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo tells where to write"));
    let memory = format!(
        "MEMORY {{\n    FLASH : ORIGIN = 0, LENGTH = {flash}\n    RAM : ORIGIN = 0x20000000, LENGTH = {ram}\n}}\n"
    );
    fs::write(out.join("memory.x"), memory).expect("OUT_DIR is writable");
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rustc-link-arg-bins=-Tdefmt.x");
    println!("cargo::rustc-check-cfg=cfg(board, values(\"lm3s6965\", \"mps2-an386\"))");
    println!("cargo::rustc-cfg=board=\"{board}\"");
    println!("cargo::rerun-if-changed=build.rs");
}
