//! FHIR R4.

mod address;
mod check;
mod compartment;
mod document;
mod export;
mod facts;
mod found;
mod glossary;
pub mod json;
mod map;
mod moment;
mod origin;
mod people;
mod placed;
mod plan;
mod scan;
mod shape;
mod sharing;
mod source;

pub use address::{Identity, content_digest};
pub use export::{BundleWriter, NdjsonWriter, patch_original, to_fhir};
pub use facts::Freshness;
pub use found::{Entry, Found, Place, Refused, Skipped};
pub use map::Mapped;
pub use origin::Origin;
pub use people::{Known, Person};
pub use placed::{Belonging, Owner, Placed, Records};
pub use plan::{Aim, Plan, SourceReport};
pub use source::{Opener, Seen, Source};

#[cfg(test)]
mod probe {
    use super::*;
    use std::collections::BTreeMap;
    #[test]
    fn probe() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
        for name in ["synthea-r4", "bulk-10-patients", "r4-examples.tar.gz", "ips-connectathon", "hl7v2"] {
            let sources = [Source::path(root.join(name))];
            let t = std::time::Instant::now();
            let mut plan = Plan::make(&sources, Aim::NewProfiles, &|_| Ok(None)).unwrap();
            let t1 = t.elapsed();
            let rep = &plan.sources()[0];
            println!(
                "== {name} people {} named {} refused {} {:?} skipped {}",
                plan.people().len(),
                plan.people().iter().filter(|p| p.body.is_some()).count(),
                rep.refused,
                rep.refused_entries.iter().take(5).collect::<Vec<_>>(),
                rep.skipped
            );
            if plan.is_refused() {
                continue;
            }
            let mut kinds: BTreeMap<String, BTreeMap<&str, u32>> = BTreeMap::new();
            let mut owners: BTreeMap<String, BTreeMap<usize, u32>> = BTreeMap::new();
            let mut bad: BTreeMap<String, u32> = BTreeMap::new();
            let t = std::time::Instant::now();
            let mut n = 0u32;
            plan.read(&sources, 0, &mut |placed| {
                n += 1;
                let o = placed.owners();
                let m = placed.map(o[0], &|_, there| there.then(RecordId::new));
                *kinds.entry(placed.resource_type().to_owned()).or_default().entry(m.kind.name).or_default() += 1;
                let k = if o[0].owner == Owner::Library { 0 } else { o.len() };
                *owners.entry(placed.resource_type().to_owned()).or_default().entry(k).or_default() += 1;
                if m.kind.name == "fhir-resource" {
                    if let Some((_, d)) = map::why(&placed) {
                        *bad.entry(format!("{} {d}", placed.resource_type())).or_default() += 1;
                    }
                }
                std::hint::black_box(placed.content());
                Ok(())
            })
            .unwrap();
            println!("pass1 {t1:?} pass2 {:?} n {n} per {:?}", t.elapsed(), t.elapsed() / n);
            println!("{kinds:?}\nowners {owners:?}\nbad {bad:#?}");
        }
    }
    use crate::id::RecordId;
}
