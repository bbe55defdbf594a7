"""The service as schemathesis sees it: requests made from its OpenAPI schema."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from linear_model import people
from service_client import OpenService

pytest.importorskip("prometheus_client", reason="pip install masquerade[serve]")
pytest.importorskip("python_multipart", reason="pip install masquerade[serve]")
pytest.importorskip("schemathesis", reason="pip install masquerade[dev]")

import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
    ignored_auth,
]


@pytest.mark.slow
def test_requests_made_from_the_schema_are_answered_by_it(open_service: OpenService) -> None:
    service = open_service()
    service.post("/enroll", subject="Ada", pictures=[people(1)[0, 0]])
    schema = schemathesis.openapi.from_asgi("/openapi.json", service.app)
    operations: list[Any] = [result.ok() for result in schema.get_all_operations()]
    headers = {"Authorization": f"Bearer {service.tokens['admin']}"}
    asked: set[str] = set()
    made = st.one_of(
        [operation.as_strategy(generation_mode=mode) for operation in operations for mode in GenerationMode]
    )

    @settings(
        max_examples=80, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None
    )
    @given(case=made)
    def ask(case: Any) -> None:
        asked.add(case.operation.path)
        case.call_and_validate(headers=headers, checks=CHECKS)

    ask()
    assert asked == {operation.path for operation in operations}
    assert len(asked) == 8
