//! Messages of which tests know every byte.

/// Address fields of every kind, and parts of four: quoted-printable, base64, a message, and
/// the multipart around them.
pub const MIXED: &str = concat!(
    "From: \"Ann \\\"A\\\" Example\" <ann@example.org>\r\n",
    "Sender: sender@example.org\r\n",
    "Reply-To: reply@example.org\r\n",
    "To: team: bob@example.org, carl@example.org;\r\n",
    "Cc: =?utf-8?q?J=C3=BCrgen?= <j@example.org>\r\n",
    "Bcc: dora@example.org\r\n",
    "Subject: Hello\r\n",
    "Date: Mon, 1 Jan 2024 10:00:00 +0100\r\n",
    "Message-ID: <1@example.org>\r\n",
    "In-Reply-To: <0@example.org>\r\n",
    "MIME-Version: 1.0\r\n",
    "Content-Type: multipart/mixed; boundary=\"b1\"\r\n",
    "\r\n",
    "preamble\r\n",
    "--b1\r\n",
    "Content-Type: text/plain; charset=utf-8\r\n",
    "Content-Transfer-Encoding: quoted-printable\r\n",
    "\r\n",
    "Gr=C3=BC=C3=9Fe\r\n",
    "--b1\r\n",
    "Content-Type: application/octet-stream; name=\"a.bin\"\r\n",
    "Content-Disposition: attachment; filename=\"a.bin\"\r\n",
    "Content-Transfer-Encoding: base64\r\n",
    "\r\n",
    "AAECA/8=\r\n",
    "--b1\r\n",
    "Content-Type: message/rfc822\r\n",
    "\r\n",
    "From: inner@example.org\r\n",
    "Subject: Inner\r\n",
    "\r\n",
    "inner text\r\n",
    "--b1--\r\n",
);

/// A message of this size, no two lines of it alike; at least 100 octets.
///
/// # Panics
///
/// If it is to be smaller.
pub fn large(size: usize) -> Vec<u8> {
    let mut message = b"From: big@example.org\r\nSubject: large\r\n\r\n".to_vec();
    assert!(size >= 100, "too small");
    message.reserve(size);
    // Numerical Recipes' generator: cheap, and without a period in sight.
    let mut state = 1_u64;
    while message.len() + 80 < size {
        for _ in 0..9 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            message.extend(state.to_be_bytes().map(|byte| b'!' + byte % 90));
        }
        message.extend(b"\r\n");
    }
    message.resize(size - 2, b'.');
    message.extend(b"\r\n");
    message
}
