//! The statements that we emit, each given on one line, laid out as rustfmt does it.

/// rustfmt's `max_width`.
pub(super) const MAX_WIDTH: usize = 100;
/// rustfmt's `fn_call_width`: longer arguments stand on lines of their own.
const CALL_WIDTH: usize = 60;
/// rustfmt's `chain_width`: longer chains of more than one part are broken.
const CHAIN_WIDTH: usize = 60;
/// rustfmt's `attr_fn_like_width`.
const ATTRIBUTE_WIDTH: usize = 70;
/// rustfmt's `array_width`.
const ARRAY_WIDTH: usize = 60;
/// rustfmt's `struct_lit_width`.
const LITERAL_WIDTH: usize = 18;
/// The least of the widths for calls, chains and arrays.
const SHORT_STATEMENT: usize = 60;
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
    if is_short(indent, code) {
        return unchanged(indent, code, out);
    }
    if is_implementation(code) {
        implementation(indent, code, out);
    } else if is_signature(code) {
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

/// Whether nothing in a statement can be too long for any of the rules. Most are like that.
fn is_short(indent: usize, code: &str) -> bool {
    // The room that `assign` wants.
    const SPARE: usize = 2;
    let inner = code.strip_suffix('{').unwrap_or(code).as_bytes();
    code.len() <= LITERAL_WIDTH
        || (code.len() <= SHORT_STATEMENT
            && fits(indent + SPARE, code)
            && !inner.contains(&b'{')
            && !inner.contains(&b'#'))
}

fn fits(indent: usize, code: &str) -> bool {
    indent + code.len() <= MAX_WIDTH
}

/// Whether it is the first line of an `impl`.
fn is_implementation(code: &str) -> bool {
    code.starts_with("impl ") || code.starts_with("impl<")
}

fn implementation(indent: usize, code: &str, out: &mut String) {
    match code.split_once(" for ") {
        Some((trait_, ty)) if !fits(indent, code) && ty.ends_with(" {") => {
            unchanged(indent, trait_, out);
            unchanged(
                indent + 4,
                &format!("for {}", ty.trim_end_matches(" {")),
                out,
            );
            unchanged(indent, "{", out);
        }
        _ => unchanged(indent, code, out),
    }
}

fn is_signature(code: &str) -> bool {
    let code = code.strip_prefix("pub ").unwrap_or(code);
    let code = code.strip_prefix("async ").unwrap_or(code);
    code.starts_with("fn ") && code.contains('(')
}

fn signature(indent: usize, code: &str, out: &mut String) {
    if fits(indent, code) {
        return unchanged(indent, code, out);
    }
    let Some((head, parameters, tail)) = brackets(code) else {
        return unchanged(indent, code, out);
    };
    match tail.strip_suffix(" {") {
        // rustfmt wants four columns to spare in front of a brace, as if it stood inside.
        Some(short) if !fits(indent + 4, tail) => {
            vertical(indent, head, parameters, short, out);
            unchanged(indent, "{", out);
        }
        _ => vertical(indent, head, parameters, tail, out),
    }
}

/// Calls `visit` with the position of every byte outside of strings, what it does to the depth of brackets, and the
/// byte, until that says no.
fn walk(code: &str, visit: &mut dyn FnMut(usize, i32, u8) -> bool) {
    let (mut quoted, mut escaped) = (false, false);
    let mut before = b' ';
    for (at, byte) in code.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            _ => {
                let change = match byte {
                    b'(' | b'[' | b'{' | b'<' => 1,
                    b')' | b']' | b'}' => -1,
                    b'>' if before != b'-' && before != b'=' => -1,
                    _ => 0,
                };
                if !visit(at, change, byte) {
                    return;
                }
            }
        }
        before = byte;
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
    let mut depth = 0;
    let mut found = None;
    walk(&code[open..], &mut |at, change, _| {
        depth += change;
        if depth == 0 {
            found = Some(open + at);
        }
        depth > 0
    });
    found
}

/// The parts between commas that stand in no brackets.
fn split(code: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0, 0);
    walk(code, &mut |at, change, byte| {
        depth += change;
        if byte == b',' && depth == 0 {
            parts.push(code[start..at].trim());
            start = at + 1;
        }
        true
    });
    let last = code[start..].trim();
    if !last.is_empty() {
        parts.push(last);
    }
    parts
}

/// Each part on a line of its own, unless all are short.
fn vertical(indent: usize, head: &str, parts: &str, tail: &str, out: &mut String) {
    unchanged(indent, head, out);
    let list = split(parts);
    if list.len() > 1 && list.iter().all(|part| part.len() <= SHORT_ELEMENT) {
        unchanged(indent + 4, &format!("{},", list.join(", ")), out);
        return unchanged(indent, tail, out);
    }
    for part in list {
        let part = format!("{part},");
        if part.starts_with("#[") && fits(indent + 4, &part) {
            unchanged(indent + 4, &part, out);
        } else {
            attributed(indent + 4, &part, out);
        }
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
    let value = format!("&[{elements}{tail}");
    if elements.len() <= ARRAY_WIDTH && fits(indent + 4, &value) && !elements.contains("#[") {
        unchanged(indent, head.trim_end_matches(" &["), out);
        return unchanged(indent + 4, &value, out);
    }
    let parts = split(elements);
    let are_short = parts
        .iter()
        .all(|part| part.len() <= SHORT_ELEMENT && part.starts_with('"'));
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

/// Attributes, and what they stand in front of.
fn attributed(indent: usize, code: &str, out: &mut String) {
    let mut rest = code;
    while let Some(end) = rest.strip_prefix("#[").and_then(|_| closing(rest, 1)) {
        attribute(indent, &rest[..=end], out);
        rest = rest[end + 1..].trim_start();
    }
    if !rest.is_empty() {
        statement(indent, rest, out);
    }
}

/// One attribute. Lists that are too long have their parts on lines of their own, without a comma behind the last.
pub(super) fn attribute(indent: usize, code: &str, out: &mut String) {
    if code.len() <= ATTRIBUTE_WIDTH && fits(indent, code) {
        return unchanged(indent, code, out);
    }
    let Some((open, close)) = outer_call(code) else {
        return unchanged(indent, code, out);
    };
    let (mut head, mut inner, mut tail) = (
        code[..=open].to_owned(),
        &code[open + 1..close],
        code[close..].to_owned(),
    );
    // A list as the only part hugs the brackets of the outer one, and its width is the one that counts.
    while let ([_], Some((open, close))) = (split(inner).as_slice(), outer_call(inner)) {
        head.push_str(&inner[..=open]);
        tail.insert_str(0, &inner[close..]);
        inner = &inner[open + 1..close];
    }
    if code.starts_with("#[derive") || (inner.len() <= ATTRIBUTE_WIDTH && fits(indent, code)) {
        return unchanged(indent, code, out);
    }
    unchanged(indent, &head, out);
    let parts = split(inner);
    for (index, part) in parts.iter().enumerate() {
        let comma = if index + 1 < parts.len() { "," } else { "" };
        attribute(indent + 4, &format!("{part}{comma}"), out);
    }
    unchanged(indent, &tail, out);
}

/// `pattern => body,`
fn arm(indent: usize, pattern: &str, body: &str, out: &mut String) {
    let line = format!("{pattern} => {body}");
    let opens = body.ends_with('{') || body == "{}";
    if opens || (fits(indent, &line) && !is_wide(body)) {
        return unchanged(indent, &line, out);
    }
    let short = body.trim_end_matches(',');
    // Rather a chain over two lines behind the arrow than in a block, but rather a block than two lines.
    if let Some((receiver, call)) = method_call(body)
        && !fits(indent + 4, short)
        && fits(indent + 1, &format!("{pattern} => {receiver}"))
    {
        unchanged(indent, &format!("{pattern} => {receiver}"), out);
        return expression(indent + 4, ".", call, out);
    }
    unchanged(indent, &format!("{pattern} => {{"), out);
    expression(indent + 4, "", short, out);
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
    let is_place = code[..at]
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"_ ".contains(&byte));
    is_place.then(|| (&code[..=at], &code[at + 2..]))
}

fn assign(indent: usize, place: &str, value: &str, out: &mut String) {
    let is_field = place.ends_with(':');
    let call = method_call(value);
    // rustfmt reserves a column or two for a question mark.
    let spare = match (value.contains(")?"), call) {
        (true, Some(_)) => {
            if is_field {
                1
            } else {
                2
            }
        }
        _ => 0,
    };
    let line = format!("{place} {value}");
    if fits(indent + spare, &line) && !is_wide(value) {
        return unchanged(indent, &line, out);
    }
    let fits_below = fits(indent + 4, value) && !is_wide(value);
    // In front of a method is a better place for a break than behind the colon.
    if let Some((receiver, call)) = call
        && (is_field || !fits_below)
        && fits(indent + 1, &format!("{place} {receiver}"))
    {
        unchanged(indent, &format!("{place} {receiver}"), out);
        return expression(indent + 4, ".", call, out);
    }
    if fits_below {
        unchanged(indent, place, out);
        return unchanged(indent + 4, value, out);
    }
    // A question mark or comma behind the call wants a column on its first line, a semicolon none.
    let spare = usize::from(!value.ends_with(");"));
    if fits(indent + spare, &format!("{place} {}", call_head(value))) {
        return expression(indent, &format!("{place} "), value, out);
    }
    unchanged(indent, place, out);
    expression(indent + 4, "", value, out);
}

/// Receiver and call of an expression that calls one method. Receivers up to the width of an indentation do not count:
/// rustfmt never breaks behind them.
fn method_call(code: &str) -> Option<(&str, &str)> {
    let dots = dots(code);
    let [dot] = dots[..] else { return None };
    (dot > 4).then(|| (&code[..dot], &code[dot + 1..]))
}

/// Where the methods and fields of a chain begin.
fn dots(code: &str) -> Vec<usize> {
    let mut dots = Vec::new();
    let mut depth = 0;
    walk(code, &mut |at, change, byte| {
        depth += change;
        if byte == b'.' && depth == 0 {
            dots.push(at);
        }
        true
    });
    dots
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
    let arguments = &code[open + 1..close];
    if arguments.len() <= CALL_WIDTH {
        return false;
    }
    // A single argument can overflow the line by itself; only a call of a function is pulled apart.
    split(arguments).len() > 1 || (arguments.ends_with(')') && dots(arguments).is_empty())
}

/// Whether a chain of several parts is too long for a line.
fn is_long_chain(code: &str) -> bool {
    let own = code.trim_start_matches('&').trim_end_matches([',', ';']);
    own.len() > CHAIN_WIDTH && dots(code).len() > 1
}

/// A chain with each part on a line of its own, if it has parts that can be.
fn chain(indent: usize, code: &str, out: &mut String) -> bool {
    let dots = dots(code);
    if dots.len() < 2 && method_call(code).is_none() {
        return false;
    }
    let ends = dots.iter().skip(1).copied().chain([code.len()]);
    unchanged(indent, &code[..dots[0]], out);
    for (start, end) in dots.iter().zip(ends) {
        unchanged(indent + 4, &code[*start..end], out);
    }
    true
}

/// An expression, with what stands in front of it on its line and its closing mark.
fn expression(indent: usize, before: &str, code: &str, out: &mut String) {
    let line = format!("{before}{code}");
    if fits(indent, &line) && !is_wide(code) && !is_long_chain(code) {
        return unchanged(indent, &line, out);
    }
    if before.is_empty() && chain(indent, code, out) {
        return;
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
            return vertical(
                indent,
                &head,
                &argument[inner_open + 1..inner_close],
                &tail,
                out,
            );
        }
    }
    vertical(indent, &format!("{before}{head}"), arguments, tail, out);
}
