"""The service as schemathesis sees it: requests made from its OpenAPI schema."""

from collections import defaultdict
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

from masquerade.recognition.model import png

ADA = people(1)[0, 0]

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
    schema: Any = schemathesis.openapi.from_asgi("/openapi.json", service.app)
    operations = [result.ok() for result in schema.get_all_operations()]
    headers = {"Authorization": f"Bearer {service.tokens['admin']}"}
    asked: defaultdict[str, set[int]] = defaultdict(set)

    @settings(max_examples=8, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(data=st.data(), real=st.booleans())
    def ask(operation: Any, data: st.DataObject, real: bool) -> None:
        mode = GenerationMode.POSITIVE if real else data.draw(st.sampled_from(GenerationMode))
        case = data.draw(operation.as_strategy(generation_mode=mode))
        if real and isinstance(case.body, dict):  # random bytes are no pictures
            known = {"subject": "Ada", "picture": png(ADA), "pictures": [png(ADA)]}
            case.body |= {name: known[name] for name in case.body.keys() & known.keys()}
        asked[operation.path].add(case.call_and_validate(headers=headers, checks=CHECKS).status_code)

    for operation in operations:
        service.post("/enroll", subject="Ada", pictures=[ADA])
        ask(operation)
    assert len(asked) == 8
    assert [path for path, statuses in asked.items() if 200 not in statuses] == []
    assert all(statuses & {400, 422} for path, statuses in asked.items() if path not in ("/health", "/metrics"))
