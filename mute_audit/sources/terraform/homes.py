"""In which account and Region each resource is, as far as a plan or state tells it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from mute_audit.address import arn_account, arn_region
from mute_audit.sources.terraform.following import Planned
from mute_audit.sources.terraform.out import Home

__all__ = ["NO_ACCOUNT", "Homes", "homes_of_state"]

# Stands for the account where nothing tells it: policies compare accounts, and AWS has none such.
NO_ACCOUNT = "000000000000"

_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d+")
_ACCOUNT = re.compile(r"\d{12}")


class Homes:
    """Where the provider configurations of a plan work."""

    def __init__(
        self,
        document: Mapping[str, Any],
        resources: Iterable[Planned],
        variables: Mapping[str, Any],
    ) -> None:
        configuration = document.get("configuration") or {}
        self._variables = variables
        self._keys: dict[tuple[tuple[str, ...], str], str] = {}
        self._collect(configuration.get("root_module") or {}, ())
        self._of: dict[str, Home] = {}
        said = self._said_by(resources)
        for key, item in (configuration.get("provider_config") or {}).items():
            expressions = item.get("expressions") or {}
            region = self._text(expressions.get("region"))
            self._of[key] = Home(
                said.get(key) or self._account(expressions),
                region if _REGION.fullmatch(region) else "",
            )
        known = {account for account in said.values() if account}
        account = next(iter(known)) if len(known) == 1 else ""
        first = self._of.get("aws") or next(iter(self._of.values()), Home())
        self.default = Home(first.account or account, first.region)

    def of(self, item: Planned) -> Home:
        home = self._of.get(self._key(item), self.default)
        region = item.values.get("region")
        own = region if isinstance(region, str) and _REGION.fullmatch(region) else ""
        return Home(home.account or self.default.account, own or home.region)

    def _key(self, item: Planned) -> str:
        """The provider configuration of a resource, without the module that passes it on."""
        names = tuple(name for name, _ in item.name.module)
        found = self._keys.get((names, item.name.block), "")
        return found if found in self._of else found.rpartition(":")[2]

    def _collect(self, module: Mapping[str, Any], names: tuple[str, ...]) -> None:
        for item in module.get("resources") or ():
            prefix = "data." if item.get("mode") == "data" else ""
            block = f"{prefix}{item.get('type')}.{item.get('name')}"
            self._keys[names, block] = str(item.get("provider_config_key") or "")
        for name, call in (module.get("module_calls") or {}).items():
            self._collect(call.get("module") or {}, (*names, name))

    def _said_by(self, resources: Iterable[Planned]) -> dict[str, str]:
        """The account behind each configuration, where a resource or look-up of it tells."""
        found: dict[str, Counter[str]] = {}
        for item in resources:
            account = _account_of(item)
            if account:
                found.setdefault(self._key(item), Counter())[account] += 1
        return {key: counter.most_common(1)[0][0] for key, counter in found.items()}

    def _account(self, expressions: Mapping[str, Any]) -> str:
        """The one that the configuration allows, or that of the role that it takes."""
        allowed = (expressions.get("allowed_account_ids") or {}).get("constant_value")
        if isinstance(allowed, list) and len(allowed) == 1 and _ACCOUNT.fullmatch(str(allowed[0])):
            return str(allowed[0])
        for role in expressions.get("assume_role") or ():
            account = arn_account(self._text(role.get("role_arn")))
            if _ACCOUNT.fullmatch(account):
                return account
        return ""

    def _text(self, expression: Any) -> str:
        """A constant, or the variable that the expression is."""
        item = expression if isinstance(expression, dict) else {}
        if "constant_value" in item:
            return str(item["constant_value"])
        names = [str(name) for name in item.get("references") or ()]
        value = self._variables.get(names[0].removeprefix("var.")) if len(names) == 1 else None
        return value if isinstance(value, str) else ""


def homes_of_state(resources: Iterable[tuple[Planned, str]]) -> tuple[dict[str, Home], Home]:
    """(address → home, what holds for those of which nothing is told).

    With each resource the text that names its provider configuration: what tells it for one
    resource tells it for all others of that provider.
    """
    listed = list(resources)
    shared: dict[str, Counter[Home]] = {}
    own: dict[str, Home] = {}
    for item, provider in listed:
        region = item.values.get("region")
        arn = str(item.values.get("arn") or "")
        text = region if isinstance(region, str) and _REGION.fullmatch(region) else ""
        home = Home(_account_of(item), text or arn_region(arn))
        own[item.address] = home
        if all(home):
            shared.setdefault(provider, Counter())[home] += 1
    every = sum(shared.values(), Counter[Home]())
    default = every.most_common(1)[0][0] if every else Home()
    accounts = {home.account for home in own.values() if home.account}
    if not default.account and len(accounts) == 1:
        default = Home(accounts.pop(), default.region)
    if not default.region:
        regions = Counter(home.region for home in own.values() if home.region)
        default = Home(default.account, regions.most_common(1)[0][0] if regions else "")
    homes = {}
    for item, provider in listed:
        counted = shared.get(provider)
        usual = counted.most_common(1)[0][0] if counted and len(counted) == 1 else default
        home = own[item.address]
        homes[item.address] = Home(home.account or usual.account, home.region or usual.region)
    return homes, default


def _account_of(item: Planned) -> str:
    """The account in which a resource is, where one of its values tells that."""
    if item.name.type == "aws_caller_identity":
        texts = [item.values.get("account_id")]
    else:
        arn = str(item.values.get("arn") or "")
        texts = [item.values.get("owner_id") if item.name.mode == "managed" else None]
        # AWS's own things carry another account, or `aws`, where the account stands.
        texts.append(arn_account(arn) if item.name.mode == "managed" else None)
    return next((text for text in texts if isinstance(text, str) and _ACCOUNT.fullmatch(text)), "")
