//! SASLprep (RFC 4013), as far as it needs no tables of Unicode.

use super::Error;

/// Prepares a name or a password by SASLprep (RFC 4013) and gives its bytes in UTF-8.
///
/// Spaces that are not ASCII become a space, what is commonly mapped to nothing is left out,
/// and what is prohibited is refused. Not done, because the tables would take more room than
/// all of mailwire: normalization (NFKC) and the check of text from right to left.
///
/// # Errors
///
/// The text holds a character that is prohibited.
pub(super) fn prepare(text: &str) -> Result<impl Iterator<Item = u8> + Clone + '_, Error> {
    let mapped = text.chars().filter_map(map);
    if mapped.clone().any(is_prohibited) {
        return Err(Error::InvalidCredentials("a character that SASLprep prohibits"));
    }
    Ok(mapped.flat_map(utf8))
}

/// The bytes of a character.
fn utf8(character: char) -> impl Iterator<Item = u8> + Clone {
    let mut bytes = [0; 4];
    let length = character.encode_utf8(&mut bytes).len();
    bytes.into_iter().take(length)
}

/// RFC 4013 section 2.1.
fn map(character: char) -> Option<char> {
    match character {
        // RFC 3454 table C.1.2; it comes first, as in other implementations: 200B is in both.
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200b}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            Some(' ')
        }
        // Table B.1.
        '\u{ad}'
        | '\u{34f}'
        | '\u{1806}'
        | '\u{180b}'..='\u{180d}'
        | '\u{200c}'
        | '\u{200d}'
        | '\u{2060}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' => None,
        other => Some(other),
    }
}

/// RFC 4013 section 2.3, without what [`map`] never lets through.
fn is_prohibited(character: char) -> bool {
    matches!(
        character,
        // RFC 3454 tables C.2.1 and C.2.2: controls.
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{6dd}' | '\u{70f}' | '\u{180e}'
        | '\u{2028}' | '\u{2029}' | '\u{2061}'..='\u{2063}' | '\u{206a}'..='\u{206f}'
        | '\u{1d173}'..='\u{1d17a}'
        // C.3: private use.
        | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}'
        // C.4: no characters. (C.5, surrogates, cannot be in a `char`.)
        | '\u{fdd0}'..='\u{fdef}'
        // C.6 and C.7: not for plain text, not for canonical representation.
        | '\u{fff9}'..='\u{fffd}' | '\u{2ff0}'..='\u{2ffb}'
        // C.8: they change how text is shown.
        | '\u{340}' | '\u{341}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        // C.9: tags.
        | '\u{e0001}' | '\u{e0020}'..='\u{e007f}'
    ) || u32::from(character) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;

    fn prepared(text: &str) -> Result<String, Error> {
        prepare(text).map(|bytes| String::from_utf8(bytes.collect()).unwrap())
    }

    /// RFC 4013 section 3, but for what needs NFKC.
    #[test]
    fn examples() {
        assert_eq!(prepared("I\u{ad}X").unwrap(), "IX");
        assert_eq!(prepared("user").unwrap(), "user");
        assert_eq!(prepared("USER").unwrap(), "USER");
        assert!(prepared("\u{7}").is_err());
    }

    #[test]
    fn mapped_and_prohibited() {
        assert_eq!(prepared("a\u{a0}b\u{3000}c\u{200b}d\u{2060}e").unwrap(), "a b c de");
        assert_eq!(prepared("pässwörd €𝄞").unwrap(), "pässwörd €𝄞");
        for bad in
            ["\0", "\r\n", "\u{7f}", "\u{85}", "\u{e000}", "\u{fffe}", "\u{1ffff}", "\u{10ffff}"]
        {
            assert!(prepared(bad).is_err(), "{bad:?}");
        }
    }
}
