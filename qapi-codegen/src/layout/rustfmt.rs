//! The statements that we emit, laid out as rustfmt does it. prettyplease breaks lines at other widths and by fewer rules;
//! where the two could differ, what it made is put on one line again and broken here.

/// rustfmt's `max_width`.
pub(super) const MAX_WIDTH: usize = 100;
/// rustfmt's `fn_call_width`: longer arguments stand on lines of their own.
const CALL_WIDTH: usize = 60;
/// rustfmt's `array_width`.
const ARRAY_WIDTH: usize = 60;
/// rustfmt's `struct_lit_width`.
const LITERAL_WIDTH: usize = 18;
/// Elements up to this width share lines.
const SHORT_ELEMENT: usize = 10;

/// Adds a line as it is.
pub(super) fn unchanged(indent: usize, code: &str, out: &mut String) {
    if !code.is_empty() {
        out.extend(std::iter::repeat_n(' ', indent));
        out.push_str(code);
    }
    out.push('\n');
}

/// Adds a statement, given on a single line.
pub(super) fn statement(indent: usize, code: &str, out: &mut String) {
    if code.len() <= LITERAL_WIDTH {
        return unchanged(indent, code, out);
    }
    if is_signature(code) {
        signature(indent, code, out);
    } else if let Some((head, elements, tail)) = array(code) {
        self::elements(indent, head, elements, tail, out);
    } else if let Some((pattern, body)) = code.split_once(" => ") {
        arm(indent, pattern, body, out);
    } else if let Some((head, fields, tail)) = literal(code) {
        struct_literal(indent, head, fields, tail, out);
    } else if let Some((place, value)) = assignment(code) {
        assign(indent, place, value, out);
    } else {
        expression(indent, "", code, out);
    }
}

fn fits(indent: usize, code: &str) -> bool {
    indent + code.len() <= MAX_WIDTH
}

fn is_signature(code: &str) -> bool {
    let code = code.strip_prefix("pub ").unwrap_or(code);
    code.starts_with("fn ") && code.contains('(')
}

fn signature(indent: usize, code: &str, out: &mut String) {
    if fits(indent, code) {
        return unchanged(indent, code, out);
    }
    match brackets(code) {
        Some((head, parameters, tail)) => vertical(indent, head, parameters, tail, out),
        None => unchanged(indent, code, out),
    }
}

/// Head with opening bracket, the text between, closing bracket with tail, of the first pair of parentheses.
fn brackets(code: &str) -> Option<(&str, &str, &str)> {
    let open = code.find('(')?;
    let close = closing(code, open)?;
    Some((&code[..=open], &code[open + 1..close], &code[close..]))
}

/// The position of the bracket that closes the one at `open`.
fn closing(code: &str, open: usize) -> Option<usize> {
    let mut depth = 0usize;
    let mut quoted = false;
    let mut escaped = false;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// The parts between commas that stand in no brackets.
fn split(code: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0usize, 0);
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in code.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'(' | b'[' | b'{' | b'<' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'>' if !code[..at].ends_with(['-', '=']) => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                parts.push(code[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    let last = code[start..].trim();
    if !last.is_empty() {
        parts.push(last);
    }
    parts
}

/// Each part on a line of its own.
fn vertical(indent: usize, head: &str, parts: &str, tail: &str, out: &mut String) {
    unchanged(indent, head, out);
    for part in split(parts) {
        statement(indent + 4, &format!("{part},"), out);
    }
    unchanged(indent, tail, out);
}

/// A constant that is an array: head up to `[`, the elements, the rest.
fn array(code: &str) -> Option<(&str, &str, &str)> {
    let open = code.find("= &[")? + 3;
    let close = closing(code, open)?;
    Some((&code[..=open], &code[open + 1..close], &code[close..]))
}

fn elements(indent: usize, head: &str, elements: &str, tail: &str, out: &mut String) {
    let line = format!("{head}{elements}{tail}");
    if elements.len() <= ARRAY_WIDTH && fits(indent, &line) && !elements.contains("#[") {
        return unchanged(indent, &line, out);
    }
    let parts = split(elements);
    let are_short = parts.iter().all(|part| part.len() <= SHORT_ELEMENT && part.starts_with('"'));
    if !are_short {
        unchanged(indent, head, out);
        for part in parts {
            attributed(indent + 4, &format!("{part},"), out);
        }
        return unchanged(indent, tail, out);
    }
    unchanged(indent, head, out);
    let mut line = String::new();
    for part in parts {
        if !line.is_empty() && indent + 4 + line.len() + part.len() + 2 > MAX_WIDTH {
            unchanged(indent + 4, &line, out);
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(part);
        line.push(',');
    }
    unchanged(indent + 4, &line, out);
    unchanged(indent, tail, out);
}

/// An element with attributes in front.
fn attributed(indent: usize, code: &str, out: &mut String) {
    let mut rest = code;
    while let Some(end) = rest.strip_prefix("#[").and_then(|_| closing(rest, 1)) {
        unchanged(indent, &rest[..=end], out);
        rest = rest[end + 1..].trim_start();
    }
    statement(indent, rest, out);
}

/// `pattern => body,`
fn arm(indent: usize, pattern: &str, body: &str, out: &mut String) {
    let line = format!("{pattern} => {body}");
    let opens = body.ends_with('{') || body == "{}";
    if opens || (fits(indent, &line) && !is_wide(body)) {
        return unchanged(indent, &line, out);
    }
    let body = body.trim_end_matches(',');
    unchanged(indent, &format!("{pattern} => {{"), out);
    expression(indent + 4, "", body, out);
    unchanged(indent, "}", out);
}

/// A struct literal on one line: up to `{`, the fields, the rest.
fn literal(code: &str) -> Option<(&str, &str, &str)> {
    let open = code.find("Self { ")? + 5;
    let close = closing(code, open)?;
    Some((&code[..=open], code[open + 1..close].trim(), &code[close..]))
}

fn struct_literal(indent: usize, head: &str, fields: &str, tail: &str, out: &mut String) {
    let line = format!("{head} {fields} {tail}");
    if fields.len() <= LITERAL_WIDTH && fits(indent, &line) {
        return unchanged(indent, &line, out);
    }
    unchanged(indent, head, out);
    for field in split(fields) {
        attributed(indent + 4, &format!("{field},"), out);
    }
    unchanged(indent, tail, out);
}

/// `place = value;` or `place: value,`, with the mark as part of the place.
fn assignment(code: &str) -> Option<(&str, &str)> {
    if let Some(at) = code.find(" = ") {
        return Some((&code[..at + 2], &code[at + 3..]));
    }
    let at = code.find(": ")?;
    let is_place = code[..at].bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_ ".contains(&byte));
    is_place.then(|| (&code[..=at], &code[at + 2..]))
}

fn assign(indent: usize, place: &str, value: &str, out: &mut String) {
    let line = format!("{place} {value}");
    if fits(indent, &line) && !is_wide(value) {
        return unchanged(indent, &line, out);
    }
    // The only thing that is called on the cursor is one method: its dot is a better place for a break than the start.
    let is_chain = value.starts_with("members.") || value.starts_with("members_.");
    if let (true, Some((cursor, call))) = (is_chain, value.split_once('.')) {
        unchanged(indent, &format!("{place} {cursor}"), out);
        return expression(indent + 4, ".", call, out);
    }
    if fits(indent + 4, value) && !is_wide(value) {
        unchanged(indent, place, out);
        return unchanged(indent + 4, value, out);
    }
    if fits(indent, &format!("{place} {}", call_head(value))) && is_wide(value) {
        return expression(indent, &format!("{place} "), value, out);
    }
    unchanged(indent, place, out);
    expression(indent + 4, "", value, out);
}

/// A call up to its opening bracket.
fn call_head(value: &str) -> &str {
    value.find('(').map_or(value, |open| &value[..=open])
}

/// The argument list of the outermost call of an expression: that of its last method, or of its function.
fn outer_call(code: &str) -> Option<(usize, usize)> {
    let mut found = None;
    let mut at = 0;
    while let Some(open) = code[at..].find('(').map(|offset| at + offset) {
        let close = closing(code, open)?;
        found = Some((open, close));
        at = close + 1;
    }
    found
}

/// Whether arguments are so long that they get lines of their own.
fn is_wide(code: &str) -> bool {
    let Some((open, close)) = outer_call(code) else {
        return false;
    };
    close - open - 1 > CALL_WIDTH
}

/// An expression, with what stands in front of it on its line and its closing mark.
fn expression(indent: usize, before: &str, code: &str, out: &mut String) {
    let line = format!("{before}{code}");
    if fits(indent, &line) && !is_wide(code) {
        return unchanged(indent, &line, out);
    }
    let Some((open, close)) = outer_call(code) else {
        return unchanged(indent, &line, out);
    };
    let (head, arguments, tail) = (&code[..=open], &code[open + 1..close], &code[close..]);
    // A call as the only argument hugs the brackets of the outer one.
    if let ([argument], Some((inner_open, inner_close))) =
        (split(arguments).as_slice(), outer_call(arguments))
        && inner_close + 1 == argument.len()
        && !argument.starts_with('&')
    {
        let head = format!("{before}{head}{}", &argument[..=inner_open]);
        if fits(indent, &head) {
            let tail = format!("{}{tail}", &argument[inner_close..]);
            return vertical(indent, &head, &argument[inner_open + 1..inner_close], &tail, out);
        }
    }
    vertical(indent, &format!("{before}{head}"), arguments, tail, out);
}
