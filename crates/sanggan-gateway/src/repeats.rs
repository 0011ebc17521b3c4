//! Which packets of a device have come before.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};

/// What a packet is beside those remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Nothing like it is remembered, or it adds other fields to the same moment.
    New,
    /// The same packet with the same content.
    Same,
    /// The same packet with another content.
    Conflicting,
}

/// What a packet is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    /// CN, PNO, QN and DataTime as far as they are there.
    key: u64,
    /// Everything it says.
    content: u64,
    /// Hashes of field name and value; only where there is no QN, because some loggers split the fields
    /// of one moment over several packets without numbering them.
    fields: Option<Box<[(u32, u32)]>>,
}

impl Fingerprint {
    /// A packet with its own QN.
    pub(crate) fn numbered(cn: u16, part: u32, qn: &str, data_time: i64, content: &[u8]) -> Fingerprint {
        Fingerprint { key: hash(&(1u8, cn, part, qn, data_time)), content: hash(content), fields: None }
    }

    /// A packet without QN, known by its DataTime; `fields` are its names and values.
    pub(crate) fn timed<'a>(
        cn: u16,
        part: u32,
        data_time: i64,
        content: &[u8],
        fields: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Fingerprint {
        let mut fields: Vec<(u32, u32)> =
            fields.map(|(name, value)| (hash(name) as u32, hash(value) as u32)).collect();
        fields.sort_unstable();
        Fingerprint {
            key: hash(&(2u8, cn, part, data_time)),
            content: hash(content),
            fields: Some(fields.into_boxed_slice()),
        }
    }

    fn conflicts_with(&self, other: &Fingerprint) -> bool {
        let (Some(ours), Some(theirs)) = (&self.fields, &other.fields) else { return true };
        ours.iter().any(|&(name, value)| {
            let start = theirs.partition_point(|&(known, _)| known < name);
            let mut same_name = theirs[start..].iter().take_while(|&&(known, _)| known == name).peekable();
            same_name.peek().is_some() && !same_name.any(|&(_, known)| known == value)
        })
    }
}

fn hash<T: Hash + ?Sized>(what: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

/// The last packets of one device; holds no more than it was told to.
#[derive(Debug)]
pub(crate) struct Remembered {
    recent: VecDeque<Fingerprint>,
    most: usize,
}

impl Remembered {
    pub(crate) fn new(most: usize) -> Remembered {
        Remembered { recent: VecDeque::new(), most: most.max(1) }
    }

    /// Says what `print` is and remembers it unless it is known.
    pub(crate) fn offer(&mut self, print: Fingerprint) -> Repeat {
        let mut verdict = Repeat::New;
        for known in self.recent.iter().filter(|known| known.key == print.key) {
            if known.content == print.content {
                return Repeat::Same;
            }
            if known.conflicts_with(&print) {
                verdict = Repeat::Conflicting;
            }
        }
        if self.recent.len() == self.most {
            self.recent.pop_front();
        }
        self.recent.push_back(print);
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timed(at: i64, fields: &[(&str, &str)]) -> Fingerprint {
        let content: String = fields.iter().map(|(name, value)| format!("{name}={value};")).collect();
        Fingerprint::timed(2011, 0, at, content.as_bytes(), fields.iter().copied())
    }

    #[test]
    fn a_repeat_a_conflict_and_a_complement_are_told_apart() {
        let mut known = Remembered::new(8);
        let rows = [
            (timed(1, &[("011", "1.0"), ("060", "2")]), Repeat::New),
            (timed(1, &[("011", "1.0"), ("060", "2")]), Repeat::Same),
            (timed(1, &[("B01", "7")]), Repeat::New),
            (timed(1, &[("060", "3")]), Repeat::Conflicting),
            (timed(2, &[("060", "3")]), Repeat::New),
            (Fingerprint::numbered(2011, 0, "20261123100000000", 0, b"a"), Repeat::New),
            (Fingerprint::numbered(2011, 1, "20261123100000000", 0, b"a"), Repeat::New),
            (Fingerprint::numbered(2011, 0, "20261123100000000", 0, b"a"), Repeat::Same),
            (Fingerprint::numbered(2011, 0, "20261123100000000", 0, b"b"), Repeat::Conflicting),
            (Fingerprint::numbered(2051, 0, "20261123100000000", 0, b"b"), Repeat::New),
        ];
        for (number, (print, expected)) in rows.into_iter().enumerate() {
            assert_eq!(known.offer(print), expected, "row {number}");
        }
    }

    #[test]
    fn only_the_newest_are_remembered() {
        let mut known = Remembered::new(3);
        for at in 0..4 {
            assert_eq!(known.offer(timed(at, &[("a", "1")])), Repeat::New);
        }
        assert_eq!(known.offer(timed(3, &[("a", "1")])), Repeat::Same);
        assert_eq!(known.offer(timed(0, &[("a", "1")])), Repeat::New, "forgotten");
        assert_eq!(known.recent.len(), 3);
    }
}
