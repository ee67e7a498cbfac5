"""The same compiled framework on a standalone Spark cluster with two workers: equal to the last bit and byte."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import polars as pl
import pytest
from accountability.app import create_app
from accountability.engine import compile_framework
from accountability.runs.rating import Results, rate
from accountability.scale.units import units
from accountability.settings import AccountabilitySettings
from polars.testing import assert_frame_equal

from tests.accountability.conftest import FRAMEWORK, Accountability, school
from tests.accountability.engine.small import framework, rows
from tests.accountability.published import NAMES, measured

pytest.importorskip("pyspark", reason="the extra `spark` of accountability is not installed")
from accountability.scale import spark as on_spark
from pyspark.sql import SparkSession

pytestmark = [
    pytest.mark.timeout(600),  # five Java processes on two busy cores
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
CLUSTER = "local-cluster[2,1,1024]"
"""Spark's standalone master and two workers of one core and 1 GB, whose executors are processes of their own."""

DEFAULTS = """
spark.ui.enabled false
spark.scheduler.minRegisteredResourcesRatio 1
spark.scheduler.maxRegisteredResourcesWaitingTime 300s
spark.log.level ERROR
spark.sql.shuffle.partitions 2
spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
spark.executor.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
"""
"""Compiled once, not for speed: a test starts more than it computes."""


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    folder = tmp_path_factory.mktemp("spark")
    (folder / "spark-defaults.conf").write_text(DEFAULTS)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SPARK_CONF_DIR", str(folder))
        environment.setenv("SPARK_LOCAL_DIRS", str(folder))
        environment.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        session = on_spark.session(CLUSTER)
        yield session
        session.stop()


def assert_equal(ours: Results, theirs: Results) -> None:
    assert_frame_equal(ours.outcomes, theirs.outcomes, check_exact=True)
    assert_frame_equal(ours.ratings, theirs.ratings, check_exact=True)
    assert ours.digest == theirs.digest


@pytest.mark.parametrize("name", NAMES)
def test_every_published_data_set_is_rated_on_two_workers_as_in_one_process(spark: SparkSession, name: str) -> None:
    compiled, measures = measured(name)
    assert_equal(rate(compiled, measures), rate(compiled, measures, spark_master=CLUSTER))


def test_workers_are_processes_of_their_own(spark: SparkSession) -> None:
    def process(batches: Any) -> Any:
        import pyarrow as pa

        for _ in batches:
            yield pa.record_batch({"process": [os.getppid()]})

    seen = spark.range(0, 2, 1, 2).mapInArrow(process, "process long").collect()
    assert len({row.process for row in seen} - {os.getpid()}) == 2


def test_more_partitions_than_districts_divide_no_district(spark: SparkSession) -> None:
    compiled, measures = measured("massachusetts-levels-2016")
    districts = measures.filter(pl.col("indicator") == "district")["category"].unique().sort()[:6]
    held = pl.col("indicator").eq("district") & pl.col("category").is_in(districts.implode())
    subjects = pl.concat([measures.filter(held)["subject"], districts])
    few = measures.filter(pl.col("subject").is_in(subjects.implode()))
    sent = spark.createDataFrame(few.to_arrow(compat_level=pl.CompatLevel.oldest()))
    found = pl.DataFrame(on_spark.rate(compiled, sent, partitions=13).toArrow())["rating"].drop_nulls().struct.unnest()
    assert_frame_equal(compiled.rate(few).ratings, found.sort("subject"), check_exact=True)


def test_a_framework_that_ranks_the_whole_state_is_not_divided(spark: SparkSession) -> None:
    ranked = {"kind": "percentile", "of": "x", "counting": "middle", "source": "s"}
    compiled = compile_framework(framework({"rank": ranked}, result={"score": "rank"}))
    measures = rows({f"{number:036d}": {"x": number * 7 % 40} for number in range(90)})
    assert_equal(rate(compiled, measures), rate(compiled, measures, spark_master=CLUSTER))


async def test_a_service_that_is_told_of_a_cluster_stages_the_same_run_there(
    spark: SparkSession, service_of: Callable[..., Any]
) -> None:
    async def digest(**settings: str) -> str:
        async with service_of("accountability", create_app, AccountabilitySettings, **settings) as service:
            started = Accountability(service)
            for key in ("01", "02"):
                await started.hear(school(key))
            await started.platform.post("/v1/frameworks", json=FRAMEWORK)
            await started.load()
            answer = await started.run()
            assert answer.status_code == 201, answer.text
            return str(answer.json()["digest"])

    jobs = len(spark.sparkContext.statusTracker().getJobIdsForGroup(None))
    assert await digest() == await digest(spark_master=CLUSTER)
    assert len(spark.sparkContext.statusTracker().getJobIdsForGroup(None)) > jobs


def test_who_reads_one_another_through_others_is_one_unit() -> None:
    found = units([("school a", "district"), ("school b", "district"), ("group", "school a"), ("c", "d")])
    together = {frozenset(who for who in found if found[who] == unit) for unit in found.values()}
    assert together == {frozenset({"school a", "school b", "district", "group"}), frozenset({"c", "d"})}


def test_a_long_chain_is_one_unit() -> None:
    assert len(set(units((str(place), str(place + 1)) for place in range(5000)).values())) == 1
