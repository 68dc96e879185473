//! Bytes in recorded conversations, as the tables of the tests write them.

/// Returns the bytes that a cell stands for: `\n`, `\r`, `\t`, `\\` and `\xHH` are escapes, `<HH*N>` is byte
/// HH, N times.
///
/// # Panics
/// If it has another escape.
pub fn unescape(cell: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = cell.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let length = match (byte, tail) {
            (b'\\', [b'x', high, low, ..]) => {
                bytes.push(hex(*high, *low).expect("two hexadecimal digits"));
                4
            }
            (b'\\', [escaped, ..]) => {
                bytes.push(match escaped {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'\\' => b'\\',
                    other => panic!("`\\{}` in `{cell}`", char::from(*other)),
                });
                2
            }
            (b'<', [high, low, b'*', count @ ..]) => {
                let digits: Vec<u8> = count
                    .iter()
                    .copied()
                    .take_while(|&byte| byte != b'>')
                    .collect();
                let count = std::str::from_utf8(&digits)
                    .ok()
                    .and_then(|text| text.parse().ok());
                let byte = hex(*high, *low).expect("two hexadecimal digits");
                bytes.extend(std::iter::repeat_n(byte, count.expect("a number")));
                digits.len() + 5
            }
            _ => {
                bytes.push(byte);
                1
            }
        };
        rest = &rest[length..];
    }
    bytes
}

fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? << 4 | digit(low)?).ok()
}
