//! Any challenges to any mechanism.

use super::message::to_base64;
use mailwire::sasl::{
    Anonymous, Challenge, ChannelBinding, CramMd5, Credentials, External, Link, Login, Mechanism,
    OAuthBearer, Plain, ScramSha1, ScramSha256, XOAuth2, best,
};

const SECRET: &str = "correct-horse";
const NONCE: &[u8] = b"0123456789abcdef01";

/// What a mechanism says, until it has enough; and whether it is content in the end.
fn exchange(
    mechanism: &mut (impl Mechanism + std::fmt::Debug),
    shows: bool,
    challenges: &[&[u8]],
) -> bool {
    let mut said: Vec<Vec<u8>> = Vec::new();
    let mut fails = false;
    if mechanism.is_client_first() {
        match mechanism.initial() {
            Ok(response) => said.push(response.expose().collect()),
            Err(_) => fails = true,
        }
    }
    for challenge in challenges {
        let encoded;
        let challenge = match challenge {
            // As it is, or encoded.
            [b'!', raw @ ..] => Challenge::new(raw),
            plain => {
                encoded = to_base64(plain);
                Challenge::new(encoded.as_bytes())
            }
        };
        match mechanism.respond(challenge) {
            Ok(response) => {
                assert_eq!(format!("{response:?}"), "Response(…)");
                said.push(response.expose().collect());
            }
            Err(error) => {
                assert!(!error.to_string().contains(SECRET));
                fails = true;
            }
        }
        assert!(!format!("{mechanism:?}").contains(SECRET), "{mechanism:?}");
    }
    for words in &said {
        assert!(words.len() < 4096);
        let shown = words.windows(SECRET.len()).any(|it| it == SECRET.as_bytes());
        assert!(shows || !shown, "the secret is sent");
    }
    let content = mechanism.finish().is_ok();
    assert_eq!(mechanism.finish().is_ok(), content);
    content && !fails
}

/// No secret is told that need not be, and no server passes for the true one.
pub(super) fn run(input: &[u8]) {
    let [which, rest @ ..] = input else { return };
    let mut parts = rest.split(|byte| *byte == 0xff);
    let user = parts.next().unwrap_or_default();
    let Ok(user) = std::str::from_utf8(user) else { return };
    let challenges: Vec<_> = parts.take(6).collect();
    let (said, c) = (challenges.concat(), &challenges[..]);
    if said.windows(SECRET.len()).any(|it| it == SECRET.as_bytes()) || user.contains(SECRET) {
        return;
    }
    let binding = ChannelBinding::TlsExporter(&[7; 32]);
    match which % 14 {
        0 => _ = exchange(&mut Plain::new(user, SECRET), true, c),
        1 => _ = exchange(&mut Plain::new("u", SECRET).acting_as(user), true, c),
        2 => _ = exchange(&mut Login::new(user, SECRET), true, c),
        3 => _ = exchange(&mut CramMd5::new(user, SECRET), false, c),
        4 => _ = exchange(&mut OAuthBearer::new(user, SECRET).server("x", 993), true, c),
        5 => _ = exchange(&mut XOAuth2::new(user, SECRET), true, c),
        6 => _ = exchange(&mut External::new().acting_as(user), false, c),
        7 => _ = exchange(&mut Anonymous::new(user), false, c),
        8 => {
            let mut scram = ScramSha256::new(user, SECRET, NONCE).iterations(1..=40);
            assert!(!exchange(&mut scram, false, c), "it believes a server that knows nothing");
        }
        9 => {
            let mut scram = ScramSha1::new(user, SECRET, NONCE).iterations(1..=40);
            assert!(!exchange(&mut scram, false, c), "it believes a server that knows nothing");
        }
        10 => {
            let scram = ScramSha256::new("u", SECRET, NONCE).iterations(1..=40);
            let mut scram = scram.acting_as(user).bound_to(binding);
            assert!(!exchange(&mut scram, false, c), "it believes a server that knows nothing");
        }
        11 => {
            let scram = ScramSha1::new("u", SECRET, user.as_bytes()).iterations(1..=40);
            assert!(!exchange(&mut scram.binding_not_offered(), false, c));
        }
        _ => {
            // Whatever is offered, the best of it is one of it, and in clear it shows nothing.
            let offered: Vec<_> = user.split(' ').filter(|it| !it.contains("SCRAM")).collect();
            let in_clear = which.is_multiple_of(2);
            let link = if in_clear { Link::in_clear() } else { Link::bound_to(binding) };
            for credentials in [Credentials::password("u", SECRET), Credentials::token("u", SECRET)]
            {
                if let Ok(mut best) = best(offered.iter().copied(), credentials, link, NONCE) {
                    assert!(offered.iter().any(|it| it.eq_ignore_ascii_case(best.name())));
                    exchange(&mut best, !in_clear, c);
                }
            }
        }
    }
}
