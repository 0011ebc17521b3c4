//! `aqi` and `aqi_hour`: the index of concentrations that stand in one row.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields};
use datafusion::common::{Result, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use sanggan_standards::{AirSample, Averaging, Pollutant, Report, Text};

use super::index::{self, Index, STANDARD};
use crate::law::args::{self, Days};

/// One of the two.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Aqi {
    report: Report,
    signature: Signature,
}

/// The day and the six.
const ARGUMENTS: usize = 7;

impl Aqi {
    pub(crate) fn new(report: Report) -> Aqi {
        Aqi { report, signature: Signature::user_defined(Volatility::Immutable) }
    }

    /// Which mean of a pollutant the argument is.
    fn averaging(&self, pollutant: Pollutant) -> Averaging {
        match (self.report, pollutant) {
            (Report::Day, Pollutant::O3) => Averaging::Mda8,
            (Report::Day, _) => Averaging::Day,
            _ => Averaging::Hour,
        }
    }
}

impl ScalarUDFImpl for Aqi {
    fn name(&self) -> &str {
        if self.report == Report::Day { "aqi" } else { "aqi_hour" }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let ozone = if self.report == Report::Day { "o3_8h" } else { "o3" };
        let names = ["day", "so2", "no2", "co", ozone, "pm10", "pm25"];
        if given.len() != ARGUMENTS && given.len() != ARGUMENTS + 1 {
            return plan_err!("{} takes ({}), and may be an edition", self.name(), names.join(", "));
        }
        let mut wanted = vec![args::day_argument(&given[0])?];
        for (name, given) in names.iter().zip(given).skip(1) {
            wanted.push(args::number_argument(name, given)?);
        }
        if let Some(edition) = given.get(ARGUMENTS) {
            wanted.push(args::edition_argument(edition)?);
        }
        Ok(wanted)
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Struct(Fields::from(index::fields())))
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        if let Some(edition) = args.scalar_arguments.get(ARGUMENTS) {
            args::edition(STANDARD, *edition, self.name())?;
        }
        Ok(Arc::new(Field::new(self.name(), self.return_type(&[])?, true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let edition = args::asked(STANDARD, args.args.get(ARGUMENTS), self.name())?;
        let days = Days::new(&args.args[0].to_array(args.number_rows)?)?;
        let given: Vec<ArrayRef> = args.args[1..ARGUMENTS]
            .iter()
            .map(|column| column.to_array(args.number_rows))
            .collect::<Result<_>>()?;
        let numbers = given.iter().map(args::numbers).collect::<Result<Vec<_>>>()?;
        let mut answers = Index::new(self.report, edition.as_deref());
        for row in 0..args.number_rows {
            let day = match days.of(row) {
                Ok(day) => day,
                Err(why) => {
                    answers.push_untold(why, None);
                    continue;
                }
            };
            let mut sample = AirSample::new();
            let mut fault = None;
            for (at, pollutant) in Pollutant::ALL.into_iter().enumerate() {
                if numbers[at].is_null(row) {
                    continue;
                }
                let value = numbers[at].value(row);
                if !args::is_amount(value) {
                    fault = fault.or_else(|| Some(no_concentration(pollutant, &given[at], row)));
                }
                sample.set(pollutant, self.averaging(pollutant), Some(value));
            }
            match fault {
                // a cell that cannot be read is never passed over to reach a class
                Some(why) => answers.push_untold(why.clone(), Some(why)),
                None => answers.push(day, &sample, None),
            }
        }
        Ok(ColumnarValue::Array(answers.into_struct()?))
    }
}

fn no_concentration(pollutant: Pollutant, given: &ArrayRef, row: usize) -> Text {
    let value = args::shown(given, row);
    Text::new(
        format!("{}：“{value}”不是浓度", pollutant.symbol()),
        format!("{}: `{value}` is no concentration", pollutant.symbol()),
    )
}
