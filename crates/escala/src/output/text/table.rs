//! Columns that line up.

use crate::output::Screen;
use crate::output::screen::{fitted, printable};

/// Between two columns.
const GAP: &str = "  ";

/// The column that takes what the others leave, and is cut to it. It is aligned to the left, the others to the right.
const WIDE: usize = 1;

/// Lays out `rows` under `headers` in the width of the page.
pub(super) fn render<const N: usize>(
    headers: [&str; N],
    rows: &[[String; N]],
    screen: Screen,
) -> Vec<String> {
    let mut widths: [usize; N] = std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| printable(&row[column]).chars().count());
        cells.max().unwrap_or(0).max(headers[column].chars().count())
    });
    let taken: usize = widths.iter().map(|width| width + GAP.len()).sum::<usize>() - widths[WIDE] - GAP.len();
    let left = screen.width.saturating_sub(taken);
    widths[WIDE] = widths[WIDE].min(left.max(headers[WIDE].chars().count()));

    let header = screen.quiet(&line(&headers.map(str::to_owned), &widths));
    std::iter::once(header).chain(rows.iter().map(|row| line(row, &widths))).collect()
}

fn line<const N: usize>(cells: &[String; N], widths: &[usize; N]) -> String {
    let cells = cells.iter().zip(widths).enumerate().map(|(column, (cell, &width))| {
        let cell = fitted(&printable(cell), width);
        if column == WIDE { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
    });
    cells.collect::<Vec<_>>().join(GAP).trim_end().to_owned()
}
