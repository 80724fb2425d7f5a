//! Charts as SVG, made on the server: no script, no inline style; colours come from the style sheet, and the numbers stand in a text
//! for whoever cannot see the picture.

use std::fmt::Write;

use chrono::NaiveDate;

use crate::replies::console_pages::chart as text;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 200.0;
/// Room for the numbers at the left and the days below.
const LEFT: f64 = 44.0;
const BELOW: f64 = 24.0;
const ABOVE: f64 = 10.0;
/// More labels than this under a chart run into each other.
const MOST_LABELS: usize = 8;

/// One column or point.
#[derive(Debug, Clone)]
pub struct Point {
    pub label: String,
    /// One number for each series, from the bottom up.
    pub values: Vec<i64>,
}

/// Columns, the series of each stacked; `series` names them from the bottom up. `title` says what is shown.
pub fn columns(title: &str, series: &[&str], points: &[Point]) -> String {
    let most = points.iter().map(|point| point.values.iter().sum::<i64>()).max().unwrap_or(0);
    let top = rounded_up(most);
    let mut svg = begin(title, series, points, top);
    let step = (WIDTH - LEFT) / count(points.len().max(1));
    for (index, point) in points.iter().enumerate() {
        let x = LEFT + step * count(index) + step * 0.15;
        let mut base = 0;
        for (number, value) in point.values.iter().enumerate() {
            if *value > 0 {
                let (from, to) = (height(base, top), height(base + value, top));
                let name = series.get(number).copied().unwrap_or_default();
                let _ = write!(
                    svg,
                    "<rect class=\"series-{number}\" x=\"{x:.1}\" y=\"{to:.1}\" width=\"{:.1}\" height=\"{:.1}\"><title>{} {} {value}</title></rect>",
                    step * 0.7,
                    from - to,
                    escaped(&point.label),
                    escaped(name)
                );
                base += value;
            }
        }
    }
    end(svg, series, points, step)
}

/// Lines through the points, one for each series.
pub fn lines(title: &str, series: &[&str], points: &[Point]) -> String {
    let most = points.iter().flat_map(|point| point.values.iter().copied()).max().unwrap_or(0);
    let top = rounded_up(most);
    let mut svg = begin(title, series, points, top);
    let step = (WIDTH - LEFT) / count(points.len().max(1));
    for number in 0..series.len() {
        let path: Vec<String> = points
            .iter()
            .enumerate()
            .filter_map(|(index, point)| {
                let value = point.values.get(number)?;
                Some(format!("{:.1},{:.1}", LEFT + step * (count(index) + 0.5), height(*value, top)))
            })
            .collect();
        let _ = write!(svg, "<polyline class=\"series-{number}\" points=\"{}\"/>", path.join(" "));
    }
    end(svg, series, points, step)
}

/// From when until when something holds, with today's mark: ten years back, five ahead; an open end fades out at the edge.
pub fn span(from: Option<NaiveDate>, to: Option<NaiveDate>, today: NaiveDate) -> String {
    const WIDE: f64 = 150.0;
    const DAYS_BACK: i64 = 3650;
    const DAYS_AHEAD: i64 = 1825;
    let place = |date: NaiveDate| {
        let days = (date - today).num_days().clamp(-DAYS_BACK, DAYS_AHEAD) + DAYS_BACK;
        WIDE * ratio(days, DAYS_BACK + DAYS_AHEAD)
    };
    let (left, right) = (from.map_or(0.0, place), to.map_or(WIDE, place));
    let now = place(today);
    let words = match (from, to) {
        (Some(from), Some(to)) => text::from_to(from, to),
        (Some(from), None) => text::from(from),
        (None, Some(to)) => text::to(to),
        (None, None) => text::UNKNOWN.to_owned(),
    };
    let holds = from.is_none_or(|from| from <= today) && to.is_none_or(|to| today <= to);
    let class = if holds { "holds" } else { "past" };
    format!(
        "<span class=\"span\"><svg viewBox=\"0 0 {WIDE} 12\" aria-hidden=\"true\"><rect class=\"rule\" x=\"0\" y=\"5\" width=\"{WIDE}\" height=\"2\"/>\
         <rect class=\"{class}\" x=\"{left:.1}\" y=\"2\" width=\"{:.1}\" height=\"8\" rx=\"3\"/>\
         <line x1=\"{now:.1}\" x2=\"{now:.1}\" y1=\"0\" y2=\"12\"/></svg><span>{words}</span></span>",
        (right - left).max(3.0)
    )
}

fn begin(title: &str, series: &[&str], points: &[Point], top: i64) -> String {
    let mut told = String::new();
    for point in points {
        let values: Vec<String> = point.values.iter().enumerate().map(|(n, v)| format!("{}{v}", series.get(n).unwrap_or(&""))).collect();
        let _ = write!(told, "{}：{}；", point.label, values.join("、"));
    }
    let mut svg = format!(
        "<figure class=\"chart\"><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}。{}\">",
        escaped(title),
        escaped(&told)
    );
    for part in 0..=2 {
        let value = top * part / 2;
        let y = height(value, top);
        let _ = write!(
            svg,
            "<line class=\"rule\" x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{value}</text>",
            LEFT - 8.0,
            y + 4.0
        );
    }
    svg
}

fn end(mut svg: String, series: &[&str], points: &[Point], step: f64) -> String {
    let every = points.len().div_ceil(MOST_LABELS).max(1);
    for (index, point) in points.iter().enumerate().filter(|(index, _)| index % every == 0) {
        let x = LEFT + step * (count(index) + 0.5);
        let _ = write!(svg, "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>", HEIGHT - 6.0, escaped(&point.label));
    }
    svg.push_str("</svg>");
    if series.len() > 1 {
        svg.push_str("<figcaption>");
        for (number, name) in series.iter().enumerate() {
            let _ = write!(svg, "<span class=\"key series-{number}\">{}</span>", escaped(name));
        }
        svg.push_str("</figcaption>");
    }
    svg.push_str("</figure>");
    svg
}

/// Where a value stands, from above.
fn height(value: i64, top: i64) -> f64 {
    let room = HEIGHT - BELOW - ABOVE;
    HEIGHT - BELOW - room * ratio(value, top)
}

/// The next number people like to read on an axis: even, so that its half is whole.
fn rounded_up(most: i64) -> i64 {
    let mut step = 1;
    loop {
        for factor in [2, 4, 6, 10] {
            if most <= factor * step {
                return factor * step;
            }
        }
        step *= 10;
    }
}

fn ratio(value: i64, top: i64) -> f64 {
    // At most a few million questions: exact in 32 bits.
    f64::from(i32::try_from(value).unwrap_or(i32::MAX)) / f64::from(i32::try_from(top.max(1)).unwrap_or(i32::MAX))
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
