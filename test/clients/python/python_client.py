"""Sends the requests with the client of openapi-python-client."""

from lookup import AuthenticatedClient, Client, models
from lookup.api.apps import find_app_by_id, find_app_by_key, lookup_apps
from lookup.api.changes import find_changes
from lookup.types import UNSET, Response
from outcomes import found_outcome, list_outcome, print_outcomes, with_consistent


def outcome_of(request: dict) -> str:
    response = send(request)
    match response.parsed:
        case models.AppAnswer(app=app):
            return found_outcome(app, False)
        case models.LookupResponse(app=models.App() as app, consistent=consistent):
            return found_outcome(app, consistent)
        case models.LookupResponse(results=results):
            return list_outcome(map(result_outcome, results))
        case models.Changes(changes=changes):
            return list_outcome(f"{hint.id} {len(hint.keys)}" for hint in changes)
        case models.NotFound(code=code) | models.Problem(code=code):
            return f"{response.status_code} {code}"
    return str(int(response.status_code))


def send(request: dict) -> Response:
    url, token = request["url"], request["token"]
    client = AuthenticatedClient(url, token) if token else Client(url)
    if_none_match = request.get("ifNoneMatch", UNSET)
    match request["operation"]:
        case "findAppById":
            return find_app_by_id.sync_detailed(request["appId"], client=client, if_none_match=if_none_match)
        case "findAppByKey":
            return find_app_by_key.sync_detailed(request["appKey"], client=client, if_none_match=if_none_match)
        case "lookupApps":
            return lookup_apps.sync_detailed(client=client, body=models.Lookup.from_dict(request["body"]))
        case _:
            return find_changes.sync_detailed(client=client, since=request.get("since", UNSET))


def result_outcome(result) -> str:
    match result:
        case models.ResultFound(app=app, consistent=consistent):
            return found_outcome(app, consistent)
        case models.ResultNotModified(consistent=consistent):
            return with_consistent("304", consistent)
        case models.ResultNotFound(code=code, consistent=consistent):
            return with_consistent(f"404 {code}", consistent)
        case models.ResultFailed(status=status, code=code):
            return f"{status.value} {code}"
    raise ValueError(result)


print_outcomes(outcome_of)
