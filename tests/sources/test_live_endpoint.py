"""The endpoint that a person names is the whole of it."""

from __future__ import annotations

import pytest
from moto_estate import ACCOUNT, REGION

from mute_audit.sources.live import LiveOptions
from mute_audit.sources.live.session import sign_in


def test_s3_control_is_asked_at_the_named_host_and_not_at_one_with_the_account_before_it(
    moto: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    _, clients = sign_in(LiveOptions(regions=(REGION,), endpoint_url=moto))
    control = clients.get("s3control", REGION)
    asked: list[str] = []
    control.meta.events.register_last(
        "before-send.s3-control", lambda request, **_: asked.append(request.url)
    )
    with pytest.raises(control.exceptions.NoSuchPublicAccessBlockConfiguration):
        control.get_public_access_block(AccountId=ACCOUNT)
    assert asked == [f"{moto}/v20180820/configuration/publicAccessBlock"]
