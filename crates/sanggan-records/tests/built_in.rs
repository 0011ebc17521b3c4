//! The built-in definitions are ones that can be worked with.

use std::sync::Arc;

use sanggan_pack::Pack;
use sanggan_records::{Codes, Models};

#[test]
fn every_built_in_definition_is_ready_for_work() {
    let pack = Pack::embedded().expect("the built-in pack is sound");
    let codes = Arc::new(Codes::of(&pack.parameters, &pack.city));
    match Models::new(&pack.registers, &codes) {
        Ok(models) => assert_eq!(models.all().count(), pack.registers.all().count()),
        Err(faults) => {
            let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
            panic!("{} faults:\n{}", lines.len(), lines.join("\n"));
        }
    }
}

#[test]
fn every_built_in_record_can_be_read() {
    let pack = Pack::embedded().expect("the built-in pack is sound");
    let faults = sanggan_records::faults_of(&pack);
    assert!(faults.is_empty(), "{}", sanggan_pack::PackFaults(faults));
}
