//! Answers of the assessments as columns of one STRUCT.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, BooleanArray, BooleanBuilder, Float64Array, ListArray, StructArray,
};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields};
use datafusion::common::Result;
use sanggan_standards::assess::ItemAnswer;
use sanggan_standards::{Answer, Assessment, Text, to_f64};

use super::air::status_name;
use super::texts::Texts;

fn text(name: &str) -> FieldRef {
    Arc::new(Field::new(name, DataType::Utf8View, true))
}

fn number(name: &str) -> FieldRef {
    Arc::new(Field::new(name, DataType::Float64, true))
}

fn flag(name: &str) -> FieldRef {
    Arc::new(Field::new(name, DataType::Boolean, true))
}

fn item_fields() -> Fields {
    Fields::from(vec![
        text("key"),
        text("name"),
        text("name_en"),
        number("value"),
        text("unit"),
        text("limit"),
        text("class"),
        flag("meets"),
        number("multiple"),
        text("note"),
        text("note_en"),
    ])
}

fn item() -> FieldRef {
    Arc::new(Field::new_list_field(DataType::Struct(item_fields()), false))
}

fn figure_fields(assessment: &Assessment) -> Fields {
    assessment.figures.iter().map(|(key, ..)| Field::new(*key, DataType::Float64, true)).collect()
}

/// The type of an assessment's answer.
pub(crate) fn data_type(assessment: &Assessment) -> DataType {
    let mut fields = vec![
        number("value"),
        text("unit"),
        text("class"),
        text("class_name"),
        text("class_name_en"),
        flag("meets"),
        text("deciding"),
        text("deciding_en"),
        text("cannot_tell"),
        text("cannot_tell_en"),
        text("edition"),
        text("status"),
        text("clause"),
        text("clause_en"),
        text("rounding"),
        text("rounding_en"),
        text("excluded"),
        text("excluded_en"),
        Arc::new(Field::new("items", DataType::List(item()), true)),
    ];
    // a STRUCT without fields is nothing one could write down
    if !assessment.figures.is_empty() {
        fields.push(Arc::new(Field::new("figures", DataType::Struct(figure_fields(assessment)), true)));
    }
    DataType::Struct(Fields::from(fields))
}

/// Answers, row after row.
pub(crate) struct Answers<'a> {
    assessment: &'a Assessment,
    value: Vec<Option<f64>>,
    unit: Texts,
    class: Texts,
    class_name: Texts,
    meets: BooleanBuilder,
    deciding: Texts,
    cannot_tell: Texts,
    edition: Texts,
    status: Texts,
    clause: Texts,
    rounding: Texts,
    excluded: Texts,
    items: Items,
    figures: Vec<Vec<Option<f64>>>,
}

impl<'a> Answers<'a> {
    pub(crate) fn new(assessment: &'a Assessment) -> Answers<'a> {
        Answers {
            assessment,
            value: Vec::new(),
            unit: Texts::default(),
            class: Texts::default(),
            class_name: Texts::default(),
            meets: BooleanBuilder::new(),
            deciding: Texts::default(),
            cannot_tell: Texts::default(),
            edition: Texts::default(),
            status: Texts::default(),
            clause: Texts::default(),
            rounding: Texts::default(),
            excluded: Texts::default(),
            items: Items::default(),
            figures: vec![Vec::new(); assessment.figures.len()],
        }
    }

    pub(crate) fn push(&mut self, answer: Answer) {
        self.value.push(answer.value.as_ref().map(|value| to_f64(value.value)));
        self.unit.push_same(answer.value.as_ref().map(|value| value.unit.symbol()));
        self.class.push_same(answer.class.as_ref().map(|class| class.id.as_str()));
        self.class_name.push(answer.class.map(|class| class.name));
        self.meets.append_option(answer.meets);
        self.deciding.push(together(answer.deciding.iter()));
        self.cannot_tell.push(answer.cannot_tell.map(|why| why.text));
        self.edition.push_same(answer.edition.as_ref().map(|edition| edition.as_str()));
        self.status.push_same(answer.status.map(status_name));
        self.clause.push(answer.clause);
        self.rounding.push(answer.rounding);
        let excluded: Vec<Text> =
            answer.excluded.iter().map(|one| Text::joined(&[&one.what, &one.why], "：", ": ")).collect();
        self.excluded.push(together(excluded.iter()));
        for ((key, ..), column) in self.assessment.figures.iter().zip(&mut self.figures) {
            let figure = answer.figures.iter().find(|figure| figure.key == *key);
            column.push(figure.map(|figure| to_f64(figure.value)));
        }
        self.items.push(answer.items);
    }

    pub(crate) fn finish(mut self) -> Result<ArrayRef> {
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(Float64Array::from(self.value)),
            self.unit.zh()?,
            self.class.zh()?,
            self.class_name.zh()?,
            self.class_name.en()?,
            Arc::new(self.meets.finish()),
            self.deciding.zh()?,
            self.deciding.en()?,
            self.cannot_tell.zh()?,
            self.cannot_tell.en()?,
            self.edition.zh()?,
            self.status.zh()?,
            self.clause.zh()?,
            self.clause.en()?,
            self.rounding.zh()?,
            self.rounding.en()?,
            self.excluded.zh()?,
            self.excluded.en()?,
            self.items.finish()?,
        ];
        if !self.figures.is_empty() {
            let figures = self.figures.into_iter();
            let figures = figures.map(|column| Arc::new(Float64Array::from(column)) as ArrayRef).collect();
            columns.push(Arc::new(StructArray::try_new(figure_fields(self.assessment), figures, None)?));
        }
        let DataType::Struct(fields) = data_type(self.assessment) else {
            return Err(super::args::unexpected("a struct", &data_type(self.assessment)));
        };
        Ok(Arc::new(StructArray::try_new(fields, columns, None)?))
    }
}

fn together<'t>(texts: impl Iterator<Item = &'t Text>) -> Option<Text> {
    let texts: Vec<&Text> = texts.collect();
    (!texts.is_empty()).then(|| Text::joined(&texts, "；", "; "))
}

/// The items of all rows, one after the other.
#[derive(Default)]
struct Items {
    lengths: Vec<usize>,
    key: Texts,
    name: Texts,
    value: Vec<Option<f64>>,
    unit: Texts,
    limit: Texts,
    class: Texts,
    meets: Vec<Option<bool>>,
    multiple: Vec<Option<f64>>,
    note: Texts,
}

impl Items {
    fn push(&mut self, items: Vec<ItemAnswer>) {
        self.lengths.push(items.len());
        for item in items {
            self.key.push_same(Some(&item.key));
            self.name.push(Some(item.name));
            self.value.push(item.value.map(to_f64));
            self.unit.push_same(Some(item.unit.symbol()));
            self.limit.push_same(item.limit.as_ref().map(|limit| limit.zh.as_str()));
            self.class.push_same(item.class.as_ref().map(|class| class.id.as_str()));
            self.meets.push(item.meets);
            self.multiple.push(item.multiple.map(to_f64));
            self.note.push(item.note);
        }
    }

    fn finish(self) -> Result<ArrayRef> {
        let columns: Vec<ArrayRef> = vec![
            self.key.zh()?,
            self.name.zh()?,
            self.name.en()?,
            Arc::new(Float64Array::from(self.value)),
            self.unit.zh()?,
            self.limit.zh()?,
            self.class.zh()?,
            Arc::new(BooleanArray::from(self.meets)),
            Arc::new(Float64Array::from(self.multiple)),
            self.note.zh()?,
            self.note.en()?,
        ];
        let items = StructArray::try_new(item_fields(), columns, None)?;
        let rows = self.lengths.len();
        let list =
            ListArray::try_new(item(), OffsetBuffer::from_lengths(self.lengths), Arc::new(items), None)?;
        debug_assert_eq!(list.len(), rows);
        Ok(Arc::new(list))
    }
}
