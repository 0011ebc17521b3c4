//! Columns of texts that repeat from row to row, in both languages.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, StringViewArray, UInt32Array};
use datafusion::arrow::compute::take;
use datafusion::arrow::error::ArrowError;
use sanggan_standards::Text;

/// Says which text a row has; `None` = none.
pub(crate) type Code = Option<u32>;

/// Two columns, one a language. Each distinct text is stored once, however many rows have it.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    distinct: Vec<Text>,
    known: HashMap<String, u32>,
    codes: Vec<Code>,
}

impl Texts {
    /// The code of a text.
    pub(crate) fn code(&mut self, text: Text) -> u32 {
        let next = u32::try_from(self.distinct.len()).unwrap_or(u32::MAX);
        match self.known.get(&text.zh) {
            Some(&code) if self.distinct[code as usize].en == text.en => code,
            Some(_) => {
                self.distinct.push(text);
                next
            }
            None => {
                self.known.insert(text.zh.clone(), next);
                self.distinct.push(text);
                next
            }
        }
    }

    /// The next row has the text of this code.
    pub(crate) fn push_code(&mut self, code: Code) {
        self.codes.push(code);
    }

    /// The next row has this text.
    pub(crate) fn push(&mut self, text: Option<Text>) {
        let code = text.map(|text| self.code(text));
        self.codes.push(code);
    }

    /// The next row has this text, the same in both languages.
    pub(crate) fn push_same(&mut self, text: Option<&str>) {
        let code = text.map(|text| match self.known.get(text) {
            Some(&code) => code,
            None => self.code(Text::same(text)),
        });
        self.codes.push(code);
    }

    /// The Chinese column, or that of texts that are the same in both languages.
    pub(crate) fn zh(&self) -> Result<ArrayRef, ArrowError> {
        self.column(|text| &text.zh)
    }

    /// The English column.
    pub(crate) fn en(&self) -> Result<ArrayRef, ArrowError> {
        self.column(|text| &text.en)
    }

    fn column(&self, of: fn(&Text) -> &str) -> Result<ArrayRef, ArrowError> {
        let distinct = StringViewArray::from_iter_values(self.distinct.iter().map(of));
        let codes: UInt32Array = self.codes.iter().copied().collect();
        // the rows point into the distinct texts; nothing is copied
        take(&(Arc::new(distinct) as ArrayRef), &codes, None)
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::AsArray;

    use super::*;

    #[test]
    fn each_row_has_its_text_in_both_languages() {
        let mut texts = Texts::default();
        texts.push(Some(Text::new("良", "good")));
        texts.push(None);
        texts.push(Some(Text::new("良", "fair")));
        texts.push(Some(Text::new("良", "good")));
        texts.push_same(Some("PM2.5"));
        let column = |column: ArrayRef| -> Vec<String> {
            column.as_string_view().iter().map(|text| text.unwrap_or("-").to_owned()).collect()
        };
        assert_eq!(column(texts.zh().unwrap()), ["良", "-", "良", "良", "PM2.5"]);
        assert_eq!(column(texts.en().unwrap()), ["good", "-", "fair", "good", "PM2.5"]);
    }
}
