//! Real data beside the checkout, for tests that use it when it is there.

use std::path::{Path, PathBuf};

/// The file `name` of `../shared/data` beside the checkout of the crate at `manifest_dir`
/// (pass `env!("CARGO_MANIFEST_DIR")`). Where it is absent, says on standard error that the test is skipped.
pub fn shared_data(manifest_dir: &str, name: &str) -> Option<PathBuf> {
    let path = Path::new(manifest_dir).join("../../../shared/data").join(name);
    if path.exists() {
        return Some(path);
    }
    let said = std::io::Write::write_all(
        &mut std::io::stderr(),
        format!("skipped: ../shared/data/{name} is not there\n").as_bytes(),
    );
    said.expect("standard error takes a line");
    None
}
