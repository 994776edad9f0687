//! Giving and taking back as people live it: a doctor for a day, a carer, a token for a notebook, an emergency.

mod accounts;
mod alerts;
mod emergency;
mod family;
mod files;
mod grants;
mod hand_over;
mod house_retention;
mod incident;
mod labels;
mod links;
mod practice;
mod restricted;
mod retention;
mod tables;
mod take_over;
mod tokens;
mod values;
mod windows;
