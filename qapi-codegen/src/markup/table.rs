//! Tables: simple ones, between lines of `=`, and grids.

use super::indentation::{is_blank, trim_end};
use super::{Inline, Table, inline};

/// The number of lines that are searched for the end of a table.
const LONGEST: usize = 2000;

/// Returns true if a table begins with this line.
pub(super) fn starts(line: &str) -> bool {
    is_border(line) || is_grid(line)
}

/// `====  ===`
fn is_border(line: &str) -> bool {
    if !line.starts_with("==") {
        return false;
    }
    let line = line.trim_end();
    line.contains("= ") && line.chars().all(|c| "= ".contains(c))
}

/// `+---+---+`, `+===+===+`
fn is_grid(line: &str) -> bool {
    if !line.starts_with("+-") && !line.starts_with("+=") {
        return false;
    }
    let line = line.trim_end();
    line.len() > 2 && line.ends_with('+') && line.chars().all(|c| "+-=".contains(c))
}

/// Returns the number of lines of the table that begins with the first.
pub(super) fn length(lines: &[&str]) -> usize {
    if is_grid(lines[0]) {
        let more = lines.iter().position(|line| is_blank(line));
        return more.unwrap_or(lines.len());
    }
    // Blank lines may stand between rows: the table ends with a border that a blank line or nothing follows.
    let ends = |index: usize| lines.get(index + 1).is_none_or(|line| is_blank(line));
    let borders = lines
        .iter()
        .enumerate()
        .take(LONGEST)
        .skip(1)
        .filter(|(_, line)| is_border(line));
    let end = borders.map(|(index, _)| index).find(|index| ends(*index));
    let blank = || lines.iter().position(|line| is_blank(line));
    end.map_or_else(|| blank().unwrap_or(lines.len()), |last| last + 1)
}

/// Returns the table that the lines are; none if it has cells over several columns or rows, or is not a table.
pub(super) fn parse(lines: &[&str]) -> Option<Table> {
    let lines = trim_end(lines);
    let first = lines.first()?;
    let (head, rows) = if is_grid(first) {
        grid(lines)?
    } else if is_border(first) {
        simple(lines)?
    } else {
        return None;
    };
    let cells = |row: &Vec<String>| row.iter().map(|cell| inline::parse(cell)).collect();
    Some(Table {
        title: Vec::new(),
        head: head.as_ref().map(cells).unwrap_or_default(),
        rows: rows.iter().map(cells).collect(),
    })
}

type Rows = (Option<Vec<String>>, Vec<Vec<String>>);

/// Start and end of each column in characters; the last one has no end.
fn columns(border: &str) -> Vec<(usize, usize)> {
    let mut columns = Vec::new();
    let mut start = None;
    for (at, c) in border.trim_end().char_indices() {
        match (c, start) {
            ('=', None) => start = Some(at),
            (' ', Some(from)) => {
                columns.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    columns.extend(start.map(|from| (from, usize::MAX)));
    columns
}

fn simple(lines: &[&str]) -> Option<Rows> {
    let columns = columns(lines[0]);
    let borders: Vec<_> = (0..lines.len())
        .filter(|index| is_border(lines[*index]))
        .collect();
    let (head, body) = match borders[..] {
        [0, last] => (&lines[0..0], &lines[1..last]),
        [0, middle, last] => (&lines[1..middle], &lines[middle + 1..last]),
        _ => return None,
    };
    if borders.last() != Some(&(lines.len() - 1)) {
        return None;
    }
    let mut head = simple_rows(head, &columns)?;
    if head.len() > 1 {
        return None;
    }
    Some((head.pop(), simple_rows(body, &columns)?))
}

fn simple_rows(lines: &[&str], columns: &[(usize, usize)]) -> Option<Vec<Vec<String>>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for line in lines.iter().filter(|line| !is_blank(line)) {
        let chars: Vec<char> = line.chars().collect();
        // Text between the columns belongs to none of them.
        let gaps = columns.windows(2).map(|pair| (pair[0].1, pair[1].0));
        for (from, to) in gaps {
            let gap = chars.iter().take(to).skip(from);
            if gap.copied().any(|c| c != ' ') {
                return None;
            }
        }
        let cells = columns.iter().map(|(from, to)| {
            let end = (*to).min(chars.len());
            let cell: String = chars.get(*from..end).unwrap_or_default().iter().collect();
            cell.trim().to_owned()
        });
        let cells: Vec<_> = cells.collect();
        match rows.last_mut() {
            Some(row) if cells[0].is_empty() => join(row, &cells),
            _ => rows.push(cells),
        }
    }
    Some(rows)
}

/// Adds another line to each cell of a row.
fn join(row: &mut [String], more: &[String]) {
    for (cell, more) in row.iter_mut().zip(more) {
        if !cell.is_empty() && !more.is_empty() {
            cell.push('\n');
        }
        cell.push_str(more);
    }
}

fn grid(lines: &[&str]) -> Option<Rows> {
    let places = |line: &str| -> Vec<usize> {
        let marks = line.trim_end().char_indices();
        marks.filter(|(_, c)| *c == '+').map(|(at, _)| at).collect()
    };
    let edges = places(lines[0]);
    let mut head = None;
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut row: Option<Vec<String>> = None;
    for line in &lines[1..] {
        if is_grid(line) {
            if places(line) != edges {
                return None;
            }
            let row = row.take()?;
            if line.starts_with("+=") {
                if head.is_some() || !rows.is_empty() {
                    return None;
                }
                head = Some(row);
            } else {
                rows.push(row);
            }
            continue;
        }
        let chars: Vec<char> = line.trim_end().chars().collect();
        if chars.len() != edges.last()? + 1 || edges.iter().any(|at| chars[*at] != '|') {
            return None;
        }
        let cells: Vec<String> = edges
            .windows(2)
            .map(|pair| chars[pair[0] + 1..pair[1]].iter().collect::<String>())
            .map(|cell| cell.trim().to_owned())
            .collect();
        match &mut row {
            Some(row) => join(row, &cells),
            None => row = Some(cells),
        }
    }
    // The last line is a border.
    row.is_none().then_some((head, rows))
}

impl Table {
    /// Returns the number of columns.
    pub(crate) fn width(&self) -> usize {
        self.rows.first().map_or(self.head.len(), Vec::len)
    }

    /// Returns the cells of a row as text without markup.
    pub(crate) fn texts(row: &[Vec<Inline>]) -> Vec<String> {
        row.iter().map(|cell| super::plain(cell)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cells by row, the head first, with `|` between them.
    fn shown(text: &str) -> Option<Vec<String>> {
        let lines: Vec<_> = text.lines().collect();
        let table = parse(&lines)?;
        let rows = std::iter::once(&table.head).chain(&table.rows);
        Some(rows.map(|row| Table::texts(row).join("|")).collect())
    }

    #[test]
    fn columns_of_simple_tables_are_where_the_border_has_them() {
        let table =
            "===  =====\nA    B\n===  =====\n1    two long words\n     and more\n2\n===  =====";
        assert_eq!(
            shown(table),
            Some(vec![
                "A|B".to_owned(),
                "1|two long words and more".to_owned(),
                "2|".to_owned()
            ])
        );
        assert_eq!(
            shown("==  ==\na   b\n==  =="),
            Some(vec![String::new(), "a|b".to_owned()])
        );
    }

    #[test]
    fn grids_have_cells_of_several_lines() {
        let table = "+---+----+\n| A | B  |\n+===+====+\n| a | b1 |\n|   | b2 |\n+---+----+";
        assert_eq!(
            shown(table),
            Some(vec!["A|B".to_owned(), "a|b1 b2".to_owned()])
        );
    }

    #[test]
    fn text_that_does_not_fit_the_columns_is_not_a_table() {
        assert_eq!(shown("==  ==\nabcde\n==  =="), None);
        assert_eq!(shown("==  ==\na   b"), None);
        assert_eq!(shown("+--+--+\n| one |\n+--+--+"), None);
        assert_eq!(shown("+--+--+\n|a |b |"), None);
    }

    #[test]
    fn a_table_ends_with_its_last_border() {
        let lines = ["==  ==", "a   b", "", "c   d", "==  ==", "", "text"];
        assert_eq!(length(&lines), 5);
        assert_eq!(length(&["+-+-+", "|a|b|", "+-+-+", "", "x"]), 3);
        assert_eq!(length(&["==  ==", "a   b", "", "text"]), 2);
    }
}
