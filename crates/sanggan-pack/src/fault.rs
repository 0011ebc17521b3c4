//! What is wrong with a definition file.

use std::fmt;

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackFault {
    /// The file, relative to the pack's folder.
    pub file: String,
    /// The line, from 1, when it is known.
    pub line: Option<usize>,
    /// The key or the entry (`station[3] sz-004`), or empty.
    pub key: String,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for PackFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        write!(f, ": {}", self.what)
    }
}

/// All faults of a pack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct PackFaults(
    /// Never empty.
    pub Vec<PackFault>,
);

impl fmt::Display for PackFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not read the pack: {} fault(s)", self.0.len())?;
        for fault in &self.0 {
            write!(f, "\n  {fault}")?;
        }
        Ok(())
    }
}
