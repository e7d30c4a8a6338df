package dev.weir.it.results;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A line chart as a PNG: eight colours that colour-blind people tell apart, on white, which both of GitHub's themes leave as it is. */
final class Picture {

    /**
     * One line.
     *
     * @param name as the legend has it
     * @param x its points, ascending
     * @param y as many
     */
    record Line(String name, List<Double> x, List<Double> y) {}

    /**
     * An axis.
     *
     * @param title what and in which unit
     * @param from its lowest value
     * @param to its highest value
     * @param pattern of the numbers on it
     */
    record Axis(String title, double from, double to, String pattern) {}

    /** Okabe and Ito's palette, its yellow left out: it does not show on white. */
    private static final List<Color> COLOURS = List.of(
            new Color(0x9A9A9A),
            new Color(0x0072B2),
            new Color(0xD55E00),
            new Color(0x009E73),
            new Color(0xCC79A7),
            new Color(0xE69F00),
            new Color(0x56B4E9),
            new Color(0x000000));

    private static final int WIDTH = 1_200;
    private static final double NUDGE = 1e-4;
    private static final float[] DASHES = {12, 7};

    private Picture() {}

    /**
     * Writes the chart; its folder is made where it is missing.
     *
     * @param legend where there are no lines
     */
    static void write(Path file, int height, Styler.LegendPosition legend, Axis x, Axis y, List<Line> lines)
            throws IOException {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(height)
                .xAxisTitle(x.title())
                .yAxisTitle(y.title())
                .build();
        style(chart.getStyler(), x, y);
        chart.getStyler().setLegendPosition(legend);
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            XYSeries series = chart.addSeries(line.name(), uneven(line.x()), line.y());
            series.setMarker(SeriesMarkers.NONE);
            series.setLineColor(COLOURS.get(i % COLOURS.size()));
            series.setLineStyle(stroke(i));
        }
        Files.createDirectories(file.getParent());
        ImageIO.write(BitmapEncoder.getBufferedImage(chart), "png", file.toFile());
    }

    /** Of evenly spaced points the library makes ticks, whatever their numbers: the first moves by what nobody sees. */
    private static List<Double> uneven(List<Double> x) {
        List<Double> moved = new ArrayList<>(x);
        moved.set(0, x.getFirst() + NUDGE * (x.getLast() - x.getFirst()));
        return moved;
    }

    /** Every second line is dashed, so that a print without colours can be read. */
    private static BasicStroke stroke(int line) {
        return line % 2 == 0
                ? new BasicStroke(3, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND)
                : new BasicStroke(3, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, DASHES, 0);
    }

    private static void style(XYStyler styler, Axis x, Axis y) {
        Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 22);
        styler.setChartBackgroundColor(Color.WHITE);
        styler.setPlotBackgroundColor(Color.WHITE);
        styler.setChartFontColor(Color.BLACK);
        styler.setChartTitleVisible(false);
        styler.setPlotBorderVisible(false);
        styler.setPlotGridLinesColor(new Color(0xDDDDDD));
        styler.setAxisTitleFont(font);
        styler.setAxisTickLabelsFont(font);
        styler.setLegendFont(font);
        styler.setLegendBorderColor(Color.WHITE);
        styler.setLegendSeriesLineLength(50);
        styler.setLegendPadding(16);
        styler.setXAxisMin(x.from()).setXAxisMax(x.to()).setXAxisDecimalPattern(x.pattern());
        styler.setYAxisMin(y.from()).setYAxisMax(y.to()).setYAxisDecimalPattern(y.pattern());
        styler.setXAxisTickMarkSpacingHint(120);
        styler.setYAxisTickMarkSpacingHint(80);
        styler.setChartPadding(24);
    }
}
