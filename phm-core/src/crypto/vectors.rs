//! Published test vectors, run through our own functions and not through the library below them.
//!
//! Project Wycheproof (github.com/C2SP/wycheproof) tries the edges: odd tags, wrapped counters, malleable signatures.
//! RFC 4231 and RFC 8032 give the plain cases; those of RFC 5869, 8439 and 9106 stand beside what they test.

use ring::error::Unspecified;
use wycheproof::{TestResult, aead, eddsa, hkdf, mac};

use super::aead::{Cipher, Suite};
use super::bytes::{hex, unhex};
use super::digest::{hmac_sha256, same};
use super::kdf::fill_hkdf;
use super::secret::{CheckpointSeed, verify_signature};

/// Runs every vector for keys of 256 and nonces of 96 bits, the only ones we use, and counts them.
fn run_aead(suite: Suite, name: aead::TestName) -> (usize, usize) {
    let (mut valid, mut invalid) = (0, 0);
    let set = aead::TestSet::load(name).expect("the vectors are whole");
    for group in set.test_groups.iter().filter(|group| (group.key_size, group.nonce_size) == (256, 96)) {
        for test in &group.tests {
            let cipher = Cipher::new(suite, &test.key.as_slice().try_into().expect("256 bits"));
            let nonce: [u8; 12] = test.nonce.as_slice().try_into().expect("96 bits");
            let mut sealed = [test.ct.as_slice(), test.tag.as_slice()].concat();
            let opened = cipher.open(nonce, &test.aad, &mut sealed);
            if test.result == TestResult::Valid {
                assert_eq!(opened.as_deref(), Some(test.pt.as_slice()), "case {}", test.tc_id);
                let mut body = test.pt.to_vec();
                let tag = cipher.seal(nonce, &test.aad, &mut body);
                assert!(body == test.ct.as_slice() && tag == test.tag.as_slice(), "case {}", test.tc_id);
                valid += 1;
            } else {
                assert!(opened.is_none(), "case {}", test.tc_id);
                invalid += 1;
            }
        }
    }
    (valid, invalid)
}

#[test]
fn both_ciphers_agree_with_wycheproof() {
    for (suite, name) in
        [(Suite::Aes256Gcm, aead::TestName::AesGcm), (Suite::ChaCha20Poly1305, aead::TestName::ChaCha20Poly1305)]
    {
        let (valid, invalid) = run_aead(suite, name);
        assert!(valid > 30 && invalid > 20, "{} ran {valid} valid and {invalid} invalid cases", suite.name());
    }
}

#[test]
fn hkdf_agrees_with_wycheproof() {
    let set = hkdf::TestSet::load(hkdf::TestName::HkdfSha256).expect("the vectors are whole");
    let mut cases = 0;
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let mut out = vec![0; test.size];
        let made: Result<(), Unspecified> = fill_hkdf(&test.ikm, &test.salt, &[&test.info], &mut out);
        assert_eq!(made.is_ok(), test.result == TestResult::Valid, "case {}", test.tc_id);
        assert!(made.is_err() || out == test.okm.as_slice(), "case {}", test.tc_id);
        cases += 1;
    }
    assert!(cases > 80, "{cases} cases ran");
}

#[test]
fn hmac_agrees_with_wycheproof() {
    let set = mac::TestSet::load(mac::TestName::HmacSha256).expect("the vectors are whole");
    let mut cases = 0;
    for group in &set.test_groups {
        for test in &group.tests {
            let code = hmac_sha256(&test.key, &[&test.msg]);
            let agrees = same(&code[..group.tag_size / 8], &test.tag);
            assert_eq!(agrees, test.result == TestResult::Valid, "case {}", test.tc_id);
            cases += 1;
        }
    }
    assert!(cases > 150, "{cases} cases ran");
}

#[test]
fn signatures_agree_with_wycheproof() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).expect("the vectors are whole");
    let mut cases = 0;
    for group in &set.test_groups {
        let public: [u8; 32] = group.key.pk.as_slice().try_into().expect("32 bytes");
        for test in &group.tests {
            let holds = verify_signature(&public, &test.msg, &test.sig);
            assert_eq!(holds, test.result == TestResult::Valid, "case {}", test.tc_id);
            cases += 1;
        }
    }
    assert!(cases > 100, "{cases} cases ran");
}

#[test]
fn hmac_matches_every_case_of_rfc_4231() {
    let block = "This is a test using a larger than block-size key and a larger than block-size data. The key needs \
                 to be hashed before being used by the HMAC algorithm.";
    let counting: Vec<u8> = (1..=25).collect();
    let cases: [(&[u8], &[u8], &str); 7] = [
        (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (&[0xaa; 20], &[0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        (&counting, &[0xcd; 50], "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
        (&[0x0c; 20], b"Test With Truncation", "a3b6167473100ee06e0c796c2955552b"),
        (
            &[0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
        (&[0xaa; 131], block.as_bytes(), "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
    ];
    for (number, (key, data, code)) in (1..).zip(cases) {
        assert!(hex(&hmac_sha256(key, &[data])).starts_with(code), "case {number}");
    }
}

#[test]
fn checkpoints_are_signed_as_in_rfc_8032_section_7_1() {
    // TEST 1 and TEST 3; TEST 2 stands beside the keys.
    let cases = [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ];
    for (seed, public, message, signature) in cases {
        let seed = CheckpointSeed::from_bytes(unhex(seed).try_into().expect("32 bytes"));
        let message = unhex(message);
        assert_eq!((hex(&seed.public_key()), hex(&seed.sign(&message))), (public.to_owned(), signature.to_owned()));
        assert!(verify_signature(&seed.public_key(), &message, &unhex(signature)));
    }
}
