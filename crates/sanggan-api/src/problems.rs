//! The problems of the OpenAPI document: what gate and extractors refuse, in the media type it leaves in.
//!
//! An operation names the problems of its own; those every operation has are put in here, so that none is forgotten.

use sanggan_store::rights;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder};

use crate::auth;

const PROBLEM_JSON: &str = "application/problem+json";
const SCHEMA: &str = "#/components/schemas/ProblemBody";

/// Puts in what operations do not say themselves.
pub(crate) fn complete(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let slots = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in slots.into_iter().flatten() {
            own(operation);
            common(operation, path.contains('{'));
        }
    }
}

/// Problems leave as `application/problem+json`.
fn own(operation: &mut Operation) {
    for response in operation.responses.responses.values_mut() {
        let RefOr::T(response) = response else { continue };
        let problem = response.content.get("application/json").is_some_and(|content| {
            let RefOr::T(content) = content else { return false };
            matches!(&content.schema, Some(RefOr::Ref(schema)) if schema.ref_location == SCHEMA)
        });
        if problem && let Some(content) = response.content.shift_remove("application/json") {
            response.content.insert(PROBLEM_JSON.to_owned(), content);
        }
    }
}

fn common(operation: &mut Operation, has_path_parameters: bool) {
    let public = operation
        .operation_id
        .as_deref()
        .and_then(auth::operation)
        .is_some_and(|row| rights::allowed(None, row));
    let asks = operation.parameters.as_ref().is_some_and(|parameters| !parameters.is_empty())
        || operation.request_body.is_some();
    let rows = [
        (asks, "400", "A parameter or the body is faulty"),
        // Of what a path names, a part may not be public.
        (!public || has_path_parameters, "401", "Nobody is logged in"),
        (!public || has_path_parameters, "403", "Not for this role"),
        (has_path_parameters, "404", "There is no such thing"),
    ];
    for (wanted, status, description) in rows {
        if wanted {
            let slot = operation.responses.responses.entry(status.to_owned());
            slot.or_insert_with(|| RefOr::T(problem(description)));
        }
    }
}

fn problem(description: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::new(SCHEMA))).build();
    ResponseBuilder::new().description(description).content(PROBLEM_JSON, content).build()
}
