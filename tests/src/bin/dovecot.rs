//! A mail server to try things on: starts a Dovecot on loopback with some mail in it, says
//! how to reach it, and stops it when its own standard input ends (Ctrl-D, or Ctrl-C). Users that
//! are named as arguments can log in as well, with alice's password.

use mailwire_tests::dovecot::Dovecot;
use std::io;

fn main() {
    let more: Vec<_> = std::env::args().skip(1).collect();
    let Some(server) = Dovecot::start_with_users(&more) else { std::process::exit(1) };
    let mail = [
        "From: Ada <ada@example.org>\r\nSubject: The first one\r\n\r\nHello!\r\n",
        "From: =?UTF-8?Q?J=C3=BCrgen?= <j@example.org>\r\nSubject: =?UTF-8?B?w5xiZXI=?=\r\n\r\nHallo!\r\n",
        "From: pager@example.org\r\nSubject: [alert] disk full\r\n\r\n/dev/sda1: 100 %\r\n",
    ];
    for message in mail {
        server.deliver("alice", message.as_bytes());
    }
    println!("alice's password is: password");
    println!("IMAP:  imap://alice@{}  (with --insecure, or with --ca)", server.imap);
    println!("IMAPS: imaps://alice@localhost:{}", server.imaps.port());
    println!("POP3:  pop3://alice@{}", server.pop3);
    println!("POP3S: pop3s://alice@localhost:{}", server.pop3s.port());
    println!("LMTP:  {}", server.lmtp);
    println!("Mail:  {}", server.mail().display());
    println!("CA:    {}", server.ca_pem().display());
    let _ = io::copy(&mut io::stdin(), &mut io::sink());
}
