//! The border as it is seen from inside: the guest ABI of Extism, as far as a plugin needs it.
#![allow(unsafe_code)]

use crate::{Plugin, PluginKind};

#[link(wasm_import_module = "extism:host/env")]
unsafe extern "C" {
    fn alloc(length: u64) -> u64;
    fn free(at: u64);
    fn length(at: u64) -> u64;
    fn load_u8(at: u64) -> u32;
    fn load_u64(at: u64) -> u64;
    fn store_u8(at: u64, value: u32);
    fn store_u64(at: u64, value: u64);
    fn input_offset() -> u64;
    fn output_set(at: u64, length: u64);
    fn error_set(at: u64);
}

#[link(wasm_import_module = "extism:host/user")]
unsafe extern "C" {
    #[link_name = "phm_call"]
    fn call_house(at: u64) -> u64;
}

/// Sends one message to the house.
pub fn phm_call(request: &[u8]) -> Vec<u8> {
    let at = put(request);
    // SAFETY: `at` is a block that was just written; the host gives a block back.
    let reply = unsafe { call_house(at) };
    let bytes = take(reply);
    // SAFETY: both blocks are this instance's own, and are not used again.
    unsafe {
        free(reply);
        free(at);
    }
    bytes
}

/// Runs a plugin on the input of this call.
pub fn run<P: Plugin>() -> i32 {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        fail(&format!("panicked at {place}"));
    }));
    // SAFETY: asks for a number.
    let input = take(unsafe { input_offset() });
    let output = serde_json::from_slice::<<P::Kind as PluginKind>::Input>(&input)
        .map_err(|error| crate::Fault::new(format!("the input has another form: {error}")))
        .and_then(P::call)
        .and_then(|output| serde_json::to_vec(&output).map_err(|error| crate::Fault::new(error.to_string())));
    match output {
        Ok(output) => {
            let at = put(&output);
            // SAFETY: `at` is a block of this length.
            unsafe { output_set(at, output.len() as u64) };
            0
        }
        Err(fault) => {
            fail(&fault.0);
            1
        }
    }
}

fn fail(text: &str) {
    let at = put(text.as_bytes());
    // SAFETY: `at` is a block that was just written.
    unsafe { error_set(at) };
}

/// Copies bytes out into a new block, eight at a time.
fn put(bytes: &[u8]) -> u64 {
    // SAFETY: asks for a block.
    let at = unsafe { alloc(bytes.len() as u64) };
    let (words, rest) = bytes.as_chunks::<8>();
    let mut place = at;
    for word in words {
        // SAFETY: the place lies in the block; the host checks it too.
        unsafe { store_u64(place, u64::from_le_bytes(*word)) };
        place += 8;
    }
    for byte in rest {
        // SAFETY: as above.
        unsafe { store_u8(place, u32::from(*byte)) };
        place += 1;
    }
    at
}

/// Copies a block in, eight bytes at a time.
fn take(at: u64) -> Vec<u8> {
    // SAFETY: asks for a number.
    let length = unsafe { length(at) };
    let mut bytes = Vec::with_capacity(length as usize);
    let whole = length / 8 * 8;
    for place in (0..whole).step_by(8) {
        // SAFETY: the place lies in the block; the host checks it too.
        bytes.extend_from_slice(&unsafe { load_u64(at + place) }.to_le_bytes());
    }
    for place in whole..length {
        // SAFETY: as above.
        bytes.push(unsafe { load_u8(at + place) } as u8);
    }
    bytes
}
