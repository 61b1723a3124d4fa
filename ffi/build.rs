//! The name that programs find the shared library by, and what it is linked with.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        // As long as the version is 0.x, each x is an ABI of its own.
        let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
        let mut numbers = version.split('.');
        let soname = match (numbers.next(), numbers.next()) {
            (Some("0"), Some(minor)) => format!("libmailwire.so.0.{minor}"),
            (Some(major), _) => format!("libmailwire.so.{major}"),
            _ => "libmailwire.so".into(),
        };
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,{soname}");
        // Without std nothing else asks for it.
        println!("cargo:rustc-cdylib-link-arg=-lc");
    }
}
