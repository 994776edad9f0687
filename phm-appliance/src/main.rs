//! The program `phm`.

/// What is freed goes back to the system: with the C library's own allocator the room of a password's hash (19 MiB) and
/// of a large import stayed with the program for as long as it ran.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    phm_appliance::hardening::begin();
    phm_appliance::cli::run()
}
