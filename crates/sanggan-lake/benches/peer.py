"""DuckDB over the very files `cargo bench -p sanggan-lake --bench lake -- FOLDER` left behind.

usage: python3 peer.py FOLDER        (needs the package `duckdb`)
"""

import statistics
import sys
import time

import duckdb

RUNS = 5

folder = sys.argv[1]
files = f"read_parquet('{folder}/observations/month=*/part=main/*.parquet', hive_partitioning = true)"
duck = duckdb.connect()
duck.execute("SET TimeZone = 'Asia/Shanghai'")
series = duck.execute(f"SELECT max(series_id) // 2 FROM {files}").fetchone()[0]
questions = {
    "one series, one day": f"""SELECT "at", value FROM {files} WHERE series_id = {series}
        AND "at" >= '2025-02-10' AND "at" < '2025-02-11'""",
    "one series, a year, hourly means": f"""SELECT date_trunc('hour', "at") AS hour, avg(value) FROM {files}
        WHERE series_id = {series} GROUP BY 1 ORDER BY 1""",
    "all series, daily mean and max, one month": f"""SELECT series_id, date_trunc('day', "at") AS day, avg(value), max(value)
        FROM {files} WHERE month = '2025-06' GROUP BY 1, 2""",
    "the same, by time only": f"""SELECT series_id, date_trunc('day', "at") AS day, avg(value), max(value)
        FROM {files} WHERE "at" >= '2025-06-01' AND "at" < '2025-07-01' GROUP BY 1, 2""",
    "exceedances a series, the year": f"SELECT series_id, count(*) FROM {files} WHERE value > 75 GROUP BY 1",
    "rows": f"SELECT count(*) FROM {files}",
}
for what, sql in questions.items():
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        duck.execute(sql).fetchall()
        times.append((time.perf_counter() - begun) * 1000)
    print(f"| DuckDB {duckdb.__version__}: {what:<50} | {statistics.median(times):>10.1f} ms |")
