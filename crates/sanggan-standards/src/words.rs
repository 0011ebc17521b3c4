//! Words that stand in limit cells of the standards.

use crate::edition::Text;

/// A word of a limit cell as people read it.
pub(crate) fn word(word: &str) -> Text {
    match word {
        "not_detected" => Text::new("不得检出", "not detected"),
        "none" => Text::new("无", "none"),
        "present" => Text::new("有", "present"),
        "above_previous" => Text::new("大于前一类限值", "above the limit before"),
        "not_set" => Text::new("—", "—"),
        other => Text::same(other),
    }
}
