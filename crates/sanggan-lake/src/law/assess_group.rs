//! `assess_<id>`: the assessments that judge rows together, as aggregates: a river's sections, a city's days, an outlet's
//! pollutants. What belongs together is what the question groups by.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{DataFusionError, Result, ScalarValue, exec_err, plan_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, Signature, Volatility};
use datafusion::physical_expr::expressions::Literal;
use jiff::civil::Date;
use sanggan_standards::assess::{Cell, Rows};
use sanggan_standards::{Answer, Assessment, Basis, Binding, CannotTell, Law, Row, Text, assessments};
use serde::{Deserialize, Serialize};

use super::answer::{self, Answers};
use super::args::{self, Days};
use super::assess;

/// The column of the day, which the first argument gives where the STRUCT does not.
const DAY: &str = "day";

/// One aggregate a rule.
#[derive(Debug)]
pub(crate) struct AssessGroup {
    name: String,
    assessment: &'static Assessment,
    signature: Signature,
}

// The name says which rule it is.
impl PartialEq for AssessGroup {
    fn eq(&self, other: &AssessGroup) -> bool {
        self.name == other.name
    }
}

impl Eq for AssessGroup {}

impl std::hash::Hash for AssessGroup {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

/// The aggregate of every assessment that judges rows together.
pub(crate) fn all() -> Vec<AssessGroup> {
    let together = assessments().filter(|one| matches!(one.rows, Rows::By(_)));
    together
        .map(|assessment| AssessGroup {
            name: function_name(assessment),
            assessment,
            signature: Signature::user_defined(Volatility::Immutable),
        })
        .collect()
}

/// `assess_eco_flow` of `eco-flow`.
pub(crate) fn function_name(assessment: &Assessment) -> String {
    format!("assess_{}", assessment.id.replace('-', "_"))
}

impl AssessGroup {
    fn usage(&self) -> String {
        format!("{} takes (day, named_struct('column', value, …)), and may be an edition", self.name)
    }
}

impl AggregateUDFImpl for AssessGroup {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let [day, values, edition @ ..] = given else { return plan_err!("{}", self.usage()) };
        if 1 < edition.len() || !matches!(values, DataType::Struct(_)) {
            return plan_err!("{}", self.usage());
        }
        assess::bind(self.assessment, values)?;
        let mut wanted = vec![args::day_argument(day)?, values.clone()];
        for edition in edition {
            wanted.push(args::edition_argument(edition)?);
        }
        Ok(wanted)
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(answer::data_type(self.assessment))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format_state_name(args.name, "rows"), DataType::LargeUtf8, true))])
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        if args.is_distinct {
            return plan_err!("{} judges every row; DISTINCT has no meaning for it", self.name);
        }
        let Some(values) = args.exprs.get(1) else { return plan_err!("{}", self.usage()) };
        let edition = match args.exprs.get(2) {
            None => None,
            Some(given) => match given.downcast_ref::<Literal>() {
                Some(written) => assess::edition_of(self.assessment, Some(written.value()))?,
                None => assess::edition_of(self.assessment, None)?,
            },
        };
        let binding = assess::bind(self.assessment, &values.data_type(args.schema)?)?;
        Ok(Box::new(Gathered { assessment: self.assessment, binding, edition, rows: Vec::new() }))
    }
}

/// One row as it was given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Given {
    /// The day, `2020-05-08`.
    day: Option<String>,
    /// Why there is none, in both languages.
    no_day: Option<(String, String)>,
    /// The cells of the STRUCT.
    cells: Vec<String>,
}

/// The rows of one group.
#[derive(Debug)]
struct Gathered {
    assessment: &'static Assessment,
    binding: Binding,
    edition: Option<String>,
    rows: Vec<Given>,
}

impl Gathered {
    fn answer(&self) -> Answer {
        let law = Law::embedded();
        if let Some((zh, en)) = self.rows.iter().find_map(|row| row.no_day.as_ref()) {
            return Answer::cannot_tell(CannotTell {
                code: "unreadable",
                text: Text::new(zh.clone(), en.clone()),
            });
        }
        // Rows come in no order of their own; by day, then by cell, every plan answers the same.
        let mut given: Vec<&Given> = self.rows.iter().collect();
        given.sort();
        let rows: Vec<Row> = given.iter().map(|one| self.row(one)).collect();
        let first = given.first().and_then(|one| one.day.as_deref()).and_then(|day| day.parse::<Date>().ok());
        match first {
            Some(day) => {
                let basis = Basis::new(day, self.edition.as_deref());
                self.assessment.answer_bound(law, &self.binding, &rows, basis)
            }
            None => Answer::cannot_tell(CannotTell::new("nothing_measured", "没有数据", "there is nothing")),
        }
    }

    fn row(&self, given: &Given) -> Row {
        let row = self.binding.row(&given.cells);
        match given.day.as_deref().and_then(|day| day.parse::<Date>().ok()) {
            Some(day) if row.cell(DAY).is_none() => row.with(DAY, Cell::Day(day)),
            _ => row,
        }
    }
}

impl Accumulator for Gathered {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let days = Days::new(&values[0])?;
        let Some(structs) = values[1].as_struct_opt() else { return exec_err!("a STRUCT was expected") };
        let cells = assess::cells(structs)?;
        for row in 0..structs.len() {
            // A row without a STRUCT is none.
            if !structs.is_valid(row) {
                continue;
            }
            let (day, no_day) = match days.of(row) {
                Ok(day) => (Some(day.to_string()), None),
                Err(why) => (None, Some((why.zh, why.en))),
            };
            let cell = |column: &datafusion::arrow::array::StringArray| {
                if column.is_valid(row) { column.value(row).to_owned() } else { String::new() }
            };
            self.rows.push(Given { day, no_day, cells: cells.iter().map(cell).collect() });
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let mut answers = Answers::new(self.assessment);
        answers.push(self.answer());
        ScalarValue::try_from_array(&answers.finish()?, 0)
    }

    fn size(&self) -> usize {
        let cells =
            |row: &Given| row.cells.iter().map(|cell| size_of::<String>() + cell.capacity()).sum::<usize>();
        size_of_val(self) + self.rows.iter().map(|row| size_of::<Given>() + cells(row)).sum::<usize>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let text =
            serde_json::to_string(&self.rows).map_err(|error| DataFusionError::External(error.into()))?;
        Ok(vec![ScalarValue::LargeUtf8(Some(text))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for state in states[0].as_string::<i64>().iter().flatten() {
            let rows: Vec<Given> =
                serde_json::from_str(state).map_err(|error| DataFusionError::External(error.into()))?;
            self.rows.extend(rows);
        }
        Ok(())
    }
}
