//! URLAUTH: URLs by which others may fetch a part of a message (RFC 4467, RFC 5524).
//!
//! An IMAP URL is kept as text here, as RFC 5092 has it: what is in it is the program's and the
//! server's business.

use super::command::{Command, Kind};
use super::encoder::Encoder;
use super::raw::Parse;
use super::sequence::{Strings, ntext, sequence, text};
use super::syntax::{Parsed, byte, sp0, value};
use super::{BodyStructure, Capability, Str};

/// `GENURLAUTH`: asks for URLs that give others access (RFC 4467 section 7).
/// [`Event::GenUrlAuth`](super::Event::GenUrlAuth) answers. Who has such a URL can read what it
/// names.
///
/// ```abnf
/// genurlauth = "GENURLAUTH" 1*(SP url-rump SP mechanism)
/// ```
///
/// ```
/// # use mailwire::imap::command::GenUrlAuthCommand;
/// let url = "imap://joe@example.com/INBOX/;uid=20/;section=1.2;urlauth=submit+fred";
/// let command = GenUrlAuthCommand { urls: &[(url, "INTERNAL")] };
/// ```
#[derive(Debug, Clone, Copy)]
pub struct GenUrlAuthCommand<'a> {
    /// URLs up to and with `;URLAUTH=` and who may use them, each with the mechanism that is
    /// to sign it: `INTERNAL`, or one of [`Code::UrlMech`](super::Code::UrlMech). At least one.
    pub urls: &'a [(&'a str, &'a str)],
}

impl Command for GenUrlAuthCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::GenUrlAuth
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"GENURLAUTH");
        if self.urls.is_empty() {
            out.invalid("no URL");
        }
        for &(url, mechanism) in self.urls {
            out.sp().astring(url.as_bytes()).sp().atom(mechanism);
        }
    }
}

/// `RESETKEY`: makes all URLs invalid that GENURLAUTH gave for a mailbox, or for all of them
/// (RFC 4467 section 7).
///
/// ```abnf
/// resetkey = "RESETKEY" [SP mailbox *(SP mechanism)]
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct ResetKeyCommand<'a> {
    /// The mailbox, in UTF-8; none: all of the user's.
    pub mailbox: Option<&'a str>,
    /// Only those signed by these mechanisms; none: all of the mailbox's.
    pub mechanisms: &'a [&'a str],
}

impl Command for ResetKeyCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::ResetKey
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"RESETKEY");
        match self.mailbox {
            Some(mailbox) => {
                out.sp().mailbox(mailbox);
            }
            None if self.mechanisms.is_empty() => {}
            None => {
                out.invalid("mechanisms without a mailbox");
            }
        }
        for mechanism in self.mechanisms {
            out.sp().atom(mechanism);
        }
    }
}

/// What to fetch by a URL (RFC 5524 section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum UrlFetchParam {
    /// `BODY`: the part as it is in the message.
    Body,
    /// `BINARY`: the part with its transfer encoding undone. Not beside `Body`.
    Binary,
    /// `BODYPARTSTRUCTURE`: its MIME structure.
    BodyPartStructure,
}

/// `URLFETCH`: asks for what URLs name (RFC 4467 section 7, RFC 5524).
/// [`Event::UrlFetch`](super::Event::UrlFetch) answers.
///
/// ```abnf
/// urlfetch        = "URLFETCH" 1*(SP (url-full / url-fetch-ext))
/// url-fetch-ext   = "(" url-full *(SP url-fetch-param) ")"
/// url-fetch-param = "BODY" / "BINARY" / "BODYPARTSTRUCTURE" / atom
/// ```
///
/// The answer comes whole, not as a stream: if it is longer than Rx it is
/// [`Event::Oversized`](super::Event::Oversized). A URL may end in `/;PARTIAL=0.1024` where the
/// server offers URL-PARTIAL (RFC 5550 section 3.1).
#[derive(Debug, Clone, Copy)]
pub struct UrlFetchCommand<'a> {
    /// URLs as GENURLAUTH gave them, at least one, each with what to fetch: nothing in
    /// particular is the part as it is; anything needs URLAUTH=BINARY.
    pub urls: &'a [(&'a str, &'a [UrlFetchParam])],
}

impl Command for UrlFetchCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::UrlFetch
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"URLFETCH");
        if self.urls.is_empty() {
            out.invalid("no URL");
        }
        for &(url, parameters) in self.urls {
            out.sp();
            if parameters.is_empty() {
                out.astring(url.as_bytes());
                continue;
            }
            if parameters.contains(&UrlFetchParam::Body)
                && parameters.contains(&UrlFetchParam::Binary)
            {
                out.invalid("BODY beside BINARY");
            }
            out.needs(Capability::UrlAuthBinary).raw(b"(").astring(url.as_bytes());
            for parameter in parameters {
                out.raw(match parameter {
                    UrlFetchParam::Body => b" BODY",
                    UrlFetchParam::Binary => b" BINARY",
                    UrlFetchParam::BodyPartStructure => b" BODYPARTSTRUCTURE",
                });
            }
            out.raw(b")");
        }
    }
}

/// The response GENURLAUTH: URLs that give others access (RFC 4467 section 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct GenUrlAuth<'a> {
    /// The URLs, in the order in which they were asked for.
    pub urls: Strings<'a>,
}

impl<'a> Parse<'a> for GenUrlAuth<'a> {
    /// ```abnf
    /// genurlauth-data = "*" SP "GENURLAUTH" 1*(SP url-full)
    /// ```
    /// RFC 4467 section 9.
    fn parse(text: &'a [u8], _: bool) -> Option<Self> {
        Strings::to_end(text).filter(|urls| !urls.is_empty()).map(|urls| Self { urls })
    }
}

/// The response URLFETCH: what URLs name (RFC 4467 section 8, RFC 5524 section 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct UrlFetch<'a> {
    /// The parts, in the order in which they were asked for.
    pub parts: UrlParts<'a>,
}

impl<'a> Parse<'a> for UrlFetch<'a> {
    /// ```abnf
    /// urlfetch-data = "*" SP "URLFETCH" 1*(SP (urldata-simple / urldata-ext))
    /// ```
    /// RFC 4467 section 9, RFC 5524 section 5.
    fn parse(text: &'a [u8], _: bool) -> Option<Self> {
        let parts = UrlParts(text);
        let mut rest = parts;
        while rest.pop().is_some() {}
        (rest.0.is_empty() && !parts.is_empty()).then_some(Self { parts })
    }
}

/// What a URL names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct UrlPart<'a> {
    /// The URL.
    pub url: Str<'a>,
    /// What it names, if that was asked for in no particular form, or as `BODY`. None, and no
    /// more beside it, if the URL is not valid, or no longer.
    pub body: Option<Str<'a>>,
    /// The same with its transfer encoding undone; none too if that was not possible.
    pub binary: Option<Str<'a>>,
    /// Its MIME structure.
    pub structure: Option<BodyStructure<'a>>,
}

impl<'a> UrlPart<'a> {
    /// ```abnf
    /// urldata-simple      = SP url-full SP nstring
    /// urldata-ext         = SP url-full url-metadata
    /// url-metadata        = 1*(SP "(" url-metadata-el ")")
    /// url-metadata-el     = url-meta-bodystruct / url-meta-body / url-meta-binary
    /// url-meta-bodystruct = "BODYPARTSTRUCTURE" SP body
    /// url-meta-body       = "BODY" SP nstring
    /// url-meta-binary     = "BINARY" SP ( nstring / literal8 )
    /// ```
    /// RFC 4467 section 9, RFC 5524 section 5. Several elements may stand in one pair of
    /// parentheses (Dovecot), and those that are not known are passed over. What is no string
    /// stands as it came, and what is missing is none.
    fn parse(i: &'a [u8]) -> Parsed<'a, Self> {
        let (i, url) = text(i)?;
        let (mut i, ()) = sp0(i)?;
        let mut part = Self { url, body: None, binary: None, structure: None };
        if i.first() != Some(&b'(') {
            (i, part.body) = ntext(i)?;
            return Ok((i, part));
        }
        while let Ok((mut element, ())) = byte(i, b'(') {
            loop {
                (element, ()) = sp0(element)?;
                if let Ok((rest, ())) = byte(element, b')') {
                    (i, ()) = sp0(rest)?;
                    break;
                }
                let (rest, name) = text(element)?;
                let (rest, ()) = sp0(rest)?;
                if name.eq_ignore_ascii_case("BODY") {
                    (element, part.body) = ntext(rest)?;
                } else if name.eq_ignore_ascii_case("BINARY") {
                    (element, part.binary) = ntext(rest)?;
                } else if rest.starts_with(b")") {
                    element = rest;
                } else {
                    let raw;
                    (element, raw) = value(rest)?;
                    if name.eq_ignore_ascii_case("BODYPARTSTRUCTURE") {
                        part.structure = BodyStructure::parse(raw);
                    }
                }
            }
        }
        Ok((i, part))
    }
}

/// The parts that URLs name.
#[derive(Clone, Copy)]
pub struct UrlParts<'a>(&'a [u8]);

impl<'a> UrlParts<'a> {
    fn pop(&mut self) -> Option<UrlPart<'a>> {
        let (rest, part) = UrlPart::parse(self.0.trim_ascii_start()).ok()?;
        self.0 = rest.trim_ascii_start();
        Some(part)
    }
}

sequence!(UrlParts, UrlPartsIter, UrlPart<'a>);

#[cfg(test)]
mod tests {
    use super::super::command::tests::{encode, says};
    use super::*;
    use std::vec::Vec;

    const URL: &str = "imap://joe@example.com/INBOX/;uid=20/;section=1.2;urlauth=submit+fred";

    #[test]
    fn commands() {
        says(
            &GenUrlAuthCommand { urls: &[(URL, "INTERNAL"), ("b", "X.1")] },
            &std::format!("GENURLAUTH \"{URL}\" INTERNAL \"b\" X.1"),
        );
        assert!(encode(&GenUrlAuthCommand { urls: &[] }, false).is_err());
        assert!(encode(&GenUrlAuthCommand { urls: &[("a", "b c")] }, false).is_err());
        says(&ResetKeyCommand::default(), "RESETKEY");
        let some = ResetKeyCommand { mailbox: Some("é"), mechanisms: &["INTERNAL", "X"] };
        says(&some, r#"RESETKEY "&AOk-" INTERNAL X"#);
        assert!(encode(&ResetKeyCommand { mailbox: None, ..some }, false).is_err());
        says(&UrlFetchCommand { urls: &[("a", &[]), ("b", &[])] }, r#"URLFETCH "a" "b""#);
        says(
            &UrlFetchCommand {
                urls: &[("a", &[UrlFetchParam::BodyPartStructure, UrlFetchParam::Binary])],
            },
            r#"URLFETCH ("a" BODYPARTSTRUCTURE BINARY)"#,
        );
        let both = &[UrlFetchParam::Body, UrlFetchParam::Binary];
        assert!(encode(&UrlFetchCommand { urls: &[("a", both)] }, false).is_err());
        assert!(encode(&UrlFetchCommand { urls: &[] }, false).is_err());
    }

    fn parts(text: &[u8]) -> Vec<UrlPart<'_>> {
        UrlFetch::parse(text, false).unwrap().parts.iter().collect()
    }

    #[test]
    fn responses() {
        let it =
            GenUrlAuth::parse(b"imap://a;URLAUTH=anonymous:internal:00 \"b c\"", false).unwrap();
        assert!(it.urls.iter().eq(["imap://a;URLAUTH=anonymous:internal:00", "b c"]));
        assert_eq!(GenUrlAuth::parse(b"", false), None);
        let plain = UrlPart { url: "a".into(), body: None, binary: None, structure: None };
        assert_eq!(
            parts(b"\"a\" NIL a {3}\r\nb)\" "),
            [plain, UrlPart { body: Some("b)\"".into()), ..plain }],
        );
        let text = b"\"a\" (BODYPARTSTRUCTURE (\"IMAGE\" \"PNG\" () NIL NIL \"BINARY\" 123)) \
            (BINARY ~{3}\r\n\0()) b (BODY \"x\") (X-NEW (1 2)) c (BINARY NIL) d NIL";
        let [a, b, c, d] = parts(text)[..] else { panic!() };
        assert!(a.structure.unwrap().walk().next().unwrap().is("image", "png"));
        assert_eq!(a.binary, Some("\0()".into()));
        assert_eq!((b.body, b.binary), (Some("x".into()), None));
        assert_eq!((c.url, c.binary, d.url), ("c".into(), None, "d".into()));
        // Dovecot
        let text =
            b"imap://a/;UID=1 (BODYPARTSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"base64\" 5 0) \
            BINARY ~{5}\r\nhallo)";
        let [a] = parts(text)[..] else { panic!() };
        assert!(a.structure.is_some() && a.binary == Some("hallo".into()));
        let text = b"imap://a/%20;UID=1 {4}\r\na \r\n";
        assert_eq!(parts(text)[0].body, Some("a \r\n".into()));
        // One that is odd costs no more than itself.
        let text =
            b"\"imap://a\" NIL \"imap://b\" (BODY) () \"imap://c\" \"text\" d (X) (BODY (x)) e";
        let [_, b, c, d, e] = parts(text)[..] else { panic!() };
        assert_eq!((b.body, c.body, d.body), (None, Some("text".into()), Some("(x)".into())));
        assert_eq!((e.url, e.body), ("e".into(), None));
        for bad in [&b""[..], b"a (", b"a (BODY", b"a (BODY x", b"a \"b"] {
            assert_eq!(UrlFetch::parse(bad, false), None, "{bad:?}");
        }
    }
}
