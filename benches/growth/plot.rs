//! Double logarithmic plots.

use std::path::Path;

use plotters::coord::combinators::IntoLogRange;
use plotters::prelude::*;

type Error = Box<dyn std::error::Error>;

const COLOURS: [RGBColor; 3] = [
    RGBColor(0, 90, 181),
    RGBColor(220, 80, 20),
    RGBColor(20, 130, 80),
];

pub struct Series {
    pub name: &'static str,
    pub points: Vec<(f64, f64)>,
}

impl Series {
    /// What power of the measure the times grow with from a place on, by the least squares of their
    /// logarithms; 1 is in proportion.
    pub fn power(&self, from: f64) -> f64 {
        let points = self.points.iter().filter(|(x, _)| *x >= from);
        let points = points.map(|(x, y)| (x.ln(), y.ln()));
        let points: Vec<(f64, f64)> = points.collect();
        let count = points.len() as f64;
        let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / count;
        let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / count;
        let products = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y));
        let squares = points.iter().map(|(x, _)| (x - mean_x).powi(2));
        products.sum::<f64>() / squares.sum::<f64>()
    }
}

/// Times of several kinds of pictures.
pub struct Plot {
    /// In docs/pictures.
    pub file: &'static str,
    pub title: &'static str,
    /// The measure that the times are told by.
    pub across: &'static str,
    pub series: [Series; 3],
}

impl Plot {
    pub fn draw(&self) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures");
        self.draw_to(&folder.join(self.file)).expect("it is drawn");
    }

    fn draw_to(&self, path: &Path) -> Result<(), Error> {
        let root = SVGBackend::new(path, (760, 480)).into_drawing_area();
        root.fill(&WHITE)?;
        let all = || self.series.iter().flat_map(|series| &series.points);
        let (xs, ys) = (all().map(|(x, _)| *x), all().map(|(_, y)| *y));
        let (left, right) = bounds(xs);
        let (bottom, top) = bounds(ys);
        let mut chart = ChartBuilder::on(&root)
            .caption(self.title, ("sans-serif", 20))
            .margin(12)
            .x_label_area_size(44)
            .y_label_area_size(64)
            .build_cartesian_2d(
                (left..right * 1.2).log_scale(),
                (bottom / 1.5..top * 2.0).log_scale(),
            )?;
        chart
            .configure_mesh()
            .x_desc(self.across)
            .y_desc("processor time in ms")
            .x_label_formatter(&|x| x.to_string())
            .y_label_formatter(&|y| y.to_string())
            .label_style(("sans-serif", 14))
            .light_line_style(RGBColor(240, 240, 240))
            .bold_line_style(RGBColor(215, 215, 215))
            .draw()?;
        for (series, colour) in self.series.iter().zip(COLOURS) {
            let points = || series.points.iter().copied();
            // What grows in proportion to the measure and ends at the same place.
            let (x, y) = series.points[series.points.len() - 1];
            let start = left.max(x * bottom / 1.5 / y);
            let line = [(start, y * start / x), (x, y)];
            chart.draw_series(DashedLineSeries::new(line, 5, 4, colour.mix(0.8).into()))?;
            let style = ShapeStyle::from(colour).stroke_width(2);
            chart
                .draw_series(LineSeries::new(points(), style))?
                .label(series.name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], style));
            chart.draw_series(points().map(|point| Circle::new(point, 3, colour.filled())))?;
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .label_font(("sans-serif", 14))
            .background_style(WHITE)
            .border_style(RGBColor(200, 200, 200))
            .draw()?;
        root.present()?;
        Ok(())
    }
}

fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::MAX, f64::MIN), |(low, high), value| {
        (low.min(value), high.max(value))
    })
}
