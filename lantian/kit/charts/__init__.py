"""Charts: what is drawn as plain data, drawn in the browser, with a table, a note, and downloads. See docs/charts.md.

>>> from lantian.kit.charts import Chart, Series, table_of
>>> one = Chart("pm25", "PM2.5", "lines", ("1 May", "2 May"), (Series("Linshui", (35, None), unit="µg/m³"),), x_name="Day")
>>> table_of(one)
(('Day', 'Linshui (µg/m³)'), (('1 May', 35), ('2 May', None)))
"""

from lantian.kit.charts.model import Band, Chart, ChartError, Mark, Point, Series, Step
from lantian.kit.charts.pages import download, render_chart
from lantian.kit.charts.spark import spark
from lantian.kit.charts.table import table_of

__all__ = [
    "Band",
    "Chart",
    "ChartError",
    "Mark",
    "Point",
    "Series",
    "Step",
    "download",
    "render_chart",
    "spark",
    "table_of",
]
