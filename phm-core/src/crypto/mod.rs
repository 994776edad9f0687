//! placeholder
use ring::rand::SecureRandom as _;
/// `N` random bytes from the operating system; the one place in PHM where randomness is taken.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    ring::rand::SystemRandom::new().fill(&mut bytes).expect("the operating system provides randomness");
    bytes
}
