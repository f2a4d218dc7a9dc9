"""Sends the requests with the client of openapi-generator."""

import lookup_client as api
from outcomes import found_outcome, list_outcome, print_outcomes, with_consistent


def outcome_of(request: dict) -> str:
    # By default, urllib3 waits for Retry-After after a 503, and tries again up to three times.
    configuration = api.Configuration(host=request["url"], access_token=request["token"] or None, retries=0)
    client = api.ApiClient(configuration)
    apps = api.AppsApi(client)
    if_none_match = request.get("ifNoneMatch")
    try:
        match request["operation"]:
            case "findAppById":
                return found_outcome(apps.find_app_by_id(request["appId"], if_none_match).app, False)
            case "findAppByKey":
                return found_outcome(apps.find_app_by_key(request["appKey"], if_none_match).app, False)
            case "lookupApps":
                answer = apps.lookup_apps(api.Lookup.from_dict(request["body"]))
                if answer.app:
                    return found_outcome(answer.app, answer.consistent)
                return list_outcome(map(result_outcome, answer.results))
            case _:
                changes = api.ChangesApi(client).find_changes(request.get("since")).changes
                return list_outcome(f"{hint.id} {len(hint.keys)}" for hint in changes)
    except api.ApiException as failure:
        return failure_outcome(failure)


def result_outcome(result: api.Result) -> str:
    match result.actual_instance:
        case api.ResultFound(app=app, consistent=consistent):
            return found_outcome(app, consistent)
        case api.ResultNotModified(consistent=consistent):
            return with_consistent("304", consistent)
        case api.ResultNotFound(code=code, consistent=consistent):
            return with_consistent(f"404 {code}", consistent)
        case api.ResultFailed(status=status, code=code):
            return f"{status.value} {code}"
    raise ValueError(result)


def failure_outcome(failure: api.ApiException) -> str:
    body = getattr(failure.data, "actual_instance", failure.data)
    match body:
        case api.NotFound(code=code) | api.Problem(code=code):
            return f"{failure.status} {code}"
    return str(failure.status)


print_outcomes(outcome_of)
