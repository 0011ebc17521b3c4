//! `assess`: any assessment that judges a row by itself, over the fields of a STRUCT.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, StringArray, StructArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Float64Type};
use datafusion::common::{Result, ScalarValue, exec_err, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use jiff::civil::Date;
use sanggan_standards::assess::{Assessment, Rows};
use sanggan_standards::{Answer, Basis, Binding, CannotTell, Law, assessment, assessments};

use super::answer::{self, Answers};
use super::args::{self, Days};

const NAME: &str = "assess";
/// The assessment, the day, the values, and may be the edition.
const USAGE: &str = "assess takes (assessment, day, named_struct('column', value, …)), and may be an edition";

/// The function.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Assess {
    signature: Signature,
}

impl Assess {
    pub(crate) fn new() -> Assess {
        Assess { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Assess {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let [_, day, values, edition @ ..] = given else { return plan_err!("{USAGE}") };
        if 1 < edition.len() || !matches!(values, DataType::Struct(_)) {
            return plan_err!("{USAGE}");
        }
        let mut wanted = vec![DataType::Utf8, args::day_argument(day)?, values.clone()];
        for edition in edition {
            wanted.push(args::edition_argument(edition)?);
        }
        Ok(wanted)
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        plan_err!("{NAME} must be told the assessment as a text that is written out")
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let assessment = named(args.scalar_arguments.first().copied().flatten())?;
        if let Some(values) = args.arg_fields.get(2) {
            bind(assessment, values.data_type())?;
        }
        if let Some(edition) = args.scalar_arguments.get(3) {
            edition_of(assessment, *edition)?;
        }
        Ok(Arc::new(Field::new(NAME, answer::data_type(assessment), true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let id = match args.args.first() {
            Some(ColumnarValue::Scalar(id)) => Some(id),
            _ => None,
        };
        let assessment = named(id)?;
        let edition = match args.args.get(3) {
            Some(ColumnarValue::Scalar(given)) => edition_of(assessment, Some(given))?,
            Some(ColumnarValue::Array(_)) => edition_of(assessment, None)?,
            None => None,
        };
        let days = Days::new(&args.args[1].to_array(args.number_rows)?)?;
        let values = args.args[2].to_array(args.number_rows)?;
        judge(assessment, &days, &values, edition.as_deref()).map(ColumnarValue::Array)
    }
}

/// The assessment of this id, when it judges rows one by one.
fn named(id: Option<&ScalarValue>) -> Result<&'static Assessment> {
    let known = || {
        let each = assessments().filter(|one| one.rows == Rows::Each).map(|one| one.id);
        each.collect::<Vec<_>>().join(", ")
    };
    let Some(id) = id.and_then(|id| id.try_as_str().flatten()) else {
        return plan_err!("{USAGE}; the assessment must be written out, one of: {}", known());
    };
    match assessment(id) {
        None => plan_err!("{NAME}: there is no assessment `{id}`; there are: {}", known()),
        Some(together @ Assessment { rows: Rows::By(columns), .. }) => plan_err!(
            "{NAME}: `{id}` judges rows together that agree in {}: group by them and ask the aggregate `{}`",
            columns.join(", "),
            super::assess_group::function_name(together)
        ),
        Some(found) => Ok(found),
    }
}

/// The edition asked for: of any standard the assessment rests on, which finds by it what belongs to the others.
pub(super) fn edition_of(assessment: &Assessment, given: Option<&ScalarValue>) -> Result<Option<String>> {
    let name = given.and_then(|given| given.try_as_str().flatten());
    let law = Law::embedded();
    let has =
        |standard: &&'static str, name: &str| law.edition(standard, Basis::Edition(name, Date::MIN)).is_ok();
    match (name, assessment.standards) {
        (Some(name), all) if all.iter().any(|standard| has(standard, name)) => Ok(Some(name.to_owned())),
        (_, [first, ..]) => args::edition(first, given, NAME),
        (name, []) => Ok(name.map(str::to_owned)),
    }
}

/// Which field feeds which column; a field that feeds none is refused.
pub(super) fn bind(assessment: &'static Assessment, values: &DataType) -> Result<Binding> {
    let DataType::Struct(fields) = values else { return plan_err!("{USAGE}") };
    let names: Vec<&str> = fields.iter().map(|field| field.name().as_str()).collect();
    let law = Law::embedded();
    let binding = Binding::new(law, assessment, &names);
    let keys = || {
        let keys = (assessment.columns)(law).into_iter().map(|column| column.key);
        keys.collect::<Vec<_>>().join(", ")
    };
    if let [unknown, ..] = binding.unknown() {
        return plan_err!("{NAME}: `{}` has no column `{unknown}`; there are: {}", assessment.id, keys());
    }
    if let Some(why) = binding.columns().iter().find_map(|column| column.unit.as_ref().err()) {
        return plan_err!("{NAME}: {}", why.en);
    }
    if let Some(missing) = binding.missing().iter().find(|column| column.key != "day") {
        return plan_err!(
            "{NAME}: `{}` needs the column `{}` ({})",
            assessment.id,
            missing.key,
            missing.name.en
        );
    }
    if let Some(field) = fields.iter().find(|field| field.data_type().is_nested()) {
        return plan_err!("{NAME}: `{}` must be a number, a text or a day", field.name());
    }
    Ok(binding)
}

/// A number as one would write it: without the noise of binary arithmetic behind its fifteenth digit (LAW-3).
fn written(value: f64) -> String {
    format!("{value:.14e}").parse().unwrap_or(value).to_string()
}

/// The fields of a STRUCT as cells are read in a spreadsheet, so that every way in answers the same.
pub(super) fn cells(values: &StructArray) -> Result<Vec<StringArray>> {
    let texts = values.columns().iter().map(|column| match column.data_type() {
        DataType::Float64 => {
            Ok(column.as_primitive::<Float64Type>().iter().map(|value| value.map(written)).collect())
        }
        _ => Ok(cast(column, &DataType::Utf8)?.as_string::<i32>().clone()),
    });
    texts.collect()
}

fn judge(
    assessment: &'static Assessment,
    days: &Days,
    values: &ArrayRef,
    edition: Option<&str>,
) -> Result<ArrayRef> {
    let law = Law::embedded();
    let binding = bind(assessment, values.data_type())?;
    let Some(values) = values.as_struct_opt() else { return exec_err!("{USAGE}") };
    let cells = cells(values)?;
    let mut answers = Answers::new(assessment);
    let mut row_cells: Vec<&str> = Vec::with_capacity(cells.len());
    for row in 0..values.len() {
        let day = match days.of(row) {
            Ok(day) => day,
            Err(why) => {
                answers.push(Answer::cannot_tell(CannotTell { code: "unreadable", text: why }));
                continue;
            }
        };
        row_cells.clear();
        let given = |column: &'_ StringArray| column.is_valid(row) && values.is_valid(row);
        row_cells.extend(cells.iter().map(|column| if given(column) { column.value(row) } else { "" }));
        let read = binding.row(&row_cells);
        answers.push(assessment.answer_bound(law, &binding, &[read], Basis::new(day, edition)));
    }
    answers.finish()
}
