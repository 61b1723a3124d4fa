//! Tells how much of a firmware's flash is whose: `sizes ELF`. Prints lines of bytes and a name:
//! the whole, then the code by crate, and mailwire's by file.
//!
//! Code that was inlined counts for the innermost crate in whose source it stands; what of the
//! standard library was inlined counts for its caller, since it was made for that.

use anyhow::{Context as _, Result};
use host::crate_of;
use object::{Object as _, ObjectSection as _, SectionFlags, SectionKind};
use std::collections::BTreeMap;
use std::env;
use std::fs;

fn main() -> Result<()> {
    let elf = env::args().nth(1).context("sizes ELF")?;
    let bytes = fs::read(&elf).with_context(|| elf.clone())?;
    let file = object::File::parse(&*bytes)?;
    let loader = addr2line::Loader::new(&elf).map_err(|e| anyhow::anyhow!("{e}"))?;

    // SHF_ALLOC: what is in the device's memory.
    let loaded = |section: &object::Section<'_, '_>| matches!(section.flags(), SectionFlags::Elf { sh_flags } if sh_flags & 2 != 0);
    let (mut flash, mut ram) = (0, 0);
    for section in file.sections().filter(loaded) {
        let size = section.size();
        let zero = section.kind() == SectionKind::UninitializedData;
        if !zero {
            flash += size;
        }
        if zero || section.kind() == SectionKind::Data {
            ram += size;
        }
    }
    println!("{flash:8} flash");
    println!("{ram:8} static-RAM");

    let text = file.section_by_name(".text").context("no .text")?;
    let mut crates: BTreeMap<String, u64> = BTreeMap::new();
    let mut files: BTreeMap<String, u64> = BTreeMap::new();
    for address in (text.address()..text.address() + text.size()).step_by(2) {
        let mut owner = None;
        let mut frames =
            loader.find_frames(address).map_err(|e| anyhow::anyhow!("{address:#x}: {e}"))?;
        while let Ok(Some(frame)) = frames.next() {
            let Some(file) = frame.location.and_then(|place| place.file) else { continue };
            let name = crate_of(file);
            let ours = !matches!(name, "core" | "alloc");
            if ours || owner.is_none() {
                owner = Some(name.to_owned());
            }
            if ours {
                if let Some((_, file)) = file.split_once("/core/src/") {
                    *files.entry(format!("mailwire/{file}")).or_default() += 2;
                }
                break;
            }
        }
        *crates.entry(owner.unwrap_or_else(|| "?".into())).or_default() += 2;
    }
    for sizes in [crates, files] {
        let mut sizes: Vec<_> = sizes.into_iter().collect();
        sizes.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
        for (name, size) in sizes {
            println!("{size:8} {name}");
        }
    }
    Ok(())
}
