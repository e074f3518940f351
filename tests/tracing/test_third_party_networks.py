"""U-Nets of other packages: counted to the unit, with the stages and skips that their code says."""

from __future__ import annotations

import pytest

from support.networks.measured_networks import measured, of_packages
from support.networks.third_party import IN_CI, NETWORKS

ROWS = of_packages()


@pytest.mark.live
@pytest.mark.parametrize("name", [name for name, network in NETWORKS.items() if network.package in IN_CI])
def test_a_network_of_another_package_is_counted_and_seen_as_its_code_says(name):
    assert measured(name).items() <= ROWS[name].items()


def test_every_network_stands_in_the_table_with_what_its_code_says():
    assert list(ROWS) == list(NETWORKS)
    assert all(row["package"] == NETWORKS[name].package and row["code"] for name, row in ROWS.items())
