//! The one place where an error becomes an HTTP answer (RFC 9457 problem+json).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sanggan_base::{ErrorCode, IdError};
use sanggan_gateway::GatewayError;
use sanggan_lake::LakeError;
use sanggan_store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::FieldFault;

/// A problem document.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProblemBody {
    /// `urn:sanggan:problem:CODE`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What sort of problem.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The code from the program's one list (`bad_input`, `not_found`, …).
    pub code: String,
    /// What exactly.
    pub detail: String,
    /// The field at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What may help.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What is wrong, field by field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<FieldFault>,
    /// The thing as it is now, when somebody changed it meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub current: Option<serde_json::Value>,
}

/// Why a request was not answered.
#[derive(Debug, Clone)]
pub struct Problem {
    code: ErrorCode,
    detail: String,
    field: Option<&'static str>,
    hint: Option<String>,
    retry_after_s: Option<u64>,
    /// What the request says is understood and wrong (422).
    unprocessable: bool,
    more: Option<Box<More>>,
}

/// What only problems of records have.
#[derive(Debug, Clone, Default)]
struct More {
    faults: Vec<FieldFault>,
    current: Option<serde_json::Value>,
}

/// What every handler gives.
pub(crate) type Answer<T> = Result<T, Problem>;

impl Problem {
    /// A problem with this code and text.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Problem {
        Problem {
            code,
            detail: detail.into(),
            field: None,
            hint: None,
            retry_after_s: None,
            unprocessable: false,
            more: None,
        }
    }

    /// A field of the request cannot be used.
    pub fn bad_field(field: &'static str, detail: impl Into<String>) -> Problem {
        Problem { field: Some(field), ..Problem::new(ErrorCode::BadInput, detail) }
    }

    /// There is no such thing.
    pub fn not_found(detail: impl Into<String>) -> Problem {
        Problem::new(ErrorCode::NotFound, detail)
    }

    /// A fault of the program: `attempt` is told, `error` and its causes go to the log only.
    pub fn internal(attempt: &'static str, error: &dyn std::error::Error) -> Problem {
        tracing::error!(attempt, error = %Chain(error), "a request failed");
        Problem::new(ErrorCode::Internal, attempt)
    }

    /// The request is understood, and what it says is wrong, field by field.
    pub fn unprocessable(detail: impl Into<String>, faults: Vec<FieldFault>) -> Problem {
        Problem { unprocessable: true, ..Problem::new(ErrorCode::BadInput, detail) }.with_faults(faults)
    }

    /// With what is wrong, field by field.
    #[must_use]
    pub fn with_faults(mut self, faults: Vec<FieldFault>) -> Problem {
        self.more.get_or_insert_default().faults = faults;
        self
    }

    /// With the thing as it is now.
    #[must_use]
    pub fn with_current(mut self, current: serde_json::Value) -> Problem {
        self.more.get_or_insert_default().current = Some(current);
        self
    }

    /// With a word on what may help.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Problem {
        self.hint = Some(hint.into());
        self
    }

    /// With the seconds to wait.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Problem {
        self.retry_after_s = Some(seconds);
        self
    }

    /// The code.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    fn status(&self) -> StatusCode {
        match self.code {
            ErrorCode::BadInput if self.unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
            ErrorCode::BadInput => StatusCode::BAD_REQUEST,
            ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ErrorCode::Unauthenticated => StatusCode::UNAUTHORIZED,
            ErrorCode::Forbidden => StatusCode::FORBIDDEN,
            ErrorCode::NotFound => StatusCode::NOT_FOUND,
            ErrorCode::Conflict => StatusCode::CONFLICT,
            ErrorCode::Throttled => StatusCode::TOO_MANY_REQUESTS,
            ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn title(&self) -> &'static str {
        match self.code {
            ErrorCode::BadInput => "the request cannot be used",
            ErrorCode::TooLarge => "there is too much in the request",
            ErrorCode::Unauthenticated => "nobody is logged in",
            ErrorCode::Forbidden => "this is not allowed",
            ErrorCode::NotFound => "there is no such thing",
            ErrorCode::Conflict => "its state does not allow this",
            ErrorCode::Throttled => "too many tries",
            ErrorCode::Unavailable => "not possible at the moment",
            ErrorCode::Internal => "a fault of the program",
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        let more = self.more.clone().unwrap_or_default();
        let body = ProblemBody {
            kind: format!("urn:sanggan:problem:{}", self.code.name()),
            title: self.title().to_owned(),
            status: status.as_u16(),
            code: self.code.name().to_owned(),
            detail: self.detail,
            field: self.field.map(str::to_owned),
            hint: self.hint,
            faults: more.faults,
            current: more.current,
        };
        let mut response = (status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// An error with its causes, in one line of the log.
struct Chain<'a>(&'a dyn std::error::Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl From<LakeError> for Problem {
    fn from(error: LakeError) -> Problem {
        match &error {
            LakeError::NotReadOnly => Problem::bad_field("query", error.to_string()),
            LakeError::Commit { .. } | LakeError::Closed => {
                tracing::error!(error = %Chain(&error), "the lake takes nothing");
                Problem::new(ErrorCode::Unavailable, error.to_string()).retry_after(5)
            }
            _ => Problem::internal("could not read the lake", &error),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        let code = error.code();
        match &error {
            StoreError::Throttled { wait_s } => Problem::new(code, error.to_string()).retry_after(*wait_s),
            StoreError::Open { .. } | StoreError::Query { .. } if code == ErrorCode::Unavailable => {
                tracing::error!(error = %Chain(&error), "the store does not answer");
                Problem::new(code, "the store does not answer").retry_after(5)
            }
            _ if code == ErrorCode::Internal => Problem::internal("could not ask the store", &error),
            _ => Problem::new(code, error.to_string()),
        }
    }
}

impl From<GatewayError> for Problem {
    fn from(error: GatewayError) -> Problem {
        match error {
            GatewayError::Store { source, .. } => source.into(),
            GatewayError::Lake { source, .. } => source.into(),
            other => {
                tracing::warn!(error = %Chain(&other), "the gateway could not do it");
                Problem::new(other.code(), other.to_string())
            }
        }
    }
}

impl From<IdError> for Problem {
    fn from(error: IdError) -> Problem {
        Problem::new(ErrorCode::BadInput, error.to_string())
    }
}
