//! `mailwire-wasm-xtask IN.wasm OUT`: the glue for ES modules, and the wasm that goes with it.
//! In place of the program wasm-bindgen-cli, which takes minutes to build and whose version must
//! be the library's.

use std::error::Error;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args_os().skip(1);
    let (Some(input), Some(out), None) = (args.next(), args.next(), args.next()) else {
        return Err("usage: mailwire-wasm-xtask IN.wasm OUT".into());
    };
    Bindgen::new()
        .web(true)?
        .input_path(input)
        .out_name("mailwire")
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(out)?;
    Ok(())
}
