"""Which permissions the simulated platform gives the app, and what it answers for want of one.

Source: "How to fix the 99991672 error" and "Query the grant status" in the platform's documents.
"""

from integrations.feishu.errors import SCOPE_MISSING
from integrations.feishu.scopes import NEEDS, SUBSCRIPTIONS
from integrations.http.simulation import Answer, Asked, Route

_NEEDED_BY = {operation: "write" for operation in ("send", "reply", "update")} | {"upload": "files"}
_GRANTED, _NOT_GRANTED = 1, 2


class Grants:
    """Everything the app needs, in its narrowest form, less what is ``withheld``."""

    def __init__(self, app_id: str) -> None:
        self.withheld: set[str] = set()
        self._app_id = app_id

    def refuses(self, operation: str) -> Answer | None:
        """The refusal of a call for which the app lacks the permission, or None."""
        use = _NEEDED_BY.get(operation)
        need = next((each for each in NEEDS if each.use == use), None)
        if need is None or need.scopes[0] not in self.withheld:
            return None
        return self._refusal(need.scopes)

    def _refusal(self, scopes: tuple[str, ...]) -> Answer:
        listed = ", ".join(scopes)
        page = f"https://open.feishu.cn/app/{self._app_id}/auth?q={','.join(scopes)}&op_from=openapi"
        error = {
            "message": "Refer to the documentation to fix the error",
            "log_id": "20261122000000000000000000000000",
            "permission_violations": [{"type": "action_scope_required", "subject": scope} for scope in scopes],
            "helps": [{"url": page, "description": f"Learn more about scopes and how to add them: [{listed}]"}],
        }
        message = f"Access denied. One of the following scopes is required: [{listed}]"
        return Answer(status=400, body={"code": SCOPE_MISSING, "msg": message, "error": error})

    def answer(self) -> Answer:
        """What the tenant granted. The platform answers this without any permission."""
        scopes = [
            {
                "scope_name": need.scopes[0],
                "grant_status": _NOT_GRANTED if need.scopes[0] in self.withheld else _GRANTED,
            }
            for need in NEEDS
        ]
        return Answer(body={"code": 0, "msg": "success", "data": {"scopes": scopes}})

    def control_routes(self) -> tuple[Route, ...]:
        """``{"withhold": [permission, …]}`` replaces what is withheld; in place of the developer console, what is."""
        return (
            Route("scopes", "POST", "/_control/scopes", self._withhold),
            Route("console", "GET", "/app/{app_id}/{page}", self._show),
        )

    async def _show(self, _: Asked) -> Answer:
        return Answer(body={"withheld": sorted(self.withheld), "subscribed": [each.name for each in SUBSCRIPTIONS]})

    async def _withhold(self, asked: Asked) -> Answer:
        wanted = asked.body.get("withhold") if isinstance(asked.body, dict) else None
        known = {need.scopes[0] for need in NEEDS}
        if not isinstance(wanted, list) or not known.issuperset(map(str, wanted)):
            return Answer(status=400, body={"errors": [f"withhold is a list of {', '.join(sorted(known))}"]})
        self.withheld = {str(scope) for scope in wanted}
        return Answer(body={"withheld": sorted(self.withheld)})
