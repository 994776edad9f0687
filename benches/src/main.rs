//! `make bench`: the figures of PHM, each beside its target and its peer, measured in one run on one machine.

mod client;
mod fhir;
mod machine;
mod sqlcipher;
mod table;

fn main() {
    println!("{}\n", machine::describe());
    println!("{}", table::heading());
}
