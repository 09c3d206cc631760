//! Charts as SVG: delay curves, and delays against what they cost.
//!
//! `plotters` lays out axes and lines. It bakes colours in; here each colour that it is given stands
//! for a class, and is replaced by it, so that the style sheet decides (light, dark, on paper, dashed).

use plotters::coord::ranged1d::ValueFormatter;
use plotters::prelude::*;
use plotters::style::RGBColor;

use super::{Curves, Points, Today};
use crate::text;

/// Size in pixels.
const WIDE: u32 = 760;
const HIGH: u32 = 280;
/// What stands for the ink of the page.
const INK: RGBColor = RGBColor(1, 1, 1);
/// What stands for lines of less weight.
const FAINT: RGBColor = RGBColor(2, 2, 2);
/// Most curves that can be told apart.
pub(super) const MOST: usize = 6;

/// The colour that stands for the class `c0`, `c1` and so on.
fn series(number: usize) -> RGBColor {
    RGBColor(3, 0, (number % MOST) as u8)
}

/// The curves on a logarithmic axis; none if there is nothing to draw.
pub(super) fn curves(curves: &Curves) -> Option<String> {
    let drawn = || curves.curves.iter().take(MOST);
    let delays: Vec<u64> =
        drawn().flat_map(|(_, points)| points.iter().map(|point| point.0.max(1))).collect();
    let (least, greatest) = (*delays.iter().min()?, *delays.iter().max()?);
    // An event that mostly comes at once would leave all the axis to microseconds.
    let least = least.max(greatest / 10_000).max(1);
    let range = (least as f64 * 0.8..(greatest.max(least + 1)) as f64 * 1.25).log_scale();
    let mut out = String::new();
    {
        let root = SVGBackend::with_string(&mut out, (WIDE, HIGH)).into_drawing_area();
        let mut chart = ChartBuilder::on(&root)
            .margin(8)
            .margin_right(20)
            .x_label_area_size(36)
            .y_label_area_size(48)
            .build_cartesian_2d(range, 0.0..1.0)
            .ok()?;
        let duration = |us: &f64| text::duration(us.round() as u64);
        let share = |share: &f64| format!("{:.0} %", share * 100.0);
        mesh(&mut chart, ("delay from publication to arrival", "deliveries"), 5, &duration, &share)?;
        for (number, (_, points)) in drawn().enumerate() {
            let line = points.iter().map(|(us, share)| ((*us).max(least) as f64, *share));
            chart.draw_series(LineSeries::new(line, series(number).stroke_width(2))).ok()?;
        }
        root.present().ok()?;
    }
    Some(themed(&out, &curves.said))
}

/// The points, numbered, those of the frontier joined.
pub(super) fn points(points: &Points) -> Option<String> {
    let up: Vec<u64> = points.points.iter().map(|point| point.up.max(1)).collect();
    let across = points.points.iter().map(|point| point.across).fold(0.0, f64::max);
    let (least, greatest) = (*up.iter().min()?, *up.iter().max()?);
    if across <= 0.0 {
        return None;
    }
    let range = (least as f64 * 0.7..(greatest.max(least + 1)) as f64 * 1.4).log_scale();
    let (frontier, told) = (points.frontier(), points.numbered());
    let mut out = String::new();
    {
        let root = SVGBackend::with_string(&mut out, (WIDE, HIGH)).into_drawing_area();
        let mut chart = ChartBuilder::on(&root)
            .margin(8)
            .margin_right(20)
            .x_label_area_size(36)
            .y_label_area_size(64)
            .build_cartesian_2d(0.0..across * 1.1, range)
            .ok()?;
        let duration = |us: &f64| text::duration(us.round() as u64);
        let numbers = |across: &f64| format!("{across:.0}");
        // Within a decade there are few round numbers, and over several there are too many.
        let labels = if greatest / least < 10 { 12 } else { 4 };
        mesh(&mut chart, (&points.across, &points.up), labels, &numbers, &duration)?;
        let place = |number: usize| (points.points[number].across, points.points[number].up.max(1) as f64);
        chart
            .draw_series(LineSeries::new(
                frontier.iter().map(|&number| place(number)),
                series(0).stroke_width(2),
            ))
            .ok()?;
        for (number, point) in points.points.iter().enumerate() {
            let on = frontier.contains(&number);
            let style = if on { series(0).filled() } else { INK.stroke_width(1) };
            chart.draw_series([Circle::new(place(number), 4, style)]).ok()?;
            if point.today == Today::Now {
                chart.draw_series([Circle::new(place(number), 8, INK.stroke_width(2))]).ok()?;
            }
            if told.contains(&number) {
                let said = (number + 1).to_string();
                let style = ("sans-serif", 12).into_font().color(&INK);
                let label = EmptyElement::at(place(number)) + Text::new(said, (9, -14), style);
                chart.draw_series([label]).ok()?;
            }
        }
        root.present().ok()?;
    }
    Some(themed(&out, &points.said))
}

/// The axes with what they are called, some labels upwards, and how the labels of each are said.
fn mesh<X, Y>(
    chart: &mut ChartContext<'_, SVGBackend<'_>, Cartesian2d<X, Y>>,
    (across, up): (&str, &str),
    labels: usize,
    say_across: &dyn Fn(&f64) -> String,
    say_up: &dyn Fn(&f64) -> String,
) -> Option<()>
where
    X: Ranged<ValueType = f64> + ValueFormatter<f64>,
    Y: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    let font = || ("sans-serif", 12).into_font().color(&INK);
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(FAINT)
        .axis_style(INK)
        .label_style(font())
        .axis_desc_style(font())
        .x_desc(across)
        .y_desc(up)
        .y_labels(labels)
        .x_label_formatter(say_across)
        .y_label_formatter(say_up)
        .draw()
        .ok()
}

/// What `plotters` has drawn, in the colours of the page and with what it says for who cannot see it.
fn themed(svg: &str, said: &str) -> String {
    let body = svg.split_once('>').map_or("", |(_, body)| body);
    let mut out = format!(
        "<svg class=\"chart\" viewBox=\"0 0 {WIDE} {HIGH}\" role=\"img\" aria-label=\"{}\">",
        crate::svg::escaped(&text::clean(said, 1_000, false))
    );
    let mut body =
        body.replace("font-family=\"sans-serif\" ", "").replace("opacity=\"1\" ", "").replace('\n', "");
    // All labels are of one size, which is the style sheet's.
    body = body.replace("font-size=\"9.67741935483871\" ", "").replace(" stroke-width=\"1\"", "");
    for (from, class) in [("#010101", "ink"), ("#020202", "faint")] {
        body = body
            .replace(&format!("fill=\"none\" stroke=\"{from}\""), &format!("class=\"s-{class}\""))
            .replace(&format!("stroke=\"{from}\""), &format!("class=\"s-{class}\""))
            .replace(&format!("fill=\"{from}\""), &format!("class=\"f-{class}\""));
    }
    for number in 0..MOST {
        let from = format!("#03000{number}");
        body = body
            .replace(&format!("fill=\"none\" stroke=\"{from}\""), &format!("class=\"c{number}\""))
            .replace(&format!("stroke=\"{from}\""), &format!("class=\"c{number}\""))
            .replace(&format!("fill=\"{from}\""), &format!("class=\"d{number}\""));
    }
    out.push_str(&body);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Point;

    #[test]
    fn no_colour_of_the_library_is_left() {
        let curve = |name: &str| (name.to_owned(), vec![(63, 0.0), (1_000, 0.5), (2_000_000, 0.94)]);
        let all = Curves { said: "<said>".into(), curves: ["a", "b", "c"].map(curve).to_vec() };
        let point = |across, up, today| Point { name: String::new(), across, up, today, loses: false };
        let some = vec![
            point(1.0, 900, Today::Now),
            point(2.0, 10, Today::Proposed),
            point(3.0, 10, Today::Proposed),
        ];
        let some = Points { said: String::new(), across: "reads".into(), up: "delay".into(), points: some };
        for svg in [curves(&all).unwrap(), points(&some).unwrap()] {
            assert!(!svg.contains("=\"#") && !svg.contains("font-family"), "{svg}");
            assert!(svg.ends_with("</svg>") && svg.len() < 16_000, "{} {svg}", svg.len());
        }
    }

    #[test]
    fn nothing_is_no_chart() {
        assert_eq!(curves(&Curves { said: String::new(), curves: vec![] }), None);
        assert_eq!(
            points(&Points { said: String::new(), across: String::new(), up: String::new(), points: vec![] }),
            None
        );
    }
}
