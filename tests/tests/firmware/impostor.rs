//! A server of TLS 1.3 (RFC 8446) that shows no certificate at all: after its hello and its
//! extensions comes its Finished, which anybody can make who took part in the key exchange.

use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::digest::{SHA256, digest};
use ring::hmac::{self, HMAC_SHA256};
use ring::rand::SystemRandom;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

/// Does the handshake, sends a greeting of POP3, and returns how many records of application
/// data came that it could decrypt.
pub(crate) fn serve(mut socket: TcpStream) -> usize {
    let (_, hello) = record(&mut socket).expect("a ClientHello");
    let (session, share) = offered(&hello);
    let mine = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).expect("a key");
    let public = mine.compute_public_key().expect("its other half");
    let theirs = UnparsedPublicKey::new(&ECDH_P256, share);
    let shared = agree_ephemeral(mine, &theirs, <[u8]>::to_vec).expect("they agree");

    // supported_versions and key_share.
    let mut extensions = vec![0, 43, 0, 2, 3, 4, 0, 51, 0, 69, 0, 23, 0, 65];
    extensions.extend(public.as_ref());
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.push(session.len() as u8);
    body.extend(session);
    // TLS_AES_128_GCM_SHA256, no compression.
    body.extend([0x13, 1, 0]);
    body.extend((extensions.len() as u16).to_be_bytes());
    body.extend(extensions);
    let server_hello = message(2, &body);
    send(&mut socket, HANDSHAKE, &server_hello);

    // Section 7.1.
    let mut transcript = [hello, server_hello].concat();
    let zero = [0; 32];
    let early = extract(&zero, &zero);
    let secret = extract(&derive(&early, "derived", &[]), &shared);
    let server = derive(&secret, "s hs traffic", &transcript);
    let encrypted_extensions = message(8, &[0, 0]);
    transcript.extend(&encrypted_extensions);
    let finished_key = expand(&server, "finished", &[], 32);
    let finished = hash_mac(&finished_key, digest(&SHA256, &transcript).as_ref());
    let finished = message(20, &finished);
    transcript.extend(&finished);
    let mut handshake = Keys::new(&server);
    for part in [encrypted_extensions, finished] {
        let sealed = handshake.seal(HANDSHAKE, &part);
        send(&mut socket, APPLICATION_DATA, &sealed);
    }

    let master = extract(&derive(&secret, "derived", &[]), &zero);
    let mut server = Keys::new(&derive(&master, "s ap traffic", &transcript));
    let mut client = Keys::new(&derive(&master, "c ap traffic", &transcript));
    let greeting = server.seal(APPLICATION_DATA, b"+OK come in\r\n");
    send(&mut socket, APPLICATION_DATA, &greeting);
    let mut read = 0;
    while let Some((kind, bytes)) = record(&mut socket) {
        // The client's own Finished is in other keys.
        if kind == APPLICATION_DATA && client.opens(&bytes) {
            read += 1;
        }
    }
    read
}

/// The next record: its type and what is in it.
fn record(socket: &mut TcpStream) -> Option<(u8, Vec<u8>)> {
    let mut header = [0; 5];
    socket.read_exact(&mut header).ok()?;
    let mut bytes = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
    socket.read_exact(&mut bytes).ok()?;
    Some((header[0], bytes))
}

/// The device may be gone already.
fn send(socket: &mut TcpStream, kind: u8, bytes: &[u8]) {
    let [high, low] = (bytes.len() as u16).to_be_bytes();
    let _ = socket.write_all(&[&[kind, 3, 3, high, low], bytes].concat());
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let [_, length @ ..] = (body.len() as u32).to_be_bytes();
    [&[kind], &length[..], body].concat()
}

/// The session's id and the share of a key on P-256 in a ClientHello (section 4.1.2).
fn offered(hello: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut rest = &hello[4 + 2 + 32..];
    let mut vector = |size: usize| {
        let length = rest[..size].iter().fold(0, |length, &byte| length << 8 | usize::from(byte));
        let (vector, after) = rest[size..].split_at(length);
        rest = after;
        vector.to_vec()
    };
    let (session, _suites, _compression) = (vector(1), vector(2), vector(1));
    let extensions = vector(2);
    let mut rest = &extensions[..];
    while let [a, b, c, d, after @ ..] = rest {
        let (body, after) = after.split_at(usize::from(u16::from_be_bytes([*c, *d])));
        rest = after;
        // key_share, with one entry: the list's length, the group, the key's length.
        if [*a, *b] == [0, 51] && body[2..6] == [0, 23, 0, 65] {
            return (session, body[6..].to_vec());
        }
    }
    panic!("no share on P-256")
}

fn hash_mac(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(HMAC_SHA256, key), bytes).as_ref().to_vec()
}

/// HKDF-Extract.
fn extract(salt: &[u8], secret: &[u8]) -> Vec<u8> {
    hash_mac(salt, secret)
}

/// HKDF-Expand-Label, of at most 32 bytes.
fn expand(secret: &[u8], label: &str, context: &[u8], length: u8) -> Vec<u8> {
    let label = format!("tls13 {label}");
    let mut info = vec![0, length, label.len() as u8];
    info.extend(label.as_bytes());
    info.push(context.len() as u8);
    info.extend(context);
    info.push(1);
    let mut key = hash_mac(secret, &info);
    key.truncate(length.into());
    key
}

/// Derive-Secret.
fn derive(secret: &[u8], label: &str, transcript: &[u8]) -> Vec<u8> {
    expand(secret, label, digest(&SHA256, transcript).as_ref(), 32)
}

/// What protects the records of one direction (section 5.2).
struct Keys {
    key: LessSafeKey,
    iv: [u8; 12],
    sequence: u64,
}

impl Keys {
    fn new(secret: &[u8]) -> Self {
        let key = UnboundKey::new(&AES_128_GCM, &expand(secret, "key", &[], 16)).expect("a key");
        let iv = expand(secret, "iv", &[], 12).try_into().expect("12 bytes");
        Self { key: LessSafeKey::new(key), iv, sequence: 0 }
    }

    fn nonce(&self) -> Nonce {
        let mut nonce = self.iv;
        for (byte, counted) in nonce[4..].iter_mut().zip(self.sequence.to_be_bytes()) {
            *byte ^= counted;
        }
        Nonce::assume_unique_for_key(nonce)
    }

    fn seal(&mut self, kind: u8, bytes: &[u8]) -> Vec<u8> {
        let mut sealed = [bytes, &[kind]].concat();
        let [high, low] = (sealed.len() as u16 + 16).to_be_bytes();
        let header = Aad::from([APPLICATION_DATA, 3, 3, high, low]);
        self.key.seal_in_place_append_tag(self.nonce(), header, &mut sealed).expect("it seals");
        self.sequence += 1;
        sealed
    }

    fn opens(&mut self, sealed: &[u8]) -> bool {
        let [high, low] = (sealed.len() as u16).to_be_bytes();
        let header = Aad::from([APPLICATION_DATA, 3, 3, high, low]);
        let opened = self.key.open_in_place(self.nonce(), header, &mut sealed.to_vec()).is_ok();
        self.sequence += u64::from(opened);
        opened
    }
}
