//! Registers as the pack defines them, made ready in the store, filled with what the pack brings, and put into SQL.

use std::sync::Arc;

use sanggan_api::transfer::seed;
use sanggan_base::Millis;
use sanggan_pack::{Pack, Seed};
use sanggan_records::{Codes, Models};
use sanggan_store::Store;

use crate::exit::Failure;
use crate::platform::Stores;

/// Compiles the definitions and brings the store's tables to them.
pub(crate) async fn define(stores: &Stores) -> Result<(), Failure> {
    define_in(&stores.store, &stores.pack, (stores.clock)()).await
}

/// [`define`] for a store alone.
pub(crate) async fn define_in(store: &Store, pack: &Pack, now: Millis) -> Result<(), Failure> {
    let codes = Arc::new(Codes::of(&pack.parameters, &pack.city));
    let models = Models::new(&pack.registers, &codes).map_err(|faults| {
        let told: Vec<String> = faults
            .into_iter()
            .map(|fault| pack.registers.fault(&fault.register, &fault.key, fault.what).to_string())
            .collect();
        Failure::bad_input(
            format!("could not use the definitions of registers:\n  {}", told.join("\n  ")),
            "sanggan registers check names every fault of a pack's folder",
        )
    })?;
    let defined = store.define(&Arc::new(models), now).await.map_err(failed)?;
    for change in &defined.changed {
        tracing::info!(
            register = change.register,
            steps = change.steps.join("; "),
            "a register was brought up to date"
        );
    }
    if !defined.made.is_empty() {
        tracing::info!(registers = defined.made.len(), "registers were made");
    }
    Ok(())
}

/// Puts in the records the pack brings: those of the city, or those of the demonstration.
pub(crate) async fn seed(stores: &Stores, demo: bool) -> Result<(), Failure> {
    let seeds: Vec<Seed> = stores.pack.seeds.iter().filter(|seed| seed.demo == demo).cloned().collect();
    let Some(models) = stores.store.models() else { return Ok(()) };
    let seeded = seed::seed(&stores.store, &models, &seeds, (stores.clock)()).await.map_err(|error| {
        let hint = "sanggan registers check names every fault of a pack's records";
        Failure::bad_input(format!("could not put in the records the pack brings: {error}"), hint)
    })?;
    let records: u64 = seeded.made.values().sum();
    if records > 0 {
        tracing::info!(records, registers = seeded.made.len(), demo, "records of the pack were put in");
    }
    Ok(())
}

fn failed(error: sanggan_store::records::RecordsError) -> Failure {
    let code = error.code();
    Failure::step("bring the registers up to date", code)(error)
}
