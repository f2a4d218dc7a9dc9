// Sends the requests with the client of oapi-codegen.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	api "clients/generated/oapicodegen"
	"clients/outcomes"
)

func main() { outcomes.Print(outcomeOf) }

func outcomeOf(request outcomes.Request) string {
	ctx := context.Background()
	client, err := api.NewClientWithResponses(request.Url, api.WithRequestEditorFn(
		func(_ context.Context, outgoing *http.Request) error {
			if request.Token != "" {
				outgoing.Header.Set("Authorization", "Bearer "+request.Token)
			}
			return nil
		}))
	outcomes.Check(err)

	switch request.Operation {
	case "findAppById":
		params := api.FindAppByIdParams{IfNoneMatch: request.IfNoneMatch}
		answer, err := client.FindAppByIdWithResponse(ctx, request.AppId, &params)
		outcomes.Check(err)
		if answer.JSON200 != nil {
			return foundOutcome(answer.JSON200.App, nil)
		}
		return failureOutcome(answer.StatusCode(), answer.ApplicationproblemJSON404,
			answer.ApplicationproblemJSON400, answer.ApplicationproblemJSON500, answer.ApplicationproblemJSON503)
	case "findAppByKey":
		params := api.FindAppByKeyParams{IfNoneMatch: request.IfNoneMatch}
		answer, err := client.FindAppByKeyWithResponse(ctx, request.AppKey, &params)
		outcomes.Check(err)
		if answer.JSON200 != nil {
			return foundOutcome(answer.JSON200.App, nil)
		}
		return failureOutcome(answer.StatusCode(), answer.ApplicationproblemJSON404,
			answer.ApplicationproblemJSON400, answer.ApplicationproblemJSON500, answer.ApplicationproblemJSON503)
	case "lookupApps":
		var lookup api.Lookup
		outcomes.Check(json.Unmarshal(request.Body, &lookup))
		answer, err := client.LookupAppsWithResponse(ctx, lookup)
		outcomes.Check(err)
		if answer.JSON200 == nil {
			return failureOutcome(answer.StatusCode(), answer.ApplicationproblemJSON404,
				answer.ApplicationproblemJSON400, answer.ApplicationproblemJSON500, answer.ApplicationproblemJSON503)
		}
		if answer.JSON200.App != nil {
			return foundOutcome(*answer.JSON200.App, answer.JSON200.Consistent)
		}
		return outcomes.List(*answer.JSON200.Results, resultOutcome)
	default:
		answer, err := client.FindChangesWithResponse(ctx, &api.FindChangesParams{Since: request.Since})
		outcomes.Check(err)
		if answer.JSON200 == nil {
			return failureOutcome(answer.StatusCode(), nil, answer.ApplicationproblemJSON403,
				answer.ApplicationproblemJSON410, answer.ApplicationproblemJSON503)
		}
		return outcomes.List(answer.JSON200.Changes, func(hint api.Hint) string {
			if hint.Keys == nil {
				return hint.Id
			}
			return fmt.Sprintf("%s %d", hint.Id, len(*hint.Keys))
		})
	}
}

func foundOutcome(app api.App, consistent *bool) string {
	var eventTypes []string
	for _, webhook := range *app.Webhooks {
		eventTypes = append(eventTypes, webhook.EventTypes...)
	}
	return outcomes.Found(app.Id, app.Key, app.MaxConnections, eventTypes, consistent)
}

// As the four variants are told apart by their status, and not by what can be decoded, each is decoded after its status.
func resultOutcome(result api.Result) string {
	any, err := result.AsResultNotModified()
	outcomes.Check(err)
	switch int(any.Status) {
	case 200:
		found, err := result.AsResultFound()
		outcomes.Check(err)
		return foundOutcome(found.App, found.Consistent)
	case 304:
		return outcomes.Consistent("304", any.Consistent)
	case 404:
		notFound, err := result.AsResultNotFound()
		outcomes.Check(err)
		return outcomes.Consistent("404 "+notFound.Code, notFound.Consistent)
	default:
		failed, err := result.AsResultFailed()
		outcomes.Check(err)
		return fmt.Sprintf("%d %s", failed.Status, failed.Code)
	}
}

func failureOutcome(status int, notFound *api.NotFound, problems ...*api.Problem) string {
	if notFound != nil {
		return fmt.Sprint(status, " ", notFound.Code)
	}
	for _, problem := range problems {
		if problem != nil {
			return fmt.Sprint(status, " ", problem.Code)
		}
	}
	return fmt.Sprint(status)
}
