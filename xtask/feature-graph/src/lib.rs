//! Holds no code. It names every outside crate with the features of the root `Cargo.toml`, and the lake depends on it:
//! so building one crate of the workspace selects the same features as building all of them, and DataFusion is not
//! compiled again (see `docs/adr/0003-one-feature-graph.md`).
