//! What the benches are made of: PHM and its peer as subjects, the table of figures, and what the machine used.

pub mod audit;
pub mod bare;
pub mod client;
pub mod crashes;
pub mod daily;
pub mod disk;
pub mod fhir;
pub mod house;
pub mod machine;
pub mod plugins;
pub mod program;
pub mod series;
pub mod sqlite;
pub mod storage;
pub mod table;
