//! Makes sure that there is a folder to embed, also before the web app was ever built.

use std::path::Path;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist");
    if !folder.exists() {
        std::fs::create_dir_all(&folder).expect("the checkout must be writable to build the program");
    }
    println!("cargo:rerun-if-changed=build.rs");
    // Debug builds read the folder at run time; only a release build embeds it.
    if std::env::var("PROFILE").as_deref() == Ok("release") {
        println!("cargo:rerun-if-changed=../../web/dist");
    }
}
