//! The one place where errors become exit codes, and where their chains are printed.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use sanggan_base::ErrorCode;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("could not {attempt} `{}`", path.display())]
    File {
        attempt: &'static str,
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error(transparent)]
    Settings(#[from] sanggan_config::ConfigFaults),
    #[error(transparent)]
    Pack(#[from] sanggan_pack::PackFaults),
    #[error(transparent)]
    Store(#[from] sanggan_store::StoreError),
    #[error(transparent)]
    Lake(#[from] sanggan_lake::LakeError),
    #[error(transparent)]
    Gateway(#[from] sanggan_gateway::GatewayError),
    #[error("could not {attempt}")]
    Step {
        attempt: String,
        code: ErrorCode,
        #[source]
        source: BoxError,
    },
    #[error("{what}")]
    Refused { what: String, code: ErrorCode, hint: Option<String> },
    #[error("interrupted; what was done so far is kept")]
    Interrupted,
    /// Standard output was closed by its reader; nothing is wrong.
    #[error("nobody reads the output any more")]
    OutputClosed,
}

impl Failure {
    /// A failure to do something with a file.
    pub(crate) fn file(attempt: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Failure + use<> {
        let path = path.to_owned();
        move |source| Failure::File { attempt, path, source }
    }

    /// Something was asked that cannot be.
    pub(crate) fn bad_input(what: impl Into<String>, hint: impl Into<Option<&'static str>>) -> Failure {
        let hint = hint.into().map(str::to_owned);
        Failure::Refused { what: what.into(), code: ErrorCode::BadInput, hint }
    }

    /// A step failed for a reason another library gives.
    pub(crate) fn step<E: Into<BoxError>>(
        attempt: impl Into<String>,
        code: ErrorCode,
    ) -> impl FnOnce(E) -> Failure {
        let attempt = attempt.into();
        move |source| Failure::Step { attempt, code, source: source.into() }
    }

    fn code(&self) -> ErrorCode {
        match self {
            Failure::File { source, .. } => match source.kind() {
                std::io::ErrorKind::NotFound => ErrorCode::NotFound,
                std::io::ErrorKind::PermissionDenied => ErrorCode::Forbidden,
                std::io::ErrorKind::InvalidData => ErrorCode::BadInput,
                _ => ErrorCode::Unavailable,
            },
            Failure::Settings(_) | Failure::Pack(_) => ErrorCode::BadInput,
            Failure::Store(error) => error.code(),
            Failure::Lake(error) => match error {
                sanggan_lake::LakeError::Query { .. }
                | sanggan_lake::LakeError::NotReadOnly
                | sanggan_lake::LakeError::Parquet { .. } => ErrorCode::BadInput,
                _ => ErrorCode::Unavailable,
            },
            Failure::Gateway(_) => ErrorCode::Unavailable,
            Failure::Step { code, .. } | Failure::Refused { code, .. } => *code,
            Failure::Interrupted | Failure::OutputClosed => ErrorCode::Unavailable,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Failure::Refused { hint, .. } => hint.clone(),
            Failure::Settings(_) => Some("`sanggan config reference` lists every setting".to_owned()),
            Failure::Lake(sanggan_lake::LakeError::Open { .. }) => {
                Some("only one process may hold a data folder: is a server running on it?".to_owned())
            }
            Failure::Lake(sanggan_lake::LakeError::NotReadOnly) => {
                Some("what is stored is never changed; import a correction".to_owned())
            }
            Failure::Gateway(sanggan_gateway::GatewayError::Listen { .. }) => {
                Some("another address: `--set gateway.listen=0.0.0.0:9213`".to_owned())
            }
            Failure::Interrupted => Some("the same command goes on where it stopped".to_owned()),
            _ => None,
        }
    }
}

/// The exit code of an error code; 2 is also what a wrong command line gives.
fn number(code: ErrorCode) -> u8 {
    match code {
        ErrorCode::Internal => 1,
        ErrorCode::BadInput | ErrorCode::TooLarge => 2,
        ErrorCode::NotFound => 3,
        ErrorCode::Conflict => 4,
        ErrorCode::Forbidden | ErrorCode::Unauthenticated => 5,
        ErrorCode::Unavailable => 6,
        ErrorCode::Throttled => 7,
    }
}

/// Prints why a command failed, once, with its causes and a hint, and gives the exit code.
pub(crate) fn report(result: Result<(), Failure>) -> ExitCode {
    let failure = match result {
        Ok(()) | Err(Failure::OutputClosed) => return ExitCode::SUCCESS,
        Err(failure) => failure,
    };
    crate::output::note(&chain(&failure));
    match failure {
        Failure::Interrupted => ExitCode::from(130),
        failure => ExitCode::from(number(failure.code())),
    }
}

fn chain(failure: &Failure) -> String {
    let mut text = format!("error: {failure}");
    let mut cause = std::error::Error::source(failure);
    while let Some(error) = cause {
        let line = error.to_string();
        // A transparent wrapper says the same again.
        if !text.ends_with(&line) {
            text.push_str(&format!("\n  because: {line}"));
        }
        cause = error.source();
    }
    if let Some(hint) = failure.hint() {
        text.push_str(&format!("\nhint: {hint}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn a_failure_is_told_with_its_causes_and_a_hint() {
        let missing = std::io::Error::new(std::io::ErrorKind::NotFound, "no such file");
        let failure = Failure::file("open", Path::new("a.txt"))(missing);
        expect![[r#"
            error: could not open `a.txt`
              because: no such file"#]]
        .assert_eq(&chain(&failure));
        assert_eq!(number(failure.code()), 3);
        let failure = Failure::bad_input("`x` is no time", "write 2026-11-23");
        expect![[r#"
            error: `x` is no time
            hint: write 2026-11-23"#]]
        .assert_eq(&chain(&failure));
        assert_eq!(number(failure.code()), 2);
    }
}
