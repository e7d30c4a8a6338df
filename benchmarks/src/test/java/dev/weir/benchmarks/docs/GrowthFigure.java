package dev.weir.benchmarks.docs;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Three charts side by side: the medians as a line, the least and the most of the rounds as points. */
final class GrowthFigure {
    private GrowthFigure() {}

    static void write(Reports reports, Path png) throws IOException {
        List<XYChart> charts = List.of(
                chart(reports, "size", "model, MB", "modelBytes", 1e6),
                chart(reports, "channels", "channels", "channels", 1),
                chart(reports, "partitions", "partitions", "partitions", 1));
        BitmapEncoder.saveBitmap(charts, 1, charts.size(), png.toString(), BitmapEncoder.BitmapFormat.PNG);
    }

    private static XYChart chart(Reports reports, String series, String title, String key, double unit) {
        List<Double> x = new ArrayList<>();
        List<Double> median = new ArrayList<>();
        List<Double> least = new ArrayList<>();
        List<Double> most = new ArrayList<>();
        for (JsonNode row : reports.parts("growth").path("cases")) {
            if (row.path("series").asText().equals(series)) {
                x.add(row.path(key).asDouble() / unit);
                median.add(row.path("seconds").path("median").asDouble());
                least.add(row.path("seconds").path("min").asDouble());
                most.add(row.path("seconds").path("max").asDouble());
            }
        }
        XYChart chart = new XYChartBuilder()
                .width(420)
                .height(340)
                .xAxisTitle(title)
                .yAxisTitle("s a checkpoint")
                .build();
        chart.getStyler().setLegendVisible(false).setChartBackgroundColor(Color.WHITE);
        if (series.equals("size")) {
            // From ten megabytes to four gigabytes; the others are read as straight lines from 0.
            chart.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true);
        } else {
            chart.getStyler().setXAxisMin(0.0).setYAxisMin(0.0);
        }
        chart.addSeries("median", x, median).setMarker(SeriesMarkers.CIRCLE);
        chart.addSeries("least", x, least).setMarker(SeriesMarkers.TRIANGLE_UP).setLineStyle(SeriesLines.NONE);
        chart.addSeries("most", x, most).setMarker(SeriesMarkers.TRIANGLE_DOWN).setLineStyle(SeriesLines.NONE);
        return chart;
    }
}
