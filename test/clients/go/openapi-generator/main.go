// Sends the requests with the client of openapi-generator.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	api "clients/generated/openapigenerator"
	"clients/outcomes"
)

func main() { outcomes.Print(outcomeOf) }

func outcomeOf(request outcomes.Request) string {
	configuration := api.NewConfiguration()
	configuration.Servers = api.ServerConfigurations{{URL: request.Url}}
	client := api.NewAPIClient(configuration)
	ctx := context.Background()
	if request.Token != "" {
		ctx = context.WithValue(ctx, api.ContextAccessToken, request.Token)
	}

	switch request.Operation {
	case "findAppById":
		call := client.AppsAPI.FindAppById(ctx, request.AppId)
		if request.IfNoneMatch != nil {
			call = call.IfNoneMatch(*request.IfNoneMatch)
		}
		answer, response, err := call.Execute()
		if err != nil {
			return failureOutcome(response, err)
		}
		return foundOutcome(answer.App, nil)
	case "findAppByKey":
		call := client.AppsAPI.FindAppByKey(ctx, request.AppKey)
		if request.IfNoneMatch != nil {
			call = call.IfNoneMatch(*request.IfNoneMatch)
		}
		answer, response, err := call.Execute()
		if err != nil {
			return failureOutcome(response, err)
		}
		return foundOutcome(answer.App, nil)
	case "lookupApps":
		var lookup api.Lookup
		outcomes.Check(json.Unmarshal(request.Body, &lookup))
		answer, response, err := client.AppsAPI.LookupApps(ctx).Lookup(lookup).Execute()
		if err != nil {
			return failureOutcome(response, err)
		}
		if answer.App != nil {
			return foundOutcome(*answer.App, answer.Consistent)
		}
		return outcomes.List(answer.Results, resultOutcome)
	default:
		call := client.ChangesAPI.FindChanges(ctx)
		if request.Since != nil {
			call = call.Since(*request.Since)
		}
		answer, response, err := call.Execute()
		if err != nil {
			return failureOutcome(response, err)
		}
		return outcomes.List(answer.Changes, func(hint api.Hint) string {
			return fmt.Sprintf("%s %d", hint.Id, len(hint.Keys))
		})
	}
}

func foundOutcome(app api.App, consistent *bool) string {
	var eventTypes []string
	for _, webhook := range app.Webhooks {
		eventTypes = append(eventTypes, webhook.EventTypes...)
	}
	return outcomes.Found(app.Id, app.Key, app.MaxConnections, eventTypes, consistent)
}

func resultOutcome(result api.Result) string {
	switch result := result.GetActualInstance().(type) {
	case *api.ResultFound:
		return foundOutcome(result.App, result.Consistent)
	case *api.ResultNotModified:
		return outcomes.Consistent("304", result.Consistent)
	case *api.ResultNotFound:
		return outcomes.Consistent("404 "+result.Code, result.Consistent)
	case *api.ResultFailed:
		return fmt.Sprintf("%d %s", result.Status, result.Code)
	}
	panic("a result of no kind")
}

func failureOutcome(response *http.Response, err error) string {
	var failure *api.GenericOpenAPIError
	if !errors.As(err, &failure) {
		panic(err)
	}
	var code string
	switch body := failure.Model().(type) {
	case api.Problem:
		code = body.Code
	case api.ProblemOrMessage:
		code = body.Problem.GetCode()
	case api.NotFoundOrMessage:
		code = body.NotFound.GetCode()
	}
	if code == "" {
		return fmt.Sprint(response.StatusCode)
	}
	return fmt.Sprint(response.StatusCode, " ", code)
}
