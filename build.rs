//! Says what to do when the front end has not been built yet, and builds again when it changes.

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=assets/dist");
    println!("cargo:rerun-if-changed=templates");
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=search-config");
    println!("cargo:rerun-if-changed=build.rs");
    if !Path::new("assets/dist/manifest.json").exists() {
        println!("cargo:error=The front end is not built yet. Run `make assets` first.");
    }
}
