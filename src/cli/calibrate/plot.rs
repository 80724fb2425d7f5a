//! Precision against coverage as a picture: what more answers cost in wrong ones.

use crate::cli::calibrate::fit::Point;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 420.0;
const MARGIN: f64 = 60.0;
/// Precision at the foot of the picture: below it nobody would want the answers.
const FOOT: f64 = 0.5;
const LINES: usize = 5;

/// The picture as SVG.
pub fn svg(curve: &[Point], chosen: &Point) -> String {
    let x = |coverage: f64| MARGIN + coverage * (WIDTH - 2.0 * MARGIN);
    let y = |precision: f64| HEIGHT - MARGIN - (precision.max(FOOT) - FOOT) / (1.0 - FOOT) * (HEIGHT - 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    for line in 0..=LINES {
        #[expect(clippy::cast_precision_loss, reason = "a handful")]
        let share = line as f64 / LINES as f64;
        let precision = FOOT + share * (1.0 - FOOT);
        svg.push_str(&format!(
            "<line x1=\"{MARGIN}\" y1=\"{0:.1}\" x2=\"{1:.1}\" y2=\"{0:.1}\" stroke=\"#ddd\"/>\
             <text x=\"{2:.1}\" y=\"{3:.1}\" text-anchor=\"end\">{4:.0}%</text>\
             <text x=\"{5:.1}\" y=\"{6:.1}\" text-anchor=\"middle\">{7:.0}%</text>\n",
            y(precision),
            WIDTH - MARGIN,
            MARGIN - 8.0,
            y(precision) + 4.0,
            precision * 100.0,
            x(share),
            HEIGHT - MARGIN + 20.0,
            share * 100.0
        ));
    }
    let points: Vec<String> = curve.iter().map(|point| format!("{:.1},{:.1}", x(point.coverage), y(point.precision))).collect();
    svg.push_str(&format!("<polyline fill=\"none\" stroke=\"#1f5fa8\" stroke-width=\"2\" points=\"{}\"/>\n", points.join(" ")));
    svg.push_str(&format!(
        "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"5\" fill=\"#c0392b\"/>\n\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#c0392b\">chosen: {:.1}% covered, {:.1}% of the answers right</text>\n",
        x(chosen.coverage),
        y(chosen.precision),
        x(chosen.coverage) - 10.0,
        y(chosen.precision) + 24.0,
        chosen.coverage * 100.0,
        chosen.precision * 100.0
    ));
    svg.push_str(&format!(
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">answerable questions answered right</text>\n\
         <text transform=\"translate(16 {:.1}) rotate(-90)\" text-anchor=\"middle\">answers that are right</text>\n</svg>\n",
        WIDTH / 2.0,
        HEIGHT - 14.0,
        HEIGHT / 2.0
    ));
    svg
}
