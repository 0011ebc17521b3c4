//! Where a field begins, ends and divides.

/// Where the parts of one field stand, found in one pass.
pub(crate) struct Marks {
    /// The separator behind it, or the end.
    pub(crate) stop: usize,
    /// The first `=`.
    pub(crate) equals: Option<usize>,
    /// The last `-` before it.
    pub(crate) dash: Option<usize>,
    pub(crate) ampersand: bool,
}

impl Marks {
    #[inline]
    pub(crate) fn find(bytes: &[u8], from: usize) -> Marks {
        let equals = next_mark(bytes, from);
        if bytes.get(equals) == Some(&b'=') {
            let stop = next_mark(bytes, equals + 1);
            if matches!(bytes.get(stop), None | Some(b';' | b',')) {
                return Marks {
                    stop,
                    equals: Some(equals),
                    dash: last_dash(bytes, from, equals),
                    ampersand: false,
                };
            }
        }
        Marks::find_odd(bytes, from)
    }

    /// A field with no `=` or several, or with `&` in it.
    #[cold]
    fn find_odd(bytes: &[u8], from: usize) -> Marks {
        let mut marks = Marks { stop: bytes.len(), equals: None, dash: None, ampersand: false };
        let mut at = from;
        loop {
            at = next_mark(bytes, at);
            match bytes.get(at) {
                Some(b'=') if marks.equals.is_none() => {
                    marks.equals = Some(at);
                    marks.dash = last_dash(bytes, from, at);
                }
                Some(b'=') => {}
                Some(b'&') => marks.ampersand = true,
                _ => break,
            }
            at += 1;
        }
        marks.stop = at.min(bytes.len());
        marks
    }
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = ONES << 7;

/// The eight bytes at `at`, first one lowest, if there are as many.
#[inline]
fn eight(bytes: &[u8], at: usize) -> Option<u64> {
    let word = bytes.get(at..at + 8)?;
    <[u8; 8]>::try_from(word).ok().map(u64::from_le_bytes)
}

/// The high bit of each byte that equals `byte`; above the lowest such byte there may be others.
fn equal_bytes(word: u64, byte: u8) -> u64 {
    let zero_where_equal = word ^ (ONES * u64::from(byte));
    zero_where_equal.wrapping_sub(ONES) & !zero_where_equal & HIGHS
}

/// The first `=`, `;`, `,` or `&` from `at` on, or the end. Eight bytes at a time, since most names and values
/// are about as long and a branch for each byte is guessed wrong once in each.
#[inline]
fn next_mark(bytes: &[u8], mut at: usize) -> usize {
    while let Some(word) = eight(bytes, at) {
        let found = equal_bytes(word, b'=')
            | equal_bytes(word, b';')
            | equal_bytes(word, b',')
            | equal_bytes(word, b'&');
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|b| matches!(b, b'=' | b';' | b',' | b'&')).unwrap_or(rest.len())
}

/// The last `-` in `from..to`.
#[inline]
fn last_dash(bytes: &[u8], from: usize, to: usize) -> Option<usize> {
    if let Some(word) = to.checked_sub(8).and_then(|at| eight(bytes, at)) {
        // Exact in every byte, because here the highest counts.
        let zero_where_dash = word ^ (ONES * u64::from(b'-'));
        let low_bits = (zero_where_dash & !HIGHS).wrapping_add(!HIGHS);
        let dashes = !(low_bits | zero_where_dash) & HIGHS;
        if dashes != 0 {
            let dash = to - 1 - dashes.leading_zeros() as usize / 8;
            return (dash >= from).then_some(dash);
        }
        if to - from <= 8 {
            return None;
        }
    }
    bytes[from..to].iter().rposition(|b| *b == b'-').map(|dash| from + dash)
}
