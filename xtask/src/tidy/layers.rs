//! Layers: which crate may use which, and which outside crates have one owner.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

/// The rules in `xtask/layers.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Layers {
    groups: Vec<String>,
    crates: BTreeMap<String, String>,
    #[serde(default)]
    inside: BTreeMap<String, Inside>,
    owners: BTreeMap<String, Owners>,
    pub(crate) pure_bans: Vec<Ban>,
    #[serde(default)]
    pub(crate) ratchet: BTreeMap<String, usize>,
}

/// One owner, or the few that share.
#[derive(Deserialize)]
#[serde(untagged)]
enum Owners {
    One(String),
    Some(Vec<String>),
}

impl Owners {
    fn names(&self) -> &[String] {
        match self {
            Owners::One(name) => std::slice::from_ref(name),
            Owners::Some(names) => names,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Inside {
    uses: Vec<String>,
    #[allow(dead_code, reason = "the reason is for the reader of the file; it must be there")]
    why: String,
}

/// A word that pure crates may not contain.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ban {
    pub(crate) text: String,
    pub(crate) why: String,
}

#[derive(Deserialize)]
struct Manifest {
    package: Package,
    #[serde(default)]
    dependencies: BTreeMap<String, toml::Value>,
    #[serde(default, rename = "dev-dependencies")]
    dev_dependencies: BTreeMap<String, toml::Value>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
}

impl Layers {
    pub(crate) fn load(root: &Path) -> Result<Layers, String> {
        let text = std::fs::read_to_string(root.join("xtask/layers.toml"))
            .map_err(|error| format!("could not read xtask/layers.toml: {error}"))?;
        toml::from_str(&text).map_err(|error| format!("xtask/layers.toml: {error}"))
    }

    /// The folders of the crates that may not know clock, file or network.
    pub(crate) fn is_pure(&self, name: &str) -> bool {
        matches!(self.crates.get(name).map(String::as_str), Some("base" | "pure"))
    }

    pub(crate) fn check_graph(&self, root: &Path) -> Vec<String> {
        let mut faults = Vec::new();
        let mut seen = Vec::new();
        let folders = std::fs::read_dir(root.join("crates")).into_iter().flatten().flatten();
        for folder in folders {
            let folder_name = folder.file_name().to_string_lossy().into_owned();
            let Ok(text) = std::fs::read_to_string(folder.path().join("Cargo.toml")) else { continue };
            let manifest: Manifest = match toml::from_str(&text) {
                Ok(manifest) => manifest,
                Err(error) => {
                    faults.push(format!("crates/{folder_name}/Cargo.toml: {error}"));
                    continue;
                }
            };
            if manifest.package.name != folder_name {
                faults.push(format!(
                    "crates/{folder_name} holds the crate `{}`: name both alike",
                    manifest.package.name
                ));
            }
            faults.extend(self.check_crate(&manifest));
            seen.push(manifest.package.name);
        }
        for name in self.crates.keys().filter(|name| !seen.contains(name)) {
            faults.push(format!("xtask/layers.toml names `{name}`, which is not in crates/"));
        }
        faults
    }

    fn check_crate(&self, manifest: &Manifest) -> Vec<String> {
        let name = &manifest.package.name;
        let Some(group) = self.crates.get(name) else {
            return vec![format!("`{name}` has no group: add it to xtask/layers.toml")];
        };
        let mut faults = Vec::new();
        for used in manifest.dependencies.keys() {
            if let Some(owners) = self.owners.get(used)
                && !owners.names().contains(name)
                && group != "dev"
            {
                faults.push(format!(
                    "`{name}` names `{used}`, which only `{}` may: ask that crate for what you need",
                    owners.names().join("` and `")
                ));
            }
            let Some(used_group) = self.crates.get(used) else { continue };
            if used_group == "dev" {
                faults.push(format!("`{name}` depends on `{used}`, which is for tests only"));
            } else if !self.may_use(name, group, used, used_group) {
                faults.push(format!(
                    "`{name}` ({group}) may not use `{used}` ({used_group}): see xtask/layers.toml"
                ));
            }
        }
        for used in manifest.dev_dependencies.keys() {
            // Tests may use anything of earlier groups and of their own, so that the real part is tested, never a later one.
            if let Some(used_group) = self.crates.get(used)
                && used_group != "dev"
                && self.rank(used_group) > self.rank(group)
            {
                faults.push(format!(
                    "the tests of `{name}` ({group}) use `{used}` ({used_group}), a later group"
                ));
            }
        }
        faults
    }

    fn may_use(&self, name: &str, group: &str, used: &str, used_group: &str) -> bool {
        if used == "sanggan-base" || group == "dev" {
            return true;
        }
        if group == used_group {
            return self
                .inside
                .get(name)
                .is_some_and(|inside| inside.uses.iter().any(|allowed| allowed == used));
        }
        self.rank(used_group) < self.rank(group)
    }

    fn rank(&self, group: &str) -> usize {
        self.groups.iter().position(|known| known == group).unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers() -> Layers {
        let root = crate::root();
        Layers::load(&root).expect("xtask/layers.toml reads")
    }

    fn manifest(text: &str) -> Manifest {
        toml::from_str(text).expect("the manifest in the test reads")
    }

    #[test]
    fn a_pure_crate_may_not_use_storage() {
        let faults = layers().check_crate(&manifest(
            "package.name = \"sanggan-hj212\"\n[dependencies]\nsanggan-base = \"1\"\nsanggan-lake = \"1\"\n",
        ));
        assert_eq!(
            faults,
            ["`sanggan-hj212` (pure) may not use `sanggan-lake` (storage): see xtask/layers.toml"]
        );
    }

    #[test]
    fn only_the_owner_names_an_outside_crate() {
        let faults =
            layers().check_crate(&manifest("package.name = \"sanggan-api\"\n[dependencies]\nsqlx = \"1\"\n"));
        assert_eq!(
            faults,
            ["`sanggan-api` names `sqlx`, which only `sanggan-store` may: ask that crate for what you need"]
        );
    }

    #[test]
    fn neighbours_of_a_group_keep_apart() {
        let faults = layers().check_crate(&manifest(
            "package.name = \"sanggan-gateway\"\n[dependencies]\nsanggan-jobs = \"1\"\n",
        ));
        assert_eq!(
            faults,
            ["`sanggan-gateway` (running) may not use `sanggan-jobs` (running): see xtask/layers.toml"]
        );
    }

    #[test]
    fn a_crate_without_a_group_is_named() {
        let faults = layers().check_crate(&manifest("package.name = \"sanggan-new\"\n"));
        assert_eq!(faults, ["`sanggan-new` has no group: add it to xtask/layers.toml"]);
    }
}
