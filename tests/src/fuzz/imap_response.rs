//! Responses that are well-formed, in any of the forms that the grammar admits: what is heard is
//! what was meant.

use super::message::to_utf7;
use super::pieces;
use crate::heard::{Heard, add_imap};
use arbitrary::{Result, Unstructured};
use mailwire::imap::Connection;
use mailwire::{Buffers, Instant, Machine as _, Progress};
use serde_json::{Value, json};

/// What a server writes, and what that means.
#[derive(Default)]
struct Server {
    wire: Vec<u8>,
    meant: Vec<Meant>,
}

#[derive(Debug, PartialEq)]
enum Meant {
    Event(Value),
    Bytes(Vec<u8>),
}

impl Server {
    fn put(&mut self, text: impl AsRef<[u8]>) -> &mut Self {
        self.wire.extend_from_slice(text.as_ref());
        self
    }

    fn mean(&mut self, event: Value) {
        self.meant.push(Meant::Event(event));
    }

    /// `string`
    fn string(&mut self, u: &mut Unstructured<'_>, text: &[u8]) -> Result<()> {
        let quotable = !text.iter().any(|byte| b"\0\r\n".contains(byte));
        if quotable && u.ratio(3, 4)? {
            self.put("\"");
            for &byte in text {
                if matches!(byte, b'"' | b'\\') {
                    self.put("\\");
                }
                self.put([byte]);
            }
            self.put("\"");
        } else {
            self.put(format!("{{{}}}\r\n", text.len())).put(text);
        }
        Ok(())
    }

    /// `astring`
    fn astring(&mut self, u: &mut Unstructured<'_>, text: &[u8]) -> Result<()> {
        let atom =
            |byte: &u8| byte.is_ascii_alphanumeric() || b"-./:;=@!$&'+,<>?^_`|~#".contains(byte);
        let is_atom =
            !text.is_empty() && text.iter().all(atom) && !text.eq_ignore_ascii_case(b"NIL");
        if is_atom && u.arbitrary()? {
            self.put(text);
            return Ok(());
        }
        self.string(u, text)
    }

    /// `nstring` of any text.
    fn nstring<'a>(&mut self, u: &mut Unstructured<'a>) -> Result<Value> {
        if u.ratio(1, 4)? {
            self.put("NIL");
            return Ok(Value::Null);
        }
        let text = text(u)?;
        self.string(u, text.as_bytes())?;
        Ok(json!(text))
    }

    /// `mailbox`, of any name.
    fn mailbox(&mut self, u: &mut Unstructured<'_>) -> Result<Value> {
        let name = text(u)?;
        self.astring(u, to_utf7(name).as_bytes())?;
        Ok(json!(name))
    }

    /// `"(" … ")"`, with a space between each two.
    fn list(
        &mut self,
        count: usize,
        mut item: impl FnMut(&mut Self, usize) -> Result<()>,
    ) -> Result<()> {
        self.put("(");
        for at in 0..count {
            if at > 0 {
                self.put(" ");
            }
            item(self, at)?;
        }
        self.put(")");
        Ok(())
    }

    fn addresses(&mut self, u: &mut Unstructured<'_>) -> Result<Value> {
        let count = u.int_in_range(0..=3)?;
        if count == 0 {
            self.put("NIL");
            return Ok(json!([]));
        }
        let mut meant = Vec::new();
        self.put("(");
        for _ in 0..count {
            self.put("(");
            let name = self.nstring(u)?;
            let adl = self.put(" ").nstring(u)?;
            let mailbox = self.put(" ").nstring(u)?;
            let host = self.put(" ").nstring(u)?;
            self.put(")");
            meant.push(json!({"name": name, "adl": adl, "mailbox": mailbox, "host": host}));
        }
        self.put(")");
        Ok(json!(meant))
    }

    fn envelope(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        self.put("ENVELOPE (");
        let date = self.nstring(u)?;
        let subject = self.put(" ").nstring(u)?;
        let mut lists = Vec::new();
        for _ in 0..6 {
            lists.push(self.put(" ").addresses(u)?);
        }
        let in_reply_to = self.put(" ").nstring(u)?;
        let message_id = self.put(" ").nstring(u)?;
        self.put(")");
        let value = json!({
            "date": date, "subject": subject, "from": lists[0], "sender": lists[1],
            "reply_to": lists[2], "to": lists[3], "cc": lists[4], "bcc": lists[5],
            "in_reply_to": in_reply_to, "message_id": message_id,
        });
        self.mean(json!({"event": "fetch_item", "item": "envelope", "value": value}));
        Ok(())
    }

    /// Parts of one kind or the other, to some depth; and their numbers.
    fn body(
        &mut self,
        u: &mut Unstructured<'_>,
        number: &str,
        depth: usize,
        parts: &mut Vec<Value>,
    ) -> Result<()> {
        self.put("(");
        if depth > 0 && u.arbitrary()? {
            let at = parts.len();
            parts.push(Value::Null);
            let below = if number.is_empty() { String::new() } else { format!("{number}.") };
            for child in 1..=u.int_in_range(1..=3)? {
                self.body(u, &format!("{below}{child}"), depth - 1, parts)?;
            }
            let subtype = text(u)?;
            self.put(" ").string(u, subtype.as_bytes())?;
            parts[at] = json!({
                "number": number, "kind": "multipart", "media_type": "multipart", "subtype": subtype,
            });
        } else {
            let (subtype, value) = (text(u)?, text(u)?);
            let (size, lines) = (u.arbitrary::<u32>()?, u.arbitrary::<u32>()?);
            self.put("\"X-A\" ").string(u, subtype.as_bytes())?;
            self.put(" (\"k\" ").string(u, value.as_bytes())?;
            self.put(") ");
            let id = self.nstring(u)?;
            let description = self.put(" ").nstring(u)?;
            self.put(format!(" \"BASE64\" {size}"));
            let _ = lines;
            let number = if number.is_empty() { "1" } else { number };
            let mut part = json!({
                "number": number, "kind": "single", "media_type": "X-A", "subtype": subtype,
                "params": {"k": value}, "encoding": "base64", "size": size,
            });
            for (name, value) in [("id", id), ("description", description)] {
                if !value.is_null() {
                    part[name] = value;
                }
            }
            parts.push(part);
        }
        self.put(")");
        Ok(())
    }

    fn item(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        match u.int_in_range(0..=7)? {
            0..=1 => self.envelope(u)?,
            2 => {
                self.put("BODYSTRUCTURE ");
                let mut parts = Vec::new();
                self.body(u, "", 3, &mut parts)?;
                self.mean(json!({"event": "fetch_item", "item": "body_structure", "value": parts}));
            }
            3 => {
                let value = u.arbitrary::<u32>()?.max(1);
                self.put(format!("UID {value}"));
                self.mean(json!({"event": "fetch_item", "item": "uid", "value": value}));
            }
            4 => {
                let value = u.arbitrary::<u64>()? >> 1;
                self.put(format!("RFC822.SIZE {value}"));
                self.mean(json!({"event": "fetch_item", "item": "rfc822_size", "value": value}));
            }
            5 => {
                let value = u.arbitrary::<u64>()? >> 1;
                self.put(format!("MODSEQ ({value})"));
                self.mean(json!({"event": "fetch_item", "item": "mod_seq", "value": value}));
            }
            _ => {
                let bytes: &[u8] = u.arbitrary()?;
                let quotable =
                    !bytes.is_empty() && !bytes.iter().any(|byte| b"\0\r\n".contains(byte));
                self.put("BODY[1.2]<7> ");
                let data = if quotable && u.arbitrary()? {
                    self.put("\"");
                    for &byte in bytes {
                        if matches!(byte, b'"' | b'\\') {
                            self.put("\\");
                        }
                        self.put([byte]);
                    }
                    self.put("\"");
                    json!("quoted")
                } else if u.arbitrary()? {
                    self.put(format!("~{{{}}}\r\n", bytes.len())).put(bytes);
                    json!({"literal8": bytes.len()})
                } else {
                    self.put(format!("{{{}}}\r\n", bytes.len())).put(bytes);
                    json!({"literal": bytes.len()})
                };
                self.mean(json!({
                    "event": "fetch_body", "kind": "body",
                    "section": {"part": "1.2", "text": "all"}, "origin": 7, "data": data,
                }));
                if !bytes.is_empty() {
                    self.meant.push(Meant::Bytes(bytes.to_vec()));
                }
            }
        }
        Ok(())
    }

    fn response(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        match u.int_in_range(0..=13)? {
            0..=3 => {
                let number = u.arbitrary::<u32>()?.max(1);
                self.put(format!("* {number} FETCH "));
                self.mean(json!({"event": "fetch_start", "seq": number}));
                let count = u.int_in_range(1..=4)?;
                self.list(count, |this, _| this.item(u))?;
                self.mean(json!({"event": "fetch_end"}));
            }
            4 => {
                self.put("* LIST (\\HasChildren \\X) ");
                let delimiter =
                    if u.arbitrary()? { ("\"/\"", json!("/")) } else { ("NIL", Value::Null) };
                self.put(delimiter.0).put(" ");
                let mailbox = self.mailbox(u)?;
                self.mean(json!({
                    "event": "list", "attributes": ["\\HasChildren", "\\X"],
                    "delimiter": delimiter.1, "mailbox": mailbox,
                    "extended": [],
                }));
            }
            5 => {
                let (messages, next) = (u.arbitrary::<u32>()?, u.arbitrary::<u32>()?.max(1));
                self.put("* STATUS ");
                let mailbox = self.mailbox(u)?;
                self.put(format!(" (MESSAGES {messages} UIDNEXT {next})"));
                self.mean(json!({
                    "event": "mailbox_status", "mailbox": mailbox,
                    "values": [{"messages": messages}, {"uid_next": next}],
                }));
            }
            6 => {
                let numbers: Vec<u32> = u.arbitrary()?;
                let numbers: Vec<u32> = numbers.into_iter().filter(|it| *it > 0).take(40).collect();
                self.put("* SEARCH");
                for number in &numbers {
                    self.put(format!(" {number}"));
                }
                self.mean(json!({
                    "event": "search", "numbers": numbers, "mod_seq": null, "more": false,
                }));
            }
            7 => {
                let count = u.int_in_range(0..=3)?;
                let mut fields = Vec::new();
                self.put("* ID ");
                self.list(count, |this, _| {
                    let name = text(u)?;
                    this.string(u, name.as_bytes())?;
                    let value = this.put(" ").nstring(u)?;
                    fields.push(json!({"name": name, "value": value}));
                    Ok(())
                })?;
                self.mean(json!({"event": "id", "fields": fields}));
            }
            8 => {
                let root = text(u)?;
                let (usage, limit) = (u.arbitrary::<u64>()? >> 1, u.arbitrary::<u64>()? >> 1);
                self.put("* QUOTA ").astring(u, root.as_bytes())?;
                self.put(format!(" (STORAGE {usage} {limit})"));
                self.mean(json!({
                    "event": "quota", "root": root,
                    "resources": [{"name": "STORAGE", "usage": usage, "limit": limit}],
                }));
            }
            9 => {
                self.put("* ACL ");
                let mailbox = self.mailbox(u)?;
                let mut entries = Vec::new();
                for _ in 0..u.int_in_range(0..=2)? {
                    let identifier = text(u)?;
                    self.put(" ").astring(u, identifier.as_bytes())?;
                    self.put(" lrs");
                    entries.push(json!({"identifier": identifier, "rights": "lrs"}));
                }
                self.mean(json!({"event": "acl", "mailbox": mailbox, "entries": entries}));
            }
            10 => {
                self.put("* METADATA ");
                let mailbox = self.mailbox(u)?;
                let mut values = Vec::new();
                self.put(" ");
                let count = u.int_in_range(1..=2)?;
                self.list(count, |this, _| {
                    let entry = text(u)?;
                    this.astring(u, entry.as_bytes())?;
                    let value = this.put(" ").nstring(u)?;
                    values.push(json!({"entry": entry, "value": value}));
                    Ok(())
                })?;
                self.mean(json!({
                    "event": "metadata", "mailbox": mailbox, "values": values, "changed": [],
                }));
            }
            11 => {
                let count = u.arbitrary::<u32>()?;
                self.put(format!("* {count} EXISTS"));
                self.mean(json!({"event": "exists", "number": count}));
            }
            12 => {
                let text = text(u)?;
                let shown: String = text.chars().filter(|c| !"\r\n\0".contains(*c)).collect();
                let shown = shown.trim().to_owned();
                self.put(format!("* OK [UIDNEXT 7] x{shown}"));
                self.mean(json!({
                    "event": "status", "status": "ok", "code": {"uid_next": 7},
                    "text": format!("x{shown}"), "truncated": false,
                }));
            }
            _ => {
                let (min, count) = (u.arbitrary::<u32>()?.max(1), u.arbitrary::<u32>()?);
                self.put("* ESEARCH (TAG ");
                self.string(u, b"A1")?;
                self.put(format!(") UID MIN {min} COUNT {count} ALL 1:3,5"));
                self.mean(json!({
                    "event": "esearch", "tag": "A1", "mailbox": null, "uid_validity": null,
                    "uid": true, "min": min, "max": null, "count": count, "all": "1:3,5",
                    "mod_seq": null, "partial": null, "updates": [], "relevancy": null,
                    "other": [], "more": false,
                }));
            }
        }
        self.put("\r\n");
        Ok(())
    }
}

/// Without NUL, which no string holds.
fn text<'a>(u: &mut Unstructured<'a>) -> Result<&'a str> {
    Ok(match u.int_in_range(0..=9)? {
        0 => "",
        1 => "\"",
        2 => "a\\\"b",
        3 => "{3}",
        4 => ")\r\nA1 OK (",
        5 => "NIL",
        6 => "Grüße & Söhne",
        _ => {
            let text: &str = u.arbitrary()?;
            text.split('\0').next().unwrap_or_default()
        }
    })
}

fn hear(pieces: &[&[u8]]) -> Vec<Heard> {
    let mut rx = vec![0; 1 << 15];
    let mut buffers = Buffers::new(&mut rx, &mut []);
    let mut connection = Connection::observer();
    let mut heard = Vec::new();
    for piece in pieces {
        assert_eq!(buffers.rx.fill(piece), piece.len(), "all of it fits");
        while connection.advance(&mut buffers, Instant::ZERO).expect("it is well-formed")
            == Progress::Event
        {
            add_imap(&mut heard, &connection.event(&buffers));
        }
    }
    heard
}

/// See the module.
pub(super) fn run(input: &[u8]) {
    let mut u = Unstructured::new(input);
    let mut server = Server::default();
    let seed = u.arbitrary().unwrap_or_default();
    for _ in 0..3 {
        let before = (server.wire.len(), server.meant.len());
        if server.response(&mut u).is_err() {
            server.wire.truncate(before.0);
            server.meant.truncate(before.1);
            break;
        }
    }
    let heard = hear(&pieces(&server.wire, seed));
    let heard: Vec<_> = heard
        .into_iter()
        .map(|it| match it {
            Heard::Event(json) => Meant::Event(serde_json::from_str(&json).unwrap()),
            Heard::Chunk(bytes) => Meant::Bytes(bytes),
        })
        .collect();
    for (heard, meant) in heard.iter().zip(&server.meant) {
        assert_eq!(heard, meant, "{}", server.wire.escape_ascii());
    }
    assert_eq!(heard.len(), server.meant.len(), "{}", server.wire.escape_ascii());
}
