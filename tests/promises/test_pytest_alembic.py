"""pytest-alembic's own tests, on the embedded server."""

from __future__ import annotations

import pytest
from pytest_alembic import create_alembic_fixture
from pytest_alembic.tests import (  # noqa: F401
    test_model_definitions_match_ddl,
    test_single_head_revision,
    test_up_down_consistency,
    test_upgrade,
)

from portals import alembic_config


@pytest.fixture
def portal(newest_portal_at):
    return newest_portal_at("base")


@pytest.fixture
def alembic_engine(portal):
    return portal.engine


alembic = create_alembic_fixture()


@pytest.fixture
def alembic_runner(portal, alembic_engine):
    import pytest_alembic

    config = pytest_alembic.Config(alembic_config=alembic_config(portal.url))
    with pytest_alembic.runner(config=config, engine=alembic_engine) as runner:
        yield runner
