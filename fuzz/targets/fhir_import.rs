//! What is imported: JSON, NDJSON and archives of them, planned, read again and mapped.
#![no_main]

use std::io::{Cursor, Read};
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use phm_core::exchange::fhir::{Aim, Origin, Plan, Source};
use phm_core::id::ProfileId;

const NAMES: [&str; 4] = ["a.json", "a.ndjson", "a.tar.gz", "a"];

fuzz_target!(|data: &[u8]| {
    let Some((kind, data)) = data.split_first() else { return };
    let content: Arc<[u8]> = data.into();
    let open = move || Ok(Box::new(Cursor::new(Arc::clone(&content))) as Box<dyn Read>);
    let sources = [Source::stream(NAMES[usize::from(kind & 3)], Box::new(open))];
    let profile = ProfileId::from_bytes([9; 16]);
    let aim = match kind & 12 {
        0 => Aim::NewProfiles,
        4 => Aim::Profile { profile, has_patient: true, accept_other_patient: true },
        _ => Aim::Profile { profile, has_patient: false, accept_other_patient: false },
    };
    let Ok(plan) = Plan::make(&sources, aim, &|_| Ok(None)) else { return };
    if plan.is_refused() {
        return;
    }
    let planned: u64 = plan.sources()[0].resources.values().sum();
    let mut read = 0;
    let mut take = |placed: phm_core::exchange::fhir::Placed<'_>| {
        assert_eq!(placed.ordinal(), read);
        read += 1;
        let owners = placed.owners();
        assert!(!owners.is_empty(), "every resource is somebody's");
        for belonging in owners {
            let _ = placed.map(belonging, &|_, _| None);
        }
        let _ = (placed.place().to_string(), placed.identity(), placed.content(), placed.freshness());
        let stored = placed.origin().encode();
        assert_eq!(Origin::decode(&stored).expect("an origin reads back").resource, placed.origin().resource);
        Ok(())
    };
    plan.read(&sources, 0, &mut take).expect("the same bytes are read again");
    assert_eq!(read, planned);
});
