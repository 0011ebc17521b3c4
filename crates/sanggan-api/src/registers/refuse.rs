//! What the records refuse, as problems that name field and reason.

use sanggan_base::ErrorCode;
use sanggan_records::{Fault, Refusal, Why};
use sanggan_store::records::RecordsError;

use crate::dto::FieldFault;
use crate::problem::Problem;

pub(crate) fn fault(fault: &Fault) -> FieldFault {
    FieldFault {
        field: fault.field.clone(),
        code: fault.code.to_owned(),
        zh: fault.zh.clone(),
        en: fault.en.clone(),
    }
}

pub(crate) fn faults(list: &[Fault]) -> Vec<FieldFault> {
    list.iter().map(fault).collect()
}

/// The faults of a refusal; when it has none of fields, the refusal itself as one of the whole record.
pub(crate) fn of_refusal(refusal: &Refusal) -> Vec<FieldFault> {
    if refusal.faults.is_empty() {
        let code = match refusal.why {
            Why::Rights => "rights",
            Why::Version => "stale",
            Why::State => "state",
            Why::Unknown => "unknown",
            Why::Faults => "faults",
            Why::Condition => "condition",
            Why::Reason => "reason",
        };
        let whole = FieldFault {
            field: String::new(),
            code: code.to_owned(),
            zh: refusal.zh.clone(),
            en: refusal.en.clone(),
        };
        return vec![whole];
    }
    faults(&refusal.faults)
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        let code = match refusal.why {
            Why::Rights => ErrorCode::Forbidden,
            Why::Version | Why::State => ErrorCode::Conflict,
            Why::Unknown => ErrorCode::NotFound,
            Why::Faults | Why::Condition | Why::Reason => {
                return Problem::unprocessable(refusal.en.clone(), of_refusal(&refusal));
            }
        };
        Problem::new(code, refusal.en.clone()).with_faults(of_refusal(&refusal))
    }
}

/// What each fault of the tables is called when it stands alone.
pub(crate) fn of_error(error: &RecordsError) -> Vec<FieldFault> {
    match error {
        RecordsError::Refused(refusal) => of_refusal(refusal),
        other => vec![FieldFault {
            field: String::new(),
            code: other.code().name().to_owned(),
            zh: match other {
                RecordsError::Stale { .. } => "记录已被他人修改，请刷新后再改".to_owned(),
                RecordsError::NoRecord { .. } => "没有这条记录".to_owned(),
                RecordsError::Referred { total, .. } => format!("还有 {total} 条记录引用它，不能移出"),
                _ => "操作没有完成".to_owned(),
            },
            en: other.to_string(),
        }],
    }
}

impl From<RecordsError> for Problem {
    fn from(error: RecordsError) -> Problem {
        match error {
            RecordsError::Store(error) => error.into(),
            RecordsError::Refused(refusal) => refusal.into(),
            RecordsError::Referred { .. } => {
                Problem::new(ErrorCode::Conflict, error.to_string()).with_faults(of_error(&error))
            }
            RecordsError::BadAsk { why, .. } => Problem::bad_field("where", why),
            RecordsError::WouldLose { .. } => {
                Problem::internal("could not bring the registers up to date", &error)
            }
            other => Problem::new(other.code(), other.to_string()),
        }
    }
}
