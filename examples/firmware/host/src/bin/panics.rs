//! Tells where a firmware can panic: `panics ELF`. Prints lines of a count and a crate, and behind
//! each the places in its source.
//!
//! Each branch to a function of `core` that only panics is counted for the innermost crate in whose
//! source it stands. That is `core` only for its functions that were not inlined, as the copying of a
//! slice: whether those who call them ever make them panic cannot be seen here. For mailwire
//! `tests/panic-link` sees it.

use anyhow::{Context as _, Result};
use object::{Object as _, ObjectSection as _, ObjectSymbol as _};
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;

fn main() -> Result<()> {
    let elf = env::args().nth(1).context("panics ELF")?;
    let bytes = fs::read(&elf).with_context(|| elf.clone())?;
    let file = object::File::parse(&*bytes)?;
    let loader = addr2line::Loader::new(&elf).map_err(|e| anyhow::anyhow!("{e}"))?;
    let panics: BTreeSet<u64> = file
        .symbols()
        .filter(|symbol| symbol.name().is_ok_and(only_panics))
        // The lowest bit says that it is Thumb code.
        .map(|symbol| symbol.address() & !1)
        .collect();
    // One of them may call another.
    let within: Vec<_> = file
        .symbols()
        .filter(|symbol| panics.contains(&(symbol.address() & !1)))
        .map(|symbol| (symbol.address() & !1)..(symbol.address() & !1) + symbol.size())
        .collect();
    let text = file.section_by_name(".text").context("no .text")?;
    let code = text.data()?;

    let mut crates: BTreeMap<String, (usize, BTreeSet<String>)> = BTreeMap::new();
    for (at, four) in code.windows(4).enumerate().step_by(2) {
        let address = text.address() + at as u64;
        let [a, b, c, d] = four.try_into().context("four bytes")?;
        let (high, low) = (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]));
        let Some(offset) = branch(high, low) else { continue };
        let target = address.wrapping_add(4).wrapping_add_signed(offset);
        if !panics.contains(&target) || within.iter().any(|it| it.contains(&address)) {
            continue;
        }
        let (owner, place) = owner(&loader, address)?;
        let (count, places) = crates.entry(owner).or_default();
        *count += 1;
        places.insert(place);
    }
    let mut crates: Vec<_> = crates.into_iter().collect();
    crates.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    for (owner, (count, places)) in crates {
        println!("{count:6} {owner}");
        for place in places {
            println!("         {place}");
        }
    }
    Ok(())
}

/// Whether a function (in `core`, by its mangled name) does nothing but panic.
fn only_panics(name: &str) -> bool {
    let in_core = name.contains("4core");
    // Of a future that is polled once more behind its end: what runs it does that or does not.
    let is_of_future = name.contains("async_fn_resumed");
    in_core
        && !is_of_future
        && (name.contains("9panicking")
            || ["_fail", "_failed", "_fail_rt", "_overflow"].iter().any(|end| {
                // Behind it stands only a hash, or what it is instantiated for.
                name.find(end).is_some_and(|at| !name[at + end.len()..].starts_with('_'))
            }))
}

/// Of a BL or a wide B (ARMv7-M, A7.7.12 and A7.7.18), how far it goes.
fn branch(high: u16, low: u16) -> Option<i64> {
    if high & 0xf800 != 0xf000 || low & 0x8000 == 0 {
        return None;
    }
    let bit = |from: u16, at: u16| u32::from(from >> at & 1);
    let (s, j1, j2) = (bit(high, 10), bit(low, 13), bit(low, 11));
    let offset = match low & 0xd000 {
        0x9000 | 0xd000 => {
            let (i1, i2) = (!(j1 ^ s) & 1, !(j2 ^ s) & 1);
            let low = u32::from(low & 0x7ff) << 1;
            let value = s << 24 | i1 << 23 | i2 << 22 | u32::from(high & 0x3ff) << 12 | low;
            (value << 7) as i32 >> 7
        }
        // On a condition; the other encodings of it are no branches.
        0x8000 if high >> 6 & 0xf < 14 => {
            let low = u32::from(low & 0x7ff) << 1;
            let value = s << 20 | j2 << 19 | j1 << 18 | u32::from(high & 0x3f) << 12 | low;
            (value << 11) as i32 >> 11
        }
        _ => return None,
    };
    Some(offset.into())
}

/// Whose code that is, and where it stands.
fn owner(loader: &addr2line::Loader, address: u64) -> Result<(String, String)> {
    let mut frames =
        loader.find_frames(address).map_err(|e| anyhow::anyhow!("{address:#x}: {e}"))?;
    let mut owner = ("?".to_owned(), format!("{address:#x}"));
    while let Ok(Some(frame)) = frames.next() {
        let Some((file, line)) = frame.location.and_then(|it| Some((it.file?, it.line))) else {
            continue;
        };
        let name = host::crate_of(file);
        owner = (name.to_owned(), format!("{}:{}", host::short(file), line.unwrap_or(0)));
        if !matches!(name, "core" | "alloc") {
            break;
        }
    }
    Ok(owner)
}
