//! `sanggan assess`: judges the rows of a table, for people with a spreadsheet.
//!
//! Reads CSV, XLSX or Parquet, writes the same rows with the answers added, names the rows that cannot be read by
//! their line and goes on. Which columns a table needs is what the evaluator itself says (`form`).

mod answers;
pub(crate) mod form;
mod input;
mod output;

use sanggan_standards::{Assessment, Law, assess, assessments};

use crate::cli::{AssessArgs, Format};
use crate::exit::Failure;

/// Lists the evaluators, shows the column form of one, or judges a file.
pub(crate) fn run(law: &Law, args: &AssessArgs, format: Format) -> Result<(), Failure> {
    let Some(id) = &args.what else {
        return form::list(law, args.lang, format);
    };
    let assessment = find(id)?;
    for edition in &args.edition {
        let known = assessment.editions(law);
        if !known
            .iter()
            .any(|one| one.name == *edition || one.family == *edition || one.id.as_str() == edition)
        {
            let names: Vec<&str> = known.iter().map(|one| one.name.as_str()).collect();
            return Err(Failure::bad_input(
                format!("`{id}` knows no edition `{edition}`; it knows: {}", names.join(", ")),
                None,
            ));
        }
    }
    match &args.file {
        None => form::show(law, assessment, args.lang, format),
        Some(file) => {
            // Without a column of days and without --day, today's law judges.
            let day = args.day.unwrap_or_else(|| crate::platform::now().local_date());
            answers::judge(law, assessment, file, args, day, format)
        }
    }
}

fn find(id: &str) -> Result<&'static Assessment, Failure> {
    assess::assessment(id).ok_or_else(|| {
        let known: Vec<&str> = assessments().map(|one| one.id).collect();
        Failure::bad_input(
            format!("there is no assessment `{id}`; there are: {}", known.join(", ")),
            "`sanggan assess` lists them with what they judge",
        )
    })
}
