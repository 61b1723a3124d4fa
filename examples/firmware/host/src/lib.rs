//! What the tools have in common that read a firmware's file.

/// The crate in whose folder a source file is, by the path that the compiler noted.
pub fn crate_of(file: &str) -> &str {
    if let Some((_, rest)) = file.split_once("/registry/src/") {
        let folder = rest.split('/').nth(1).unwrap_or(rest);
        // `name-version`
        let end = folder
            .match_indices('-')
            .find(|(at, _)| folder[at + 1..].starts_with(|c: char| c.is_ascii_digit()))
            .map_or(folder.len(), |(at, _)| at);
        return &folder[..end];
    }
    if let Some((_, rest)) = file.split_once("/library/") {
        return rest.split('/').next().unwrap_or(rest);
    }
    if file.contains("/examples/firmware/") || file.starts_with("src/") {
        return "firmware";
    }
    if file.contains("/core/src/") {
        return "mailwire";
    }
    file
}

/// The path behind the folder of all crates.
pub fn short(file: &str) -> &str {
    for folder in ["/registry/src/", "/library/", "/core/src/", "/examples/firmware/"] {
        if let Some((_, rest)) = file.split_once(folder) {
            let skips = usize::from(folder == "/registry/src/");
            return rest.splitn(1 + skips, '/').nth(skips).unwrap_or(rest);
        }
    }
    file
}
