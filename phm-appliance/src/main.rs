//! The program `phm`.

fn main() -> std::process::ExitCode {
    phm_appliance::hardening::begin();
    phm_appliance::cli::run()
}
