//! The evaluators of the law as functions of the catalog, and the law itself as tables.
//!
//! Every function answers a STRUCT: the index or class, what decided, and what vouches for it. What cannot be judged has
//! no class and says why. Texts are in Chinese, and in English where the name ends in `_en`.

mod air;
mod answer;
mod args;
mod assess;
mod assess_group;
mod tables;
#[cfg(test)]
mod tests;
mod texts;
mod water;

use std::sync::Arc;

use datafusion::logical_expr::{AggregateUDF, ScalarUDF};
use datafusion::prelude::SessionContext;
use sanggan_standards::Report;

pub(crate) use tables::tables;

/// The functions, made once.
pub(crate) struct Functions {
    scalars: Vec<Arc<ScalarUDF>>,
    aggregates: Vec<Arc<AggregateUDF>>,
}

impl Functions {
    pub(crate) fn new() -> Functions {
        let scalars = [
            ScalarUDF::from(air::Aqi::new(Report::Day)),
            ScalarUDF::from(air::Aqi::new(Report::Hour)),
            ScalarUDF::from(assess::Assess::new()),
            ScalarUDF::from(water::WaterClass::new()),
        ];
        let together = assess_group::all().into_iter().map(AggregateUDF::from);
        let aggregates = std::iter::once(AggregateUDF::from(air::AqiDay::new())).chain(together);
        Functions {
            scalars: scalars.into_iter().map(Arc::new).collect(),
            aggregates: aggregates.map(Arc::new).collect(),
        }
    }

    pub(crate) fn register(&self, context: &SessionContext) {
        for function in &self.scalars {
            context.register_udf(function.as_ref().clone());
        }
        for function in &self.aggregates {
            context.register_udaf(function.as_ref().clone());
        }
    }
}
