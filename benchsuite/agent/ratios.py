"""The median of ratios of rounds, and how sure it is."""

import random
import statistics

RESAMPLES = 4_000


def median_with_interval(ratios, seed=1):
    """The median, and its 95 % interval by the percentile bootstrap over rounds."""
    if len(ratios) < 3:
        return statistics.median(ratios), None
    generator = random.Random(seed)
    medians = sorted(
        statistics.median(generator.choices(ratios, k=len(ratios))) for _ in range(RESAMPLES)
    )
    edge = RESAMPLES // 40
    return statistics.median(ratios), (medians[edge], medians[-1 - edge])
